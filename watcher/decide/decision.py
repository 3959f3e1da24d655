"""What was decided?

Elsewhere: how (deciding.py); what is said of one gate (verdicts.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite

from msgspec import Struct, structs

from watcher.decide.admission import Line
from watcher.decide.carried import Carried
from watcher.decide.given import GivenOrder, given_orders
from watcher.decide.judgement import Candidate, Judgement, Stage
from watcher.decide.owners import owner
from watcher.decide.parking import UNPARK, Refresh
from watcher.decide.patch import PatchGates
from watcher.decide.reasons import DeadlinePassed, Opens, Reason, Unparks
from watcher.decide.recovery import Recovery
from watcher.decide.rings import Rings, RingTier
from watcher.decide.sharding import Sharding
from watcher.decide.shards import Shard
from watcher.decide.verdicts import PASSED, SpokeVerdicts, State, Verdict, Verdicts
from watcher.facts import Instant, Orders, Spoke


class Said(Struct, frozen=True):
    """What a turn adds to the judgements of the spokes: what only all of them together tell."""

    waits_for: tuple[Reason, ...] = ()
    """What every gate that may open waits for, where it was not chosen."""
    chosen: Mapping[str, tuple[str, ...]] = {}
    """UID to the tiers that open now."""
    in_line: Mapping[Line, tuple[Reason, ...]] = {}
    """What those in one line wait for besides."""
    sharding: Sharding | None = None
    """Tells in which line a spoke waits."""
    rings: Rings | None = None
    """Tells why a gate's ring is not to open it now."""
    recovery: Recovery = Recovery()
    """Tells which parked spoke may come back, and what the others wait for."""
    stale: tuple[Reason, ...] = ()
    """Added to every gate that has not passed."""
    also: Mapping[str, Mapping[str, Reason]] = {}
    """UID and tier to one more reason."""


class Spokes(Mapping[str, SpokeVerdicts]):
    """Every spoke's verdicts by UID.

    What concerns all gates alike is put in when a spoke is read, so that a turn costs what
    changed and not the size of the fleet.
    """

    def __init__(self, judgements: Mapping[str, Judgement], said: Said) -> None:
        self._judgements = judgements
        self._said = said

    def __getitem__(self, uid: str) -> SpokeVerdicts:
        judgement, said = self._judgements[uid], self._said
        verdicts = judgement.verdicts
        if not judgement.candidates and not said.stale and uid not in said.also:
            return verdicts
        return structs.replace(
            verdicts,
            tiers={
                tier: _with(verdict, tuple(self._added(uid, tier, verdict)))
                for tier, verdict in verdicts.tiers.items()
            },
        )

    def __contains__(self, uid: object) -> bool:
        return uid in self._judgements  # a Mapping's own would spell out every reason of it

    def _added(self, uid: str, tier: str, verdict: Verdict) -> Iterator[Reason]:
        said = self._said
        if verdict.state is State.HELD:
            yield from self._comes_back(uid)
        for each in self._judgements[uid].candidates:
            if each.tier == tier:
                opens = tier in said.chosen.get(uid, ())
                yield from (Opens(),) if opens else self._not_now(uid, each)
        if (also := said.also.get(uid, {}).get(tier)) is not None:
            yield also
        if verdict.state not in PASSED:
            yield from said.stale

    def _comes_back(self, uid: str) -> Iterator[Reason]:
        """What a parked spoke waits for."""
        said, judgement = self._said, self._judgements[uid]
        if all(each.tier != UNPARK for each in judgement.candidates):
            return
        if UNPARK in said.chosen.get(uid, ()):
            yield Unparks()
        elif said.sharding is not None:
            pod = owner(said.sharding.known.sites.owners, judgement.inputs.spoke)
            yield from said.recovery.said.get(pod) or self._waits_for(uid)

    def _not_now(self, uid: str, candidate: Candidate) -> Iterator[Reason]:
        """What a gate that may open waits for: the turn of its ring, or else its own."""
        rings = self._said.rings
        not_its_turn = () if rings is None else rings.against(candidate)
        yield from not_its_turn or self._waits_for(uid)

    def _waits_for(self, uid: str) -> Iterator[Reason]:
        said, judgement = self._said, self._judgements[uid]
        yield from said.waits_for
        if said.sharding is not None:
            room = said.sharding.at(judgement.inputs.spoke)
            pod = None if room is None else room.pod.key
            begun = judgement.stage not in (Stage.NOTHING, Stage.PARKED)
            yield from said.in_line.get(Line(pod, begun), ())

    def own(self, uid: str) -> SpokeVerdicts:
        """What is said of the spoke alone: its name and its gates' states, at no cost, and those of
        its reasons that do not hold for others too.
        """
        return self._judgements[uid].verdicts

    def verdict(self, uid: str, tier: str) -> Verdict:
        """What is said of one gate, without reading the spoke's others."""
        verdict = self.own(uid).tiers[tier]
        return _with(verdict, tuple(self._added(uid, tier, verdict)))

    def foremost(self, uid: str, tier: str) -> Reason:
        """The first reason of a gate that has not passed that says more than its state does: what
        is stalled is past its deadline. What holds for others too is looked up only where it has
        none of its own.
        """
        if (first := _telling(self.own(uid).tiers[tier].reasons)) is not None:
            return first
        whole = self.verdict(uid, tier).reasons
        return _telling(whole) or whole[0]

    def fact(self, uid: str) -> Spoke:
        """What the hub reported of it."""
        return self._judgements[uid].inputs.spoke

    def waits_since(self, uid: str, tier: str) -> Instant | None:
        """Since when the gate may open; None where it may not, or nobody knows since when."""
        for each in self._judgements[uid].candidates:
            if each.tier == tier and isfinite(each.since):
                return each.since
        return None

    def ring(self, uid: str) -> str:
        """The name of the spoke's ring."""
        return self._judgements[uid].ring

    def pod(self, uid: str) -> str | None:
        """The key of the Pod whose memory holds the spoke's cluster; None where nobody knows."""
        if self._said.sharding is None:
            return None
        return owner(self._said.sharding.known.sites.owners, self._judgements[uid].inputs.spoke)

    def shard(self, uid: str) -> str:
        """The name of the shard that holds its cluster; empty where nobody knows."""
        pod, sharding = self.pod(uid), self._said.sharding
        here = None if pod is None or sharding is None else sharding.rooms.get(pod)
        return "" if here is None else here.name

    def __iter__(self) -> Iterator[str]:
        return iter(self._judgements)

    def __len__(self) -> int:
        return len(self._judgements)

    @property
    def rings(self) -> tuple[RingTier, ...]:
        """How far each tier is in each ring."""
        return () if self._said.rings is None else tuple(self._said.rings.tiers())

    @property
    def singled_out(self) -> frozenset[str]:
        """The spokes that have a reason which is not of their own judgement."""
        return frozenset(self._said.also)


def _telling(reasons: Iterable[Reason]) -> Reason | None:
    return next((each for each in reasons if not isinstance(each, DeadlinePassed)), None)


def _with(verdict: Verdict, reasons: tuple[Reason, ...]) -> Verdict:
    if not reasons:
        return verdict
    return structs.replace(verdict, reasons=(*verdict.reasons, *reasons))


class Decision(Struct, frozen=True):
    """The answer of one turn."""

    spokes: Spokes
    patches: tuple[PatchGates, ...]
    """To send now, urgent ones first, at most one per spoke."""
    carried: Carried
    """To be handed back in the next snapshot."""
    wake_at: Instant | None
    """When time alone would change this answer; None when it would not."""
    refreshes: tuple[Refresh, ...] = ()
    """The Applications that Argo CD is to be asked to look at."""
    stops: tuple[Reason, ...] = ()
    """Why nothing at all is admitted on the hub now; budgets that are used up are no stop."""
    shards: Mapping[str, Shard] = {}
    """What is said of each controller by its Pod's key, in the order of their names."""
    follows: Carried | None = None
    """What the turn before carried, where the spokes that were judged anew are known."""
    judged: frozenset[str] = frozenset()
    """These, by UID, and those that left."""
    given: Orders = Orders()
    """What people ordered, as the hub has it; those that cannot be read, too."""

    @property
    def verdicts(self) -> Verdicts:
        """A verdict for every gate."""
        return Verdicts(self.spokes)

    @property
    def rings(self) -> tuple[RingTier, ...]:
        """How far each tier is in each ring that has a spoke with a gate of it."""
        return self.spokes.rings

    @property
    def orders(self) -> tuple[GivenOrder, ...]:
        """Every order that stands on the hub, in the order of their keys."""
        return tuple(given_orders(self.given, self.carried.orders, self.carried.judgements))
