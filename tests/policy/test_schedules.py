from __future__ import annotations

from itertools import islice
from math import inf

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from watcher.facts import instant, rfc3339
from watcher.policy import beginnings
from watcher.policy.schedules import is_zone, longest_pause_s, unread

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S


def begins(schedule: str, zone: str, after: str, number: int = 3) -> list[str]:
    at = instant(after)
    assert at is not None
    return [rfc3339(each) for each in islice(beginnings(schedule, zone, after=at), number)]


def test_a_schedule_begins_by_the_clock_of_its_zone() -> None:
    assert begins("0 22 * * 5", "Europe/Berlin", "2026-11-24T12:00:00Z", 1) == [
        "2026-11-27T21:00:00Z"
    ]
    assert begins("0 22 * * FRI", "America/New_York", "2026-11-24T12:00:00Z", 1) == [
        "2026-11-28T03:00:00Z"
    ]


def test_a_beginning_is_after_what_is_asked_for() -> None:
    assert begins("0 * * * *", "UTC", "2026-11-24T12:00:00Z", 1) == ["2026-11-24T13:00:00Z"]
    assert begins("0 * * * *", "UTC", "2026-11-24T11:59:59Z", 1) == ["2026-11-24T12:00:00Z"]


@pytest.mark.parametrize(
    ("zone", "day_before", "day_after", "first"),
    [
        ("Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z", "2026-03-29T01:00:00Z"),
        (
            "America/New_York",
            "2026-03-07T12:00:00Z",
            "2026-03-09T06:30:00Z",
            "2026-03-08T07:00:00Z",
        ),
    ],
)
def test_what_begins_in_the_hour_that_is_skipped_begins_at_its_end(
    zone: str, day_before: str, day_after: str, first: str
) -> None:
    assert begins("30 2 * * *", zone, day_before, 2) == [first, day_after]


@pytest.mark.parametrize(
    ("schedule", "zone", "day_before", "first", "day_after"),
    [
        (
            "30 2 * * *",
            "Europe/Berlin",
            "2026-10-24T12:00:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-26T01:30:00Z",
        ),
        (
            "30 1 * * *",
            "America/New_York",
            "2026-10-31T12:00:00Z",
            "2026-11-01T05:30:00Z",
            "2026-11-02T06:30:00Z",
        ),
    ],
)
def test_what_begins_in_the_hour_that_comes_twice_begins_once(
    schedule: str, zone: str, day_before: str, first: str, day_after: str
) -> None:
    assert begins(schedule, zone, day_before, 2) == [first, day_after]
    assert begins(schedule, zone, first, 1) == [day_after]


def test_what_begins_every_hour_follows_the_time_that_passes() -> None:
    assert begins("0 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 2) == [
        "2026-03-29T01:00:00Z",
        "2026-03-29T02:00:00Z",
    ]
    assert begins("0 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", 2) == [
        "2026-10-25T01:00:00Z",
        "2026-10-25T02:00:00Z",
    ]


def test_a_day_that_clocks_skip_from_its_midnight_begins_an_hour_late() -> None:
    assert begins("0 0 * * *", "America/Havana", "2026-03-07T12:00:00Z", 2) == [
        "2026-03-08T05:00:00Z",
        "2026-03-09T04:00:00Z",
    ]


def test_a_leap_day_comes_every_four_years() -> None:
    assert begins("0 0 29 2 *", "UTC", "2026-11-24T12:00:00Z") == [
        "2028-02-29T00:00:00Z",
        "2032-02-29T00:00:00Z",
        "2036-02-29T00:00:00Z",
    ]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "EST5EDT"])
def test_a_zone_is_known(zone: str) -> None:
    assert is_zone(zone)


@pytest.mark.parametrize("zone", ["", "Europe", "Europe/Bonn", "../etc/passwd", "/UTC", "a" * 5000])
def test_what_is_no_zone_is_none(zone: str) -> None:
    assert not is_zone(zone)


@pytest.mark.parametrize(
    ("schedule", "field"),
    [
        ("60 * * * *", "minute"),
        ("* 24 * * *", "hour"),
        ("* * 32 * *", "day of month"),
        ("* * 0 * *", "day of month"),
        ("* * * 13 *", "month"),
        ("* * * * 8", "day of week"),
        ("* * * * MOON", "day of week"),
        ("* * * * FRI-MON", "day of week"),
        ("*/0 * * * *", "minute"),
        ("1,,2 * * * *", "minute"),
        ("0 0 30 2 *", ""),
        ("0 0 LW jan-dec/2 mon#1,5L", ""),
        ("0 22 * * 5", ""),
    ],
)
def test_a_field_that_cron_cannot_read_is_named(schedule: str, field: str) -> None:
    assert unread(schedule) == field


@pytest.mark.parametrize(
    ("schedule", "pause_s"),
    [
        ("* * * * *", 60.0),
        ("0 0 * * *", DAY_S),
        ("0 6,18 * * *", 12 * HOUR_S),
        ("0 6,20 * * *", 14 * HOUR_S),
        ("* 9-16 * * *", 16 * HOUR_S + 60),
        ("* 9-16 * * 1-5", 64 * HOUR_S + 60),
        ("0 22 * * 5", 7 * DAY_S),
        ("0 0 1 * *", 31 * DAY_S),
        ("0 0 * 1-11 *", 32 * DAY_S),
        ("0 0 24 12 *", inf),
        ("0 0 29 2 *", inf),
        ("0 0 30 2 *", None),
        ("0 0 31 4,6 *", None),
        ("0 0 */3 2 MON#5", None),
    ],
)
def test_the_longest_pause_is_between_two_beginnings(schedule: str, pause_s: float | None) -> None:
    assert longest_pause_s(schedule) == pause_s


FIELD = st.text("0123456789*/,-#LWMONFRIJA", min_size=1, max_size=12)


@settings(deadline=None)
@given(st.lists(FIELD, min_size=5, max_size=5).map(" ".join))
@example(" ".join([f"{'9' * 200}"] * 5))
def test_any_five_fields_are_judged(schedule: str) -> None:
    if unread(schedule):
        assert longest_pause_s(schedule) is None
        return
    pause_s = longest_pause_s(schedule)
    first = next(beginnings(schedule, "UTC", after=1.8e9), None)
    assert (pause_s is None) is (first is None)


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(["0 9-16 * * 1-5", "*/7 * * * *", "0 0 1,15 * 1", "5 4 * 1-11 *", "0 6 * * *"]),
    st.integers(1_700_000_000, 1_900_000_000),
)
def test_no_pause_is_longer_than_the_longest(schedule: str, after: int) -> None:
    first, second = islice(beginnings(schedule, "UTC", after=after), 2)
    assert second - first <= (longest_pause_s(schedule) or 0)
