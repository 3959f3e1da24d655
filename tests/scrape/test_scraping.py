from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import pytest

from tests.hub.wire_server import (
    Answer,
    Asked,
    WireServer,
    chunk,
    http,
    stream,
    stream_head,
    wire_server,
)
from tests.scrape.pages import AT, page, reading, recorded
from watcher.facts import Reading
from watcher.scrape import Scraper
from watcher.scrape.scraping import Limits

HERE = "127.0.0.1"
Asking: TypeAlias = Callable[[], Awaitable[Reading | str]]
QUICK = Limits(connect_s=5.0, whole_s=0.05)


def plain(body: bytes, status: int = 200, *headers: str) -> bytes:
    return http(status, body, content_type="text/plain; version=0.0.4", headers=headers)


def gives(answer: bytes) -> Answer:
    async def give(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        if b"Length" not in answer and b"chunked" not in answer:
            writer.close()

    return give


@asynccontextmanager
async def scraper(limits: Limits | None = None) -> AsyncIterator[Scraper]:
    scraper = Scraper(lambda: AT, limits)
    try:
        yield scraper
    finally:
        await scraper.close()


@asynccontextmanager
async def pod(
    answer: Answer, limits: Limits | None = None
) -> AsyncIterator[tuple[WireServer, Asking]]:
    """A Pod, and what asks it."""
    async with wire_server(answer) as server, scraper(limits) as asking:

        async def ask() -> Reading | str:
            return await asking.scrape(HERE, port=server.port, path="/metrics")

        yield server, ask


async def against(answer: bytes, limits: Limits | None = None) -> str:
    """What is said against a Pod that answers so, without where it is."""
    async with pod(gives(answer), limits) as (server, ask):
        said = await ask()
        where = f"{server.url}/metrics: "
    assert isinstance(said, str)
    assert said.startswith(where)
    return said.removeprefix(where)


async def test_what_a_pod_says_is_read() -> None:
    async with pod(gives(plain(recorded("one-spoke")))) as (server, ask):
        assert await ask() == reading(recorded("one-spoke"))
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.query, asked.body) == ("GET", "/metrics", {}, b"")


async def test_it_is_asked_for_plain_text_and_told_nothing_else() -> None:
    async with pod(gives(plain(page()))) as (server, ask):
        await ask()
    assert server.asked[0].headers == {
        "host": f"{HERE}:{server.port}",
        "accept": "text/plain;version=0.0.4",
        "accept-encoding": "identity",
        "user-agent": "gate-watcher",
    }


async def test_a_page_in_chunks_is_read() -> None:
    body = recorded("one-spoke")
    async with pod(gives(stream(body[:100], body[100:5000], body[5000:]))) as (_, ask):
        assert await ask() == reading(body)


async def test_no_cookie_is_kept() -> None:
    async with pod(gives(plain(page(), 200, "Set-Cookie: a=b"))) as (server, ask):
        await ask()
        await ask()
    assert len(server.asked) == 2
    assert "cookie" not in server.asked[1].headers


async def test_no_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with pod(gives(plain(page()))) as (_, ask):
        assert isinstance(await ask(), Reading)


async def test_no_redirect_is_followed() -> None:
    async with pod(gives(plain(b"", 302, "Location: /elsewhere"))) as (server, ask):
        assert await ask() == f"{server.url}/metrics: it redirects (302)"
        assert server.paths() == ["/metrics"]


@pytest.mark.parametrize("status", [206, 400, 401, 403, 404, 429, 500, 503])
async def test_another_status_is_said(status: int) -> None:
    assert await against(plain(page(), status)) == f"it answers {status}"


async def test_what_is_no_page_of_metrics_is_said() -> None:
    html = http(200, b"<html>\n<body>Welcome</body>\n", content_type="text/html")
    expected = "it shows nothing of an application controller's memory"
    assert await against(html) == expected
    assert await against(plain(b"")) == expected


async def test_what_is_compressed_all_the_same_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(1 << 20))
    said = await against(plain(bomb, 200, "Content-Encoding: gzip"))
    assert said == "it compresses what was asked for plain"


@pytest.mark.parametrize("garbage", [b"\x00\x01\r\n\r\n", b"SSH-2.0-x\r\n", b"HTTP/9 x\r\n\r\n"])
async def test_what_speaks_no_http_is_said(garbage: bytes) -> None:
    assert await against(garbage) == "it does not answer in HTTP"


async def test_a_page_that_breaks_off_is_said() -> None:
    cut = http(200, page()[:-40], content_type="text/plain", length=len(page()))

    async def give(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(cut)
        writer.close()

    async with pod(give) as (server, ask):
        said = await ask()
    assert said == f"{server.url}/metrics: the connection broke (ClientPayloadError)"


async def test_a_page_that_breaks_off_before_its_end_is_known_is_said() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    assert await against(head + page()[:-1]) == "it ends in the middle of a line"


async def test_a_pod_that_hangs_is_given_up() -> None:
    async def hang(_: Asked, __: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with pod(hang, QUICK) as (server, ask):
        assert await ask() == f"{server.url}/metrics: no whole answer within 0.05 s"


async def test_so_is_one_that_begins_and_then_hangs() -> None:
    async def hang(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(stream_head("text/plain") + chunk(page()))
        await asyncio.Event().wait()

    async with pod(hang, QUICK) as (server, ask):
        assert await ask() == f"{server.url}/metrics: no whole answer within 0.05 s"


async def test_an_endless_page_ends() -> None:
    sent = 0

    async def endless(_: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(stream_head("text/plain") + chunk(page()))
        piece = b"argocd_app_info{} 1\n" * 3000
        while True:
            writer.write(chunk(piece))
            sent += len(piece)
            await writer.drain()

    async with pod(endless, Limits(whole_s=60.0)) as (server, ask):
        assert await ask() == f"{server.url}/metrics: more than 33554432 bytes came"
    assert sent < 48 << 20


async def test_a_page_of_100_mib_that_says_so_is_not_read_whole() -> None:
    async def give(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(http(200, b"", content_type="text/plain", length=100 << 20))
        for _each in range(100):
            writer.write(bytes(1 << 20))
            await writer.drain()

    async with pod(give, Limits(whole_s=60.0)) as (server, ask):
        assert await ask() == f"{server.url}/metrics: more than 33554432 bytes came"


async def test_where_nobody_listens_is_said() -> None:
    async with wire_server(gives(b"")) as server:
        port = server.port
    async with scraper() as asking:
        said = await asking.scrape(HERE, port=port, path="/metrics")
        assert said == f"http://127.0.0.1:{port}/metrics: Connection refused"


async def test_an_address_of_ip_6_stands_in_brackets() -> None:
    async with scraper() as asking:
        said = await asking.scrape("::1", port=1, path="/metrics")
    assert isinstance(said, str)
    assert said.startswith("http://[::1]:1/metrics: ")


@pytest.mark.parametrize(
    "ip",
    ["", "localhost", "example.com", "10.0.0.1:80", "10.0.0.1/x", "1.2.3.4@evil", "10.1", "x\n"],
)
async def test_what_is_no_address_is_not_asked(ip: str) -> None:
    async with scraper() as asking:
        assert await asking.scrape(ip, port=80, path="/") == f"{ip!r} is no address of a Pod"


async def test_one_that_hangs_holds_up_no_other() -> None:
    hanging = asyncio.Event()

    async def hang_at_first(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.path == "/hangs":
            hanging.set()
            await asyncio.Event().wait()
        writer.write(plain(page()))

    async with (
        wire_server(hang_at_first) as server,
        scraper() as asking,
        asyncio.TaskGroup() as group,
    ):
        stuck = [
            group.create_task(asking.scrape(HERE, port=server.port, path="/hangs"))
            for _ in range(120)
        ]
        await hanging.wait()
        assert await asking.scrape(HERE, port=server.port, path="/metrics") == reading(page())
        for each in stuck:
            each.cancel()
