from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.policy import duration, say_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("1h30m", 5400), ("0s", 0), ("1h0m5s", 3605), ("007s", 7)],
)
def test_hours_minutes_and_seconds_are_read(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "90",
        "s",
        "-5s",
        "+5s",
        "1.5h",
        "500ms",
        "1d",
        "30s1m",
        "1m 30s",
        " 1s",
        "1s\n",
        "1S",
        "٣s",
        "1h1h",
        "9999999999s",
    ],
)
def test_nothing_else_is_a_duration(text: str) -> None:
    assert duration(text) is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (45, "45s"),
        (600, "10m"),
        (5400, "1h30m"),
        (90000, "25h"),
        (3605, "1h5s"),
        (0, "0s"),
        (0.4, "0s"),
        (59.6, "1m"),
        (-90, "-1m30s"),
        (-0.2, "0s"),
        (inf, "infs"),
        (nan, "nans"),
    ],
)
def test_a_duration_is_said_in_whole_seconds(seconds: float, said: str) -> None:
    assert say_duration(seconds) == said


@given(st.integers(0, 10**12))
def test_what_is_said_is_read_back(seconds: int) -> None:
    assert duration(say_duration(seconds)) == seconds


@given(st.floats())
def test_any_number_can_be_said(seconds: float) -> None:
    assert say_duration(seconds).endswith(("h", "m", "s"))


@given(st.text())
def test_any_text_can_be_tried(text: str) -> None:
    assert (duration(text) or 0) >= 0
