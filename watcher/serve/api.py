"""How is somebody answered under `/api/v1`?

The last decision as JSON (shapes.py), to GET and HEAD only.

Everything is made in a thread, one answer at a time: at 10,000 spokes a look at every gate takes a
tenth of a second, and that long nothing else may be held up. Nothing is kept by anybody on the way
(`no-store`): an answer is of its moment.

Elsewhere: what is answered to what (answers.py); what is promised (openapi.py); what goes on as the
fleet changes (streaming.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from importlib.metadata import version
from typing import TypeAlias

import msgspec
from aiohttp import web

from watcher.serve import shapes
from watcher.serve.answers import ANSWERS, Answer, Asked, nothing_else
from watcher.serve.feed import Feed
from watcher.serve.openapi import PLACE, openapi
from watcher.serve.packing import pack
from watcher.serve.refused import Refused, decided
from watcher.serve.report import Report
from watcher.serve.shown import View
from watcher.serve.streaming import Streaming

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

_JSON = "application/json"


class Api:
    """Answers from whatever `report` says at the moment of a request."""

    def __init__(self, report: Callable[[], Report], feed: Feed) -> None:
        self._report = report
        self._feed = feed
        self._view: View | None = None
        self._turn = asyncio.Lock()

    def add_to(self, made: web.Application) -> None:
        """Answer there under `/api/v1`."""
        made.middlewares.append(_in_one_form)
        made.router.add_get(f"{PLACE}/openapi.json", _openapi)
        made.router.add_get(f"{PLACE}/version", _version)
        for path, answer in ANSWERS.items():
            place = path.replace("{name}", "{name:.+}")
            made.router.add_get(f"{PLACE}{place}", partial(self._answer, answer))
        made.router.add_get(f"{PLACE}/grid", self._grid)
        streaming = Streaming(self._feed)
        made.router.add_get(f"{PLACE}/stream", streaming.answer)
        made.on_shutdown.append(streaming.end)

    async def _answer(self, answer: Answer, request: web.Request) -> web.Response:
        try:
            report = self._report()
            now = decided(report)
            async with self._turn:
                if self._view is None or self._view.decided is not now:
                    self._view = View(now)
                asked = Asked(
                    request.query,
                    report,
                    self._view,
                    self._feed.news,
                    name=request.match_info.get("name", ""),
                )
                made = await asyncio.to_thread(answer, asked)
                return _json(await asyncio.to_thread(msgspec.json.encode, made))
        except Refused as refused:
            return _json(refused.body(), status=refused.status.code)

    async def _grid(self, request: web.Request) -> web.Response:
        try:
            nothing_else(request.query)
            answer = _json(await self._feed.grid())
        except Refused as refused:
            return _json(refused.body(), status=refused.status.code)
        pack(answer, request)
        return answer


@web.middleware
async def _in_one_form(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What there is no answer to under `/api/v1` is refused as all else is refused there."""
    try:
        return await handler(request)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
        if not request.path.startswith(f"{PLACE}/"):
            raise
        refused = _refused(request, error.status)
        allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
        return web.Response(
            body=refused.body(), status=error.status, headers=allowed, content_type=_JSON
        )


def _refused(request: web.Request, status: int) -> Refused:
    if status == web.HTTPMethodNotAllowed.status_code:
        message = f"nothing is written here: {request.method} is not answered"
        return Refused(status, "MethodNotAllowed", message)
    there = ", ".join(f"{PLACE}{path}" for path in ANSWERS)
    return Refused(status, "NotFound", f"there is nothing under this path; there is {there}")


async def _openapi(_: web.Request) -> web.Response:
    return _json(openapi())


async def _version(_: web.Request) -> web.Response:
    return _json(msgspec.json.encode(shapes.Version(version("gate-watcher"))))


def _json(body: bytes, *, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, content_type=_JSON)
