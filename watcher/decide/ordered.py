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

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from watcher.decide.gates import CLOCKS_APART_S
from watcher.decide.reasons import OnHold, OpenUnderHold, SkippedByOrder
from watcher.decide.timers import earliest
from watcher.decide.verdicts import State, Verdict
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


class Ordered(Struct, frozen=True, dict=True):
    """The orders in force that name one spoke, or some gate of it.

    `dict=True`: what they come to for a tier is worked out once. Spokes that the same orders name
    have one and the same of these.
    """

    orders: tuple[Order, ...] = ()

    def hold(self, tier: str) -> Order | None:
        """The hold on this gate. In doubt, where both came in one second, it stands."""
        return self._of(tier).hold

    def skip(self, tier: str) -> Order | None:
        """The order that has this gate skipped."""
        return self._of(tier).skip

    def retry(self, tier: str) -> Order | None:
        """The last order by which its first time begins anew."""
        return self._of(tier).retry

    def approved(self, tier: str) -> bool:
        """Whether a person has approved this gate, with others or alone."""
        return self._of(tier).approved

    def through(self, tier: str) -> frozenset[Through]:
        """What this gate has been let through by name."""
        return self._of(tier).through

    def alone_since(self, tier: str) -> Instant | None:
        """Since when this gate has been let go before its ring, by name; None where it was not."""
        return self._of(tier).alone_since

    def _of(self, tier: str) -> _Gate:
        if not self.orders:
            return _FREE
        known: dict[str, _Gate] = self.__dict__.setdefault("gates", {})
        if tier not in known:
            known[tier] = _gate([each for each in self.orders if each.target.tier in ("", tier)])
        return known[tier]


class _Gate(Struct, frozen=True):
    """What the orders come to for one gate."""

    hold: Order | None = None
    skip: Order | None = None
    retry: Order | None = None
    approved: bool = False
    through: frozenset[Through] = _NOTHING
    alone_since: Instant | None = None


_FREE = _Gate()
NOTHING_ORDERED = Ordered()


def _gate(orders: list[Order]) -> _Gate:
    def newest(*commands: Command) -> Order | None:
        return max((e for e in orders if e.command in commands), key=_age, default=None)

    held = newest(Command.HOLD, Command.RELEASE)
    return _Gate(
        hold=held if held is not None and held.command is Command.HOLD else None,
        skip=newest(Command.SKIP),
        retry=newest(Command.RETRY),
        approved=newest(Command.APPROVE) is not None,
        through=_NOTHING.union(*(e.through for e in orders if e.command is Command.RELEASE)),
        alone_since=min((each.at for each in orders if _lets_go_alone(each)), default=None),
    )


def _lets_go_alone(order: Order) -> bool:
    """Whether it has gates go before their ring has started: some of them, and not the ring."""
    if order.command is Command.APPROVE:
        return bool(order.target.spoke or order.target.selector)
    return Through.RING in order.through


class InForce(Struct, frozen=True, dict=True):
    """The orders of the hub that are in force, each with its selector read.

    `dict=True`: those that name a spoke are put together once for all spokes alike.
    """

    orders: tuple[Order, ...] = ()
    asks: tuple[Selector | None, ...] = ()
    ends_at: Instant | None = None
    """When time alone makes these others."""

    def on(self, spoke: Spoke, name: str, policy: Policy) -> Ordered:
        """Those that name a gate of this spoke."""
        if not self.orders:
            return NOTHING_ORDERED
        ring = policy.ring(spoke.labels).name
        found = [
            at
            for at, (each, asks) in enumerate(zip(self.orders, self.asks, strict=True))
            if _names(each, spoke, name)
            and each.target.ring in ("", ring)
            and (asks is None or matches(asks, spoke.labels) is True)
        ]
        return self._together(tuple(found))

    def _together(self, found: tuple[int, ...]) -> Ordered:
        if not found:
            return NOTHING_ORDERED
        known: dict[tuple[int, ...], Ordered] = self.__dict__.setdefault("together", {})
        if found not in known:
            known[found] = Ordered(tuple(self.orders[at] for at in found))
        return known[found]

    @property
    def forgiven(self) -> Mapping[tuple[str, str], Instant]:
        """The gates that releases forgive, UID and tier, with when the last one did."""
        known: dict[tuple[str, str], Instant] | None = self.__dict__.get("forgiven_at")
        if known is None:
            known = self.__dict__["forgiven_at"] = {}
            for each in self.orders:
                for one in each.forgives:
                    gate = (one.uid, one.tier)
                    known[gate] = max(each.at, known.get(gate, each.at))
        return known


def _names(order: Order, spoke: Spoke, name: str) -> bool:
    """A Secret that is known by its UID stays the one that was meant, whatever it is called by now;
    and a hold stands for one that comes under its name, too.
    """
    target = order.target
    if target.uid and (order.command is not Command.HOLD or target.uid == spoke.uid):
        return target.uid == spoke.uid
    return target.spoke in ("", name)


def in_force(orders: Orders, before: InForce, now: Instant) -> InForce:
    """The orders in force at `now`; `before` itself where they are the same, and the same objects
    of those that stay. One that was given ahead of the time waits for it, as far as clocks can be
    told apart.
    """
    known = {each.key: each for each in before.orders}
    given = tuple(
        there if (there := known.get(each.key)) == each and there is not None else each
        for each in orders.orders
        if each.at - CLOCKS_APART_S <= now and (each.until is None or now < each.until)
    )
    turns = earliest(at for each in orders.orders for at in _turns(each) if at > now)
    if given == before.orders:
        if turns == before.ends_at:
            return before
        given = before.orders
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
        closed = verdict.state in _ADMITTED
        skipped = SkippedByOrder(skip.by, skip.at, skip.until, skip.why, closed)
        return replace(verdict, state=State.SKIPPED, reasons=(skipped, *verdict.reasons))
    if hold is None:
        return verdict
    held = OnHold(hold.by, hold.at, hold.until, hold.why)
    if verdict.state in _ADMITTED:
        return replace(verdict, state=State.HELD, reasons=(held, *verdict.reasons))
    if verdict.state is State.LOST:
        return replace(verdict, reasons=(*verdict.reasons, held))
    if verdict.state in _BEGUN:
        late = OpenUnderHold(hold.by, hold.at, hold.until, hold.why)
        return replace(verdict, reasons=(*verdict.reasons, late))
    return verdict


def _age(order: Order) -> tuple[Instant, bool, str]:
    return order.at, order.command is Command.HOLD, order.key
