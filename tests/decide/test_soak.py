from __future__ import annotations

import pytest

from tests.builders import NOW, application, settled_since
from watcher.decide.reasons import Soaks
from watcher.decide.soak import soaking, steady_since
from watcher.facts import Instant, Operation

LATEST = NOW - 5


@pytest.mark.parametrize(
    ("health_since", "finished_at", "created_at", "opened_at"),
    [
        (LATEST, NOW - 60, NOW - 90, NOW - 99),
        (NOW - 60, LATEST, NOW - 90, NOW - 99),
        (NOW - 60, NOW - 70, LATEST, NOW - 99),
        (NOW - 60, NOW - 70, NOW - 90, LATEST),
        (LATEST, None, None, None),
        (None, None, LATEST, None),
    ],
    ids=["health", "operation", "creation", "opening", "health alone", "creation alone"],
)
def test_it_counts_from_the_latest_of_the_times_that_the_objects_carry(
    health_since: Instant | None,
    finished_at: Instant | None,
    created_at: Instant | None,
    opened_at: Instant | None,
) -> None:
    app = application(
        health_since=health_since,
        operation=Operation("Succeeded", finished_at),
        created_at=created_at,
    )
    assert steady_since(app, opened_at) == LATEST


def test_an_application_without_any_time_has_always_been_so() -> None:
    app = application(health_since=None, operation=None, created_at=None)
    assert steady_since(app, None) == float("-inf")


def test_the_one_that_has_to_stay_so_longest_is_said() -> None:
    apps = [settled_since(NOW - 7), settled_since(NOW - 3, "y"), settled_since(NOW - 5, "z")]
    assert soaking(apps, soak_s=10, opened_at=None, now=NOW) == Soaks("argocd/a-y", NOW + 7)


@pytest.mark.parametrize(("after_s", "soaks"), [(9.9, True), (10.0, False)])
def test_it_ends_when_the_time_has_passed_to_the_moment(after_s: float, *, soaks: bool) -> None:
    apps = [settled_since(NOW)]
    assert bool(soaking(apps, soak_s=10, opened_at=None, now=NOW + after_s)) is soaks


def test_nothing_soaks_where_nothing_is() -> None:
    assert soaking([], soak_s=10, opened_at=NOW, now=NOW) is None
