"""What stands on a spoke at each moment of an Application's life."""

from __future__ import annotations

from watcher.embedded_hub.live import Live
from watcher.embedded_hub.repository import Content
from watcher.embedded_hub.workloads import fails_to_sync, nothing, takes

ONE = Content("source", 0, 0)
NEW_PODS = Content("source", 1, 0)
NEW_MAP = Content("source", 0, 1)


def deployed() -> Live:
    live = Live("x", takes(20.0))
    live.apply(ONE, first_at=10.0, last_at=12.0)
    return live


def seen(live: Live, at: float, wanted: Content = ONE) -> tuple[str, str]:
    found = live.seen(at, wanted)
    return found.sync, found.health


def test_it_is_missing_then_partly_there_then_progressing_then_healthy() -> None:
    live = deployed()
    assert [seen(live, at) for at in (9.0, 11.0, 12.0, 31.0, 32.0)] == [
        ("OutOfSync", "Missing"),
        ("OutOfSync", "Healthy"),
        ("Synced", "Progressing"),
        ("Synced", "Progressing"),
        ("Synced", "Healthy"),
    ]


def test_the_next_change_is_known_at_every_moment() -> None:
    live = deployed()
    changes: list[float] = []
    while (at := live.next_change_at(changes[-1] if changes else 0.0)) is not None:
        changes.append(at)
    assert changes == [10.0, 12.0, 32.0]


def test_what_is_wanted_now_and_was_not_applied_is_out_of_sync() -> None:
    live = deployed()
    assert seen(live, 50.0, NEW_PODS) == ("OutOfSync", "Healthy")
    live.apply(NEW_PODS, first_at=60.0, last_at=61.0)
    assert [seen(live, at, NEW_PODS) for at in (60.5, 61.0, 81.0)] == [
        ("OutOfSync", "Healthy"),
        ("Synced", "Progressing"),
        ("Synced", "Healthy"),
    ]


def test_what_touches_no_pod_leaves_it_healthy() -> None:
    live = deployed()
    live.apply(NEW_MAP, first_at=60.0, last_at=61.0)
    assert seen(live, 61.0, NEW_MAP) == ("Synced", "Healthy")


def test_applying_the_same_again_changes_nothing() -> None:
    live = deployed()
    live.apply(ONE, first_at=60.0, last_at=61.0)
    assert seen(live, 60.5) == ("Synced", "Healthy")
    assert live.next_change_at(50.0) is None


def test_it_goes_in_three_steps() -> None:
    live = deployed()
    live.remove(terminating_at=100.0, gone_at=100.4)
    assert [seen(live, at) for at in (99.0, 100.0, 100.35, 100.4)] == [
        ("Synced", "Healthy"),
        ("Synced", "Progressing"),
        ("OutOfSync", "Progressing"),
        ("OutOfSync", "Missing"),
    ]
    assert (live.stands(100.3), live.stands(100.4)) == (True, False)


def test_without_resources_it_is_well_at_once() -> None:
    live = Live("x", nothing())
    assert seen(live, 0.0) == ("Synced", "Healthy")
    assert not live.stands(0.0)


def test_a_kind_that_the_spoke_lacks_is_never_there() -> None:
    live = Live("x", fails_to_sync())
    live.apply(ONE, first_at=1.0, last_at=2.0)
    assert seen(live, 50.0) == ("OutOfSync", "Missing")
