"""Metrics over a real socket, at the address of each Pod."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest

from tests.embedded_hub.small_hub import START
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.controllers import Setup
from watcher.embedded_hub.faults import Answer, Endless, Hold, Lie, LoseAnswer, On, Stale
from watcher.embedded_hub.hub import EmbeddedHub
from watcher.embedded_hub.scenarios import SCENARIOS


@asynccontextmanager
async def serving(replicas: int = 1) -> AsyncIterator[tuple[EmbeddedHub, HandClock]]:
    scenario = replace(SCENARIOS["fleet"], controllers=Setup(replicas=replicas))
    clock = HandClock(START)
    async with EmbeddedHub(scenario, spokes=2, clock=clock) as hub:
        yield hub, clock


async def read(hub: EmbeddedHub, address: str = "127.0.0.1", path: str = "/metrics") -> str:
    url = f"http://{address}:{hub.metrics_port}{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_each_controller_answers_at_its_own_address() -> None:
    async with serving(replicas=2) as (hub, clock):
        await clock.advance(10.0)
        hub.controllers.kill(1)
        await clock.advance(11.0)
        started = [
            next(line for line in text.splitlines() if line.startswith("process_start_time"))
            for text in [await read(hub, "127.0.0.1"), await read(hub, "127.0.0.2")]
        ]
        assert [float(line.split()[1]) - START for line in started] == [0.0, 20.0]
        assert hub.metrics.asked == ["127.0.0.1", "127.0.0.2"]


async def test_a_controller_that_is_down_or_that_there_is_not_does_not_answer() -> None:
    async with serving() as (hub, clock):
        hub.controllers.kill(0)
        with pytest.raises(aiohttp.ClientError):
            await read(hub)
        await clock.advance(11.0)
        assert "go_gc_heap_live_bytes" in await read(hub)
        hub.controllers.scale(0)
        with pytest.raises(aiohttp.ClientError):
            await read(hub)


async def test_another_path_is_not_found() -> None:
    async with (
        serving() as (hub, _),
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{hub.metrics_port}/") as answer,
    ):
        assert answer.status == 404


async def test_it_can_lie_be_stale_be_a_web_page_and_go_on_for_ever() -> None:
    async with serving() as (hub, clock):
        before = await read(hub)
        await clock.advance(300.0)
        hub.metrics.faults.plan(On(), Stale())
        assert await read(hub) == before
        hub.metrics.faults.plan(On(), Lie("go_gc_heap_live_bytes", "NaN"))
        assert "\ngo_gc_heap_live_bytes NaN\n" in await read(hub)
        hub.metrics.faults.plan(On(), Answer(200, body=b"<html>", content_type="text/html"))
        assert await read(hub) == "<html>"
        hub.metrics.faults.plan(On(), Endless(b"go_info 1"))
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{hub.metrics_port}/metrics") as answer,
        ):
            assert len(await answer.content.readexactly(3_000_000)) == 3_000_000


async def test_it_can_refuse_and_hang_at_one_address_and_not_at_the_other() -> None:
    async with serving(replicas=2) as (hub, _):
        hub.metrics.faults.plan(On(path="127.0.0.2/", times=None), LoseAnswer())
        with pytest.raises(aiohttp.ClientError):
            await read(hub, "127.0.0.2")
        assert await read(hub, "127.0.0.1")
        held = hub.metrics.faults.plan(On(path="127.0.0.1/"), Hold())
        with pytest.raises(TimeoutError):
            timeout = aiohttp.ClientTimeout(total=0.2)
            async with aiohttp.ClientSession(timeout=timeout) as session:
                await session.get(f"http://127.0.0.1:{hub.metrics_port}/metrics")
        assert held.struck
