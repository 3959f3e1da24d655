from __future__ import annotations

import pytest

from tests.builders import (
    MINUTE,
    NOW,
    application,
    application_set,
    newborn,
    opens,
    policy,
    reading,
    readings,
    snapshot,
    spoke,
    verdict,
)
from watcher.decide import State, decide
from watcher.decide.reach import disconnected, unreachable
from watcher.decide.reasons import SpokeUnreachable
from watcher.facts import Cluster, Condition
from watcher.policy import Budgets


def failing(message: str, kind: str = "ComparisonError") -> str:
    apps = [application(), application("y", conditions=(Condition(kind, message),))]
    return unreachable(apps, disconnected=False)


def test_a_comparison_that_cannot_see_the_cluster_says_so() -> None:
    assert failing("Failed to load live state: no route") == (
        "argocd/a-y: Failed to load live state: no route"
    )


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Failed to load target state: failed to generate manifest", "ComparisonError"),
        ("Failed to load live state: no route", "SyncError"),
    ],
)
def test_what_is_wrong_with_a_chart_or_a_sync_says_nothing_of_the_cluster(
    message: str, kind: str
) -> None:
    assert failing(message, kind) == ""


def test_its_controller_says_so_too() -> None:
    assert unreachable([application()], disconnected=True) == "its controller says so"
    away = {"https://b": Cluster(connected=False), "https://a": Cluster(connected=True)}
    before = reading(clusters={"https://c": Cluster(connected=False)})
    said = readings(before, reading(clusters=away))
    found = disconnected(frozenset(), said)
    assert found == {"https://b"}, "the latest reading counts"
    assert disconnected(found, said) is found


def test_a_cluster_out_of_reach_takes_no_place_in_the_budgets() -> None:
    one = policy("crds", budgets=Budgets(spokes_in_progress=1))
    here = spoke("a", opened={"crds": NOW - MINUTE})
    away = Condition("ComparisonError", "Failed to load live state: no route")
    for conditions, opened in (((), {}), ((away,), {"b": ("crds",)})):
        app = newborn(created_at=NOW - MINUTE, conditions=conditions)
        hub = snapshot([here, spoke("b")], [application_set("x", "crds")], [app])
        decision = decide(hub, one, NOW)
        assert opens(decision) == opened
    seen = verdict(decision, "crds")
    assert seen.state is State.PROGRESSING
    assert isinstance(seen.reasons[0], SpokeUnreachable)
