"""What does a watcher export?

Every family with its labels, of a leader that has something to say of everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from msgspec.structs import replace
from prometheus_client import Metric

from tests.builders import NOW, application_set, policy, snapshot, spoke
from watcher.decide import Decision, decide
from watcher.decide.reasons import Costs, DeletionPending, ShardUnknown
from watcher.decide.shards import Shard
from watcher.facts import Force, Guard, Standing
from watcher.serve import Decided, Report, Stream
from watcher.serve.gauges import Everything
from watcher.serve.meters import Meters

POLICY = policy("crds", "mesh")

_SHARD = Shard(
    "0",
    "argocd/controller-0",
    stops=(ShardUnknown("0", "no answer"),),
    resident_bytes=1.0,
    live_bytes=1.0,
    used_bytes=1.0,
    reserved_bytes=1.0,
    restart_bytes=1.0,
    filled_to_bytes=1.0,
    limit_bytes=1.0,
    collecting=0.0,
    killed_at=1.0,
    fits=1,
    errors={"load": 0.1},
)


@cache
def everything() -> Everything:
    """What is exported."""
    meters = Meters("1")
    meters.begin(tiers=POLICY.by_name, costs=Costs, results=["patched"])
    meters.task_restarts.labels("turns")
    report = Report(
        Decided(_decision(), POLICY, NOW),
        leading=True,
        lease="gate-watcher",
        streams=(Stream("secrets", NOW, 1, 1, 1, 0, 0, 0, 0),),
        guards={Guard.A: Standing(Force.IN_FORCE)},
    )
    return Everything(meters.registry, report)


@cache
def families() -> Mapping[str, Metric]:
    """Each by its name."""
    return {each.name: each for each in everything().collect()}


@cache
def exported() -> Mapping[str, frozenset[str]]:
    """The name of every series that is exported, and its labels."""
    found: dict[str, frozenset[str]] = {}
    for family in families().values():
        for sample in family.samples:
            labels = frozenset(sample.labels)
            found[sample.name] = found.get(sample.name, labels) | labels
    return found


def _decision() -> Decision:
    busy = spoke("b", opened={"crds": NOW - 5.0})
    made = decide(
        snapshot([spoke("a"), busy], [application_set(each, each) for each in POLICY.by_name]),
        POLICY,
        NOW,
    )
    return replace(
        made,
        shards={_SHARD.pod: _SHARD},
        stops=(DeletionPending("argocd/a-x", "argocd/x"),),
    )
