"""The product on a modelled hub: the real `decide`, turn after turn, with its patches carried out.

Everything between the two is the least that there must be: a patch is on the Secret a fifth of a
second after it was decided, a controller is read every five seconds, facts that come meanwhile make
one turn, and of all that did not change the snapshot holds the same objects, as the daemon's does.
What the watcher sees can be made worse (`Sight`): noise, missing readings, silences.

Elsewhere: the hub (modelled.py); the ways without the product (ways.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from tests.bench.fleets import ADDONS, TIERS, Lot
from tests.bench.modelled import App, Controller, Hub, Stage
from tests.bench.ways import Run, ended, horizon_s
from tests.builders import SPEC, application_set, controller, newborn, sources, spoke
from watcher.decide import (
    Carried,
    Decision,
    PatchGates,
    Place,
    Snapshot,
    Touched,
    decide,
    place,
    regroup,
)
from watcher.embedded_hub.chance import Chance
from watcher.facts import (
    Application,
    Cluster,
    Ended,
    Instant,
    Operation,
    Pod,
    Reading,
    Readings,
    Spoke,
)
from watcher.policy import Memory, Policy, Tier

EPOCH: Instant = 1_800_000_000.0
PATCHED_S = 0.2
GATHERED_S = 1.0
"""At most one turn in so much time: a coarser clock than the daemon's, so that seeds are cheap."""
_MEMORY = Memory()
SCRAPED_EVERY_S = _MEMORY.scrape_every_s
_DAY_S = 86_400.0
_IDLE_TURNS_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Sight:
    """How badly the watcher sees."""

    noise: float = 0.0
    """0.2: what a reading says is up to a fifth more or less."""
    missing: float = 0.0
    """The share of readings that do not come."""
    silences: int = 0
    """How many times nothing comes for three minutes, somewhere in each hour."""


CLEAR = Sight()


def policy(memory: Memory = _MEMORY) -> Policy:
    """The defaults, with the tiers of the fleets."""
    names = tuple(TIERS)
    tiers = tuple(Tier(name, names[max(at - 1, 0) : at]) for at, name in enumerate(names))
    return Policy(tiers, memory=memory)


class Watched:
    """A hub, and the watcher that opens its gates."""

    def __init__(self, lot: Lot, of: Policy | None = None, sight: Sight = CLEAR) -> None:
        self.hub = Hub(lot)
        self.policy = policy() if of is None else of
        self.snapshot: Snapshot | None = None
        """What the last turn rested on."""
        self.decision: Decision | None = None
        self.admitted: dict[tuple[int, str], float] = {}
        """When each gate was opened."""
        self._sight = sight
        self._chance = Chance(lot.seed + 7)
        self._spokes: dict[str, Spoke] = {}
        self._numbers: dict[str, int] = {}
        for at in range(lot.fleet.spokes):
            name = f"spoke-{at:04d}"
            made = spoke(name, created_at=EPOCH - _DAY_S)
            self._spokes[made.uid] = made
            self._numbers[made.uid] = at
        self._servers = [each.server for each in self._spokes.values()]
        self._names = [each.name for each in self._spokes.values()]
        self._sets = {
            each.key: each
            for each in (
                replace(application_set(addon, tier), created_at=EPOCH - _DAY_S)
                for tier, addon in ADDONS
            )
        }
        self._apps: dict[tuple[int, str], Application] = {}
        self._groups: dict[Place, tuple[Application, ...]] = {}
        self._pods: dict[str, Pod] = {}
        self._readings: dict[str, Readings] = {}
        self._clusters: dict[str, Mapping[str, Cluster]] = {}
        self._carried = Carried()
        self._touched_spokes: set[str] = set()
        self._touched_places: set[Place] = set()
        self._first = True
        self._version = 1
        self._unheard: set[str] = set()
        self._look_at_pods()
        for each in self.hub.controllers:
            self.hub.later(0.1, lambda each=each: self._scrape(each))  # type: ignore[misc]
        self._news = True

    @property
    def now(self) -> Instant:
        """By the hub's clock."""
        return EPOCH + self.hub.at

    def run(self, looked: Callable[[Watched], None] | None = None) -> Run:
        """To the end, or until it is given up; `looked` is called after every turn."""
        until, turn_at = horizon_s(self.hub.lot), 0.0
        while self.hub.done_at is None and self.hub.at < until and not self.hub.at_rest:
            self.hub.advance(max(self.hub.at, turn_at))
            self._take_in()
            decision = self.turn()
            if looked is not None:
                looked(self)
            turn_at = self.hub.at + GATHERED_S
            self._news = False
            wake_at = math.inf if decision.wake_at is None else decision.wake_at - EPOCH
            most = min(until, max(wake_at, self.hub.at), self.hub.at + _IDLE_TURNS_S)
            while not self._news and not self.hub.changed and self.hub.at < most:
                self.hub.advance_to_change(min(most, self.hub.at + SCRAPED_EVERY_S))
        return ended(self.hub)

    def turn(self) -> Decision:
        """One decision, and its patches on their way."""
        now = self.now
        touched = Touched(frozenset(self._touched_spokes), frozenset(self._touched_places))
        self.snapshot = snapshot = Snapshot(
            spokes=self._spokes,
            application_sets=self._sets,
            applications=self._groups,
            sources=sources(now),
            pods=self._pods,
            readings=dict(self._readings),
            carried=self._carried,
            touched=None if self._first else touched,
        )
        self._first = False
        self._touched_spokes, self._touched_places = set(), set()
        self.decision = decision = decide(snapshot, self.policy, now)
        self._carried = decision.carried
        for key in self._unheard:
            self._readings[key] = replace(
                self._readings[key], latest=self._readings[key].latest[-1:]
            )
        self._unheard.clear()
        for patch in decision.patches:
            self.hub.later(self.hub.at + PATCHED_S, lambda patch=patch: self._patch(patch))  # type: ignore[misc]
        return decision

    # What the hub shows

    def _patch(self, patch: PatchGates) -> None:
        before = self._spokes[patch.spoke]
        self._version += 1
        labels = {**before.labels, **{k: v for k, v in patch.labels.items() if v is not None}}
        opened = next(iter(patch.annotations.values()), before.opened)
        after = replace(before, labels=labels, opened=opened, resource_version=str(self._version))
        self._spokes = {**self._spokes, patch.spoke: after}
        self._touched_spokes.add(patch.spoke)
        self._news = True
        number = self._numbers[patch.spoke]
        for tier in patch.opens:
            self.admitted[number, tier] = self.hub.at
            self.hub.open(number, tier)

    def _take_in(self) -> None:
        """What changed on the hub since the turn before."""
        for app in dict.fromkeys(self.hub.changed):
            key = (app.drawn.spoke, app.drawn.addon)
            before = self._apps.get(key)
            after = self._shown(app, before)
            self._apps[key] = after
            regroup(self._groups, before, after)
            self._touched_places.add(place(after))
        self.hub.changed.clear()
        self._look_at_pods()

    def _shown(self, app: App, before: Application | None) -> Application:
        spoke, addon = app.drawn.spoke, app.drawn.addon
        if before is None:
            made_at = float(int(EPOCH + app.created_at))
            before = newborn(addon, self._names[spoke], created_at=made_at)
        self._version += 1
        shown = replace(before, resource_version=str(self._version))
        match app.stage:
            case Stage.MADE:
                return shown
            case Stage.SYNCING:
                at = float(int(self.now))
                return replace(
                    shown,
                    operation=Operation("Running"),
                    sync_status="OutOfSync",
                    health_status="Missing",
                    health_since=at,
                    reconciled_at=at,
                    compared_digest=SPEC,
                )
            case Stage.APPLIED | Stage.HEALTHY:
                assert app.synced_at is not None
                applied = float(int(EPOCH + app.synced_at))
                healthy = app.healthy_at
                return replace(
                    shown,
                    operation=Operation("Succeeded", applied),
                    sync_status="Synced",
                    health_status="Progressing" if healthy is None else "Healthy",
                    health_since=applied if healthy is None else float(int(EPOCH + healthy)),
                    reconciled_at=applied,
                    compared_digest=SPEC,
                    deployed_at=applied,
                )

    def _look_at_pods(self) -> None:
        for each in self.hub.controllers:
            number, traits = each.number, each.traits
            before = self._pods.get(f"argocd/argocd-application-controller-{number}")
            died = each.killed_at
            running = each.heap is not None
            after = controller(
                number,
                started_at=float(int(EPOCH + each.started_at)) if running else None,
                ready=running,
                waiting="" if running else "CrashLoopBackOff",
                restarts=each.kills,
                ended=None if died is None else Ended("OOMKilled", 137, float(int(EPOCH + died))),
                limit_bytes=traits.limit_bytes,
                soft_limit_bytes=traits.soft_limit_bytes,
            )
            if before != after:
                self._pods = {**self._pods, after.key: after}
                self._news = True

    def _scrape(self, of: Controller) -> None:
        self.hub.later(self.hub.at + SCRAPED_EVERY_S, lambda: self._scrape(of))
        key = f"argocd/argocd-application-controller-{of.number}"
        self._news = True
        heap = of.caught_up()
        before = self._readings.get(key, Readings()).latest
        if heap is None or self._blind(of.number):
            self._readings[key] = Readings(before, "it does not answer")
            return
        shown = heap.shown()
        loaded = heap.loaded
        clusters = self._clusters.get(key, {})
        if len(clusters) != len(loaded):
            clusters = {
                self._servers[int(each)]: Cluster(self._names[int(each)]) for each in loaded
            }
            self._clusters[key] = clusters
        noise = self._noise()
        reading = Reading(
            at=self.now,
            resident_bytes=shown.resident_bytes,
            live_bytes=shown.live_bytes * noise,
            goal_bytes=shown.goal_bytes * noise,
            collections=float(shown.collections),
            gogc_percent=of.traits.gogc_percent,
            soft_limit_bytes=of.traits.soft_limit_bytes,
            collecting_s=shown.collecting_cpu_s,
            busy_s=shown.collecting_cpu_s + shown.working_cpu_s,
            process_started_at=EPOCH + heap.started_at,
            clusters=clusters,
        )
        self._readings[key] = Readings((*before, reading) if key in self._unheard else (reading,))
        self._unheard.add(key)

    def _noise(self) -> float:
        if not self._sight.noise:
            return 1.0
        most = self._sight.noise
        return self._chance.between(1.0 - most, 1.0 + most, "noise", self.hub.at)

    def _blind(self, number: int) -> bool:
        sight, at = self._sight, self.hub.at
        if sight.missing and self._chance.share("missing", number, at) < sight.missing:
            return True
        hour = int(at // 3600.0)
        return any(
            0.0 <= at - 3600.0 * hour - 3420.0 * self._chance.share("silent", hour, each) < 180.0
            for each in range(sight.silences)
        )


def watched(lot: Lot) -> Run:
    """The product at its defaults."""
    return Watched(lot).run()
