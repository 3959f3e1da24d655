from __future__ import annotations

import pytest

from tests.builders import HOUR, MINUTE, NOW, application, newborn
from watcher.decide.stalled import first_since, settled_once
from watcher.facts import Instant, Operation


@pytest.mark.parametrize(
    ("made_at", "begun_at", "since"),
    [
        (NOW - HOUR, NOW, NOW),
        (NOW, NOW - HOUR, NOW),
        (None, NOW - HOUR, NOW - HOUR),
        (NOW - HOUR, None, NOW - HOUR),
        (None, None, NOW - MINUTE),
    ],
    ids=[
        "the gate opened after it was made",
        "it was made behind an open gate",
        "nobody knows when it was made",
        "the gate was opened by hand",
        "neither is known, so since the gate was first seen open",
    ],
)
def test_the_first_time_begins_with_the_opening_or_with_its_making(
    made_at: Instant | None, begun_at: Instant | None, since: Instant
) -> None:
    assert first_since(made_at, begun_at=begun_at, seen_at=NOW - MINUTE) == since


def test_what_was_deployed_and_is_healthy_has_settled_once() -> None:
    app = application(deployed_at=NOW - HOUR)
    assert settled_once(app, opened_at=NOW - HOUR, until=NOW, healthy=True)


def test_what_was_deployed_before_the_opening_only_has_not() -> None:
    app = application(deployed_at=NOW - HOUR - 1)
    assert not settled_once(app, opened_at=NOW - HOUR, until=NOW, healthy=True)


def test_what_was_deployed_counts_without_a_bound_where_the_gate_was_opened_by_hand() -> None:
    assert settled_once(application(), opened_at=None, until=NOW, healthy=True)


def test_what_needed_no_operation_has_settled_once() -> None:
    app = application(deployed_at=None, operation=None)
    assert settled_once(app, opened_at=NOW - HOUR, until=NOW, healthy=True)


def test_what_never_came_so_far_has_not() -> None:
    assert not settled_once(newborn(), opened_at=NOW - HOUR, until=NOW, healthy=False)
    running = application(deployed_at=None, operation=Operation("Running"))
    assert not settled_once(running, opened_at=NOW - HOUR, until=NOW, healthy=True)


def test_what_was_deployed_and_is_unhealthy_ever_since_its_first_time_never_settled() -> None:
    """Argo CD records a deployment before the workloads are healthy: `deployed_at` alone proves
    nothing. Recorded: spoke-001-degraded, deployed in the second in which it was made.
    """
    app = application(health_status="Degraded", health_since=NOW - 2 * HOUR)
    assert not settled_once(app, opened_at=NOW - 3 * HOUR, until=NOW - HOUR, healthy=False)


def test_what_became_unhealthy_after_its_first_time_had_settled_before() -> None:
    app = application(health_status="Degraded", health_since=NOW - HOUR)
    assert settled_once(app, opened_at=NOW - 3 * HOUR, until=NOW - HOUR, healthy=False)
