"""Which orders stand on the hub, and what do they name?

For people: those that are in force, those that are not any more or not yet, what each names, and
what stands there and is no order. None of it decides anything.

Elsewhere: what an order does to a gate (ordered.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

from watcher.decide.judgement import Judgement
from watcher.decide.ordered import InForce
from watcher.facts import Command, Order, Orders, Target, rfc3339

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
    """On how many spokes it names a gate; none where it is not in force."""
    overruled: bool = False
    """Whether it is a hold, and newer releases let all go on that it names."""


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
    holding: set[str] = set()
    for judgement in judgements.values():
        ordered, tiers = judgement.inputs.ordered, judgement.verdicts.tiers
        for each in ordered.orders:
            named = [tier for tier in tiers if each.target.tier in ("", tier)]
            counts[each.key] += bool(named)
            if any(ordered.hold(tier) is not None for tier in named):
                holding.add(each.key)
    found = [
        GivenOrder(
            each.key,
            each,
            in_force=each.key in counts,
            spokes=counts.get(each.key, 0),
            overruled=_overruled(each, counts, holding),
        )
        for each in orders.orders
    ]
    found += (GivenOrder(each.key, None, each.problem) for each in orders.bad)
    yield from sorted(found, key=lambda each: each.key)


def _overruled(order: Order, counts: Mapping[str, int], holding: Collection[str]) -> bool:
    named = order.command is Command.HOLD and counts.get(order.key, 0) > 0
    return named and order.key not in holding
