"""What is answered under `/api/v1`?

The last decision as JSON (shapes.py), to GET and HEAD only. What is asked is checked, since a
filter with a slip in it would show everything.

Everything is made in a thread, one answer at a time: at 10,000 spokes a look at every gate takes a
tenth of a second, and that long nothing else may be held up. Nothing is kept by anybody on the way
(`no-store`): an answer is of its moment.

Elsewhere: how the values are made (shown.py); what is promised (openapi.py); what goes on as the
fleet changes (streaming.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from itertools import islice
from typing import TypeAlias

import msgspec
from aiohttp import web

from watcher.decide import State
from watcher.facts import rfc3339, selector
from watcher.serve import shapes
from watcher.serve.feed import Feed
from watcher.serve.news import KEPT, News
from watcher.serve.openapi import PLACE, openapi
from watcher.serve.refused import Refused, decided
from watcher.serve.report import Report
from watcher.serve.shown import MOST_SPOKES, View, changed
from watcher.serve.streaming import Streaming

_PAGE = 200
_LONGEST_NAME = 253
"""A name that is longer is compared with no other, as that would take long."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer is made of."""

    request: web.Request
    report: Report
    view: View
    news: News


Make: TypeAlias = Callable[[Asked], shapes.Shape]


class Api:
    """Answers from whatever `report` says at the moment of a request."""

    def __init__(self, report: Callable[[], Report], feed: Feed) -> None:
        self._report = report
        self._feed = feed
        self._view: View | None = None
        self._turn = asyncio.Lock()

    def add_to(self, made: web.Application) -> None:
        """Answer there under `/api/v1`."""
        makes: dict[str, Make] = {
            "/fleet": _fleet,
            "/tiers": _tiers,
            "/rings": _rings,
            "/orders": _orders,
            "/shards": _shards,
            "/spokes": _spokes,
            "/spokes/{name:.+}": _spoke,
            "/changes": _changes,
        }
        made.router.add_get(f"{PLACE}/openapi.json", _openapi)
        for path, make in makes.items():
            made.router.add_get(f"{PLACE}{path}", partial(self._answer, make))
        made.router.add_get(f"{PLACE}/grid", self._grid)
        streaming = Streaming(self._feed)
        made.router.add_get(f"{PLACE}/stream", streaming.answer)
        made.on_shutdown.append(streaming.end)

    async def _answer(self, make: Make, request: web.Request) -> web.Response:
        try:
            report = self._report()
            now = decided(report)
            async with self._turn:
                if self._view is None or self._view.decided is not now:
                    self._view = View(now)
                asked = Asked(request, report, self._view, self._feed.news)
                made = await asyncio.to_thread(make, asked)
                return _json(await asyncio.to_thread(msgspec.json.encode, made))
        except Refused as refused:
            return _json(refused.body(), status=refused.status.code)

    async def _grid(self, request: web.Request) -> web.Response:
        try:
            _only(request)
            answer = _json(await self._feed.grid())
        except Refused as refused:
            return _json(refused.body(), status=refused.status.code)
        answer.enable_compression()
        return answer


async def _openapi(_: web.Request) -> web.Response:
    return _json(openapi())


def _fleet(asked: Asked) -> shapes.Fleet:
    _only(asked.request)
    report = asked.report
    return asked.view.fleet(leader=report.leader, troubles=report.not_ready, guards=report.guards)


def _tiers(asked: Asked) -> shapes.Tiers:
    _only(asked.request)
    return shapes.Tiers(asked.view.tiers)


def _rings(asked: Asked) -> shapes.Rings:
    _only(asked.request)
    return asked.view.rings


def _orders(asked: Asked) -> shapes.Orders:
    _only(asked.request)
    return asked.view.orders


def _shards(asked: Asked) -> shapes.Shards:
    _only(asked.request)
    return shapes.Shards(asked.view.shards)


def _spokes(asked: Asked) -> shapes.Spokes:
    _only(asked.request, "name", "state", "tier", "ring", "selector", "limit", "after")
    query = asked.request.query
    states, tiers = query.getall("state", []), query.getall("tier", [])
    rings, labels = query.getall("ring", []), query.get("selector", "")
    for state in states:
        _known("state", state, [each.value for each in State])
    for tier in tiers:
        _known("tier", tier, [each.name for each in asked.view.decided.policy.order])
    for ring in rings:
        _known("ring", ring, [each.name for each in asked.view.decided.policy.rings])
    asks = selector(labels) if labels else None
    if labels and asks is None:
        raise _bad(f"selector is a label selector, as kubectl -l takes it, not {_cut(labels)}")
    return asked.view.page(
        names=query.getall("name", []),
        states=states,
        tiers=tiers,
        rings=rings,
        selector=asks,
        after=query.get("after", ""),
        limit=_limit(asked, MOST_SPOKES),
    )


def _spoke(asked: Asked) -> shapes.Spoke:
    _only(asked.request)
    called = asked.request.match_info["name"]
    found = asked.view.spoke(called)
    if found is None:
        near = _near(called, asked.view.names)
        raise Refused(404, "NotFound", f"there is no spoke {_cut(called)}{near}")
    return found


def _changes(asked: Asked) -> shapes.Changes:
    _only(asked.request, "spoke", "limit", "after")
    limit, query = _limit(asked, KEPT), asked.request.query
    text = query.get("after", "0")
    after = _number(text)
    if after is None:
        raise _bad(f"after is the number of a change, not {_cut(text)}")
    noted = asked.news.after(after, KEPT)
    shown = (changed(each.change, number=each.number, at=each.at) for each in noted)
    spokes = query.getall("spoke", [])
    found = (each for each in shown if not spokes or each.spoke in spokes)
    since = asked.news.since
    return shapes.Changes(tuple(islice(found, limit)), None if since is None else rfc3339(since))


def _limit(asked: Asked, most: int) -> int:
    text = asked.request.query.get("limit", str(_PAGE))
    limit = _number(text)
    if limit is None or not 1 <= limit <= most:
        raise _bad(f"limit is a number from 1 to {most}, not {_cut(text)}")
    return limit


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else None


def _only(request: web.Request, *known: str) -> None:
    """Raises where something is asked for that nobody heeds."""
    for name in request.query:
        _known("parameter", name, known)


def _known(what: str, word: str, known: Collection[str]) -> None:
    if word not in known:
        there_is = ", ".join(known) or "none"
        raise _bad(f"there is no {what} {_cut(word)}{_near(word, known)}; there is {there_is}")


def _bad(message: str) -> Refused:
    return Refused(400, "BadRequest", message)


def _near(word: str, known: Iterable[str]) -> str:
    close = [] if len(word) > _LONGEST_NAME else get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _cut(word: str) -> str:
    return repr(word if len(word) <= _LONGEST_NAME else f"{word[:_LONGEST_NAME]}…")


def _json(body: bytes, *, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, content_type="application/json")
