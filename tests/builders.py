"""A hub in values: builders with sane defaults, so that a test shows only what matters to it.

What is built is as it stands on a quiet hub at `NOW`: Secrets are a day old, Applications were
made an hour ago and have settled since, every kind was heard of this very second.

Knows facts and policy, and what a snapshot is made of. Elsewhere: a hub that goes on by itself
(decide/world.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from watcher.decide import Carried, Decision, Gate, Snapshot, Verdict, grouped
from watcher.facts import (
    Application,
    ApplicationSet,
    Cluster,
    Clusters,
    Command,
    Expression,
    Force,
    Generator,
    Guard,
    Guards,
    Instant,
    Kind,
    Operation,
    Order,
    Orders,
    Owner,
    Pod,
    Reading,
    Readings,
    Refusal,
    Selector,
    Source,
    Spoke,
    Standing,
    Target,
    Write,
    instant,
    rfc3339,
)
from watcher.policy import Gates, Polarity, Policy, Tier

NOW: Instant = instant("2026-03-02T09:00:00Z") or 0.0
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
MIB = 1024 * 1024

ADMIT = Gates()
BLOCK = Gates(polarity=Polarity.BLOCK)

GUARDS: dict[bool | None, Guards] = {
    True: {each: Standing(Force.IN_FORCE) for each in Guard},
    False: {each: Standing(Force.NOT_IN_FORCE, "it is not on the hub") for each in Guard},
    None: {},
}
"""By whether they are in force; None where it is not known."""

SPEC, OTHER_SPEC = b"spec", b"another spec"


def policy(*tiers: str | Tier, **fields: Any) -> Policy:
    """A policy of these tiers; one given by its name depends on the one before it, as in a file."""
    made: list[Tier] = []
    for each in tiers:
        before = (made[-1].name,) if made else ()
        made.append(Tier(each, before) if isinstance(each, str) else each)
    return Policy(tuple(made), **fields)


def spoke(
    called: str = "a",
    /,
    *,
    opened: Mapping[str, Instant] | str | None = None,
    by_hand: Iterable[str] = (),
    closed: Iterable[str] = (),
    labels: Mapping[str, str] | None = None,
    gates: Gates = ADMIT,
    **fields: Any,
) -> Spoke:
    """A spoke: `opened` gates have their label and their time, those opened `by_hand` no time, and
    `closed` ones the label that polarity block has for them. A text for `opened` is the annotation
    as it stands there, with no label.
    """
    times = {} if isinstance(opened, str) else opened or {}
    if gates.polarity is Polarity.ADMIT:
        shown = {gates.key(tier): "open" for tier in (*times, *by_hand)}
    else:
        shown = {gates.key(tier): "closed" for tier in closed}
    made = Spoke(
        uid=f"uid-{called}",
        namespace="argocd",
        secret=f"cluster-{called}",
        resource_version="1",
        created_at=NOW - DAY,
        labels={**(labels or {}), **shown},
        name=called,
        server=f"https://{called}.example.com",
        opened=opened if isinstance(opened, str) else annotation(times) if times else None,
    )
    return replace(made, **fields)


def annotation(times: Mapping[str, Instant]) -> str:
    """The annotation of opening times, as the watcher writes it."""
    written = {tier: rfc3339(at) for tier, at in times.items()}
    return msgspec.json.encode(written, order="deterministic").decode()


def application_set(
    name: str = "x",
    tier: str | Iterable[str] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    gates: Gates = ADMIT,
    generators: Iterable[Generator] | None = None,
    **fields: Any,
) -> ApplicationSet:
    """An ApplicationSet with one clusters generator that asks for the gates of `tier`, one name or
    several, and for `labels`; or with these `generators`.
    """
    tiers = (tier,) if isinstance(tier, str) else tuple(tier or ())
    wanted = tuple(Expression(key, "In", (value,)) for key, value in (labels or {}).items())
    only = clusters(*wanted, *(asks(each, gates) for each in tiers))
    made = ApplicationSet(
        namespace="argocd",
        name=name,
        uid=f"uid-{name}",
        resource_version="1",
        created_at=NOW - DAY,
        generators=(only,) if generators is None else tuple(generators),
    )
    return replace(made, **fields)


def asks(tier: str, gates: Gates = ADMIT) -> Expression:
    """What a selector requires so that the gate of `tier` decides."""
    if gates.polarity is Polarity.ADMIT:
        return Expression(gates.key(tier), "In", ("open",))
    return Expression(gates.key(tier), "NotIn", ("closed",))


def clusters(*expressions: Expression, **fields: Any) -> Clusters:
    """A clusters generator with these requirements."""
    return Clusters(Selector(expressions), **fields)


def application(
    of: str = "x", on: str = "a", *, synced: bool = True, healthy: bool = True, **fields: Any
) -> Application:
    """The Application of ApplicationSet `of` on the spoke `on`, settled an hour ago."""
    made = Application(
        namespace="argocd",
        name=f"{on}-{of}",
        uid=f"uid-{on}-{of}",
        resource_version="1",
        created_at=NOW - HOUR,
        owner=Owner(of, f"uid-{of}"),
        server=f"https://{on}.example.com",
        automated=True,
        operation=Operation("Succeeded", NOW - HOUR + 2),
        sync_status="Synced" if synced else "OutOfSync",
        health_status="Healthy" if healthy else "Progressing",
        health_since=NOW - HOUR + 5,
        reconciled_at=NOW - MINUTE,
        spec_digest=SPEC,
        compared_digest=SPEC,
        deployed_at=NOW - HOUR + 2,
    )
    return replace(made, **fields)


def newborn(
    of: str = "x", on: str = "a", *, created_at: Instant = NOW, **fields: Any
) -> Application:
    """One that was made a moment ago: nothing but its spec."""
    bare: dict[str, Any] = {
        "operation": None,
        "sync_status": "",
        "health_status": "",
        "health_since": None,
        "reconciled_at": None,
        "compared_digest": None,
        "deployed_at": None,
    }
    return application(of, on, **{**bare, "created_at": created_at, **fields})


def settled_since(
    at: Instant, of: str = "x", on: str = "a", *, created_at: Instant | None = None, **fields: Any
) -> Application:
    """One that was made, deployed and became healthy at `at`, or was made at `created_at`."""
    times: dict[str, Any] = {
        "created_at": at if created_at is None else created_at,
        "operation": Operation("Succeeded", at),
        "health_since": at,
        "reconciled_at": at,
        "deployed_at": at,
    }
    return application(of, on, **{**times, **fields})


def controller(number: int | None = 0, **fields: Any) -> Pod:
    """The Pod of an application controller that runs since yesterday, without a memory limit."""
    name = f"argocd-application-controller-{'x7k2p' if number is None else number}"
    made = Pod(
        uid=f"uid-{name}",
        namespace="argocd",
        name=name,
        resource_version="1",
        ip=f"10.0.0.{(number or 0) + 1}",
        number=number,
        phase="Running",
        ready=True,
        started_at=NOW - DAY,
        image="quay.io/argoproj/argocd:v3.5.1",
    )
    return replace(made, **fields)


def reading(
    live_mib: float = 8, at: Instant = NOW, *, holds: Iterable[str] = (), **fields: Any
) -> Reading:
    """What a quiet controller says of itself: its live heap, and the spokes whose clusters it
    `holds`.
    """
    made = Reading(
        at=at,
        resident_bytes=(90 + 2 * live_mib) * MIB,
        live_bytes=live_mib * MIB,
        goal_bytes=2 * live_mib * MIB,
        collections=100.0 + at - NOW,
        gogc_percent=100.0,
        soft_limit_bytes=None,
        collecting_s=0.0,
        busy_s=0.0,
        process_started_at=NOW - DAY,
        clusters={f"https://{name}.example.com": Cluster(name) for name in holds},
    )
    return replace(made, **fields)


def readings(*latest: Reading, of: int = 0, trouble: str = "") -> dict[str, Readings]:
    """What came of asking the controller with this number."""
    return {controller(of).key: Readings(latest, trouble)}


def sources(
    heard_at: Instant = NOW,
    *,
    stale: Iterable[Kind] = (),
    unlisted: Iterable[Kind] = (),
    trouble: str = "",
) -> dict[Kind, Source]:
    """What is known of each kind: heard of at `heard_at`, but those that are `stale` ten minutes
    before, and `unlisted` ones never.
    """
    troubled = {*stale, *unlisted}
    return {
        kind: Source(
            kind,
            listed=kind not in unlisted,
            heard_at=None
            if kind in unlisted
            else heard_at - 10 * MINUTE
            if kind in stale
            else heard_at,
            trouble=trouble if kind in troubled else "",
        )
        for kind in Kind
    }


def snapshot(
    spokes: Iterable[Spoke] = (),
    sets: Iterable[ApplicationSet] = (),
    apps: Iterable[Application] = (),
    *,
    heard: Mapping[Kind, Source] | None = None,
    writes: Mapping[str, Write] | None = None,
    refusals: Mapping[str, Refusal] | None = None,
    guarded: bool | None = None,
    pods: Iterable[Pod] | None = None,
    said: Mapping[str, Readings] | None = None,
    orders: Iterable[Order] = (),
    carried: Carried | None = None,
) -> Snapshot:
    """What a decision rests on; writes and refusals by the spoke's name. `guarded`: whether every
    guard is in force. One controller, without a limit, where no `pods` are given; `said`: readings.
    """
    return Snapshot(
        spokes={each.uid: each for each in spokes},
        application_sets={each.key: each for each in sets},
        applications=grouped(apps),
        sources=sources() if heard is None else heard,
        writes={f"uid-{name}": write for name, write in (writes or {}).items()},
        refusals={f"uid-{name}": refusal for name, refusal in (refusals or {}).items()},
        guards=GUARDS[guarded],
        pods={each.key: each for each in ((controller(),) if pods is None else pods)},
        readings=said or {},
        orders=Orders("argocd", "gate-watcher-orders", orders=tuple(orders)),
        carried=Carried() if carried is None else carried,
    )


def order(command: Command, /, *, key: str = "", at: Instant = NOW, **fields: Any) -> Order:
    """An order of alice's; where nothing is given of a target, it names everything."""
    named = {name: fields.pop(name) for name in Target.__struct_fields__ if name in fields}
    target = Target(**(named or {"everything": True}))
    return Order(key or f"{command}-{at:.0f}", command, target, by="alice", at=at, **fields)


def verdict(decision: Decision, tier: str, on: str = "a") -> Verdict:
    """What was decided of one gate."""
    return decision.verdicts[Gate(f"uid-{on}", tier)]


def opens(decision: Decision) -> dict[str, tuple[str, ...]]:
    """Spoke to the gates that open there now."""
    return {each.spoke.removeprefix("uid-"): each.opens for each in decision.patches}


def next_turn(before: Snapshot, decision: Decision, **changed: Any) -> Snapshot:
    """The same hub a turn later, but for what is `changed`."""
    return replace(before, carried=decision.carried, **changed)
