from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.facts import instant, moment, rfc3339


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-01T00:00:00Z", 0.0),
        ("1970-01-01T00:01:00Z", 60.0),
        ("1970-01-01T01:00:00+01:00", 0.0),
        ("1970-01-01T00:00:00.25Z", 0.25),
        ("1970-01-01T00:00:00.123456789Z", 0.123456),
        ("1970-01-01T00:00:00", 0.0),
        ("1969-12-31T23:59:59Z", -1.0),
        ("0001-01-01T00:00:00Z", -62135596800.0),
        ("9999-12-31T23:59:59Z", 253402300799.0),
    ],
)
def test_a_time_is_seconds_since_the_epoch(text: str, at: float) -> None:
    assert instant(text) == at


@pytest.mark.parametrize("text", ["1970-01-01T00:01:00Z", "1970-01-01 01:01+01:00"])
def test_a_person_says_the_zone(text: str) -> None:
    assert moment(text) == 60.0


@pytest.mark.parametrize("text", ["", "1970-01-01", "1970-01-01T00:00:00", "1970-W01-1T00:00Z"])
def test_without_it_it_is_no_moment(text: str) -> None:
    assert moment(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "x", "yesterday", "1e3", "-1", "\x00"),
        *("0000-00-00T00:00:00Z", "10000-01-01T00:00:00Z", "2026-02-30T00:00:00Z"),
        *("2026-03-02T25:00:00Z", "2026-03-02T09:00:00+99:00"),
    ],
)
def test_what_is_no_time_is_none(text: str | None) -> None:
    assert instant(text) is None


@given(st.text(max_size=30))
def test_no_text_raises(text: str) -> None:
    at = instant(text)
    assert at is None or math.isfinite(at)


@given(st.integers(-62135596800, 253402300799))
def test_a_whole_second_reads_as_it_was_written(at: int) -> None:
    assert instant(rfc3339(float(at))) == at


def test_what_is_written_has_whole_seconds() -> None:
    assert rfc3339(60.999) == "1970-01-01T00:01:00Z"


@pytest.mark.parametrize("at", [math.inf, -math.inf, math.nan, 1e18, -1e18, 253402300800.0])
def test_what_no_calendar_holds_is_written_as_a_number(at: float) -> None:
    assert rfc3339(at) == f"@{at:.0f}"


@given(st.floats())
def test_no_instant_raises_when_it_is_written(at: float) -> None:
    assert rfc3339(at)
