"""What has changed between two decisions?

Log lines, Kubernetes Events and counters all come from here, so that a test of one is a test of
all. At a start there is nothing before, or nothing that was known: then only what is lost or
stalled is spoken of, and which orders cannot be read, for the rest is no news.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

from watcher.decide.decision import Decision
from watcher.decide.reasons import (
    BrokeGeneration,
    LabelsReach,
    NotListed,
    OpenedUnreadable,
    PatchRefused,
    Reason,
    StartsBehindOpenGate,
    TeardownNamesNothing,
    WouldUnselect,
)
from watcher.decide.removal import seen_by
from watcher.decide.torn import remaining, torn_down
from watcher.decide.verdicts import PASSED, Gate, SpokeVerdicts, State, Verdict
from watcher.decide.words import name
from watcher.facts import Order, Orders

_WORTH_SAYING = (
    BrokeGeneration
    | LabelsReach
    | OpenedUnreadable
    | PatchRefused
    | StartsBehindOpenGate
    | TeardownNamesNothing
    | WouldUnselect
)
"""Reasons that are news even where the state stays."""


class GateChanged(Struct, frozen=True):
    """A gate has another state, or a reason that is news."""

    gate: Gate
    spoke: str
    """As it is shown."""
    namespace: str
    secret: str
    before: State | None
    after: State
    reasons: tuple[Reason, ...]
    server: str = ""
    """The cluster's address, as its Secret has it."""
    shard: str = ""
    """Which controller holds it; empty where that is not known."""


class SpokeLeft(Struct, frozen=True):
    """A spoke is no longer there."""

    uid: str
    spoke: str


class AdmissionStopped(Struct, frozen=True):
    """Nothing is admitted on the whole hub, for this reason."""

    reason: Reason


class AdmissionResumed(Struct, frozen=True):
    """A reason that had stopped admission on the whole hub is gone."""

    reason: Reason


class Named(Struct, frozen=True):
    """The spoke that an order names by name, and the Secret that it is."""

    uid: str
    namespace: str
    secret: str


class OrderGiven(Struct, frozen=True):
    """A person's order is in force."""

    order: Order
    named: Named | None = None
    """None where it names none by name, or there is no such spoke."""


class OrderEnded(Struct, frozen=True):
    """An order is in force no longer: its time is over, or a person took it back."""

    order: Order
    named: Named | None = None


class OrderUnreadable(Struct, frozen=True):
    """What stands among the orders is none, and does nothing."""

    key: str
    problem: str


class TeardownOrdered(Struct, frozen=True):
    """The annotation of a spoke's Secret names a gate for teardown. Who wrote it is not known."""

    gate: Gate
    spoke: str
    """As it is shown."""
    namespace: str
    secret: str


class TeardownDone(Struct, frozen=True):
    """A gate that is torn down has closed, and the last of its Applications is gone."""

    gate: Gate
    spoke: str
    namespace: str
    secret: str


class TeardownTakenBack(Struct, frozen=True):
    """The annotation names a gate no longer, however far its teardown had got."""

    gate: Gate
    spoke: str
    namespace: str
    secret: str


OrderChange: TypeAlias = OrderGiven | OrderEnded | OrderUnreadable
TeardownChange: TypeAlias = TeardownOrdered | TeardownDone | TeardownTakenBack
Change: TypeAlias = (
    GateChanged | SpokeLeft | AdmissionStopped | AdmissionResumed | OrderChange | TeardownChange
)


def changes(before: Decision | None, after: Decision) -> tuple[Change, ...]:
    """The changes from `before` to `after`, spoke by spoke."""
    if before is None or any(isinstance(each, NotListed) for each in before.stops):
        stops = () if before is None else before.stops
        unreadable = _unreadable(Orders(), after.given)
        return (*_stopped(stops, after.stops), *unreadable, *_at_start(after))
    return (
        *_stopped(before.stops, after.stops),
        *_orders(before, after),
        *_between(before, after),
    )


def standing(after: Decision) -> tuple[GateChanged, ...]:
    """Every gate that has not passed, told as if all were news: for who only looks."""
    return tuple(
        _changed(after, Gate(uid, tier), spoke, None, verdict)
        for uid, spoke in after.spokes.items()
        for tier, verdict in spoke.tiers.items()
        if verdict.state not in PASSED
    )


def _at_start(after: Decision) -> Iterator[Change]:
    for uid, spoke in after.spokes.items():
        for tier, verdict in spoke.tiers.items():
            if verdict.state in (State.LOST, State.STALLED):
                yield _changed(after, Gate(uid, tier), spoke, None, verdict)


def _between(before: Decision, after: Decision) -> Iterator[Change]:
    for uid in _looked_at(before, after):
        now, then = after.spokes.get(uid), before.spokes.get(uid)
        if now is None:
            if then is not None:
                yield SpokeLeft(uid, then.name)
            continue
        yield from _torn(before, after, uid)
        for tier, verdict in now.tiers.items():
            was = None if then is None else then.tiers.get(tier)
            if was is None or _news(was, verdict):
                yield _changed(after, Gate(uid, tier), now, was, verdict)


def _looked_at(before: Decision, after: Decision) -> Iterator[str]:
    """The spokes that may have changed, in the order of the snapshot."""
    if after.follows is before.carried:
        yield from sorted(after.judged | before.spokes.singled_out | after.spokes.singled_out)
        return
    yield from (uid for uid in after.spokes)
    yield from (uid for uid in before.spokes if uid not in after.spokes)


def _news(was: Verdict, now: Verdict) -> bool:
    return was.state is not now.state or bool(_worth(now) - _worth(was))


def _worth(verdict: Verdict) -> frozenset[str]:
    return frozenset(name(each) for each in verdict.reasons if isinstance(each, _WORTH_SAYING))


def _changed(
    after: Decision, gate: Gate, spoke: SpokeVerdicts, was: Verdict | None, verdict: Verdict
) -> GateChanged:
    return GateChanged(
        gate=gate,
        spoke=spoke.name,
        namespace=spoke.namespace,
        secret=spoke.secret,
        before=None if was is None else was.state,
        after=verdict.state,
        reasons=verdict.reasons,
        server=after.spokes.fact(gate.spoke).server,
        shard=after.spokes.shard(gate.spoke),
    )


def _torn(before: Decision, after: Decision, uid: str) -> Iterator[TeardownChange]:
    """What has become of the teardown of one spoke; most have none, and are not looked at again."""
    fact = after.spokes.fact(uid)
    was = before.spokes.fact(uid).teardown if uid in before.spokes else None
    if was is None and fact.teardown is None:
        return
    now = seen_by(after, uid, after.carried.as_of)
    then = seen_by(before, uid, before.carried.as_of) if uid in before.spokes else None
    named = frozenset() if then is None else then.torn
    there = frozenset() if then is None else remaining(then)
    every: list[tuple[type[TeardownChange], frozenset[str]]] = [
        (TeardownDone, torn_down(now) & there)
    ]
    if was != fact.teardown:
        every = [(TeardownOrdered, now.torn - named), (TeardownTakenBack, named - now.torn), *every]
    for kind, tiers in every:
        for tier in now.policy.order:
            if tier.name in tiers:
                yield kind(Gate(uid, tier.name), now.name, fact.namespace, fact.secret)


def _orders(before: Decision, after: Decision) -> Iterator[OrderChange]:
    """Those that came into force and those that left it, and what is no order."""
    was, now = before.carried.orders.orders, after.carried.orders.orders
    if was is not now:
        yield from (OrderEnded(each, _spoke(each, after)) for each in was if each not in now)
        yield from (OrderGiven(each, _spoke(each, after)) for each in now if each not in was)
    if before.given is not after.given:
        yield from _unreadable(before.given, after.given)


def _spoke(order: Order, after: Decision) -> Named | None:
    if not order.target.spoke:
        return None
    every = ((uid, after.spokes.own(uid)) for uid in after.spokes)
    found = ((uid, spoke) for uid, spoke in every if spoke.name == order.target.spoke)
    return next((Named(uid, spoke.namespace, spoke.secret) for uid, spoke in found), None)


def _unreadable(before: Orders, after: Orders) -> Iterator[OrderUnreadable]:
    known = set(before.bad)
    return (OrderUnreadable(each.key, each.problem) for each in after.bad if each not in known)


def _stopped(before: tuple[Reason, ...], after: tuple[Reason, ...]) -> Iterator[Change]:
    """By kind of reason, the first of each: one that only carries newer data is no news."""
    then, now = _by_kind(before), _by_kind(after)
    yield from (AdmissionStopped(now[kind]) for kind in now if kind not in then)
    yield from (AdmissionResumed(then[kind]) for kind in then if kind not in now)


def _by_kind(reasons: tuple[Reason, ...]) -> dict[str, Reason]:
    return {name(each): each for each in reversed(reasons)}
