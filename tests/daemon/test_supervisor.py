from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterable

import pytest

from tests.builders import NOW
from watcher.daemon.logs import LogFormat, LogLevel, logger
from watcher.daemon.supervisor import DEATHS_TO_FAIL, WINDOW_S, Supervisor
from watcher.embedded_hub.clock import HandClock


class House:
    """A supervisor whose log and counts can be read."""

    def __init__(self) -> None:
        self.clock = HandClock(NOW)
        self.stream = io.StringIO()
        self.died: list[str] = []
        self.log = logger(
            self.stream, log_format=LogFormat.JSON, level=LogLevel.DEBUG, now=self.clock.now
        )
        self.supervisor = Supervisor(clock=self.clock, log=self.log, died=self.died.append)

    @property
    def lines(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


class Task:
    """Ends at each start as it is told: an error is raised, anything else is its end."""

    def __init__(self, ends: Iterable[Exception | None]) -> None:
        self._ends = iter(ends)
        self.starts = 0

    async def __call__(self) -> None:
        self.starts += 1
        end = next(self._ends)
        if end is not None:
            raise end


@pytest.fixture
def house() -> House:
    return House()


async def test_a_task_that_dies_is_logged_with_what_it_was_about_and_starts_again(
    house: House,
) -> None:
    work = Task([RuntimeError("odd"), None])
    task = house.supervisor.keep("follow", work, about="secrets in argocd")
    await house.clock.advance(0.5)
    assert work.starts == 1
    await house.clock.advance(0.5)
    await task
    assert work.starts == 2
    assert house.died == ["follow"]
    (line,) = house.lines
    assert line["level"] == "error"
    assert (line["task"], line["about"]) == ("follow", "secrets in argocd")
    assert "RuntimeError: odd" in line["exception"]


async def test_a_task_that_finishes_is_not_started_again(house: House) -> None:
    work = Task([None])
    await house.supervisor.keep("compare", work)
    await house.clock.advance(60.0)
    assert work.starts == 1
    assert house.lines == []


async def test_a_task_that_is_done_once_stays_dead_and_is_counted(house: House) -> None:
    work = Task([RuntimeError("odd")])
    await house.supervisor.once("patch", work)
    await house.clock.advance(60.0)
    assert work.starts == 1
    assert house.died == ["patch"]


async def test_it_waits_longer_each_time(house: House) -> None:
    work = Task([RuntimeError()] * 4 + [None])
    house.supervisor.keep("turns", work)
    starts = []
    for wait_s in (0.0, 1.0, 5.0, 25.0):
        await house.clock.advance(wait_s)
        starts.append(work.starts)
    assert starts == [1, 2, 3, 4]
    await house.supervisor.cancel_all()


async def test_the_third_death_within_the_window_makes_it_failing(house: House) -> None:
    work = Task([RuntimeError()] * 99)
    house.supervisor.keep("turns", work)
    await house.clock.advance(1.0)
    assert house.supervisor.failing() == ()
    await house.clock.advance(5.0)
    assert len(house.died) == DEATHS_TO_FAIL
    assert house.supervisor.failing() == ("turns",)
    await house.supervisor.cancel_all()


async def test_deaths_far_apart_are_forgotten(house: House) -> None:
    for _ in range(5):
        await house.supervisor.once("turns", Task([RuntimeError()]))
        await house.clock.advance(WINDOW_S / 2 + 1.0)
    assert house.supervisor.failing() == ()


async def test_cancelled_tasks_are_neither_counted_nor_started_again(house: House) -> None:
    forever = asyncio.Event()

    async def work() -> None:
        await forever.wait()

    task = house.supervisor.keep("turns", work)
    other = house.supervisor.keep("alarm", work)
    await house.supervisor.cancel([task])
    assert task.cancelled()
    assert not other.done()
    await house.supervisor.cancel_all()
    assert other.cancelled()
    assert house.died == []
    assert house.lines == []


async def test_a_cancellation_that_nobody_asked_for_is_a_death(house: House) -> None:
    async def work() -> None:
        left = asyncio.get_running_loop().create_future()
        left.cancel()
        await left

    task = house.supervisor.keep("follow", work)
    await house.clock.advance(1.0)
    assert house.died == ["follow", "follow"]
    assert not task.done()
    assert "CancelledError" in house.lines[0]["exception"]
    await house.supervisor.cancel_all()
    assert task.cancelled()
    once = house.supervisor.once("patch", work)
    await once
    assert house.died == ["follow", "follow", "patch"]


async def test_every_task_has_its_name(house: House) -> None:
    task = house.supervisor.once("patch", Task([None]), about="secret argocd/a")
    assert task.get_name() == "patch secret argocd/a"
    await task
