"""Are patches spaced, and fewer when the hub is busy?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.hub.pace import DOUBLES_IN_S, ORDINARY, URGENT, Pace, taken, throttled, wait_s


def sent(pace: Pace, *, start: float, until: float) -> tuple[list[float], Pace]:
    """When each is sent by somebody who always has one more."""
    times, now = [], start
    while (now := now + wait_s(pace, now)) < until:
        times.append(now)
        pace = taken(pace, now)
    return times, pace


@pytest.mark.parametrize(("pace", "most"), [(ORDINARY, 10), (URGENT, 50)])
def test_no_second_has_more_than_its_share(pace: Pace, most: int) -> None:
    times, _ = sent(pace, start=1000.0, until=1010.0)
    assert abs(len(times) - 10 * most) <= 1
    for at in times:
        assert sum(at <= other < at + 0.999 for other in times) <= most


def test_the_first_waits_for_nothing() -> None:
    assert wait_s(ORDINARY, -5.0) == 0.0
    assert wait_s(ORDINARY, 1e9) == 0.0


def test_a_busy_hub_is_left_alone_as_long_as_it_asks() -> None:
    slower = throttled(ORDINARY, 100.0, 7.0)
    assert wait_s(slower, 100.0) == 7.0
    assert slower.per_s(100.0) == 5.0


def test_each_429_halves_but_never_stops() -> None:
    pace = ORDINARY
    for _ in range(10):
        pace = throttled(pace, 100.0, 0.0)
    assert pace.per_s(100.0) == 0.5


def test_a_pace_recovers_by_itself_and_not_beyond_its_most() -> None:
    slower = throttled(throttled(ORDINARY, 100.0, 0.0), 100.0, 0.0)
    assert slower.per_s(100.0) == 2.5
    assert slower.per_s(100.0 + DOUBLES_IN_S) == pytest.approx(5.0)
    assert slower.per_s(100.0 + 2 * DOUBLES_IN_S) == pytest.approx(10.0)
    assert slower.per_s(1e12) == 10.0


@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 100), st.floats(0, 30)), max_size=30),
)
def test_whatever_happens_the_next_one_comes(story: list[tuple[bool, float, float]]) -> None:
    pace, now = URGENT, 50.0
    for busy, passes, asks in story:
        now += passes
        pace = throttled(pace, now, asks) if busy else taken(pace, now)
        assert 0.5 <= pace.per_s(now) <= 50.0
        assert wait_s(pace, now) <= 30.0 + 2.0 * len(story)
