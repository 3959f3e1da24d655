"""Has the turn of a gate's ring come?

A ring starts a tier once the tier has settled on enough spokes of the ring before it, has stayed so
for the bake time, and a person has approved it, each as far as the policy asks. All of this is
asked only before the start: once a gate of the tier is open in the ring, the ring has started it.
Then, and at any time, too many stalled gates stop the tier there, and a window may be shut.

The ring before is the nearest one that orders the tier and has a gate of it. A ring without any
passes, and so does one of which a person has every gate skipped. One of which every gate is held,
parked, out of reach or left alone does not: of an addon that breaks a canary nothing else would be
seen, and who holds a broken canary means the opposite of having the fleet follow.

Everything is derived from how the gates stand, so a restart changes nothing. A spoke that comes
into a ring brings its gates along: an open one has started its tier there, as any open gate has.

Elsewhere: the counting (tallies.py); windows (windows.py); what a single gate was let through by a
person (ordered.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping

from msgspec import Struct

from watcher.decide.judgement import Candidate, Counts, Judgement
from watcher.decide.ordered import InForce
from watcher.decide.parking import UNPARK
from watcher.decide.reasons import (
    ApprovalMissing,
    Reason,
    RingBakes,
    RingStopped,
    RingWaits,
    WindowClosed,
)
from watcher.decide.tallies import EMPTY, Tallies, Tally
from watcher.decide.timers import earliest, ends_at
from watcher.decide.windows import shut, turns_at
from watcher.facts import Command, Instant, Through
from watcher.policy import Policy, Ring, WindowKind

_FIRST = 3
"""How many stalled spokes a reason names."""


class RingTier(Struct, frozen=True):
    """One tier in one ring, for people."""

    ring: str
    tier: str
    begun: bool
    """Whether the ring has started the tier."""
    before: str
    """The ring that it starts after; empty where there is none."""
    needed: int
    """On how many spokes of that one it must have settled."""
    numbers: Mapping[Counts, int]
    """How many gates of this ring count as what."""
    waiting: int
    """How many gates of it may open, as far as their own spokes are concerned."""
    stalled: tuple[str, ...]
    """The spokes whose gates are stalled and not forgiven, by name."""
    forgiven: int
    """How many more are stalled, and forgiven."""
    approved: bool | None
    """None where nobody is asked."""
    against: tuple[Reason, ...]
    """Why the ring opens no gate of the tier now."""


class Rings(Struct, frozen=True, dict=True):
    """Every ring at one moment. `dict=True`: what was worked out for a ring is kept with it."""

    policy: Policy
    tallies: Tallies
    orders: InForce
    judgements: Mapping[str, Judgement]
    now: Instant

    def against(self, each: Candidate) -> tuple[Reason, ...]:
        """Why it is not the turn of this gate's ring, whatever its shard has room for."""
        if each.tier == UNPARK:
            return ()
        alike = ("against", each.ring, each.tier, each.approved, each.through)
        return self._once(alike, lambda: self._against(each))

    def _against(self, each: Candidate) -> Iterator[Reason]:
        ring = self.policy.rings[each.ring]
        if Through.RING not in each.through:
            for one in self.before_start(ring, each.tier):
                if not (each.approved and isinstance(one, ApprovalMissing)):
                    yield one
        yield from self.stopped(ring, each.tier)
        if Through.WINDOW not in each.through:
            yield from self.shut(ring)

    def before_start(self, ring: Ring, tier: str) -> tuple[Reason, ...]:
        """Why the ring does not start the tier; nothing where it has."""
        return self._once(("start", ring.name, tier), lambda: self._before_start(ring, tier))

    def stopped(self, ring: Ring, tier: str) -> tuple[Reason, ...]:
        """That too many gates of the tier are stalled in the ring, where they are."""
        return self._once(("stop", ring.name, tier), lambda: self._stopped(ring, tier))

    def shut(self, ring: Ring) -> tuple[Reason, ...]:
        """The windows that forbid the ring to open anything now."""
        return self._once(("shut", ring.name), lambda: self._shut(ring))

    def _once(
        self, asked: tuple[Hashable, ...], answer: Callable[[], Iterator[Reason]]
    ) -> tuple[Reason, ...]:
        known: dict[Hashable, tuple[Reason, ...]] = self.__dict__.setdefault("answers", {})
        if asked not in known:
            known[asked] = tuple(answer())
        return known[asked]

    def approved(self, ring: str, tier: str) -> bool:
        """Whether a person has approved the tier in this ring, and not only for some spokes."""
        return any(
            each.command is Command.APPROVE
            and not (each.target.spoke or each.target.selector)
            and each.target.ring in ("", ring)
            and each.target.tier in ("", tier)
            for each in self.orders.orders
        )

    def wake_at(self) -> Instant | None:
        """When time alone would change what a gate that may open waits for here."""
        named = {ring.name: ring for ring in self.policy.rings}
        times: list[Instant | None] = [self.orders.ends_at]
        for (name, tier), tally in self.tallies.items():
            if tally.waiting and name in named:
                times += map(ends_at, self.before_start(named[name], tier))
        if self.policy.windows:
            waiting = {name for (name, _), tally in self.tallies.items() if tally.waiting}
            times += (turns_at(self.policy.windows, name, self.now) for name in sorted(waiting))
        return earliest(times)

    def tiers(self) -> Iterator[RingTier]:
        """Every tier in every ring that has a spoke with a gate of it."""
        for ring in self.policy.rings:
            for tier in self.policy.order:
                tally = self.tallies.get((ring.name, tier.name))
                if tally is not None:
                    yield self._shown(ring, tier.name, tally)

    def _shown(self, ring: Ring, tier: str, tally: Tally) -> RingTier:
        before = self._ring_before(ring, tier)
        asked = ring.orders(tier) and ring.start.approval
        stalled = self._unforgiven(tier, tally)
        return RingTier(
            ring=ring.name,
            tier=tier,
            begun=tally.begun > 0,
            before="" if before is None else before.name,
            needed=0 if before is None else _needed(ring, self._tally(before, tier)),
            numbers=tally.numbers,
            waiting=tally.waiting,
            stalled=self._names(stalled),
            forgiven=len(tally.stalled) - len(stalled),
            approved=self.approved(ring.name, tier) if asked else None,
            against=(
                *self.before_start(ring, tier),
                *self.stopped(ring, tier),
                *self.shut(ring),
            ),
        )

    def _shut(self, ring: Ring) -> Iterator[Reason]:
        found = shut(self.policy.windows, ring.name, self.now)
        if found is not None:
            denies = found.kind is WindowKind.DENY
            yield WindowClosed(ring.name, found.windows, denies, found.until)

    def _before_start(self, ring: Ring, tier: str) -> Iterator[Reason]:
        if not ring.orders(tier) or self._tally(ring, tier).begun:
            return
        before = self._ring_before(ring, tier)
        if before is not None:
            yield from self._of_ring_before(ring, before, tier)
        if ring.start.approval and not self.approved(ring.name, tier):
            yield ApprovalMissing(ring.name, tier)

    def _of_ring_before(self, ring: Ring, before: Ring, tier: str) -> Iterator[Reason]:
        tally = self._tally(before, tier)
        settled, needed = tally.number(Counts.SETTLED), _needed(ring, tally)
        if settled < needed:
            yield RingWaits(ring.name, before.name, settled, needed, tally.counting, tally.apart)
        elif ring.start.bake_s:
            reached_at = sorted(tally.settled.values())[needed - 1]
            if self.now < reached_at + ring.start.bake_s:
                yield RingBakes(ring.name, before.name, reached_at + ring.start.bake_s)

    def _ring_before(self, ring: Ring, tier: str) -> Ring | None:
        """The nearest one before it that orders the tier and is not empty of it."""
        if not ring.orders(tier):
            return None
        earlier = self.policy.rings[: self.policy.rings.index(ring)]
        for each in reversed(earlier):
            if each.orders(tier) and not _passes(self._tally(each, tier)):
                return each
        return None

    def _stopped(self, ring: Ring, tier: str) -> Iterator[RingStopped]:
        tally = self._tally(ring, tier)
        stalled, limit = self._unforgiven(tier, tally), _limit(ring, tally)
        if len(stalled) >= limit:
            names = self._names(stalled)
            yield RingStopped(ring.name, tier, len(stalled), limit, names[:_FIRST])

    def _unforgiven(self, tier: str, tally: Tally) -> list[str]:
        """UIDs of the stalled. A gate is forgiven the deadline that it had missed by then, and
        none that it misses later.
        """
        never = float("-inf")
        return [
            uid
            for uid, past in tally.stalled.items()
            if self.orders.forgiven.get((uid, tier), never) < past
        ]

    def _names(self, uids: list[str]) -> tuple[str, ...]:
        return tuple(sorted(self.judgements[uid].verdicts.name for uid in uids))

    def _tally(self, ring: Ring, tier: str) -> Tally:
        return self.tallies.get((ring.name, tier), EMPTY)


def _passes(tally: Tally) -> bool:
    """Whether nobody waits for the ring: it has no gate of the tier, or none but skipped ones."""
    return not tally.counting and not tally.apart


def _needed(ring: Ring, before: Tally) -> int:
    """On how many spokes of the ring before; at least on one, however small the share."""
    return max(1, math.ceil(ring.start.settled * before.counting - _ROUNDING))


_ROUNDING = 1e-9
"""95 % of 20 are 19, whatever a float makes of it."""


def _limit(ring: Ring, tally: Tally) -> int:
    """How many stalled gates stop the tier; at least one, however small the share."""
    most = ring.stop.stalled
    return most if isinstance(most, int) else max(1, math.floor(most * tally.counting + _ROUNDING))
