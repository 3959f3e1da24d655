from __future__ import annotations

import pytest

from tests.builders import (
    HOUR,
    MINUTE,
    NOW,
    application_set,
    newborn,
    order,
    policy,
    settled_since,
    snapshot,
    spoke,
)
from watcher.decide import Snapshot, decide
from watcher.decide.judgement import Counts, Standing
from watcher.facts import Command, Condition, Write
from watcher.policy import Ring, StartWhen, Tier

SOON = policy(Tier("crds", deadline_s=60.0))
X = application_set("x", "crds")
SENT = {"a": Write(frozenset({"crds"}), NOW)}
OPEN = spoke(opened={"crds": NOW - HOUR})
DONE, NEW, LATE = settled_since(NOW - HOUR), newborn(), newborn(created_at=NOW - HOUR)
AWAY = Condition("ComparisonError", "Failed to load live state: no route")


def standing(hub: Snapshot) -> Standing | None:
    return decide(hub, SOON, NOW).carried.judgements["uid-a"].standings.get("crds")


@pytest.mark.parametrize(
    ("hub", "counts", "begun"),
    [
        (snapshot([spoke()], [X]), Counts.REST, False),
        (
            snapshot([spoke()], [X], writes=SENT),
            Counts.REST,
            True,
        ),
        (snapshot([OPEN], [X], [NEW]), Counts.REST, True),
        (snapshot([OPEN], [X], [DONE]), Counts.SETTLED, True),
        (snapshot([spoke()], [X], orders=[order(Command.HOLD)]), Counts.HELD, False),
        (snapshot([OPEN], [X], [NEW], orders=[order(Command.HOLD)]), Counts.HELD, True),
        (snapshot([OPEN], [X], [LATE], orders=[order(Command.SKIP)]), Counts.SKIPPED, True),
        (snapshot([spoke(teardown="crds")], [X]), Counts.HELD, False),
        (snapshot([spoke(skip_reconcile=True)], [X]), Counts.PARKED, False),
        (snapshot([spoke(), spoke("b", name="a")], [X]), Counts.ALONE, False),
        (snapshot([spoke(deleting_since=NOW)], [X]), Counts.ALONE, False),
        (snapshot([spoke(unreadable=("data.name",))], [X]), Counts.ALONE, False),
        (
            snapshot([OPEN], [X], [newborn(created_at=NOW - HOUR, conditions=(AWAY,))]),
            Counts.UNREACHABLE,
            True,
        ),
        (snapshot([spoke(opened='{"crds": "2026-03-02T08:00:00Z"}')], [X]), Counts.REST, True),
    ],
)
def test_a_gate_counts_by_its_verdict_and_its_spoke(
    hub: Snapshot, counts: Counts, begun: bool
) -> None:
    assert standing(hub) == Standing(counts, begun)


def test_a_stalled_gate_counts_with_the_deadline_that_it_missed() -> None:
    assert standing(snapshot([OPEN], [X], [LATE])) == Standing(
        Counts.STALLED, True, NOW - HOUR + MINUTE
    )


def test_where_nothing_of_the_tier_is_for_a_spoke_it_does_not_count() -> None:
    other = application_set("x", "crds", labels={"enable": "x"})
    assert standing(snapshot([spoke()], [other])) is None


def test_since_when_a_gate_is_settled_is_told_by_its_applications_where_a_ring_bakes() -> None:
    bakes = policy("crds", rings=(Ring("all", start=StartWhen(bake_s=60.0)),))
    carried = decide(snapshot([OPEN], [X], [DONE]), bakes, NOW).carried
    assert carried.judgements["uid-a"].standings["crds"] == Standing(
        Counts.SETTLED, True, NOW - HOUR + 10.0
    )
