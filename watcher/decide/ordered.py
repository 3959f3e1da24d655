"""What did people order of the gates of one spoke?

A hold keeps closed gates closed; a release lets them go on, and of the two the newest that names a
gate decides. A skip lets what depends on a gate pass it by. Neither closes anything: what is open
stays open, and a gate whose loss would delete something is opened all the same.

Which orders are in force is a question of time alone, and which of them name a spoke one of its
name, its labels and its ring: so a spoke is judged anew when its own orders change, and not when
any do.

Elsewhere: how an order is written (facts/orders.py); approvals of a whole ring (rings.py); when a
retried gate is stalled (open_gate.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from watcher.decide.gates import CLOCKS_APART_S
from watcher.decide.reasons import OnHold, OpenUnderHold, SkippedByOrder
from watcher.decide.timers import earliest
from watcher.decide.verdicts import PASSED, State, Verdict
from watcher.facts import (
    Command,
    Instant,
    Order,
    Orders,
    Selector,
    Spoke,
    Through,
    matches,
)
from watcher.policy import Policy

_ADMITTED = frozenset({State.WAITING, State.QUEUED})
"""The states of a closed gate that is to be opened in its turn, and that a hold stops."""

_BEGUN = frozenset({State.PROGRESSING, State.SOAKING, State.DEGRADED, State.STALLED})
_SKIPS = _ADMITTED | _BEGUN
"""The states that a skip makes pass."""


_NOTHING: frozenset[Through] = frozenset()


class Ordered(Struct, frozen=True):
    """The orders in force that name one spoke, or some gate of it."""

    orders: tuple[Order, ...] = ()

    def hold(self, tier: str) -> Order | None:
        """The hold on this gate. In doubt, where both came in one second, it stands."""
        newest = self._newest(tier, Command.HOLD, Command.RELEASE)
        return newest if newest is not None and newest.command is Command.HOLD else None

    def skip(self, tier: str) -> Order | None:
        """The order that has this gate skipped."""
        return self._newest(tier, Command.SKIP)

    def retry(self, tier: str) -> Order | None:
        """The last order by which its first time begins anew."""
        return self._newest(tier, Command.RETRY)

    def approved(self, tier: str) -> bool:
        """Whether a person has approved this gate, with others or alone."""
        return self._newest(tier, Command.APPROVE) is not None

    def through(self, tier: str) -> frozenset[Through]:
        """What this gate has been let through by name."""
        if not self.orders:
            return _NOTHING
        released = (each.through for each in self._of(tier) if each.command is Command.RELEASE)
        return frozenset().union(*released)

    def _newest(self, tier: str, *commands: Command) -> Order | None:
        if not self.orders:
            return None
        found = [each for each in self._of(tier) if each.command in commands]
        return max(found, key=_age, default=None)

    def _of(self, tier: str) -> Iterator[Order]:
        return (each for each in self.orders if each.target.tier in ("", tier))


NOTHING_ORDERED = Ordered()


class InForce(Struct, frozen=True):
    """The orders of the hub that are in force, each with its selector read."""

    orders: tuple[Order, ...] = ()
    asks: tuple[Selector | None, ...] = ()
    ends_at: Instant | None = None
    """When time alone makes these others."""

    def on(self, spoke: Spoke, name: str, policy: Policy) -> Ordered:
        """Those that name a gate of this spoke."""
        if not self.orders:
            return NOTHING_ORDERED
        ring = policy.ring(spoke.labels).name
        found = tuple(
            each
            for each, asks in zip(self.orders, self.asks, strict=True)
            if each.target.spoke in ("", name)
            and each.target.ring in ("", ring)
            and (asks is None or matches(asks, spoke.labels) is True)
        )
        return Ordered(found) if found else NOTHING_ORDERED


def in_force(orders: Orders, before: InForce, now: Instant) -> InForce:
    """The orders in force at `now`; `before` itself where they are the same. One that was given
    ahead of the time waits for it, as far as clocks can be told apart.
    """
    given = tuple(
        each
        for each in orders.orders
        if each.at - CLOCKS_APART_S <= now and (each.until is None or now < each.until)
    )
    turns = earliest(at for each in orders.orders for at in _turns(each) if at > now)
    if given == before.orders:
        return before if turns == before.ends_at else replace(before, ends_at=turns)
    return InForce(given, tuple(each.target.labels for each in given), turns)


def _turns(order: Order) -> Iterator[Instant]:
    yield order.at - CLOCKS_APART_S
    if order.until is not None:
        yield order.until


def under_orders(ordered: Ordered, tier: str, verdict: Verdict) -> Verdict:
    """The verdict on a gate with what people ordered of it."""
    if not ordered.orders:
        return verdict
    hold, skip = ordered.hold(tier), ordered.skip(tier)
    if skip is not None and verdict.state in _SKIPS:
        skipped = SkippedByOrder(skip.by, skip.at, skip.until, skip.why)
        return replace(verdict, state=State.SKIPPED, reasons=(skipped, *verdict.reasons))
    if hold is None:
        return verdict
    if verdict.state in _ADMITTED:
        held = OnHold(hold.by, hold.at, hold.until, hold.why)
        return replace(verdict, state=State.HELD, reasons=(held, *verdict.reasons))
    if verdict.state is State.LOST:
        held = OnHold(hold.by, hold.at, hold.until, hold.why)
        return replace(verdict, reasons=(*verdict.reasons, held))
    if verdict.state in _BEGUN and verdict.state not in PASSED:
        late = OpenUnderHold(hold.by, hold.at, hold.until, hold.why)
        return replace(verdict, reasons=(*verdict.reasons, late))
    return verdict


def _age(order: Order) -> tuple[Instant, bool, str]:
    return order.at, order.command is Command.HOLD, order.key
