"""Which controller is asked, when, and what is said of it?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from tests.builders import NOW, controller, reading
from tests.daemon.test_supervisor import House
from watcher.daemon.scraping import Scraping
from watcher.facts import Pod, Reading
from watcher.policy import Memory

FIRST, SECOND = controller(0), controller(1)


class Rounds:
    """Controllers in values, and what asking them gave."""

    def __init__(self) -> None:
        self.house = House()
        self.pods = [FIRST, SECOND]
        self.memory = Memory(scrape_every_s=5.0)
        self.counts = True
        self.answers: dict[str, Reading | str] = {}
        self.hangs: dict[str, asyncio.Event] = {}
        self.asked: list[tuple[float, str]] = []
        self.came: list[tuple[str, Reading | str]] = []
        self.scraping = Scraping(
            self._scrape,
            pods=lambda: self.pods,
            memory=lambda: self.memory,
            counts=lambda: self.counts,
            came=lambda pod, said: self.came.append((pod.name[-1], said)),
            supervisor=self.house.supervisor,
            hub_time=self.house.clock,
            log=self.house.log,
        )

    async def _scrape(self, ip: str, *, port: int, path: str) -> Reading | str:
        now = self.house.clock.now()
        self.asked.append((now - NOW, f"{ip}:{port}{path}"))
        if ip in self.hangs:
            await self.hangs[ip].wait()
        return self.answers.get(ip, reading(at=now))

    def times(self, pod: Pod) -> list[float]:
        """When it was asked, in seconds since the start."""
        return [at for at, where in self.asked if where.startswith(f"{pod.ip}:")]

    async def pass_s(self, seconds: float) -> None:
        await self.house.clock.advance(seconds)

    async def look(self) -> None:
        """Something has changed."""
        self.scraping.look()
        await self.pass_s(0.0)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.house.supervisor.keep("scraping", self.scraping.run)
        await self.pass_s(0.0)
        yield
        await self.house.supervisor.cancel_all()
        assert self.house.died == []


@pytest.fixture
def rounds() -> Rounds:
    return Rounds()


async def test_every_controller_is_asked_at_once_and_then_at_the_interval(rounds: Rounds) -> None:
    async with rounds.running():
        await rounds.pass_s(12.0)
    assert rounds.times(FIRST) == [0.0, 5.0, 10.0]
    assert rounds.times(SECOND) == [0.0, 5.0, 10.0]
    assert rounds.asked[0] == (0.0, "10.0.0.1:8082/metrics")


async def test_what_came_is_handed_on(rounds: Rounds) -> None:
    rounds.answers[SECOND.ip] = "it answers 500"
    async with rounds.running():
        pass
    assert rounds.came == [("0", reading()), ("1", "it answers 500")]


@pytest.mark.parametrize(
    "pod",
    [
        replace(FIRST, ip=""),
        replace(FIRST, started_at=None, waiting="CrashLoopBackOff"),
        replace(FIRST, deleting_since=NOW),
    ],
)
async def test_a_pod_that_cannot_answer_is_not_asked(rounds: Rounds, pod: Pod) -> None:
    rounds.pods = [pod, SECOND]
    async with rounds.running():
        await rounds.pass_s(7.0)
    assert rounds.times(FIRST) == []
    assert rounds.times(SECOND) == [0.0, 5.0]


async def test_a_pod_that_comes_is_asked_at_once_and_the_others_in_their_own_time(
    rounds: Rounds,
) -> None:
    rounds.pods = [FIRST]
    async with rounds.running():
        await rounds.pass_s(3.0)
        rounds.pods = [FIRST, SECOND]
        await rounds.look()
        await rounds.pass_s(6.0)
    assert rounds.times(SECOND) == [3.0, 8.0]
    assert rounds.times(FIRST) == [0.0, 5.0]


async def test_a_pod_of_the_same_name_is_another_one(rounds: Rounds) -> None:
    rounds.pods = [FIRST]
    async with rounds.running():
        await rounds.pass_s(3.0)
        rounds.pods = [replace(FIRST, uid="uid-new")]
        await rounds.look()
    assert rounds.times(FIRST) == [0.0, 3.0]


async def test_one_that_hangs_is_not_asked_again_and_holds_up_no_other(rounds: Rounds) -> None:
    rounds.hangs[FIRST.ip] = asyncio.Event()
    async with rounds.running():
        await rounds.pass_s(12.0)
        assert rounds.times(FIRST) == [0.0]
        assert rounds.times(SECOND) == [0.0, 5.0, 10.0]
        rounds.hangs.pop(FIRST.ip).set()
        await rounds.pass_s(0.0)
        assert rounds.times(FIRST) == [0.0, 12.0]
        await rounds.pass_s(5.0)
    assert rounds.times(FIRST) == [0.0, 12.0, 17.0]


async def test_who_does_not_decide_does_not_ask(rounds: Rounds) -> None:
    rounds.counts = False
    async with rounds.running():
        await rounds.pass_s(12.0)
        assert rounds.asked == []
        rounds.counts = True
        await rounds.look()
        assert rounds.times(FIRST) == [12.0]


async def test_another_policy_is_in_force_at_once(rounds: Rounds) -> None:
    rounds.memory = Memory(scrape_every_s=3600.0)
    async with rounds.running():
        await rounds.pass_s(60.0)
        rounds.memory = Memory(scrape_every_s=2.0, port=9000, path="/m")
        await rounds.look()
        await rounds.pass_s(2.0)
    assert rounds.times(FIRST) == [0.0, 60.0, 62.0]
    assert rounds.asked[-1][1].endswith(":9000/m")


async def test_trouble_is_said_when_it_begins_when_it_changes_and_when_it_ends(
    rounds: Rounds,
) -> None:
    rounds.answers[FIRST.ip] = "it answers 500"
    async with rounds.running():
        await rounds.pass_s(12.0)
        rounds.answers[FIRST.ip] = "it answers 503"
        await rounds.pass_s(10.0)
        rounds.answers.clear()
        await rounds.pass_s(10.0)
    said = [(line["event"], line["pod"], line.get("because")) for line in rounds.house.lines]
    assert said == [
        ("memory cannot be read", FIRST.key, "it answers 500"),
        ("memory cannot be read", FIRST.key, "it answers 503"),
        ("memory can be read again", FIRST.key, None),
    ]
