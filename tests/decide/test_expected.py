from __future__ import annotations

import pytest

from tests.builders import NOW, application_set, clusters, policy
from watcher.decide import Reason
from watcher.decide.addons import Addon, Selects, addon
from watcher.decide.expected import short
from watcher.decide.reasons import (
    ApplicationsLeftOver,
    ApplicationsMissing,
    EmptyUntil,
    NumberUnknown,
    SelectionUnknown,
)
from watcher.decide.selection import Count, Number
from watcher.facts import Foreign
from watcher.policy import Accept, Tier

STRICT = Tier("crds")
PATIENT = Tier("crds", accept=frozenset({Accept.EMPTY}), empty_after_s=300)


def against(now: Count, found: int, tier: Tier = STRICT, *, opened_s: float = 0) -> list[Reason]:
    return list(
        short(
            tier,
            [(_addon(), Selects(now, now, frozenset(), "crds", any_tier=False))],
            {"argocd/x": found},
            opened_at=NOW - opened_s,
            failing=frozenset(),
            now=NOW,
        )
    )


def _addon() -> Addon:
    return addon(application_set("x", "crds"), policy("crds"))


@pytest.mark.parametrize(
    ("now", "found", "reasons"),
    [
        (2, 2, []),
        (2, 1, [ApplicationsMissing("argocd/x", 2, 1)]),
        (2, 3, [ApplicationsLeftOver("argocd/x", 2, 3)]),
        (0, 0, []),
        (0, 1, [ApplicationsLeftOver("argocd/x", 0, 1)]),
        (Number.SOME, 1, []),
        (Number.SOME, 0, [NumberUnknown("argocd/x")]),
        (Number.UNKNOWN, 1, []),
        (Number.UNKNOWN, 0, [SelectionUnknown("argocd/x")]),
    ],
    ids=str,
)
def test_what_must_be_there_and_what_is(now: Count, found: int, reasons: list[Reason]) -> None:
    assert against(now, found) == reasons


@pytest.mark.parametrize("number", Number)
def test_a_tier_that_accepts_empty_waits_its_time_from_the_opening(number: Number) -> None:
    assert against(number, 0, PATIENT, opened_s=299) == [EmptyUntil(NOW + 1)]
    assert against(number, 0, PATIENT, opened_s=300) == []


def test_a_tier_that_accepts_empty_says_once_until_when() -> None:
    pairs = [
        (
            addon(application_set(name, "crds"), policy("crds")),
            Selects(Number.SOME, Number.SOME, frozenset(), "crds", any_tier=False),
        )
        for name in "xy"
    ]
    assert short(PATIENT, pairs, {}, opened_at=NOW, failing=frozenset(), now=NOW) == (
        EmptyUntil(NOW + 300),
    )


def test_accepting_empty_does_not_accept_that_a_known_number_is_not_there() -> None:
    assert against(1, 0, PATIENT, opened_s=999) == [ApplicationsMissing("argocd/x", 1, 0)]


def test_what_another_generator_makes_is_not_left_over() -> None:
    mixed = application_set("x", generators=[clusters(), Foreign("git")])
    pairs = [(addon(mixed, policy("crds")), Selects(1, 1, frozenset(), "crds", any_tier=False))]
    assert short(STRICT, pairs, {"argocd/x": 3}, opened_at=NOW, failing=frozenset(), now=NOW) == ()
    missing = short(STRICT, pairs, {"argocd/x": 0}, opened_at=NOW, failing=frozenset(), now=NOW)
    assert missing == (ApplicationsMissing("argocd/x", 1, 0),)


def test_each_application_set_is_asked_for_itself() -> None:
    pairs = [
        (_addon(), Selects(1, 1, frozenset(), "crds", any_tier=False)),
        (
            addon(application_set("y", "crds"), policy("crds")),
            Selects(Number.SOME, Number.SOME, frozenset(), "crds", any_tier=False),
        ),
    ]
    said = short(STRICT, pairs, {}, opened_at=NOW, failing=frozenset(), now=NOW)
    assert said == (ApplicationsMissing("argocd/x", 1, 0), NumberUnknown("argocd/y"))
