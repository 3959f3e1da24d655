"""What is so right now, in numbers?

Made anew from the report each time somebody asks, so the series of a gate, a spoke or a tier that
is gone are gone too. Only the replica that leads shows gates: two would count them double. A dry
run never leads, so any number of them adds nothing, beside one that does too.

A gate has a series of its own only while it has not passed, and no more than `MOST` have, those
first that most need a person. Its reason there is one that only a person can mend, where it has
such a one. What is not known of a shard has no series, since a nought would be believed. Its bytes
are as they count against its limit; only `live` and `resident` are what it says itself.

Elsewhere: what is counted as it happens (meters.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import get_args

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from watcher.decide import Decision, State
from watcher.decide.reasons import BlockingReason, Reason, StartsBehindOpenGate
from watcher.decide.shards import Shard
from watcher.decide.verdicts import PASSED, URGENT, Verdict
from watcher.decide.words import name as name_of
from watcher.facts import Force, Guards
from watcher.serve.report import Report, Stream

MOST = 5_000
"""Gates with series of their own. A fleet of 10,000 that begins has 80,000 that wait, all for the
same; what needs a person is never so much."""

_BLOCKING = frozenset(get_args(BlockingReason))
"""Looked up by type: every gate of the fleet is looked at each time somebody asks."""

_OF_SHARDS: dict[str, tuple[str, Callable[[Shard], float | None]]] = {
    "memory_used_bytes": (
        "What stands on the shard.",
        lambda shard: shard.used_bytes,
    ),
    "memory_reserved_bytes": (
        "What is in progress on the shard may take on top of what stands there.",
        lambda shard: shard.reserved_bytes,
    ),
    "memory_predicted_bytes": (
        "The most that the shard is predicted to take while what is in progress settles.",
        lambda shard: _sum(shard.used_bytes, shard.reserved_bytes),
    ),
    "memory_filled_to_bytes": (
        "Up to where the shard is filled: the high mark.",
        lambda shard: shard.filled_to_bytes,
    ),
    "memory_limit_bytes": (
        "GOMEMLIMIT where the shard has one, else its memory limit.",
        lambda shard: shard.limit_bytes,
    ),
    "memory_live_bytes": (
        "Live heap of the shard, as its last collection left it.",
        lambda shard: shard.live_bytes,
    ),
    "memory_resident_bytes": (
        "Resident memory of the shard, as it says itself.",
        lambda shard: shard.resident_bytes,
    ),
    "restart_bytes": (
        "The most that starting again with all that is open on the shard is predicted to take.",
        lambda shard: shard.restart_bytes,
    ),
    "killed_timestamp_seconds": (
        "When the shard was last killed for its memory, as far as is known.",
        lambda shard: shard.killed_at,
    ),
    "collecting_ratio": (
        "The share of its CPU that the shard spent collecting of late.",
        lambda shard: shard.collecting,
    ),
    "spokes": (
        "Spokes with something open or running on the shard, parked ones aside.",
        lambda shard: shard.spokes,
    ),
    "fits_spokes": (
        "How many more spokes fit on the shard.",
        lambda shard: shard.fits,
    ),
}


class Everything(Collector):
    """What was counted, and what the report says."""

    def __init__(self, counted: Collector, report: Report) -> None:
        self._counted = counted
        self._report = report

    def collect(self) -> Iterator[Metric]:
        """Every series of this moment."""
        yield from self._counted.collect()
        report = self._report
        yield from _streams(report.streams)
        if not report.lease:
            return
        leads = GaugeMetricFamily(
            "leader_election_master_status",
            "Whether this replica holds the lease.",
            labels=["name"],
        )
        leads.add_metric([report.lease], float(report.leading))
        yield leads
        if report.leading:
            yield _guards(report.guards)
        if report.decided is not None:
            decision = report.decided.decision
            yield from _gates(decision)
            yield from _single(decision)
            yield _spokes(decision)
            yield _stopped(decision)
            yield from _shards(decision.shards.values())


def _guards(guards: Guards) -> Metric:
    """One that is unknown has no series: a nought would say that it is not in force."""
    family = GaugeMetricFamily(
        "gate_watcher_guard_in_force",
        "Whether the guard is in force; absent where that is not known.",
        labels=["guard"],
    )
    for guard, standing in sorted(guards.items()):
        if standing.force is not Force.UNKNOWN:
            family.add_metric([guard], float(standing.force is Force.IN_FORCE))
    return family


def _streams(streams: tuple[Stream, ...]) -> Iterator[Metric]:
    heard = GaugeMetricFamily(
        "gate_watcher_watch_last_event_timestamp_seconds",
        "When the hub last answered for the resource: a list, an event, a bookmark.",
        labels=["resource"],
    )
    unreadable = GaugeMetricFamily(
        "gate_watcher_unreadable_objects",
        "Objects of which something cannot be read.",
        labels=["resource"],
    )
    counts = {
        "lists": "Complete lists that were taken.",
        "watch_restarts": "Watches that were opened again.",
        "watch_failures": "Lists and watches that failed.",
        "drifted_objects": "Objects whose change the watch had missed.",
        "rewinds": "Times that the hub's history went back, as after a restored backup.",
    }
    families = {
        name: CounterMetricFamily(f"gate_watcher_{name}", what, labels=["resource"])
        for name, what in counts.items()
    }
    for each in streams:
        if each.heard_at is not None:
            heard.add_metric([each.resource], each.heard_at)
        unreadable.add_metric([each.resource], each.unreadable)
        families["lists"].add_metric([each.resource], each.lists)
        families["watch_restarts"].add_metric([each.resource], each.restarts)
        families["watch_failures"].add_metric([each.resource], each.failures)
        families["drifted_objects"].add_metric([each.resource], each.drifted)
        families["rewinds"].add_metric([each.resource], each.rewinds)
    yield from (heard, unreadable, *families.values())


def _gates(decision: Decision) -> Iterator[Metric]:
    counts: Counter[tuple[str, State]] = Counter()
    rushes: Counter[str] = Counter()
    for spoke in map(decision.spokes.own, decision.spokes):
        for tier, verdict in spoke.tiers.items():
            counts[tier, verdict.state] += 1
            rushes[tier] += any(isinstance(each, StartsBehindOpenGate) for each in verdict.reasons)
    gates = GaugeMetricFamily(
        "gate_watcher_gates", "Gates, by tier and state.", labels=["tier", "state"]
    )
    rushed = GaugeMetricFamily(
        "gate_watcher_gates_rushed",
        "Gates that were open already when something new began behind them.",
        labels=["tier"],
    )
    for tier in sorted({tier for tier, _ in counts}):
        rushed.add_metric([tier], rushes[tier])
        for state in State:
            gates.add_metric([tier, state], counts[tier, state])
    spokes = GaugeMetricFamily("gate_watcher_spokes", "Spokes on the hub.")
    spokes.add_metric([], len(decision.spokes))
    yield from (gates, rushed, spokes)


def _single(decision: Decision) -> Iterator[Metric]:
    """A series for each gate that has not passed."""
    states = GaugeMetricFamily(
        "gate_watcher_gate_state",
        "1 for the state of each gate that has not passed, with the reason that matters most.",
        labels=["spoke", "tier", "state", "reason"],
    )
    opened = GaugeMetricFamily(
        "gate_watcher_gate_opened_timestamp_seconds",
        "When each open gate opened that has not passed.",
        labels=["spoke", "tier"],
    )
    dropped = GaugeMetricFamily(
        "gate_watcher_series_dropped",
        "Gates that have not passed and have no series of their own, since they are too many.",
    )
    unpassed = _unpassed(decision)
    every = [(uid, gate) for state in URGENT for uid, gate in unpassed[state]]
    for uid, tier in every[:MOST]:
        spoke = decision.spokes.own(uid)
        verdict, reason = spoke.tiers[tier], name_of(_reason(decision, uid, tier))
        states.add_metric([spoke.name, tier, verdict.state, reason], 1.0)
        if verdict.opened_at is not None and verdict.state is not State.LOST:
            opened.add_metric([spoke.name, tier], verdict.opened_at)
    dropped.add_metric([], max(0, len(every) - MOST))
    yield from (states, opened, dropped)


def _unpassed(decision: Decision) -> dict[State, list[tuple[str, str]]]:
    """UID and tier of each gate that has not passed, by the state that it is as urgent as."""
    found: dict[State, list[tuple[str, str]]] = {state: [] for state in URGENT}
    for uid in decision.spokes:
        for tier, verdict in decision.spokes.own(uid).tiers.items():
            if verdict.state not in PASSED:
                found[_as_urgent_as(verdict)].append((uid, tier))
    return found


def _as_urgent_as(verdict: Verdict) -> State:
    """What only a person can mend comes before all that goes on by itself, however much that is."""
    if _BLOCKING.isdisjoint(map(type, verdict.reasons)):
        return verdict.state
    return min(verdict.state, State.UNKNOWN, key=URGENT.index)


def _reason(decision: Decision, uid: str, tier: str) -> Reason:
    """Which of its reasons a gate's series names."""
    whole = decision.spokes.verdict(uid, tier).reasons
    blocking = (each for each in whole if type(each) in _BLOCKING)
    return next(blocking, None) or decision.spokes.foremost(uid, tier)


def _spokes(decision: Decision) -> Metric:
    """What joins a spoke's series with those of Argo CD, whose label is `dest_server`."""
    family = GaugeMetricFamily(
        "gate_watcher_spoke_info",
        "1 for each spoke, with its server, the shard that holds it and its ring.",
        labels=["spoke", "dest_server", "shard", "ring"],
    )
    for uid in decision.spokes:
        spokes, fact = decision.spokes, decision.spokes.fact(uid)
        server = fact.server.rstrip("/")
        labels = [spokes.own(uid).name, server, spokes.shard(uid), spokes.ring(uid)]
        family.add_metric(labels, 1.0)
    return family


def _stopped(decision: Decision) -> Metric:
    family = GaugeMetricFamily(
        "gate_watcher_admission_stopped",
        "1 for each reason for which nothing is admitted on the whole hub.",
        labels=["reason"],
    )
    for reason in sorted(set(map(name_of, decision.stops))):
        family.add_metric([reason], 1.0)
    return family


def _shards(shards: Iterable[Shard]) -> Iterator[Metric]:
    every = tuple(shards)
    for name, (says, of) in _OF_SHARDS.items():
        gauge = GaugeMetricFamily(f"gate_watcher_shard_{name}", says, labels=["shard"])
        for shard in every:
            if (value := of(shard)) is not None:
                gauge.add_metric([shard.name], value)
        yield gauge
    kills = CounterMetricFamily(
        "gate_watcher_shard_kills",
        "Times that the shard was killed for its memory, as far as this process saw.",
        labels=["shard"],
    )
    errors = GaugeMetricFamily(
        "gate_watcher_predictor_error_ratio",
        "How far the predictor was off of late, as a share, by what it predicts.",
        labels=["shard", "kind"],
    )
    stopped = GaugeMetricFamily(
        "gate_watcher_shard_stopped",
        "1 for each reason for which nothing is admitted on the shard, whatever it would take.",
        labels=["shard", "reason"],
    )
    for shard in every:
        kills.add_metric([shard.name], shard.kills)
        for reason in sorted(set(map(name_of, shard.stops))):
            stopped.add_metric([shard.name, reason], 1.0)
        for kind, error in shard.errors.items():
            errors.add_metric([shard.name, kind], error)
    yield from (kills, stopped, errors)


def _sum(used: float | None, reserved: float | None) -> float | None:
    return None if used is None or reserved is None else used + reserved
