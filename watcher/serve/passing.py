"""Who answers what a replica is asked that only follows?

The leader, since the fleet is its to show: page, `/api/v1` and stream are asked of it and handed
on, as they come. Health and metrics are each replica's own and never passed on.

Only the path and a few headers go on: no credential, no cookie. The address is the leader's own
(hub/identity.py), the port the one that this replica was asked on, and no redirect is followed.
What was passed on once is never passed on again, so two replicas that take each other for the
leader end in a refusal and not in a loop.

Where the leader cannot be asked, this replica answers itself: with the page, which says so, and
under `/api/v1` with a refusal in words.

Facts (aiohttp): a pool has 100 connections unless told otherwise; bodies are unpacked unless told
otherwise, and these are handed on as they are.

Elsewhere: what there is to answer (site.py).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
from aiohttp import web
from yarl import URL

from watcher.serve.refused import Refused
from watcher.serve.report import Report

PASSED_ON = "Gate-Watcher-Passed-On"
"""The header of what was passed on."""

_OWN = ("/livez", "/readyz", "/metrics")
_ASKED_WITH = ("Accept", "Accept-Encoding", "Last-Event-ID")
_ANSWERED_WITH = ("Content-Type", "Content-Encoding", "Content-Length", "Vary", "X-Accel-Buffering")

_MOST = 1000
"""Answers that are being handed on at one time: twice as many as may read a leader's stream."""

_CONNECTS_S = 2.0
"""A Pod is near; one that is gone answers nothing at all."""
_SILENCE_S = 45.0
"""The stream gives a sign of life every quarter of a minute."""
_SLOWEST_S = 20.0
"""A reader that takes nothing for so long is dropped, as by the leader."""

_BIT_BYTES = 64 << 10

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Passing:
    """Asks the leader on behalf of whoever asked a follower."""

    def __init__(self, report: Callable[[], Report]) -> None:
        self._report = report
        self._session: aiohttp.ClientSession | None = None
        self._handing_on: set[asyncio.Task[object]] = set()

    def add_to(self, made: web.Application) -> None:
        """Come before everything that is answered there."""

        @web.middleware
        async def passed(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._answer(request, handler)

        made.middlewares.append(passed)
        made.cleanup_ctx.append(self._connections)
        made.on_shutdown.append(self._end)

    async def _connections(self, _: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(sock_connect=_CONNECTS_S, sock_read=_SILENCE_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
        ) as self._session:
            yield

    async def _end(self, _: web.Application) -> None:
        """Let go of all: a stream that nobody ends would hold up the end of the process."""
        for each in self._handing_on:
            each.cancel()

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        report = self._report()
        if report.leading or not report.leader_at or not _to_be_passed_on(request):
            return await handler(request)
        if len(self._handing_on) >= _MOST:
            return web.Response(status=503, text="too many are being answered already\n")
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  (a request is answered in a task)
        self._handing_on.add(task)
        try:
            return await self._handed_on(request, report)
        except _NotReachedError as error:
            return await _without_it(request, handler, f"{report.leader} leads, but {error}")
        finally:
            self._handing_on.discard(task)

    async def _handed_on(self, request: web.Request, report: Report) -> web.StreamResponse:
        assert self._session is not None  # noqa: S101  (it is there as long as anything is answered)
        headers = {each: request.headers[each] for each in _ASKED_WITH if each in request.headers}
        where = _leaders(request, report.leader_at)
        try:
            theirs = await self._session.request(
                request.method,
                where,
                headers={**headers, PASSED_ON: "1"},
                allow_redirects=False,
            )
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _NotReachedError(f"{where.authority} {_why(error)}") from None
        async with theirs:
            return await _copied(request, theirs)


class _NotReachedError(Exception):
    """The leader gave no answer; nothing was said to who asked."""


def _to_be_passed_on(request: web.Request) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and request.path not in _OWN
        and PASSED_ON not in request.headers
    )


async def _without_it(request: web.Request, handler: Handler, why: str) -> web.StreamResponse:
    """The page can say so itself, and the stream has its own way to refuse."""
    if not request.path.startswith("/api/v1/") or request.path == "/api/v1/stream":
        return await handler(request)
    refused = Refused(503, "NotLeader", f"this replica follows; {why}")
    return web.Response(
        body=refused.body(), status=refused.status.code, content_type="application/json"
    )


def _why(error: aiohttp.ClientError | TimeoutError) -> str:
    if isinstance(error, TimeoutError):
        return "does not answer in time"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot be connected to: {os.strerror(error.errno or 0)}"
    return f"does not answer: {error}"


def _leaders(request: web.Request, ip: str) -> URL:
    """Where the leader is asked the same."""
    transport = request.transport
    port = transport.get_extra_info("sockname")[1] if transport is not None else None
    return URL.build(
        scheme="http",
        host=ip,
        port=port,
        path=request.rel_url.raw_path,
        query_string=request.rel_url.raw_query_string,
        encoded=True,
    )


async def _copied(request: web.Request, theirs: aiohttp.ClientResponse) -> web.StreamResponse:
    """The leader's answer, bit by bit; where it breaks off, so does ours."""
    headers = {each: theirs.headers[each] for each in _ANSWERED_WITH if each in theirs.headers}
    ours = web.StreamResponse(status=theirs.status, headers=headers)
    await ours.prepare(request)
    try:
        async for bit in theirs.content.iter_any():
            async with asyncio.timeout(_SLOWEST_S):
                await ours.write(bit)
    except (aiohttp.ClientError, TimeoutError, ConnectionError):
        if request.transport is not None:
            request.transport.abort()
    return ours
