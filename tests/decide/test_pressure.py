from __future__ import annotations

from typing import Any

from tests.builders import DAY, NOW
from watcher.decide.pressure import Look, Pressed, pressed
from watcher.decide.reasons import Pressure

COOL_S = 120.0


def look(at_s: float = 0.0, took: float = 500, stands: float = 400, **fields: Any) -> Look:
    return Look(
        NOW + at_s,
        took_bytes=took,
        stands_bytes=stands,
        high_bytes=850,
        low_bytes=700,
        **fields,
    )


def after(*looks: Look, before: Pressed | None = None) -> Pressed | None:
    for each in looks:
        before = pressed(before, each, killed_at=None, cool_down_s=COOL_S)
    return before


def test_a_shard_under_its_marks_is_not_pressed() -> None:
    assert after(look(), look(5)) is None


def test_at_the_high_mark_it_is() -> None:
    state = after(look(took=850))
    assert state is not None
    assert (state.pressure, state.at) == (Pressure.HIGH, NOW)


def test_it_is_no_longer_after_the_cool_down_under_the_low_mark() -> None:
    assert after(look(took=850), look(5), look(119)) is not None
    assert after(look(took=850), look(5), look(120)) is None


def test_the_cool_down_begins_anew_each_time_it_is_over_the_low_mark() -> None:
    state = after(look(took=850), look(5), look(60, stands=700), look(65), look(130))
    assert state is not None
    assert state.until(COOL_S) == NOW + 65 + COOL_S


def test_while_it_is_over_the_low_mark_nobody_knows_when() -> None:
    state = after(look(took=850, stands=800))
    assert state is not None
    assert state.until(COOL_S) is None


def test_what_takes_it_over_the_high_mark_again_begins_all_anew() -> None:
    state = after(look(took=850), look(5), look(100, took=900), look(105))
    assert state is not None
    assert state.until(COOL_S) == NOW + 100 + COOL_S


def test_a_kill_presses_it_and_needs_no_reading() -> None:
    state = pressed(None, None, killed_at=NOW, cool_down_s=COOL_S)
    assert state == Pressed(Pressure.KILLED, NOW)
    assert after(look(5), look(119), before=state) is not None
    assert after(look(5), look(125), before=state) is None


def test_a_kill_counts_once() -> None:
    later = Pressed(Pressure.HIGH, NOW + 60)
    assert pressed(later, None, killed_at=NOW, cool_down_s=COOL_S) == later


def test_one_that_crawls_is_pressed_until_it_no_longer_does() -> None:
    crawls = look(crawls=True)
    state = after(crawls, look(60, crawls=True))
    assert state is not None
    assert (state.pressure, state.until(COOL_S)) == (Pressure.COLLECTING, None)
    assert after(crawls, look(60), look(180)) is None


def test_one_that_was_just_started_loads_everything_again_and_is_given_time() -> None:
    first = look(started_at=NOW - 5)
    state = after(first)
    assert state is not None
    assert (state.pressure, state.at) == (Pressure.STARTED, NOW - 5)
    assert after(first, look(60), look(119)) is not None
    assert after(first, look(120)) is None


def test_one_that_was_started_long_ago_has_loaded_everything() -> None:
    assert after(look(started_at=NOW - DAY)) is None
    assert after(look(started_at=NOW - COOL_S)) is None
