"""What is due is done, in order, and nothing is lost between."""

from __future__ import annotations

import asyncio

from watcher.embedded_hub.agenda import Agenda
from watcher.embedded_hub.clock import HandClock, RunningClock

START = 1_800_000_000.0


async def test_what_is_due_is_done_in_the_order_of_time_then_of_arrival() -> None:
    clock = HandClock(START)
    agenda = Agenda(clock)
    done: list[tuple[str, float]] = []
    for name, seconds in (("late", 3.0), ("first", 1.0), ("second", 1.0)):
        agenda.after(seconds, lambda name=name: done.append((name, clock.now() - START)))  # type: ignore[misc]
    agenda.start()
    await clock.advance(2.0)
    assert done == [("first", 1.0), ("second", 1.0)]
    await clock.advance(2.0)
    assert done[2:] == [("late", 3.0)]
    await agenda.stop()


async def test_something_sooner_does_not_wait_for_what_was_first() -> None:
    clock = HandClock(START)
    agenda = Agenda(clock)
    agenda.start()
    done: list[str] = []
    agenda.after(100.0, lambda: done.append("far"))
    agenda.after(1.0, lambda: done.append("near"))
    await clock.advance(5.0)
    assert done == ["near"]
    await agenda.stop()


async def test_what_is_done_may_put_down_more() -> None:
    clock = HandClock(START)
    agenda = Agenda(clock)
    agenda.start()
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(clock.now() - START)
        agenda.after(1.0, tick)

    tick()
    await clock.advance(5.5)
    assert ticks == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    await agenda.stop()


async def test_what_has_passed_is_done_at_once() -> None:
    clock = HandClock(START)
    agenda = Agenda(clock)
    agenda.start()
    done: list[str] = []
    agenda.at(START - 50, lambda: done.append("old"))
    await clock.advance(0.0)
    assert done == ["old"]
    await agenda.stop()


async def test_nothing_is_done_before_the_start_nor_after_the_end() -> None:
    clock = HandClock(START)
    agenda = Agenda(clock)
    done: list[str] = []
    agenda.after(1.0, lambda: done.append("early"))
    await clock.advance(5.0)
    assert done == []
    agenda.start()
    await clock.advance(0.0)
    assert done == ["early"]
    agenda.after(1.0, lambda: done.append("never"))
    await agenda.stop()
    await clock.advance(5.0)
    assert done == ["early"]


async def test_a_failure_is_kept_and_the_rest_goes_on() -> None:
    clock = HandClock(START)
    agenda = Agenda(clock)
    agenda.start()
    done: list[str] = []

    def fail() -> None:
        raise KeyError("broken")

    agenda.after(1.0, fail)
    agenda.after(1.0, lambda: done.append("rest"))
    await clock.advance(2.0)
    assert done == ["rest"]
    assert [str(one) for one in agenda.failures] == ["'broken'"]
    await agenda.stop()


async def test_a_thousand_at_once_leave_the_loop_to_others_between() -> None:
    clock = RunningClock(speed=1000.0)
    agenda = Agenda(clock)
    done: list[int] = []
    for number in range(1000):
        agenda.after(0.0, lambda number=number: done.append(number))  # type: ignore[misc]
    agenda.start()
    seen: set[int] = set()
    while len(done) < 1000:
        await asyncio.wait({asyncio.get_running_loop().create_future()}, timeout=0)
        seen.add(len(done))
    assert done == list(range(1000))
    assert len(seen) > 3
    await agenda.stop()
