"""Which orders stand?

A line for each, as kubectl writes its tables: what is ordered, by whom, until when and why; and
those that are none, with what is wrong with them. Those first that stop most.

Elsewhere: giving and taking away (ordering.py, release.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from msgspec.structs import replace

from watcher.decide.gates import CLOCKS_APART_S
from watcher.decide.given import GivenOrder
from watcher.facts import Command, Instant, Order, Orders, many
from watcher.serve import shapes
from watcher.serve.explained import order_shown

_HEAD = ("KEY", "ORDER", "GATES", "IN FORCE", "BY", "GIVEN", "UNTIL", "WHY")
_NOTHING = "no orders stand"


def given(orders: Orders, now: Instant) -> shapes.Orders:
    """What stands on the hub, where no watcher says what it makes of it."""
    found = [given_now(each, now) for each in orders.orders]
    found += (order_shown(GivenOrder(each.key, None, each.problem)) for each in orders.bad)
    return shapes.Orders(tuple(sorted(found, key=lambda each: each.key)))


def given_now(order: Order, now: Instant) -> shapes.Order:
    """One order, of which nobody says how many spokes it names."""
    shown = order_shown(GivenOrder(order.key, order, in_force=_in_force(order, now)))
    return replace(shown, spokes=None)


def say_standing(orders: shapes.Orders) -> Sequence[str]:
    """The table, line by line."""
    if not orders.orders:
        return (_NOTHING,)
    there = weighed(orders.orders)
    rows = [_HEAD, *(_row(each) for each in there if each.problem is None)]
    lines = list(_aligned(rows)) if len(rows) > 1 else []
    return (*lines, *(f"{each.key}: {each.problem}" for each in there if each.problem))


def weighed(
    orders: Iterable[shapes.Order], rings: Iterable[shapes.RingTier] = ()
) -> list[shapes.Order]:
    """Those first that stop most, and of them the newest; then what is over. `rings`: what has
    started needs no approval any more.
    """
    started = {(each.ring, each.tier) for each in rings if each.started}
    newest = sorted(orders, key=lambda each: each.at or "", reverse=True)
    return sorted(newest, key=lambda each: _weight(each, started))


def _weight(order: shapes.Order, started: Collection[tuple[str, str]]) -> int:
    target = order.target or shapes.Target()
    """How far down it belongs: what stands and stops everything, what holds, what is none, …"""
    stands = order.in_force is not False and order.problem is None and not order.overruled
    marks = (
        stands and target.everything,
        stands and order.order == Command.HOLD,
        order.problem is not None,
        stands and order.order != Command.APPROVE,
        stands and (target.ring or "", target.tier or "") not in started,
        stands,
        True,
    )
    return marks.index(True)


def say_place(target: shapes.Target) -> str:
    """The gates that an order names, in few words."""
    named = [target.spoke, f"ring={target.ring}" if target.ring else "", target.selector]
    whose = " ".join(each for each in named if each)
    return f"{whose or 'all'}/{target.tier}" if target.tier else whose or "all"


def _row(order: shapes.Order) -> tuple[str, ...]:
    return (
        order.key,
        " ".join(filter(None, (order.order, *(f"through {each}" for each in order.through)))),
        "" if order.target is None else say_place(order.target),
        _in_words(order),
        order.by or "?",
        order.at or "?",
        order.until or "-",
        order.why or "",
    )


def _in_words(order: shapes.Order) -> str:
    if order.in_force is None:
        return "?"
    if not order.in_force:
        return "no"
    if order.spokes == 0:
        return "names nothing"
    spokes = "" if order.spokes is None else f", {many(order.spokes, 'spoke')}"
    return f"overruled{spokes}" if order.overruled else f"yes{spokes}"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "   ".join(cells).rstrip()


def _in_force(order: Order, now: Instant) -> bool:
    return order.at - CLOCKS_APART_S <= now and (order.until is None or now < order.until)
