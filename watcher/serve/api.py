"""What is answered under `/api/v1`?

The last decision as JSON (shapes.py), to GET and HEAD only. What is asked is checked, since a
filter with a slip in it would show everything; what is refused is refused in words, in the form in
which Kubernetes refuses, so that whoever reads it through the API server's proxy needs one reader.

Everything is made in a thread, one answer at a time: at 10,000 spokes a look at every gate takes a
tenth of a second, and that long nothing else may be held up. Nothing is kept by anybody on the way
(`no-store`): an answer is of its moment.

Elsewhere: how the values are made (shown.py); what is promised (openapi.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import TypeAlias

import msgspec
from aiohttp import web

from watcher.decide import State
from watcher.serve import shapes
from watcher.serve.openapi import PLACE, openapi
from watcher.serve.report import Decided, Report
from watcher.serve.shown import MOST_SPOKES, View

_PAGE = 200
_LONGEST_NAME = 253
"""A name that is longer is compared with no other, as that would take long."""


class Refused(Exception):  # noqa: N818  (named after what happened)
    """There is no such answer, and why."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(code, reason, message)
        self.status = shapes.Status(code, reason, message)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer is made of."""

    request: web.Request
    report: Report
    view: View


Make: TypeAlias = Callable[[Asked], shapes.Shape]


class Api:
    """Answers from whatever `report` says at the moment of a request."""

    def __init__(self, report: Callable[[], Report]) -> None:
        self._report = report
        self._view: View | None = None
        self._turn = asyncio.Lock()

    def add_to(self, made: web.Application) -> None:
        """Answer there under `/api/v1`."""
        makes: dict[str, Make] = {
            "/fleet": _fleet,
            "/tiers": _tiers,
            "/shards": _shards,
            "/spokes": _spokes,
            "/spokes/{name:.+}": _spoke,
        }
        made.router.add_get(f"{PLACE}/openapi.json", _openapi)
        for path, make in makes.items():
            made.router.add_get(f"{PLACE}{path}", partial(self._answer, make))

    async def _answer(self, make: Make, request: web.Request) -> web.Response:
        try:
            report = self._report()
            decided = _decided(report)
            async with self._turn:
                if self._view is None or self._view.decided is not decided:
                    self._view = View(decided)
                made = await asyncio.to_thread(make, Asked(request, report, self._view))
                return _json(await asyncio.to_thread(msgspec.json.encode, made))
        except Refused as refused:
            return _json(msgspec.json.encode(refused.status), status=refused.status.code)


def _decided(report: Report) -> Decided:
    """What is shown; raises `Refused` where it is not this replica's to show, or there is none."""
    if not report.leading:
        leader = f"{report.leader} leads: ask it" if report.leader else "nobody is known to lead"
        raise Refused(503, "NotLeader", f"this replica follows, and {leader}")
    if report.decided is None:
        because = "".join(f": {each}" for each in report.not_ready[:1])
        raise Refused(503, "NotDecided", f"nothing was decided yet{because}")
    return report.decided


async def _openapi(_: web.Request) -> web.Response:
    return _json(openapi())


def _fleet(asked: Asked) -> shapes.Fleet:
    _only(asked)
    return asked.view.fleet(leader=asked.report.leader, troubles=asked.report.not_ready)


def _tiers(asked: Asked) -> shapes.Tiers:
    _only(asked)
    return shapes.Tiers(asked.view.tiers)


def _shards(asked: Asked) -> shapes.Shards:
    _only(asked)
    return shapes.Shards(asked.view.shards)


def _spokes(asked: Asked) -> shapes.Spokes:
    _only(asked, "state", "tier", "limit", "after")
    query = asked.request.query
    states, tiers = query.getall("state", []), query.getall("tier", [])
    for state in states:
        _known("state", state, [each.value for each in State])
    for tier in tiers:
        _known("tier", tier, [each.name for each in asked.view.decided.policy.order])
    return asked.view.page(
        states=states, tiers=tiers, after=query.get("after", ""), limit=_limit(asked)
    )


def _spoke(asked: Asked) -> shapes.Spoke:
    _only(asked)
    called = asked.request.match_info["name"]
    found = asked.view.spoke(called)
    if found is None:
        near = _near(called, asked.view.names)
        raise Refused(404, "NotFound", f"there is no spoke {_cut(called)}{near}")
    return found


def _limit(asked: Asked) -> int:
    text = asked.request.query.get("limit", str(_PAGE))
    limit = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    if not 1 <= limit <= MOST_SPOKES:
        raise _bad(f"limit is a number from 1 to {MOST_SPOKES}, not {_cut(text)}")
    return limit


def _only(asked: Asked, *known: str) -> None:
    """Raises where something is asked for that nobody heeds."""
    for name in asked.request.query:
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
