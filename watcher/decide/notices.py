"""Which changes are told as a Kubernetes Event, and in which words?

What a person who describes a cluster's Secret should read there: that a gate opened, settled,
stalled, was lost, or opened again, what somebody ordered of this very spoke, and how a teardown of
it went. Everything else is on the page and in the log.

A gate that settled syncs again with every commit; that it settled once more is told all the same,
and whoever writes Events counts repetitions in one.

Elsewhere: how an Event is written (hub/telling.py), and when (daemon/telling.py).
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from watcher.decide.changes import (
    Change,
    GateChanged,
    OrderEnded,
    OrderGiven,
    TeardownChange,
    TeardownDone,
    TeardownOrdered,
    TeardownTakenBack,
)
from watcher.decide.given import say_order
from watcher.decide.verdicts import Gate, State
from watcher.decide.words import say

_CLOSED = frozenset({State.WAITING, State.QUEUED, State.UNADOPTED})
_OPEN = frozenset({State.PROGRESSING, State.SOAKING, State.SETTLED, State.DEGRADED, State.STALLED})
_MOST_REASONS = 3


class News(StrEnum):
    """The `reason` of an Event: one word for what happened."""

    OPENED = "GateOpened"
    SETTLED = "GateSettled"
    STALLED = "GateStalled"
    LOST = "GateLost"
    REOPENED = "GateReopened"
    ORDERED = "OrderGiven"
    ORDER_ENDED = "OrderEnded"
    TEARDOWN_ORDERED = "TeardownOrdered"
    TEARDOWN_DONE = "TeardownDone"
    TEARDOWN_TAKEN_BACK = "TeardownTakenBack"


WARNINGS = frozenset({News.STALLED, News.LOST})


class Notice(Struct, frozen=True):
    """What is told of one gate, or of an order."""

    gate: Gate
    """An order may name no tier; then this has none."""
    namespace: str
    secret: str
    news: News
    words: str
    """On one line, for a person."""
    order: str = ""
    """The key of the order that it tells of."""

    @property
    def warns(self) -> bool:
        """Whether it is a warning."""
        return self.news in WARNINGS


def notice(change: Change) -> Notice | None:
    """What is told of `change`; None where it is no news for the Secret."""
    if isinstance(change, OrderGiven | OrderEnded):
        return _ordered(change)
    if isinstance(change, TeardownChange):
        return _torn(change)
    if not isinstance(change, GateChanged):
        return None
    news = _news(change.before, change.after)
    if news is None:
        return None
    because = "; ".join(say(each) for each in change.reasons[:_MOST_REASONS])
    words = f"{_WORDS[news]} {change.gate.tier}" + (f": {because}" if because else "")
    return Notice(change.gate, change.namespace, change.secret, news, words)


def _torn(change: TeardownChange) -> Notice:
    news = _TORN[type(change)]
    return Notice(
        change.gate, change.namespace, change.secret, news, f"{_WORDS[news]} {change.gate.tier}"
    )


def _ordered(change: OrderGiven | OrderEnded) -> Notice | None:
    named, order = change.named, change.order
    if named is None:
        return None
    given = isinstance(change, OrderGiven)
    words = f"order {'is in force' if given else 'is in force no longer'}: {say_order(order)}"
    return Notice(
        Gate(named.uid, order.target.tier),
        named.namespace,
        named.secret,
        News.ORDERED if given else News.ORDER_ENDED,
        words,
        order=order.key,
    )


_WORDS = {
    News.OPENED: "opened the gate of tier",
    News.SETTLED: "settled: tier",
    News.STALLED: "stalled: tier",
    News.LOST: "lost the open gate of tier",
    News.REOPENED: "opened again the lost gate of tier",
    News.TEARDOWN_ORDERED: "teardown is ordered by the annotation: tier",
    News.TEARDOWN_DONE: "torn down, its gate closed and its Applications gone: tier",
    News.TEARDOWN_TAKEN_BACK: "teardown is taken back: tier",
}

_TORN: dict[type[TeardownChange], News] = {
    TeardownOrdered: News.TEARDOWN_ORDERED,
    TeardownDone: News.TEARDOWN_DONE,
    TeardownTakenBack: News.TEARDOWN_TAKEN_BACK,
}


_BAD = {State.LOST: News.LOST, State.STALLED: News.STALLED}


def _news(before: State | None, after: State) -> News | None:
    if before is after:
        return None
    if after in _BAD:
        return _BAD[after]
    if before is State.LOST and after in _OPEN:
        return News.REOPENED
    if before in _CLOSED and after in _OPEN:
        return News.OPENED
    return News.SETTLED if before in _OPEN and after is State.SETTLED else None
