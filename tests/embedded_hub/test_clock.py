from __future__ import annotations

import asyncio

import pytest

from watcher.embedded_hub.clock import HandClock, RunningClock, alarm

START = 1_800_000_000.0


async def test_a_hand_moved_clock_stands_still_until_it_is_moved() -> None:
    clock = HandClock(START)
    assert (clock.now(), clock.monotonic()) == (START, 0.0)
    await clock.advance(90.5)
    assert (clock.now(), clock.monotonic()) == (START + 90.5, 90.5)


async def test_sleepers_wake_in_the_order_of_time_and_see_their_own_time() -> None:
    clock = HandClock(START)
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.monotonic()))

    async with asyncio.TaskGroup() as group:
        for name, seconds in (("late", 5.0), ("early", 1.0), ("early too", 1.0)):
            group.create_task(sleeper(name, seconds))
        await clock.advance(10)
    assert woken == [("early", 1.0), ("early too", 1.0), ("late", 5.0)]
    assert clock.monotonic() == 10


async def test_who_wakes_may_sleep_again_before_the_next_one_wakes() -> None:
    clock = HandClock(START)
    ticks: list[tuple[str, float]] = []

    async def ticker(name: str, period: float, times: int) -> None:
        for _ in range(times):
            await clock.sleep(period)
            ticks.append((name, clock.monotonic()))

    async with asyncio.TaskGroup() as group:
        group.create_task(ticker("fast", 1.0, 5))
        group.create_task(ticker("slow", 2.5, 2))
        await clock.advance(5)
    fast = [at for name, at in ticks if name == "fast"]
    assert fast == [1, 2, 3, 4, 5]
    assert [at for _, at in ticks] == sorted(at for _, at in ticks)


async def test_a_chain_of_tasks_has_run_before_the_next_sleeper_wakes() -> None:
    clock = HandClock(START)
    links = [asyncio.Event() for _ in range(5)]
    seen: list[str] = []

    async def first() -> None:
        await clock.sleep(1)
        links[0].set()

    async def link(number: int) -> None:
        await links[number].wait()
        if number + 1 < len(links):
            links[number + 1].set()
        else:
            seen.append("the end of the chain")

    async def second() -> None:
        await clock.sleep(1.001)
        seen.append("the next sleeper")

    async with asyncio.TaskGroup() as group:
        group.create_task(first())
        group.create_task(second())
        for number in range(len(links)):
            group.create_task(link(number))
        await clock.advance(2)
    assert seen == ["the end of the chain", "the next sleeper"]


async def test_who_was_cancelled_is_not_waited_for() -> None:
    clock = HandClock(START)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(clock.sleep(3))
        group.create_task(clock.sleep(4))
        await clock.advance(0)
        assert clock.next_wake_at() == START + 3
        task.cancel()
        await clock.advance(0)
        assert clock.next_wake_at() == START + 4
        await clock.advance(4)
    assert clock.next_wake_at() is None


async def test_to_sleep_no_time_takes_no_time() -> None:
    clock = HandClock(START)
    await clock.sleep(0)
    await clock.sleep(-1)
    assert clock.monotonic() == 0


async def test_a_running_clock_runs_as_much_faster_as_it_is_told() -> None:
    real, fast = RunningClock(start=START), RunningClock(speed=10_000, start=START)
    await fast.sleep(20)
    assert fast.monotonic() >= 20
    assert fast.now() >= START + 20
    assert fast.monotonic() > real.monotonic()


def test_a_clock_that_would_stand_or_run_back_is_refused() -> None:
    for speed in (0, -1):
        with pytest.raises(ValueError, match="runs forwards"):
            RunningClock(speed)


async def test_an_alarm_rings_once_and_can_be_called_off() -> None:
    clock = HandClock(START)
    rung: list[str] = []
    alarm(clock, 2, lambda: rung.append("rung"))
    called_off = alarm(clock, 2, lambda: rung.append("called off"))
    await clock.advance(1)
    assert rung == []
    called_off.cancel()
    await clock.advance(5)
    assert rung == ["rung"]
