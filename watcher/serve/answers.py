"""What is the answer to a question about the fleet?

A path under `/api/v1`, what is asked with it, and what is known, to a value in the shapes that are
published. Pure, so that who looks at the hub itself is answered alike (cli/looking_at_hub.py). What
is asked is checked, since a filter with a slip in it would show everything.

Elsewhere: how the values are made (shown.py, explained.py); over HTTP (api.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import TypeAlias

from multidict import MultiMapping

from watcher.decide import State
from watcher.facts import Selector, selector
from watcher.serve import shapes
from watcher.serve.explained import at_shown
from watcher.serve.news import KEPT, News
from watcher.serve.refused import Refused
from watcher.serve.report import Report
from watcher.serve.shown import MOST_SPOKES, View, changed

NO_SUCH_SPOKE = "NoSuchSpoke"
"""The reason of a refusal to tell of a spoke that there is not."""
BAD_QUESTION = "BadQuestion"
"""The reason of a refusal of what nobody can have meant. Not the API server's own word, which a
question that is put through it may be answered with, too.
"""

_PAGE = 200
_LONGEST_NAME = 253
"""A name that is longer is compared with no other, as that would take long."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, and what an answer is made of."""

    query: MultiMapping[str]
    report: Report
    view: View
    news: News
    name: str = ""
    """What stands behind `/spokes/`."""


Answer: TypeAlias = Callable[[Asked], shapes.Shape]
"""Raises `Refused` where there is none."""


def _fleet(asked: Asked) -> shapes.Fleet:
    nothing_else(asked.query)
    report = asked.report
    return asked.view.fleet(leader=report.leader, troubles=report.troubles, guards=report.guards)


def _tiers(asked: Asked) -> shapes.Tiers:
    nothing_else(asked.query)
    return shapes.Tiers(asked.view.tiers)


def _rings(asked: Asked) -> shapes.Rings:
    nothing_else(asked.query)
    return asked.view.rings


def _orders(asked: Asked) -> shapes.Orders:
    nothing_else(asked.query)
    return asked.view.orders


def _shards(asked: Asked) -> shapes.Shards:
    nothing_else(asked.query)
    return shapes.Shards(asked.view.shards)


def _spokes(asked: Asked) -> shapes.Spokes:
    nothing_else(asked.query, "name", "state", "tier", "ring", "selector", "limit", "after")
    query = asked.query
    return asked.view.page(
        names=query.getall("name", []),
        states=_states(asked),
        tiers=_tiers_asked(asked),
        rings=_rings_asked(asked),
        selector=_labels(asked),
        after=query.get("after", ""),
        limit=_limit(asked, MOST_SPOKES),
    )


def _spoke(asked: Asked) -> shapes.Explained:
    nothing_else(asked.query)
    found = asked.view.spoke(asked.name)
    if found is None:
        near = _near(asked.name, asked.view.names)
        raise Refused(404, NO_SUCH_SPOKE, f"there is no spoke {_cut(asked.name)}{near}")
    return found


def _changes(asked: Asked) -> shapes.Changes:
    nothing_else(asked.query, "spoke", "state", "tier", "ring", "selector", "limit", "after")
    limit, text = _limit(asked, KEPT), asked.query.get("after", "0")
    after = _number(text)
    if after is None:
        raise _bad(f"after is the number of a change, not {_cut(text)}")
    wanted = _wanted(asked)
    noted = asked.news.after(after, KEPT)
    shown = (changed(each.change, number=each.number, at=each.at) for each in noted)
    news = asked.news
    return shapes.Changes(
        changes=tuple(islice(filter(wanted, shown), limit)),
        since=at_shown(news.since),
        began=at_shown(news.began),
    )


def _wanted(asked: Asked) -> Callable[[shapes.Change], bool]:
    """Whether a change is one of those that are asked for; of none named, any."""
    named, states = asked.query.getall("spoke", []), _states(asked)
    tiers, rings, labels = _tiers_asked(asked), _rings_asked(asked), _labels(asked)

    def wanted(change: shapes.Change) -> bool:
        called = change.spoke or ""
        if (named and called not in named) or (tiers and change.tier not in tiers):
            return False
        if states and change.after not in states:
            return False
        return not (rings or labels) or asked.view.belongs(called, rings, labels)

    return wanted


def _states(asked: Asked) -> list[str]:
    return _all(asked, "state", State)


def _tiers_asked(asked: Asked) -> list[str]:
    return _all(asked, "tier", (each.name for each in asked.view.decided.policy.order))


def _rings_asked(asked: Asked) -> list[str]:
    return _all(asked, "ring", (each.name for each in asked.view.decided.policy.rings))


def _all(asked: Asked, what: str, known: Iterable[str]) -> list[str]:
    """Every value that is given for a parameter; raises where there is no such thing."""
    given = asked.query.getall(what, [])
    there = list(map(str, known)) if given else []
    for each in given:
        _known(what, each, there)
    return given


def _labels(asked: Asked) -> Selector | None:
    text = asked.query.get("selector", "")
    read = selector(text) if text else None
    if text and read is None:
        raise _bad(f"selector is a label selector, as kubectl -l takes it, not {_cut(text)}")
    return read


def _limit(asked: Asked, most: int) -> int:
    text = asked.query.get("limit", str(_PAGE))
    limit = _number(text)
    if limit is None or not 1 <= limit <= most:
        raise _bad(f"limit is a number from 1 to {most}, not {_cut(text)}")
    return limit


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else None


def nothing_else(query: MultiMapping[str], *known: str) -> None:
    """Raises `Refused` where something is asked for that nobody heeds."""
    for name in query:
        _known("parameter", name, known)


def _known(what: str, word: str, known: Collection[str]) -> None:
    if word not in known:
        there_is = ", ".join(known) or "none"
        raise _bad(f"there is no {what} {_cut(word)}{_near(word, known)}; there is {there_is}")


def _bad(message: str) -> Refused:
    return Refused(400, BAD_QUESTION, message)


def _near(word: str, known: Iterable[str]) -> str:
    close = [] if len(word) > _LONGEST_NAME else get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _cut(word: str) -> str:
    return repr(word if len(word) <= _LONGEST_NAME else f"{word[:_LONGEST_NAME]}…")


ANSWERS: Mapping[str, Answer] = {
    "/fleet": _fleet,
    "/tiers": _tiers,
    "/rings": _rings,
    "/orders": _orders,
    "/shards": _shards,
    "/spokes": _spokes,
    "/spokes/{name}": _spoke,
    "/changes": _changes,
}
"""By path; a spoke's name may have slashes of its own."""
