"""What did people order, and how is an order written down?

An order is one key of a ConfigMap, with everything in its value: what to do, which gates it names,
who said so, when, why, and until when. It is written by the command line, or by hand; so one that
cannot be read is a value of its own, and disturbs no other.

Elsewhere: what an order does to a gate (decide/ordered.py); how one is written without losing
another (hub/ordering.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct, field

from watcher.facts.instants import Instant, moment, rfc3339
from watcher.facts.selectors import Selector, selector

LONGEST = 64 * 1024
"""Characters of one order: a release names at most as many gates as have room in it."""

_WORD = 80
"""What is not known is quoted up to here."""


class Command(StrEnum):
    """What is ordered."""

    HOLD = "hold"
    """No gate that it names opens."""
    RELEASE = "release"
    """What was held before may go on, and what it lists is forgiven."""
    APPROVE = "approve"
    """A ring may start a tier, as far as that waits for a person."""
    SKIP = "skip"
    """What it names counts as passed, without having settled."""
    RETRY = "retry"
    """The first time of what is stalled begins anew."""


class Through(StrEnum):
    """What a release lets its gates through, where it says so."""

    RING = "ring"
    """The turn of their ring, which is not started by them for as long as the release stands."""
    WINDOW = "window"
    """A window that is shut."""
    DELETIONS = "deletions"
    """The two rules by which a gate waits rather than have Argo CD delete something."""


class Target(Struct, frozen=True, forbid_unknown_fields=True):
    """Which gates an order names: those of which all holds that is given here."""

    spoke: str = ""
    """As it is shown."""
    uid: str = ""
    """Of the spoke's Secret, where the name is not all that is known: then it decides, whatever
    the spoke is called by now. A hold goes by either."""
    tier: str = ""
    ring: str = ""
    selector: str = ""
    """A label selector, over the labels of the Secret."""
    everything: bool = False
    """Every gate of the hub; then nothing else is given."""

    @property
    def labels(self) -> Selector | None:
        """The selector, read; None where none is given."""
        return selector(self.selector) if self.selector else None


class Forgiven(Struct, frozen=True, forbid_unknown_fields=True):
    """A stalled gate that a release forgives."""

    uid: str
    """Of the spoke's Secret."""
    spoke: str
    """As it was shown then; for people."""
    tier: str


class Order(Struct, frozen=True):
    """One order."""

    key: str
    """Of the ConfigMap."""
    command: Command
    target: Target
    by: str
    """Who ordered it, as the API server knows them."""
    at: Instant
    why: str = ""
    until: Instant | None = None
    """From then on it is without effect; None: for as long as it stands there."""
    through: frozenset[Through] = frozenset()
    """Of a release."""
    forgives: tuple[Forgiven, ...] = ()
    """Of a release."""


class BadOrder(Struct, frozen=True):
    """A key of the ConfigMap that holds no order."""

    key: str
    problem: str


class Orders(Struct, frozen=True):
    """The ConfigMap, read."""

    namespace: str = ""
    name: str = ""
    uid: str = ""
    resource_version: str = ""
    orders: tuple[Order, ...] = ()
    bad: tuple[BadOrder, ...] = ()

    @property
    def key(self) -> str:
        """`namespace/name` of the ConfigMap."""
        return f"{self.namespace}/{self.name}"

    @property
    def unreadable(self) -> bool:
        """Whether one of its keys holds no order."""
        return bool(self.bad)


def order(key: str, text: str) -> Order | BadOrder:
    """The order that stands in the ConfigMap under `key`, or what is wrong with it."""
    if len(text) > LONGEST:
        return BadOrder(key, f"it has {len(text)} characters, and an order at most {LONGEST}")
    try:
        written = msgspec.json.decode(text, type=_Written)
    except RecursionError:
        return BadOrder(key, "it cannot be read: it is nested too deeply")
    except (msgspec.DecodeError, UnicodeError) as error:
        return BadOrder(key, _unknown_word(text) or f"it cannot be read: {error}")
    if problem := next(_against(written), None):
        return BadOrder(key, problem)
    at = moment(written.at)
    return Order(
        key=key,
        command=written.order,
        target=written.target,
        by=written.by,
        at=0.0 if at is None else at,
        why=written.why,
        until=moment(written.until),
        through=frozenset(written.through),
        forgives=written.forgives,
    )


def order_text(order: Order) -> str:
    """What stands in the ConfigMap for `order`."""
    written = _Written(
        order=order.command,
        target=order.target,
        by=order.by,
        at=rfc3339(order.at),
        until="" if order.until is None else rfc3339(order.until),
        why=order.why,
        through=tuple(sorted(order.through)),
        forgives=order.forgives,
    )
    said: dict[str, Any] = msgspec.to_builtins(written)
    said["target"] = {name: value for name, value in said["target"].items() if value}
    kept = {name: value for name, value in said.items() if value or name == "target"}
    return msgspec.json.encode(kept).decode()


class _Written(Struct, frozen=True, forbid_unknown_fields=True):
    """An order as it is written. A member that is unknown is a slip that may change everything."""

    order: Command
    target: Target
    at: str
    by: str = ""
    until: str = ""
    why: str = ""
    through: tuple[Through, ...] = field(default=())
    forgives: tuple[Forgiven, ...] = ()


def _against(written: _Written) -> Iterator[str]:
    """What is wrong with an order whose members are all of the right kind."""
    target, named = written.target, (written.target.tier, written.target.ring, written.target.spoke)
    for what, when in (("at", written.at), ("until", written.until)):
        if moment(when) is None and (when or what == "at"):
            yield f"{what} is no moment with its zone, as 2026-11-24T18:00:00Z: {_cut(when)}"
    if target.uid and not target.spoke:
        yield "its target has a uid, and does not say whose"
    if target.everything and (any(named) or target.selector):
        yield "its target is everything, and something else besides"
    if not target.everything and not any(named) and not target.selector:
        yield 'its target names nothing; everything is written as {"everything": true}'
    if target.selector and target.labels is None:
        yield f"its target's selector is no label selector: {_cut(target.selector)}"
    if written.order is not Command.RELEASE and (written.through or written.forgives):
        yield f"only a release forgives and lets through, and this is a {written.order}"

    if Through.RING in written.through and written.until:
        yield "a release through a ring's turn has no end: at it the ring would count as started"


class _Words(Struct, frozen=True):
    order: Any = ""
    through: Any = ()


def _unknown_word(text: str) -> str:
    """That a word stands where only some may; empty where that is not what is wrong."""
    try:
        said = msgspec.json.decode(text, type=_Words)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""
    if isinstance(said.order, str) and said.order not in list(Command):
        return f"order is {_or(Command)}, not {_cut(said.order)}"
    for each in said.through if isinstance(said.through, list) else ():
        if isinstance(each, str) and each not in list(Through):
            return f"through holds {_or(Through)}, no {_cut(each)}"
    return ""


def _or(words: type[StrEnum]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}"


def _cut(text: str) -> str:
    return repr(text if len(text) <= _WORD else f"{text[:_WORD]}…")
