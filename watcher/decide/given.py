"""Which orders stand on the hub, and what do they name?

For people: those that are in force, those that are not any more or not yet, what each names, and
what stands there and is no order. None of it decides anything.

Elsewhere: what an order does to a gate (ordered.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from watcher.decide.judgement import Judgement
from watcher.decide.ordered import InForce
from watcher.facts import Order, Orders, Target, rfc3339

_LINE = 600


class GivenOrder(Struct, frozen=True):
    """One key of the ConfigMap."""

    key: str
    order: Order | None
    """None where it cannot be read."""
    problem: str = ""
    """What is wrong with it."""
    in_force: bool = False
    spokes: int = 0
    """How many spokes it names; none where it is not in force."""


def say_order(order: Order) -> str:
    """The order on one line: what, on which gates, by whom, until when and why."""
    line = " ".join(
        f"{order.command} {_named(order.target)}{_through(order)}"
        f" by {order.by or 'nobody knows who'}"
        f"{'' if order.until is None else f' until {rfc3339(order.until)}'}"
        f"{f': {order.why}' if order.why else ''}".split()
    )
    return "".join(each if each.isprintable() else "\ufffd" for each in line)[:_LINE]


def _through(order: Order) -> str:
    return f" through {' and '.join(sorted(order.through))}" if order.through else ""


def _named(target: Target) -> str:
    if target.everything:
        return "everything"
    named = {
        "spoke": target.spoke,
        "tier": target.tier,
        "ring": target.ring,
        "labels": target.selector,
    }
    return ", ".join(f"{what} {name}" for what, name in named.items() if name)


def given_orders(
    orders: Orders, force: InForce, judgements: Mapping[str, Judgement]
) -> Iterator[GivenOrder]:
    """Every order that stands there, in the order of their keys."""
    counts = dict.fromkeys((each.key for each in force.orders), 0)
    for judgement in judgements.values():
        for each in judgement.inputs.ordered.orders:
            counts[each.key] += 1
    found = [
        GivenOrder(each.key, each, in_force=each.key in counts, spokes=counts.get(each.key, 0))
        for each in orders.orders
    ]
    found += (GivenOrder(each.key, None, each.problem) for each in orders.bad)
    yield from sorted(found, key=lambda each: each.key)
