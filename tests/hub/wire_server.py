"""A server on a real socket that answers byte for byte what a test tells it to.

Each connection carries one request at a time; `answer` gets it and a writer, and does to the client
whatever it likes. When it returns, the connection is closed unless the answer said how long it is.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def watches(self) -> bool:
        return self.query.get("watch") == "1"


Answer: TypeAlias = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class WireServer:
    """Where it listens, and what it was asked."""

    url: str
    port: int
    asked: list[Asked] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [each.path for each in self.asked]

    @property
    def watches(self) -> list[Asked]:
        return [each for each in self.asked if each.watches]

    @property
    def lists(self) -> list[Asked]:
        return [each for each in self.asked if not each.watches]


@asynccontextmanager
async def wire_server(
    answer: Answer, tls: ssl.SSLContext | None = None
) -> AsyncIterator[WireServer]:
    """A server that lives as long as the block."""
    open_tasks: set[asyncio.Task[object]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_tasks.add(task)
        try:
            while (asked := await _read(reader)) is not None:
                server.asked.append(asked)
                await answer(asked, writer)
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            open_tasks.discard(task)
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    server = WireServer(url=f"{'https' if tls else 'http'}://127.0.0.1:{port}", port=port)
    try:
        yield server
    finally:
        listening.close()
        for task in list(open_tasks):
            task.cancel()
        await listening.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *rest = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in rest)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    query = {
        key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()
    }
    return Asked(method, parts.path, query, headers, body)


def http(
    status: int,
    body: bytes,
    *,
    content_type: str = "application/json",
    headers: Iterable[str] = (),
    length: int | None = None,
) -> bytes:
    """An answer with a length; `length` says another than the body has."""
    said = len(body) if length is None else length
    lines = [
        f"HTTP/1.1 {status} Whatever",
        f"Content-Type: {content_type}",
        f"Content-Length: {said}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def stream_head(content_type: str = "application/json") -> bytes:
    """The head of a chunked answer."""
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
    ).encode()


def chunk(data: bytes) -> bytes:
    """One chunk; of no data, the last one."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def stream(*lines: bytes) -> bytes:
    """A whole chunked answer, ended in order."""
    return stream_head() + b"".join(chunk(line) for line in lines) + chunk(b"")
