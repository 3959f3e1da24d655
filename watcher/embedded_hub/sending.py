"""How does an answer get onto the wire, and how does it fail to?

Facts (Kubernetes, APIResponseCompression): answers above 128 KiB are compressed at level 1 for who
accepts gzip; watches never are. Short answers say their length, long ones come in chunks.

Elsewhere: which fault strikes when (faults.py).
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field

from aiohttp import web

from watcher.embedded_hub.clock import Clock
from watcher.embedded_hub.errors import ApiError, Forbidden
from watcher.embedded_hub.faults import Answer, Cut, Endless, RequestFault, Trickle
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.views import encode

_COMPRESSED_FROM_BYTES = 128 * 1024
_BLANKS = b" " * 65536
_NO_SNIFFING = {"X-Content-Type-Options": "nosniff"}
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(slots=True)
class Reply:
    """An answer before it is sent."""

    status: int
    chunks: Iterable[bytes] | AsyncGenerator[bytes, None]
    """A generator is sent as it comes: a watch."""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


def answered(status: int, obj: Object) -> Reply:
    """One object as the body."""
    return Reply(status, [encode(obj) + b"\n"])


def refused(error: ApiError) -> Reply:
    """A refusal as the body."""
    reply = answered(error.code, error.status())
    if isinstance(error, Forbidden):
        reply.headers |= _NO_SNIFFING
    if after_s := (error.details or {}).get("retryAfterSeconds"):
        reply.headers["Retry-After"] = str(after_s)
    return reply


def plain(status: int, text: str) -> Reply:
    """Plain text as the body."""
    return Reply(status, [text.encode()], dict(_NO_SNIFFING), "text/plain; charset=utf-8")


def instead(fault: Answer) -> Reply:
    """The answer that a fault gives."""
    if fault.body is not None:
        return Reply(fault.status, [fault.body], dict(fault.headers), fault.content_type)
    reasons: dict[int, str] = {kind.code: kind.reason for kind in ApiError.__subclasses__()}
    error = ApiError(f"the embedded hub was told to answer {fault.status}")
    error.code, error.reason = fault.status, reasons.get(fault.status, "InternalError")
    reply = refused(error)
    reply.headers |= fault.headers
    return reply


async def send(
    request: web.Request, reply: Reply, fault: RequestFault | None, clock: Clock
) -> web.StreamResponse:
    """Send `reply`, or as much of it as `fault` lets through."""
    match fault:
        case Endless(beginning):
            response = await _begun(request, reply)
            await response.write(beginning)
            while True:
                await response.write(_BLANKS)
        case Trickle(pause_s):
            response = await _begun(request, reply)
            async with aclosing(_chunks(reply)) as chunks:
                async for chunk in chunks:
                    for byte in chunk:
                        await clock.sleep(pause_s)
                        await response.write(bytes((byte,)))
        case Cut(after_bytes):
            return await _cut(request, reply, after_bytes)
        case _ if isinstance(reply.chunks, AsyncGenerator):
            response = await _begun(request, reply)
            async with aclosing(_chunks(reply)) as chunks:
                async for chunk in chunks:
                    await response.write(chunk)
        case _:
            return await _whole(request, reply, reply.chunks)
    await response.write_eof()
    return response


def hang_up(request: web.Request, response: web.StreamResponse | None = None) -> web.StreamResponse:
    """Close the connection; what was written before still goes out."""
    if request.transport is not None:
        request.transport.close()
    return response or web.Response()


async def _whole(request: web.Request, reply: Reply, chunks: Iterable[bytes]) -> web.StreamResponse:
    rest = iter(chunks)
    beginning = _beginning(rest)
    if len(beginning) < _COMPRESSED_FROM_BYTES:
        headers = _headers(reply)
        return web.Response(status=reply.status, headers=headers, body=beginning)
    squeeze = None
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        squeeze = zlib.compressobj(level=1, wbits=_GZIP)
        reply.headers["Content-Encoding"] = "gzip"
    response = await _begun(request, reply)
    for chunk in _with_first(beginning, rest):
        await response.write(squeeze.compress(chunk) if squeeze else chunk)
    await response.write_eof(squeeze.flush() if squeeze else b"")
    return response


async def _cut(request: web.Request, reply: Reply, after_bytes: int) -> web.StreamResponse:
    length = None
    if not isinstance(reply.chunks, AsyncGenerator):
        reply.chunks = [b"".join(reply.chunks)]
        length = len(reply.chunks[0])
    response = await _begun(request, reply, length)
    left = after_bytes
    async with aclosing(_chunks(reply)) as chunks:
        async for chunk in chunks:
            await response.write(chunk[:left])
            left -= min(len(chunk), left)
            if left == 0:
                break
    return hang_up(request, response)


async def _begun(
    request: web.Request, reply: Reply, length: int | None = None
) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers=_headers(reply))
    response.content_length = length
    await response.prepare(request)
    return response


async def _chunks(reply: Reply) -> AsyncGenerator[bytes, None]:
    if isinstance(reply.chunks, AsyncGenerator):
        async with aclosing(reply.chunks) as chunks:
            async for chunk in chunks:
                yield chunk
        return
    for chunk in reply.chunks:
        yield chunk


def _headers(reply: Reply) -> dict[str, str]:
    common = {"Cache-Control": "no-cache, private", "Content-Type": reply.content_type}
    return {**common, **reply.headers}


def _beginning(chunks: Iterator[bytes]) -> bytes:
    """As much of `chunks` as tells a short answer from a long one."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size >= _COMPRESSED_FROM_BYTES:
            break
    return b"".join(parts)


def _with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
