"""Two replicas, each on its own loopback address, at one port as two Pods of a Deployment are."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from tests.builders import spoke
from tests.serve.test_feed import House, feed
from tests.serve.test_shown import begun
from tests.serve.test_streaming import event, grid
from watcher.serve import Report
from watcher.serve.meters import Meters
from watcher.serve.passing import PASSED_ON, Handler
from watcher.serve.site import Site, serve, site

LEADS, FOLLOWS = "127.0.0.2", "127.0.0.1"
FOLLOWING = Report(None, leading=False, lease="gate-watcher", leader="pod-2", leader_at=LEADS)


class Two:
    """A leader, and one that follows it."""

    def __init__(self) -> None:
        self.house = House(begun("a"), spoke("b"))
        self.asked: list[web.Request] = []
        """What came to the leader."""
        self.leader: Site
        self.follower: Site
        self.following = FOLLOWING

    async def start(self) -> None:
        leads = site(lambda: self.house.report, Meters("1"), self.house.feed)
        leads.middlewares.insert(0, self._note)
        made = site(lambda: self.following, Meters("1"), feed(lambda: self.following))
        self.follower = await serve(made, host=FOLLOWS, port=0)
        self.leader = await serve(leads, host=LEADS, port=port_of(self.follower))

    @web.middleware
    async def _note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked.append(request)
        return await handler(request)


def port_of(served: Site) -> int:
    return int(served.url.rpartition(":")[2])


@pytest.fixture
async def two() -> AsyncIterator[Two]:
    made = Two()
    await made.start()
    yield made
    await made.follower.close()
    await made.leader.close()


@pytest.fixture
async def client(two: Two) -> AsyncIterator[aiohttp.ClientSession]:
    """Who asks the one that follows."""
    async with aiohttp.ClientSession(two.follower.url) as session:
        yield session


async def answer(session: aiohttp.ClientSession, path: str) -> tuple[int, str, str]:
    async with session.get(path) as said:
        return said.status, said.content_type, await said.text()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/spokes/a/crds?x=%2F%20", 200),
        ("/page/page.js", 200),
        ("/api/v1/fleet", 200),
        ("/api/v1/spokes/a", 200),
        ("/api/v1/spokes/%2e%2e%2Fa", 404),
        ("/api/v1/spokes?limit=none", 400),
        ("/nowhere", 404),
    ],
)
async def test_whatever_shows_the_fleet_the_leader_answers(
    two: Two, client: aiohttp.ClientSession, path: str, status: int
) -> None:
    handed_on = await answer(client, path)
    async with aiohttp.ClientSession(two.leader.url) as leader:
        own = await answer(leader, path)
    assert handed_on == own
    assert handed_on[0] == status
    assert [each.raw_path for each in two.asked] == [two.asked[0].raw_path] * 2
    assert [PASSED_ON in each.headers for each in two.asked] == [True, False]


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
async def test_health_and_metrics_are_each_replicas_own(
    two: Two, client: aiohttp.ClientSession, path: str
) -> None:
    two.following = Report(None, leading=False, lease="gate-watcher", leader_at=LEADS)
    assert (await answer(client, path))[0] == 200
    assert two.asked == []


async def test_only_the_path_and_what_the_answer_depends_on_goes_on(
    two: Two, client: aiohttp.ClientSession
) -> None:
    given = {
        "Accept-Encoding": "gzip",
        "Authorization": "Bearer secret",
        "Cookie": "a=secret",
        "X-Forwarded-For": "192.0.2.1",
    }
    async with client.get("/api/v1/grid", headers=given) as said:
        assert said.headers["Content-Encoding"] == "gzip"
        assert said.headers["Cache-Control"] == "no-store"
        assert said.headers.getall("Content-Security-Policy") != []
        assert (await said.json())["fleet"]["spokes"] == 2
    (asked,) = two.asked
    assert set(asked.headers) == {"Host", "Accept", "Accept-Encoding", PASSED_ON}
    assert "secret" not in str(asked.headers)


async def test_heads_are_passed_on_and_nothing_else_is(
    two: Two, client: aiohttp.ClientSession
) -> None:
    async with client.head("/api/v1/fleet") as said:
        assert said.status == 200
        assert int(said.headers["Content-Length"]) > 100
        assert await said.read() == b""
    async with client.post("/api/v1/fleet") as said:
        assert said.status == 405
    assert [each.method for each in two.asked] == ["HEAD"]


async def test_the_stream_is_handed_on_as_it_comes(two: Two, client: aiohttp.ClientSession) -> None:
    cursor = (await grid(client))["cursor"]
    async with client.get("/api/v1/stream", headers={"Last-Event-ID": cursor}) as said:
        assert said.content_type == "text/event-stream"
        assert said.headers["X-Accel-Buffering"] == "no"
        two.house.decides(begun("a"), begun("b"))
        first = await event(said)
        assert [row[0] for row in json.loads(first["data"])["spokes"]] == ["b"]
        two.house.decides(begun("b"))
        assert json.loads((await event(said))["data"])["gone"] == ["a"]


async def test_a_stream_that_is_handed_on_does_not_hold_up_the_end(
    two: Two, client: aiohttp.ClientSession
) -> None:
    cursor = (await grid(client))["cursor"]
    async with client.get("/api/v1/stream", params={"after": cursor}):
        await two.follower.close()


async def test_two_that_take_each_other_for_the_leader_ask_once(
    two: Two, client: aiohttp.ClientSession
) -> None:
    two.house.report = Report(
        None, leading=False, lease="gate-watcher", leader="pod-1", leader_at=FOLLOWS
    )
    status, _, text = await answer(client, "/api/v1/fleet")
    assert status == 503
    assert "this replica follows, and pod-1 leads" in text
    assert len(two.asked) == 1


async def test_without_an_address_it_says_who_leads_as_it_did(
    two: Two, client: aiohttp.ClientSession
) -> None:
    two.following = Report(None, leading=False, lease="gate-watcher", leader="pod-2")
    status, _, text = await answer(client, "/api/v1/fleet")
    assert (status, json.loads(text)["reason"]) == (503, "NotLeader")
    assert json.loads(text)["message"] == "this replica follows, and pod-2 leads"
    assert (await answer(client, "/"))[0] == 200
    assert two.asked == []


async def test_a_leader_that_is_not_there_is_said_and_the_page_is_shown(
    two: Two, client: aiohttp.ClientSession
) -> None:
    await two.leader.close()
    status, _, text = await answer(client, "/api/v1/fleet")
    assert (status, json.loads(text)["reason"]) == (503, "NotLeader")
    assert json.loads(text)["message"] == (
        f"this replica follows; pod-2 leads, but {LEADS}:{port_of(two.follower)} "
        "cannot be connected to: Connection refused"
    )
    assert (await answer(client, "/"))[1] == "text/html"
    async with client.get("/api/v1/stream?after=1") as said:
        assert (await event(said))["event"] == "refused"


@asynccontextmanager
async def in_its_place(two: Two, head: bytes) -> AsyncIterator[None]:
    """Something else answers at the leader's address, and breaks off there."""

    async def answers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    await two.leader.close()
    async with await asyncio.start_server(answers, LEADS, port_of(two.follower)):
        yield


async def test_an_answer_that_breaks_off_is_not_taken_for_a_whole_one(
    two: Two, client: aiohttp.ClientSession
) -> None:
    begins = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"a":'
    async with in_its_place(two, begins):
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer(client, "/api/v1/fleet")


async def test_no_redirect_is_followed(two: Two, client: aiohttp.ClientSession) -> None:
    away = b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n"
    async with (
        in_its_place(two, away),
        client.get("/api/v1/fleet", allow_redirects=False) as said,
    ):
        assert said.status == 302
        assert "Location" not in said.headers


async def test_whom_it_asks_is_not_for_who_asks_to_say(two: Two) -> None:
    reader, writer = await asyncio.open_connection(FOLLOWS, port_of(two.follower))
    writer.write(
        b"GET http://192.0.2.1/api/v1/version HTTP/1.1\r\nHost: 192.0.2.2\r\n"
        b"Connection: close\r\n\r\n"
    )
    said = await reader.read()
    assert said.startswith(b"HTTP/1.1 200 OK")
    assert [each.raw_path for each in two.asked] == ["/api/v1/version"]
    writer.close()
    await writer.wait_closed()
