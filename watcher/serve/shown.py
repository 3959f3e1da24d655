"""What does a report come to in the shapes of `/api/v1`?

Pure: a report in, values out. One `View` for each decision, so that what costs a look at every gate
is worked out once however many people ask.

Elsewhere: the shapes (shapes.py); who may ask for what (api.py).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable
from functools import cached_property, partial
from typing import assert_never

from watcher.decide import Change, Reason, State, Verdict
from watcher.decide.changes import (
    AdmissionResumed,
    AdmissionStopped,
    GateChanged,
    OrderEnded,
    OrderGiven,
    OrderUnreadable,
    SpokeLeft,
    TeardownDone,
    TeardownOrdered,
    TeardownTakenBack,
)
from watcher.decide.coming import coming
from watcher.decide.findings import Finding, findings, tell
from watcher.decide.given import say_order
from watcher.decide.judgement import APART, Candidate, Counts
from watcher.decide.parking import UNPARK
from watcher.decide.reasons import Opens, Unparks
from watcher.decide.rings import RingTier
from watcher.decide.shards import Shard
from watcher.decide.verdicts import URGENT
from watcher.decide.words import name
from watcher.facts import Guards, Instant, Selector, matches, rfc3339
from watcher.policy import Policy
from watcher.serve import shapes
from watcher.serve.explained import (
    at_shown,
    explained,
    order_shown,
    reason_shown,
    reasons_shown,
)
from watcher.serve.report import Decided

MOST_SPOKES = 1000
"""On a page: as many are some 2 MB and a tenth of a second."""

_COMING = 12
"""Of those that are next in line: as many as are read."""

_FEW = 3
"""Reasons where not all can be shown: a gate of a hundred Applications has a hundred."""

_RANKS = {state: at for at, state in enumerate(URGENT)}

_NAMED = 5
"""Spokes that are named of many that wait alike."""


class View:
    """One decision, to be shown."""

    def __init__(self, decided: Decided) -> None:
        self.decided = decided

    def fleet(
        self, *, leader: str, troubles: tuple[str, ...], guards: Guards | None = None
    ) -> shapes.Fleet:
        """Everything at a glance."""
        totals: Counter[str] = Counter()
        for tier in self.tiers:
            totals.update(tier.gates)
        return shapes.Fleet(
            decided_at=rfc3339(self.decided.at),
            leader=leader,
            spokes=len(self.decided.decision.spokes),
            gates={state: totals[state] for state in State if totals[state]},
            tiers=self.tiers,
            stops=reasons_shown(self.decided.decision.stops),
            troubles=troubles,
            waiting=self.waiting,
            shards=self.shards,
            guards=tuple(
                shapes.Guard(guard, standing.force, standing.why)
                for guard, standing in sorted((guards or {}).items())
            ),
            coming=self.coming,
            rings=self.rings.tiers if self._ordered else (),
            orders=self.orders.orders,
        )

    @cached_property
    def coming(self) -> tuple[shapes.Coming, ...]:
        """The gates that are next in line."""
        return tuple(map(self._coming, coming(self.decided.decision, _COMING)))

    @cached_property
    def tiers(self) -> tuple[shapes.Tier, ...]:
        """Every tier of the policy."""
        spokes = self.decided.decision.spokes
        counts = Counter(
            (tier, verdict.state)
            for spoke in map(spokes.own, spokes)
            for tier, verdict in spoke.tiers.items()
        )
        return tuple(
            shapes.Tier(
                tier.name,
                tier.depends_on,
                {state: number for state in State if (number := counts[tier.name, state])},
            )
            for tier in self.decided.policy.order
        )

    @cached_property
    def rings(self) -> shapes.Rings:
        """Every ring of the policy."""
        return shapes.Rings(
            tuple(each.name for each in self.decided.policy.rings),
            tuple(map(_ring_tier, self.decided.decision.rings)),
        )

    @cached_property
    def orders(self) -> shapes.Orders:
        """Every order that stands on the hub."""
        return shapes.Orders(tuple(map(order_shown, self.decided.decision.orders)))

    @cached_property
    def waiting(self) -> tuple[shapes.Waiting, ...]:
        """The gates that have not passed, by tier, state and first reason."""
        groups: dict[tuple[int, str, str], list[tuple[str, Reason]]] = {}
        spokes, rank = self.decided.decision.spokes, _RANKS
        for called, uid in self._by_name.items():
            for tier, verdict in spokes.own(uid).tiers.items():
                if (at := rank.get(verdict.state)) is not None:
                    first = spokes.foremost(uid, tier)
                    groups.setdefault((at, tier, name(first)), []).append((called, first))
        depths = {tier.name: at for at, tier in enumerate(self.decided.policy.order)}
        ordered = sorted(groups, key=lambda group: (group[0], depths.get(group[1], 0), group[2]))
        return tuple(_waiting(group, groups[group]) for group in ordered)

    @cached_property
    def shards(self) -> tuple[shapes.Shard, ...]:
        """Every shard."""
        return tuple(
            _shard(each, self.decided.policy) for each in self.decided.decision.shards.values()
        )

    def spoke(self, called: str) -> shapes.Explained | None:
        """The spoke that is shown under this name, with all that its gates are made of."""
        found = self._by_name.get(called)
        return None if found is None else explained(self.decided, found)

    @property
    def _ordered(self) -> bool:
        """Whether there is anything to be said of rings: several, or one that something stops."""
        rings = self.rings
        return len(rings.rings) > 1 or any(each.reasons for each in rings.tiers)

    @property
    def names(self) -> Iterable[str]:
        """Every spoke's name, in order."""
        return self._by_name

    def page(
        self,
        *,
        states: Collection[str],
        tiers: Collection[str],
        after: str,
        limit: int,
        names: Collection[str] = (),
        rings: Collection[str] = (),
        selector: Selector | None = None,
    ) -> shapes.Spokes:
        """From the first one behind `after`, the spokes with one of these names, in one of these
        rings, with these labels, of which a gate of one of these tiers is in one of these states;
        of none named, any.
        """
        found = sorted(set(names) & self._by_name.keys()) if names else list(self._by_name)
        if rings or selector is not None:
            found = [each for each in found if self.belongs(each, rings, selector)]
        if states or tiers:
            found = [each for each in found if self._holds(each, states, tiers)]
        begin = bisect_right(found, after)
        shown, more = found[begin : begin + limit], len(found) > begin + limit
        return shapes.Spokes(
            tuple(self._shown(self._by_name[each]) for each in shown),
            matching=len(found),
            next=shown[-1] if more else None,
        )

    @cached_property
    def _by_name(self) -> dict[str, str]:
        """Each spoke's UID by its name, in the order of the names."""
        spokes = self.decided.decision.spokes
        return dict(sorted((spokes.own(uid).name, uid) for uid in spokes))

    def belongs(self, called: str, rings: Collection[str], selector: Selector | None) -> bool:
        """Whether there is a spoke of this name, in one of these rings, with these labels."""
        spokes, uid = self.decided.decision.spokes, self._by_name.get(called)
        if uid is None or (rings and spokes.ring(uid) not in rings):
            return False
        return selector is None or matches(selector, spokes.fact(uid).labels) is True

    def _holds(self, called: str, states: Collection[str], tiers: Collection[str]) -> bool:
        spoke = self.decided.decision.spokes.own(self._by_name[called])
        return any(
            (not states or verdict.state in states) and (not tiers or tier in tiers)
            for tier, verdict in spoke.tiers.items()
        )

    def _coming(self, next_: Candidate) -> shapes.Coming:
        spokes = self.decided.decision.spokes
        unparks = next_.tier == UNPARK
        tier = self.decided.policy.order[0].name if unparks else next_.tier
        reasons = spokes.verdict(next_.uid, tier).reasons
        opens = any(isinstance(each, Opens | Unparks) for each in reasons)
        return shapes.Coming(
            spoke=next_.spoke,
            tier=None if unparks else tier,
            since=rfc3339(next_.since),
            opens=opens,
            reasons=() if opens else reasons_shown(reasons[:_FEW]),
        )

    def _shown(self, uid: str) -> shapes.Spoke:
        spoke = self.decided.decision.spokes[uid]
        gates = tuple(_gate(tier, verdict) for tier, verdict in spoke.tiers.items())
        return shapes.Spoke(
            name=spoke.name,
            namespace=spoke.namespace,
            secret=spoke.secret,
            gates=gates,
            uid=uid,
            ring=self.decided.decision.spokes.ring(uid),
        )


def _waiting(group: tuple[int, str, str], gates: list[tuple[str, Reason]]) -> shapes.Waiting:
    _, first = gates[0]
    return shapes.Waiting(
        tier=group[1],
        state=URGENT[group[0]],
        reason=reason_shown(first),
        alike=all(reason == first for _, reason in gates),
        gates=len(gates),
        spokes=tuple(called for called, _ in gates[:_NAMED]),
    )


def _gate(tier: str, verdict: Verdict) -> shapes.Gate:
    return shapes.Gate(
        tier, verdict.state, reasons_shown(verdict.reasons), at_shown(verdict.opened_at)
    )


def _ring_tier(of: RingTier) -> shapes.RingTier:
    return shapes.RingTier(
        ring=of.ring,
        tier=of.tier,
        started=of.begun,
        before=of.before or None,
        needed=of.needed,
        gates=sum(of.numbers.values()),
        settled=of.numbers.get(Counts.SETTLED, 0),
        apart={each: of.numbers[each] for each in APART if of.numbers.get(each)},
        waiting=of.waiting,
        stalled=of.stalled,
        forgiven=of.forgiven,
        approved=of.approved,
        reasons=reasons_shown(of.against),
    )


def _shard(shard: Shard, policy: Policy) -> shapes.Shard:
    return shapes.Shard(
        name=shard.name,
        pod=shard.pod,
        spokes=shard.spokes,
        loading=shard.loading,
        later=shard.later,
        parked=shard.parked,
        waiting=shard.waiting,
        stops=reasons_shown(shard.stops),
        findings=tuple(_found(each) for each in findings(shard, policy.pacing)),
        helps=tuple(
            shapes.Help(each.remedy, round(each.bytes), each.spokes) for each in shard.helps
        ),
        errors=shard.errors,
        kills=shard.kills,
        killed_at=at_shown(shard.killed_at),
        fits=shard.fits,
        binds=shard.binds,
        survives_restart=shard.survives_restart,
        used_bytes=_whole(shard.used_bytes),
        reserved_bytes=_whole(shard.reserved_bytes),
        filled_to_bytes=_whole(shard.filled_to_bytes),
        limit_bytes=_whole(shard.limit_bytes),
        restart_bytes=_whole(shard.restart_bytes),
        pod_limit_bytes=_whole(shard.pod_limit_bytes),
        soft_limit_bytes=_whole(shard.soft_limit_bytes),
        resident_bytes=_whole(shard.resident_bytes),
        live_bytes=_whole(shard.live_bytes),
        collecting=shard.collecting,
        recovery=reasons_shown(shard.recovery),
    )


def changed(change: Change, *, number: int, at: Instant) -> shapes.Change:
    """One change, as it is shown."""
    made = partial(shapes.Change, number, rfc3339(at), type(change).__name__)
    match change:
        case GateChanged():
            return made(
                change.spoke,
                change.gate.tier,
                change.before,
                change.after,
                reasons_shown(change.reasons[:_FEW]),
            )
        case SpokeLeft(_, spoke):
            return made(spoke)
        case AdmissionStopped(reason) | AdmissionResumed(reason):
            return made(reasons=(reason_shown(reason),))
        case OrderGiven(order) | OrderEnded(order):
            says = shapes.Reason(order.command.value, say_order(order))
            named = order.target
            return made(named.spoke or None, named.tier or None, reasons=(says,))
        case TeardownOrdered() | TeardownDone() | TeardownTakenBack():
            return made(change.spoke, change.gate.tier)
        case OrderUnreadable(key, problem):
            return made(reasons=(shapes.Reason("OrderUnreadable", f"{key}: {problem}"),))
        case _:
            assert_never(change)


def _found(finding: Finding) -> shapes.Reason:
    return shapes.Reason(type(finding).__name__, tell(finding))


def _whole(amount: float | None) -> int | None:
    return None if amount is None else round(amount)
