from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.builders import NOW, spoke
from tests.serve.test_feed import House
from tests.serve.test_shown import begun
from watcher.serve import Report
from watcher.serve.meters import Meters
from watcher.serve.site import serve, site


@pytest.fixture
def house() -> House:
    return House(begun("a"), spoke("b"))


@pytest.fixture
async def client(house: House) -> AsyncIterator[aiohttp.ClientSession]:
    made = site(lambda: house.report, Meters("1"), house.feed)
    served = await serve(made, host="127.0.0.1", port=0)
    async with aiohttp.ClientSession(served.url) as session:
        yield session
    await served.close()


async def event(answer: aiohttp.ClientResponse) -> dict[str, str]:
    """The next one that says anything."""
    while True:
        said: dict[str, str] = {}
        while (line := (await answer.content.readline()).decode().rstrip("\n")) != "":
            field, _, value = line.partition(": ")
            said[field] = value
        if "data" in said:
            return said


async def grid(client: aiohttp.ClientSession) -> dict[str, Any]:
    async with client.get("/api/v1/grid") as answer:
        assert answer.status == 200
        said: dict[str, Any] = await answer.json()
        return said


async def test_what_changes_is_told_as_it_does(house: House, client: aiohttp.ClientSession) -> None:
    cursor = (await grid(client))["cursor"]
    async with client.get("/api/v1/stream", params={"after": cursor}) as answer:
        assert answer.content_type == "text/event-stream"
        house.decides(begun("a"), begun("b"))
        first = await event(answer)
        assert [row[0] for row in json.loads(first["data"])["spokes"]] == ["b"]
        house.decides(begun("b"))
        second = await event(answer)
        assert json.loads(second["data"])["gone"] == ["a"]
        assert json.loads(second["data"])["cursor"] == second["id"]


async def test_a_browser_that_comes_back_goes_on_where_it_was(
    house: House, client: aiohttp.ClientSession
) -> None:
    cursor = (await grid(client))["cursor"]
    house.decides(begun("a"), begun("b"))
    await grid(client)
    headers = {"Last-Event-ID": cursor}
    async with client.get("/api/v1/stream?after=elsewhere", headers=headers) as answer:
        assert [row[0] for row in json.loads((await event(answer))["data"])["spokes"]] == ["b"]


async def test_one_that_cannot_go_on_is_told_to_begin_anew(client: aiohttp.ClientSession) -> None:
    async with client.get("/api/v1/stream") as answer:
        assert (await event(answer))["event"] == "reload"
        assert await answer.content.read() == b"", "and the stream ends"


async def test_a_replica_that_leads_no_longer_says_so_and_ends_the_stream(
    house: House, client: aiohttp.ClientSession
) -> None:
    cursor = (await grid(client))["cursor"]
    async with client.get("/api/v1/stream", params={"after": cursor}) as answer:
        house.report = Report(None, leading=False, lease="gate-watcher", leader="pod-2")
        house.news.take((), NOW)
        said = await event(answer)
        assert said["event"] == "refused"
        assert "pod-2 leads" in json.loads(said["data"])["message"]


async def test_a_stream_that_is_read_does_not_hold_up_the_end(house: House) -> None:
    served = await serve(
        site(lambda: house.report, Meters("1"), house.feed), host="127.0.0.1", port=0
    )
    async with aiohttp.ClientSession(served.url) as session:
        cursor = (await grid(session))["cursor"]
        async with session.get("/api/v1/stream", params={"after": cursor}):
            await served.close()


async def test_the_grid_is_small_on_the_way(client: aiohttp.ClientSession) -> None:
    async with client.get("/api/v1/grid", headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
