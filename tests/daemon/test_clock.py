from __future__ import annotations

import asyncio

from watcher.daemon.clock import SystemClock, TimeOfHub
from watcher.embedded_hub.clock import HandClock


async def test_the_system_clock_goes_forward_while_it_waits() -> None:
    clock = SystemClock()
    now, monotonic = clock.now(), clock.monotonic()
    await clock.sleep(0.01)
    assert clock.monotonic() >= monotonic + 0.01
    assert clock.now() > now - 60


async def test_waiting_for_a_time_that_has_passed_only_lets_others_run() -> None:
    ran: list[str] = []

    async def other() -> None:
        ran.append("other")

    async with asyncio.TaskGroup() as group:
        group.create_task(other())
        await SystemClock().sleep(-1.0)
        assert ran == ["other"]


async def test_the_time_of_a_hub_tells_its_now_and_waits_in_our_own() -> None:
    own, hub = HandClock(100.0), HandClock(9000.0)
    both = TimeOfHub(own, hub)
    await hub.advance(60.0)
    assert both.now() == 9060.0
    assert both.monotonic() == 0.0

    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(both.sleep(5.0))
        await hub.advance(600.0)
        assert not waiting.done()
        await own.advance(5.0)
        assert waiting.done()
