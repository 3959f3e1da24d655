"""A hub that goes on by itself, in values: Argo CD's two controllers and the API server, dumb.

Time is an argument, nothing is changed in place, and everything is done at once: an ApplicationSet
is reconciled whenever it is asked to, an Application's status is what its age makes it. It counts
what Argo CD deletes, which is what the watcher must never be the cause of.

Elsewhere: the hub that speaks the Kubernetes API (watcher/embedded_hub).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from tests.builders import GUARDS, controller, newborn, reading, readings, sources
from tests.decide.reference import UntoldError, generated
from watcher.decide import Carried, Groups, PatchGates, Place, Snapshot, Touched, place, regroup
from watcher.facts import (
    Application,
    ApplicationSet,
    Cluster,
    Instant,
    Kind,
    Matrix,
    Operation,
    Orders,
    Readings,
    Source,
    Spoke,
)
from watcher.policy import Gates

COMPARED_S, APPLIED_S = 1.0, 2.0
"""How old an Application is when Argo CD has compared it, and when everything is applied."""

RUNS = controller()
"""The hub's one application controller, without a memory limit."""


class World(Struct, frozen=True):
    """All that the hub holds, and how its spokes behave."""

    now: Instant
    spokes: Mapping[str, Spoke]
    sets: Mapping[str, ApplicationSet]
    apps: Mapping[str, Application] = {}
    healthy_after_s: Mapping[str, float] = {}
    """Application, or else ApplicationSet, by name, to the age at which it becomes healthy; what is
    not named never does."""
    from_git: Mapping[str, int] = {}
    """ApplicationSet by name to how many Git has for each spoke, where it is asked."""
    leaves_after_s: Mapping[str, float] = {}
    """Application by key to how long its deletion takes; what is not named is gone at once."""
    sick: Mapping[str, tuple[str, Instant]] = {}
    """Application by key to another health, and since when."""
    deleted: tuple[str, ...] = ()
    """The Applications that Argo CD has deleted."""
    orders: Orders = Orders()
    out_of_reach: frozenset[str] = frozenset()
    """The server addresses of clusters that the controller cannot reach."""
    version: int = 1


class RefusedError(Exception):
    """The API server did not take a patch: it names another version, or another object."""


def patched(world: World, patch: PatchGates) -> World:
    """After the API server took one merge patch."""
    spoke = world.spokes.get(patch.spoke)
    if spoke is None or spoke.resource_version != patch.resource_version:
        raise RefusedError(patch.spoke)
    return _with_spoke(world, written(spoke, patch))


def written(spoke: Spoke, patch: PatchGates) -> Spoke:
    """The Secret with what a patch says of labels and annotations."""
    skip = "true" if spoke.skip_reconcile else None
    notes = {
        "gate-watcher.io/opened": spoke.opened,
        "gate-watcher.io/parked": spoke.parked,
        "argocd.argoproj.io/skip-reconcile": skip,
        **patch.annotations,
    }
    return replace(
        spoke,
        labels=_merged(spoke.labels, patch.labels),
        opened=notes["gate-watcher.io/opened"],
        parked=notes["gate-watcher.io/parked"],
        skip_reconcile=notes["argocd.argoproj.io/skip-reconcile"] == "true",
    )


def relabelled(world: World, uid: str, labels: Mapping[str, str]) -> World:
    """After somebody else wrote these labels in place of all others."""
    return _with_spoke(world, replace(world.spokes[uid], labels=dict(labels)))


def _with_spoke(world: World, spoke: Spoke) -> World:
    version = world.version + 1
    written = replace(spoke, resource_version=str(version))
    return replace(world, version=version, spokes={**world.spokes, spoke.uid: written})


def _merged(before: Mapping[str, str], patch: Mapping[str, str | None]) -> dict[str, str]:
    kept = {key: value for key, value in before.items() if key not in patch}
    return {**kept, **{key: value for key, value in patch.items() if value is not None}}


def reconciled(world: World) -> World:
    """After the controller of ApplicationSets went over every spoke: it makes, and it deletes."""
    wanted: dict[str, Application] = {}
    for each in world.sets.values():
        for spoke in world.spokes.values():
            for at in range(_number(world, each, spoke)):
                name = f"{spoke.name}-{each.name}" + (f"-{at}" if at else "")
                made = newborn(each.name, spoke.name, created_at=world.now, server=spoke.server)
                wanted[f"argocd/{name}"] = replace(made, name=name, uid=f"{name}@{world.now}")
    kept = {key: world.apps.get(key, made) for key, made in wanted.items()}
    kept |= {key: app for key, app in world.apps.items() if not _may_go(world, app)}
    gone = tuple(sorted(world.apps.keys() - kept.keys()))
    going = {key: _going(world, world.apps[key]) for key in gone if key in world.leaves_after_s}
    begun = tuple(key for key in gone if world.apps[key].deleting_since is None)
    return replace(world, apps={**kept, **going}, deleted=(*world.deleted, *begun))


def _going(world: World, app: Application) -> Application:
    return replace(app, deleting_since=world.now) if app.deleting_since is None else app


def _number(world: World, each: ApplicationSet, spoke: Spoke) -> int:
    """How many Applications it gives a spoke; what Git has, the world knows."""
    try:
        return len(generated(each, spoke))
    except UntoldError:
        asked = [one.children[0] for one in each.generators if isinstance(one, Matrix)]
        selected = generated(replace(each, generators=tuple(asked)), spoke)
        return world.from_git.get(each.name, 0) if selected else 0


def _may_go(world: World, app: Application) -> bool:
    owner = None if app.owner is None else world.sets.get(f"{app.namespace}/{app.owner.name}")
    return owner is None or owner.deletes


def advanced(world: World, now: Instant) -> World:
    """At `now`: the status of every Application is what its age makes it, and what was on its way
    out for long enough is gone.
    """
    aged = {
        key: _aged(world, app, now)
        for key, app in world.apps.items()
        if (gone_at := _gone_at(world, app)) is None or now < gone_at
    }
    return replace(world, now=now, apps=aged)


def next_change(world: World) -> Instant | None:
    """When an Application's status is the next to change by itself."""
    times = [
        made_at + age_s
        for app in world.apps.values()
        if (made_at := app.created_at) is not None
        for age_s in (COMPARED_S, APPLIED_S, _healthy_after_s(world, app) or 0.0)
        if made_at + age_s > world.now
    ]
    ends = [at for app in world.apps.values() if (at := _gone_at(world, app)) is not None]
    return min((*times, *ends), default=None)


def _gone_at(world: World, app: Application) -> Instant | None:
    """When an Application that is being deleted is gone; None where it is not."""
    if app.deleting_since is None or app.key not in world.leaves_after_s:
        return None
    return app.deleting_since + world.leaves_after_s[app.key]


def healthy(world: World, key: str) -> bool:
    """Whether an Application is there, all applied and healthy: the truth, not what is decided."""
    app = world.apps.get(key)
    if app is None or app.created_at is None or key in world.sick:
        return False
    after_s = _healthy_after_s(world, app)
    return after_s is not None and world.now >= app.created_at + max(after_s, APPLIED_S)


def _healthy_after_s(world: World, app: Application) -> float | None:
    of = "" if app.owner is None else app.owner.name
    return world.healthy_after_s.get(app.name, world.healthy_after_s.get(of))


def _aged(world: World, app: Application, now: Instant) -> Application:
    assert app.created_at is not None
    age_s, after_s = now - app.created_at, _healthy_after_s(world, app)
    if age_s < COMPARED_S:
        return app
    compared_at, applied_at = app.created_at + COMPARED_S, app.created_at + APPLIED_S
    if age_s < APPLIED_S:
        shown = replace(
            app,
            operation=Operation("Running"),
            sync_status="OutOfSync",
            health_status="Missing",
            health_since=compared_at,
            reconciled_at=compared_at,
            compared_digest=app.spec_digest,
        )
    else:
        up_at = None if after_s is None else app.created_at + max(after_s, APPLIED_S)
        up = up_at is not None and now >= up_at
        shown = replace(
            app,
            operation=Operation("Succeeded", applied_at),
            sync_status="Synced",
            health_status="Healthy" if up else "Progressing",
            health_since=up_at if up else applied_at,
            reconciled_at=applied_at,
            compared_digest=app.spec_digest,
            deployed_at=applied_at,
        )
    if app.key in world.sick and age_s >= APPLIED_S:
        status, since = world.sick[app.key]
        shown = replace(shown, health_status=status, health_since=since)
    return app if shown == app else shown


def _readings(world: World) -> dict[str, Readings]:
    """What the controller says of itself, where it says anything that matters here."""
    if not world.out_of_reach:
        return {}
    away = {server: Cluster(connected=False) for server in world.out_of_reach}
    return readings(reading(at=world.now, clusters=away))


def seen(
    world: World,
    carried: Carried,
    before: World | None = None,
    groups: Groups | None = None,
    heard: Mapping[Kind, Source] | None = None,
) -> Snapshot:
    """What the watcher sees of it; with the world of the turn before, and its groups, only what
    was touched since is said to be. Everything is heard of just now, unless it is said what is.
    """
    after: dict[Place, tuple[Application, ...]] = dict(groups or {})
    touched: set[Place] = set()
    known = before.apps if before is not None else {}
    for key in sorted(known.keys() | world.apps.keys()):
        there, here = known.get(key), world.apps.get(key)
        if there is not here:
            regroup(after, there, here)
            touched |= {place(app) for app in (there, here) if app is not None}
    spokes = world.spokes.keys() if before is None else world.spokes.keys() | before.spokes.keys()
    changed = {
        uid
        for uid in spokes
        if before is None or before.spokes.get(uid) is not world.spokes.get(uid)
    }
    return Snapshot(
        spokes=world.spokes,
        application_sets=world.sets,
        applications=after,
        sources=sources(world.now) if heard is None else heard,
        guards=GUARDS[True],
        pods={RUNS.key: RUNS},
        readings=_readings(world),
        orders=world.orders,
        carried=carried,
        touched=None if before is None else Touched(frozenset(changed), frozenset(touched)),
    )


def gates_open(world: World, gates: Gates, tiers: tuple[str, ...]) -> set[tuple[str, str]]:
    """Every (UID, tier) whose label says open, for polarity admit."""
    return {
        (uid, tier)
        for uid, spoke in world.spokes.items()
        for tier in tiers
        if spoke.labels.get(gates.key(tier)) == "open"
    }
