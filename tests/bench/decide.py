"""How long does a decision take, from scratch and after one event?

10,000 spokes × 8 tiers, one addon a tier; half of the spokes have all gates open, half only the
first four, so that 5,000 gates wait for their turn and 60,000 Applications exist.
"""

from __future__ import annotations

import gc
import statistics
import time

import msgspec

from watcher.decide import Carried, Snapshot, Touched, decide, grouped, place, regroup
from watcher.decide.changes import changes
from watcher.facts import (
    Application,
    ApplicationSet,
    Clusters,
    Expression,
    Instant,
    Kind,
    Operation,
    Owner,
    Selector,
    Source,
    Spoke,
    rfc3339,
)
from watcher.policy import Policy, Tier

SPOKES = 10_000
TIERS = tuple(f"tier-{at}" for at in range(8))
EVENTS = 200
NOW: Instant = 1_800_000_000.0


def main() -> None:
    policy, sets, spokes, apps = fleet()
    groups = grouped(apps)
    sources = {kind: Source(kind, listed=True, heard_at=NOW) for kind in Kind}

    def snapshot(carried: Carried, touched: Touched | None) -> Snapshot:
        return Snapshot(dict(spokes), sets, dict(groups), sources, carried=carried, touched=touched)

    print(f"decide: {SPOKES} spokes x {len(TIERS)} tiers, {len(apps)} Applications")
    gc.collect()
    gc.freeze()
    began = time.perf_counter()
    decision = decide(snapshot(Carried(), None), policy, NOW)
    print(f"  from scratch      {time.perf_counter() - began:8.3f} s")
    took = []
    for at in range(EVENTS):
        before = apps[at * 7]
        after = msgspec.structs.replace(before, resource_version=str(at + 2))
        began = time.perf_counter()
        regroup(groups, before, after)
        touched = Touched(places=frozenset({place(after)}))
        answer = decide(snapshot(decision.carried, touched), policy, NOW + at / 1000)
        changes(decision, answer)
        took.append(time.perf_counter() - began)
        decision = answer
    print(f"  after one event   {statistics.median(took) * 1000:8.2f} ms (median of {EVENTS})")
    print(f"                    {sorted(took)[EVENTS * 9 // 10] * 1000:8.2f} ms (nine of ten)")
    gc.unfreeze()


def fleet() -> tuple[Policy, dict[str, ApplicationSet], dict[str, Spoke], list[Application]]:
    """The policy, and what the hub holds."""
    policy = Policy(tiers=_tiers())
    sets = {each.key: each for each in map(_application_set, TIERS)}
    spokes = {each.uid: each for each in map(_spoke, range(SPOKES))}
    apps = [_application(at, tier) for at in range(SPOKES) for tier in _open_tiers(at)]
    return policy, sets, spokes, apps


def _tiers() -> tuple[Tier, ...]:
    chain = zip(TIERS, ((), *((name,) for name in TIERS)), strict=False)
    return tuple(Tier(name, depends_on=before) for name, before in chain)


def _open_tiers(at: int) -> tuple[str, ...]:
    return TIERS if at % 2 == 0 else TIERS[:4]


def _application_set(tier: str) -> ApplicationSet:
    asks = (
        Expression(f"enable_{tier}", "In", ("true",)),
        Expression(f"gate-watcher.io/{tier}", "In", ("open",)),
    )
    return ApplicationSet(
        "argocd", f"addon-{tier}", f"set-{tier}", "1", NOW - 9000, (Clusters(Selector(asks)),)
    )


def _spoke(at: int) -> Spoke:
    opened = {tier: rfc3339(NOW - 6000) for tier in _open_tiers(at)}
    labels = {"argocd.argoproj.io/secret-type": "cluster", "environment": "prod"}
    labels |= {f"enable_{tier}": "true" for tier in TIERS}
    labels |= {f"gate-watcher.io/{tier}": "open" for tier in opened}
    return Spoke(
        uid=f"uid-{at}",
        namespace="argocd",
        secret=f"spoke-{at}",
        resource_version="1",
        created_at=NOW - 9000,
        labels=labels,
        name=f"spoke-{at}",
        server=f"https://spoke-{at}.example.com",
        opened=msgspec.json.encode(opened).decode(),
    )


def _application(at: int, tier: str) -> Application:
    return Application(
        namespace="argocd",
        name=f"spoke-{at}-{tier}",
        uid=f"app-{at}-{tier}",
        resource_version="1",
        created_at=NOW - 5000,
        owner=Owner(f"addon-{tier}", f"set-{tier}"),
        server=f"https://spoke-{at}.example.com",
        automated=True,
        operation=Operation("Succeeded", NOW - 4000),
        sync_status="Synced",
        health_status="Healthy",
        health_since=NOW - 4000,
        reconciled_at=NOW - 100,
        spec_digest=b"same",
        compared_digest=b"same",
        deployed_at=NOW - 4000,
    )
