from __future__ import annotations

import asyncio

import pytest

from tests.daemon.test_supervisor import House
from watcher.daemon.bell import Bell


class Waiting:
    """Somebody who waits for a bell."""

    def __init__(self) -> None:
        self.house = House()
        self.bell = Bell(self.house.supervisor, self.house.clock)

    async def begin(self, seconds: float | None) -> asyncio.Task[None]:
        task = self.house.supervisor.once("waiting", lambda: self.bell.wait(seconds))
        await self.house.clock.advance(0.0)
        return task


@pytest.fixture
def waiting() -> Waiting:
    return Waiting()


async def test_a_ring_ends_the_wait(waiting: Waiting) -> None:
    for seconds in (None, 5.0):
        waiting.bell.hush()
        task = await waiting.begin(seconds)
        assert not task.done()
        waiting.bell.ring()
        await waiting.house.clock.advance(0.0)
        assert task.done()


async def test_so_does_the_time(waiting: Waiting) -> None:
    task = await waiting.begin(5.0)
    await waiting.house.clock.advance(4.9)
    assert not task.done()
    await waiting.house.clock.advance(0.1)
    assert task.done()


async def test_what_rang_before_is_not_lost(waiting: Waiting) -> None:
    waiting.bell.ring()
    waiting.bell.ring()
    assert (await waiting.begin(None)).done()
    waiting.bell.hush()
    assert not (await waiting.begin(5.0)).done()


async def test_a_wait_that_has_ended_leaves_no_alarm(waiting: Waiting) -> None:
    await waiting.begin(5.0)
    waiting.bell.ring()
    await waiting.house.clock.advance(0.0)
    assert waiting.house.clock.next_wake_at() is None
    waiting.bell.hush()
    task = await waiting.begin(None)
    await waiting.house.clock.advance(10.0)
    assert not task.done()
    await waiting.house.supervisor.cancel_all()
