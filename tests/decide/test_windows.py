from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from watcher.decide.windows import Shut, shut, turns_at
from watcher.facts import Instant, instant, rfc3339
from watcher.policy import Window, WindowKind, beginnings

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
RING = "fleet"


def allow(
    schedule: str, hours: float, zone: str = "UTC", *, name: str = "open", rings: str = ""
) -> Window:
    of = frozenset(rings.split())
    return Window(name, WindowKind.ALLOW, schedule, hours * HOUR_S, zone, of)


def deny(
    schedule: str, hours: float, zone: str = "UTC", *, name: str = "freeze", rings: str = ""
) -> Window:
    of = frozenset(rings.split())
    return Window(name, WindowKind.DENY, schedule, hours * HOUR_S, zone, of)


def at(text: str) -> Instant:
    moment = instant(text)
    assert moment is not None
    return moment


def until(windows: list[Window], now: str) -> str | None:
    """When the ring may open gates again; `now` itself where it may."""
    closed = shut(windows, RING, at(now))
    if closed is None:
        return now
    return None if closed.until is None else rfc3339(closed.until)


def turn(windows: list[Window], now: str) -> str | None:
    turns = turns_at(windows, RING, at(now))
    return None if turns is None else rfc3339(turns)


# --- which windows count --------------------------------------------------------------------------

NIGHT = deny("0 20 * * *", 10)
OFFICE = allow("0 9 * * 1-5", 8)


def test_without_windows_gates_open_at_any_time() -> None:
    assert shut([], RING, at("2026-11-24T12:00:00Z")) is None
    assert turns_at([], RING, at("2026-11-24T12:00:00Z")) is None


def test_a_window_that_denies_shuts_while_it_is_open() -> None:
    assert shut([NIGHT], RING, at("2026-11-24T19:59:59Z")) is None
    assert shut([NIGHT], RING, at("2026-11-24T20:00:00Z")) == Shut(
        ("freeze",), WindowKind.DENY, at("2026-11-25T06:00:00Z")
    )
    assert shut([NIGHT], RING, at("2026-11-25T05:59:59Z")) is not None
    assert shut([NIGHT], RING, at("2026-11-25T06:00:00Z")) is None


def test_where_a_window_allows_it_is_shut_at_all_other_times() -> None:
    assert shut([OFFICE], RING, at("2026-11-27T16:59:59Z")) is None
    assert shut([OFFICE], RING, at("2026-11-27T17:00:00Z")) == Shut(
        ("open",), WindowKind.ALLOW, at("2026-11-30T09:00:00Z")
    )
    assert shut([OFFICE], RING, at("2026-11-30T09:00:00Z")) is None


def test_one_window_that_allows_is_enough() -> None:
    early = allow("0 5 * * *", 2, name="early")
    assert shut([OFFICE, early], RING, at("2026-11-24T06:00:00Z")) is None
    assert shut([OFFICE, early], RING, at("2026-11-24T08:00:00Z")) == Shut(
        ("open", "early"), WindowKind.ALLOW, at("2026-11-24T09:00:00Z")
    )


def test_what_denies_counts_whatever_allows() -> None:
    lunch = deny("0 12 * * *", 1, name="lunch")
    assert shut([OFFICE, lunch], RING, at("2026-11-24T12:30:00Z")) == Shut(
        ("lunch",), WindowKind.DENY, at("2026-11-24T13:00:00Z")
    )


def test_all_that_deny_now_are_named_and_no_other() -> None:
    windows = [
        NIGHT,
        deny("0 0 * * 1", 120, name="week"),
        deny("0 0 1 * *", 1, name="first"),
        OFFICE,
    ]
    assert shut(windows, RING, at("2026-11-24T21:00:00Z")) == Shut(
        ("freeze", "week"), WindowKind.DENY, None
    )
    assert shut(windows[:3], RING, at("2026-11-24T21:00:00Z")) == Shut(
        ("freeze", "week"), WindowKind.DENY, at("2026-11-28T06:00:00Z")
    )


def test_a_window_of_other_rings_does_not_count() -> None:
    for window in (deny("0 0 * * *", 23, rings="canary"), allow("0 0 1 1 *", 1, rings="canary")):
        assert shut([window], RING, at("2026-11-24T12:00:00Z")) is None
        assert turns_at([window], RING, at("2026-11-24T12:00:00Z")) is None
        assert shut([window], "canary", at("2026-11-24T12:00:00Z")) is not None


# --- when it opens again --------------------------------------------------------------------------


def test_after_a_freeze_the_next_window_that_allows_is_waited_for() -> None:
    freeze = deny("0 17 * * 5", 60)
    assert until([freeze, OFFICE], "2026-11-28T12:00:00Z") == "2026-11-30T09:00:00Z"


def test_a_freeze_that_ends_within_a_window_opens_at_its_end() -> None:
    freeze = deny("0 17 * * 5", 67)
    assert until([freeze, OFFICE], "2026-11-28T12:00:00Z") == "2026-11-30T12:00:00Z"


def test_what_is_denied_back_to_back_opens_at_the_end_of_all() -> None:
    windows = [
        deny("0 22 * * 5", 26, name="saturday"),
        deny("0 0 * * 0", 24, name="sunday"),
        deny("0 0 * * 1", 6, name="monday"),
    ]
    assert until(windows, "2026-11-28T12:00:00Z") == "2026-11-30T06:00:00Z"
    assert turn(windows, "2026-11-28T12:00:00Z") == "2026-11-29T00:00:00Z"


def test_denied_windows_that_overlap_open_at_the_end_of_the_last() -> None:
    windows = [deny("0 8 * * *", 3), deny("0 10 * * *", 4), deny("30 9 * * *", 1)]
    assert until(windows, "2026-11-24T08:00:00Z") == "2026-11-24T14:00:00Z"


def test_a_window_that_begins_again_while_it_is_open_is_prolonged() -> None:
    assert until([deny("0 8,9,10 * * *", 1.5)], "2026-11-24T08:30:00Z") == "2026-11-24T11:30:00Z"
    assert until([deny("0 8,9,10 * * *", 1)], "2026-11-24T08:30:00Z") == "2026-11-24T11:00:00Z"
    assert turn([deny("0 8,9,10 * * *", 1)], "2026-11-24T08:30:00Z") == "2026-11-24T11:00:00Z"


def test_a_window_that_is_allowed_only_while_it_is_denied_is_passed_over() -> None:
    windows = [allow("0 9 * * *", 2), deny("0 8 24-26 * *", 4)]
    assert until(windows, "2026-11-23T12:00:00Z") == "2026-11-27T09:00:00Z"


def test_what_opens_only_on_a_leap_day_is_said_once_it_is_within_a_year() -> None:
    windows = [allow("0 0 29 2 *", 24)]
    assert until(windows, "2026-11-24T12:00:00Z") is None
    assert until(windows, "2027-03-05T12:00:00Z") == "2028-02-29T00:00:00Z"
    assert until(windows, "2028-02-29T23:59:59Z") == "2028-02-29T23:59:59Z"
    assert until(windows, "2028-03-01T00:00:00Z") is None


def test_a_leap_day_is_denied_in_leap_years() -> None:
    windows = [deny("0 12 28 2 *", 24), deny("0 0 29 2 *", 48)]
    assert until(windows, "2027-02-28T13:00:00Z") == "2027-03-01T12:00:00Z"
    assert until(windows, "2028-02-28T13:00:00Z") == "2028-03-02T00:00:00Z"


@pytest.mark.parametrize(
    "windows",
    [
        [deny("0 0 * * *", 12), deny("0 12 * * *", 12)],
        [allow("0 0 * * *", 12), deny("0 0 * * *", 12)],
        [deny("0 0 * * *", 24)],
    ],
)
def test_what_never_opens_has_no_end(windows: list[Window]) -> None:
    assert until(windows, "2026-11-24T11:00:00Z") is None
    assert turns_at(windows, RING, at("2026-11-24T11:00:00Z")) is not None


# --- where clocks change --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "freezes", "opens"),
    [
        ("Europe/Berlin", "2026-03-27T21:00:00Z", "2026-03-30T09:00:00Z"),
        ("Europe/Berlin", "2026-10-23T20:00:00Z", "2026-10-26T08:00:00Z"),
        ("America/New_York", "2026-03-07T03:00:00Z", "2026-03-09T15:00:00Z"),
        ("America/New_York", "2026-10-31T02:00:00Z", "2026-11-02T14:00:00Z"),
    ],
)
def test_a_freeze_over_a_weekend_of_a_clock_change_lasts_as_long_as_any(
    zone: str, freezes: str, opens: str
) -> None:
    freeze = [deny("0 22 * * 5", 60, zone)]
    assert turn(freeze, rfc3339(at(freezes) - 1)) == freezes
    assert until(freeze, rfc3339(at(freezes) - 1)) == rfc3339(at(freezes) - 1)
    assert until(freeze, freezes) == opens
    assert turn(freeze, freezes) == opens
    assert until(freeze, rfc3339(at(opens) - 1)) == opens
    assert until(freeze, opens) == opens


@pytest.mark.parametrize(
    ("zone", "now", "opens", "closes"),
    [
        ("Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"),
        (
            "America/New_York",
            "2026-03-07T12:00:00Z",
            "2026-03-08T07:00:00Z",
            "2026-03-08T09:00:00Z",
        ),
    ],
)
def test_a_window_of_the_hour_that_is_skipped_opens_at_its_end(
    zone: str, now: str, opens: str, closes: str
) -> None:
    nightly = [allow("30 2 * * *", 2, zone)]
    assert until(nightly, now) == opens
    assert turn(nightly, opens) == closes


@pytest.mark.parametrize(
    ("schedule", "zone", "now", "opens", "closes"),
    [
        (
            "30 2 * * *",
            "Europe/Berlin",
            "2026-10-24T12:00:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:00:00Z",
        ),
        (
            "30 1 * * *",
            "America/New_York",
            "2026-10-31T12:00:00Z",
            "2026-11-01T05:30:00Z",
            "2026-11-01T06:00:00Z",
        ),
    ],
)
def test_a_window_of_the_hour_that_comes_twice_opens_once(
    schedule: str, zone: str, now: str, opens: str, closes: str
) -> None:
    nightly = [allow(schedule, 0.5, zone)]
    assert until(nightly, now) == opens
    assert turn(nightly, opens) == closes
    tomorrow = until(nightly, closes)
    assert tomorrow is not None
    assert at(tomorrow) - at(opens) == 25 * HOUR_S


def test_a_day_by_the_clock_leaves_an_hour_open_when_it_has_25() -> None:
    daily = [deny("0 0 * * *", 24, "Europe/Berlin")]
    assert until(daily, "2026-10-24T12:00:00Z") == "2026-10-25T22:00:00Z"
    assert until(daily, "2026-10-25T22:30:00Z") == "2026-10-25T22:30:00Z"


# --- whatever the windows are ---------------------------------------------------------------------

SCHEDULES = st.sampled_from(
    [
        "0 22 * * 5",
        "0 0 * * 1-5",
        "30 2 * * *",
        "0 9-16 * * 1-5",
        "0 */6 * * *",
        "0 0 1 * *",
        "15 12 29 2 *",
        "0 3 25-31 3,10 0",
    ]
)
WINDOWS = st.lists(
    st.builds(
        Window,
        name=st.sampled_from("abc"),
        kind=st.sampled_from(WindowKind),
        schedule=SCHEDULES,
        duration_s=st.sampled_from(
            [60.0, HOUR_S, 6 * HOUR_S, 13 * HOUR_S, 60 * HOUR_S, 20 * DAY_S]
        ),
        time_zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
        rings=st.sampled_from([frozenset(), frozenset({RING}), frozenset({"canary"})]),
    ),
    max_size=3,
)
NEAR_CHANGES = [
    at(text)
    for text in (
        *("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2027-03-14T07:00:00Z"),
        *("2026-11-01T06:00:00Z", "2028-02-29T00:00:00Z", "2026-12-31T23:00:00Z"),
    )
]
INSTANTS = st.one_of(
    st.builds(
        lambda near, apart: near + apart,
        st.sampled_from(NEAR_CHANGES),
        st.floats(-4 * DAY_S, 4 * DAY_S),
    ),
    st.floats(1.7e9, 1.9e9),
).map(lambda moment: round(moment, 1))
PARTS = st.lists(
    st.sampled_from([0.0, 0.001, 0.3, 0.5, 0.7, 0.9, 0.999999]), min_size=3, max_size=6
)


def plainly_open(window: Window, now: Instant) -> bool:
    """Whether it is, as the definition says it: some beginning is less than its duration ago."""
    first = next(beginnings(window.schedule, window.time_zone, after=now - window.duration_s), None)
    return first is not None and first <= now


def plainly_shut(windows: list[Window], now: Instant) -> bool:
    concerned = [window for window in windows if window.concerns(RING)]
    allowing = [window for window in concerned if window.kind is WindowKind.ALLOW]
    denying = [window for window in concerned if window.kind is WindowKind.DENY]
    return any(plainly_open(window, now) for window in denying) or (
        bool(allowing) and not any(plainly_open(window, now) for window in allowing)
    )


@settings(deadline=None)
@given(WINDOWS, INSTANTS)
def test_the_quick_answer_is_the_plain_one(windows: list[Window], now: Instant) -> None:
    assert (shut(windows, RING, now) is not None) is plainly_shut(windows, now)


@settings(deadline=None, max_examples=60)
@given(WINDOWS, INSTANTS, PARTS)
def test_the_answer_is_the_same_until_it_turns(
    windows: list[Window], now: Instant, parts: list[float]
) -> None:
    turns = turns_at(windows, RING, now)
    assume(turns is not None)
    assert turns is not None
    assert turns > now
    answers = {shut(windows, RING, now + part * (turns - now)) for part in [0.0, *parts]}
    assert len(answers) == 1


@settings(deadline=None, max_examples=50)
@given(WINDOWS, INSTANTS, PARTS)
def test_it_opens_when_it_is_said_to_and_not_before(
    windows: list[Window], now: Instant, parts: list[float]
) -> None:
    closed = shut(windows, RING, now)
    assume(closed is not None and closed.until is not None)
    assert closed is not None
    assert closed.until is not None
    assert not plainly_shut(windows, closed.until)
    assert all(plainly_shut(windows, now + part * (closed.until - now)) for part in parts)


@settings(deadline=None, max_examples=30)
@given(WINDOWS, INSTANTS)
def test_from_turn_to_turn_nothing_is_missed(windows: list[Window], now: Instant) -> None:
    seen = [now]
    while len(seen) < 20 and (turns := turns_at(windows, RING, seen[-1])) is not None:
        seen.append(turns)
    for earlier, later in pairwise(seen):
        assert earlier < later
        closed = shut(windows, RING, earlier)
        assert closed is None or closed.until is None or closed.until >= later
