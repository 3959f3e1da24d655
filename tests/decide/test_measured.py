from __future__ import annotations

from typing import Any

import pytest

from tests.builders import HOUR, MIB, NOW, controller, reading
from watcher.decide.estimates import Work, kept, standing
from watcher.decide.kills import Kills
from watcher.decide.measured import Measured, measured
from watcher.decide.reasons import Pressure
from watcher.facts import Pod, Reading, Readings
from watcher.policy import Memory

LIMITED = controller(limit_bytes=900 * MIB)
SOFT = {"soft_limit_bytes": 780.0 * MIB}


def after(
    *latest: Reading,
    before: Measured | None = None,
    pod: Pod = LIMITED,
    spokes: int = 1,
    killed_at: float | None = None,
    unowned: bool = False,
) -> Measured:
    return measured(
        before,
        pod,
        Readings(latest),
        Work(spokes),
        unowned=unowned,
        kills=Kills(last_at=killed_at),
        memory=Memory(),
    )


def busy(at_s: float, collecting_s: float, busy_s: float, **fields: Any) -> Reading:
    return reading(at=NOW + at_s, collecting_s=collecting_s, busy_s=busy_s, **fields)


def test_before_the_first_reading_the_prior_holds() -> None:
    known = after()
    assert known.reading is None
    assert standing(known.learned, 1) == 20 * MIB


def test_each_reading_is_looked_at_once() -> None:
    first, second = reading(100), reading(120, NOW + 5)
    once = after(first, second)
    assert once.reading == second
    assert after(first, second, before=once) == once
    assert after(second, before=after(first)) == once


def test_what_stands_is_learned() -> None:
    known = after(*(reading(200, NOW + at) for at in range(0, 120, 5)), spokes=10)
    assert kept(known.learned, 10) >= 200 * MIB


def test_a_controller_over_its_high_mark_is_pressed() -> None:
    known = after(reading(400))
    assert known.pressed is not None
    assert known.pressed.pressure is Pressure.HIGH


def test_a_kill_presses_once_and_each_new_one_anew() -> None:
    known = after(killed_at=NOW)
    assert known.pressed is not None
    assert known.pressed.pressure is Pressure.KILLED
    cooled = after(reading(8, NOW + 5), reading(8, NOW + 200), before=known, killed_at=NOW)
    assert cooled.pressed is None
    again = after(before=cooled, killed_at=NOW + 300)
    assert again.pressed is not None
    assert again.pressed.at == NOW + 300


def test_a_controller_without_any_limit_is_pressed_by_kills_alone() -> None:
    assert after(reading(4000), pod=controller()).pressed is None
    assert after(reading(8), pod=controller(), killed_at=NOW).pressed is not None


def test_one_that_holds_nothing_is_pressed_by_nothing() -> None:
    assert after(reading(8, process_started_at=NOW - 1), spokes=0).pressed is None


def test_where_spokes_are_nobodys_they_may_be_what_presses_it() -> None:
    young = reading(8, process_started_at=NOW - 1)
    assert after(young, spokes=0, unowned=True).pressed is not None
    killed = after(spokes=0, killed_at=NOW)
    later = after(reading(8, NOW + 5), before=killed, spokes=0, killed_at=NOW, unowned=True)
    assert later.pressed is not None


def test_a_process_that_starts_ahead_of_our_clock_holds_nobody_up_until_then() -> None:
    known = after(reading(8, process_started_at=NOW + HOUR))
    assert known.pressed is not None
    assert known.pressed.at == NOW


def test_a_clock_that_went_back_makes_all_that_was_known_void() -> None:
    before = after(reading(20))
    now = after(reading(300, NOW - HOUR), before=before)
    assert now.reading == reading(300, NOW - HOUR)
    assert after(reading(300, NOW - 2), before=before).reading == before.reading


def test_a_process_is_just_started_only_with_what_was_open_when_it_was_first_seen() -> None:
    young: dict[str, Any] = {"process_started_at": NOW - 1}
    assert after(reading(8, **young), spokes=1).pressed is not None
    empty = after(reading(8, **young), spokes=0)
    assert after(reading(9, NOW + 5, **young), before=empty, spokes=1).pressed is None
    again = reading(8, NOW + 60, process_started_at=NOW + 50)
    assert after(again, before=empty, spokes=1).pressed is not None


def test_the_share_of_collecting_is_of_what_it_was_busy_with() -> None:
    known = after(busy(0, 0, 0), busy(10, 5, 20), busy(20, 20, 40))
    assert known.collecting == pytest.approx(0.5)


@pytest.mark.parametrize(
    "said",
    [
        (busy(0, 0, 0),),
        (busy(0, 0, 0), busy(19, 10, 20)),
        (busy(0, 0, 0), busy(20, 1, 2)),
        (busy(0, 0, 0, process_started_at=NOW - 60), busy(20, 5, 40, process_started_at=NOW)),
    ],
    ids=["one reading", "too short", "idle", "another process"],
)
def test_what_says_nothing_is_no_share(said: tuple[Reading, ...]) -> None:
    assert after(*said).collecting is None


def test_only_the_last_minute_counts() -> None:
    long = [busy(at, at / 2 if at < 60 else 30, at) for at in range(0, 180, 10)]
    assert after(*long).collecting == pytest.approx(0.0)


def test_under_gomemlimit_one_that_mostly_collects_is_pressed() -> None:
    known = after(busy(0, 0, 0, **SOFT), busy(20, 20, 40, **SOFT))
    assert known.pressed is not None
    assert known.pressed.pressure is Pressure.COLLECTING
    assert after(busy(0, 0, 0), busy(20, 20, 40)).pressed is None
