"""What does a hub do with gates that open? Argo CD's controllers and the workloads, in values.

Driven by a clock that is moved by hand, so that hours take seconds. Nothing of the product is in
it: controllers are the memory model of the embedded hub (heap.py), told what a real one would do.

An Application is made (by the controller of ApplicationSets), waits for its cluster's load, is
synced, and its workload becomes ready some seconds later. A controller that is killed loses all
that it was doing; started again, it loads every cluster that has Applications at once, compares
what is synced and syncs the rest, and each start comes later than the one before.

Facts (Kubernetes, pkg/kubelet/kuberuntime; realhub measurements of a kill loop):
- back-off 10, 20, 40 … 300 s, forgiven after ten minutes of running.
- an Application is compared again every `--app-resync` (here 180 s, with jitter).

Elsewhere: who opens which gate when (ways.py, watched.py).
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable
from enum import Enum

from tests.bench.fleets import RESYNC_S, Drawn, Lot
from watcher.embedded_hub.chance import Chance
from watcher.embedded_hub.heap import Heap, Traits, Work

BACK_OFF_S = (10.0, 300.0)
FORGIVEN_S = 600.0
_RUNS_FOR_S = 3600.0
"""The controllers have been there for a while when the rollout begins."""
AT_REST_S = 2400.0
"""Longer than the deadline of a tier, than any back-off, than any cool-down."""
GENERATED_S = 0.5
"""From a gate to the Applications behind it: the controller of ApplicationSets."""


class Stage(Enum):
    """How far an Application is."""

    MADE = 0
    SYNCING = 1
    APPLIED = 2
    HEALTHY = 3


class App:
    """One Application."""

    __slots__ = ("created_at", "drawn", "healthy_at", "stage", "synced_at", "syncs")

    def __init__(self, drawn: Drawn, *, created_at: float, syncs: bool) -> None:
        self.drawn = drawn
        self.created_at = created_at
        self.syncs = syncs
        """Whether it is synced by itself; where not, somebody has to say so."""
        self.stage = Stage.MADE
        self.synced_at: float | None = None
        self.healthy_at: float | None = None


class Controller:
    """One application controller: a process, or the wait until it is started again."""

    def __init__(self, hub: Hub, number: int, traits: Traits) -> None:
        self.number = number
        self.traits = traits
        self.apps: dict[int, list[App]] = {}
        """By spoke."""
        self.kills = 0
        self.killed_at: float | None = None
        self.peak_bytes = 0.0
        self.heap: Heap | None = None
        self.started_at = hub.at - _RUNS_FOR_S
        self._hub = hub
        self._then: dict[int, tuple[Work, int, App | None]] = {}
        self._back_off_s = 0.0
        self.heap = self._process()
        self.heap.advance(hub.at)

    def next_at(self) -> float:
        """When anything happens in it."""
        at = None if self.heap is None else self.heap.next_at()
        return math.inf if at is None else at

    def advance(self, to: float) -> None:
        """Go on to `to`, where something may happen."""
        heap = self.heap
        if heap is None:
            return
        for ticket in heap.advance(to):
            self._ended(*self._then.pop(ticket))
        if heap.killed_at is not None:
            self._killed(heap)

    def caught_up(self) -> Heap | None:
        """The process at this moment: its clock may lag behind by what it takes to the next thing
        that happens in it.
        """
        if self.heap is not None and self.heap.at < self._hub.at:
            self.advance(self._hub.at)
        return self.heap

    def take(self, app: App) -> None:
        """An Application was made, or is to be synced."""
        spoke = app.drawn.spoke
        there = self.apps.setdefault(spoke, [])
        if app not in there:
            there.append(app)
        if self.heap is None:
            return
        if str(spoke) in self.heap.loaded:
            self._work_on(app)
        elif len(there) == 1:
            self._load(spoke)

    def resync(self, app: App) -> None:
        """Its periodic comparison is due."""
        if self.heap is not None and str(app.drawn.spoke) in self.heap.loaded:
            self._begin(Work.RESYNC, app.drawn.spoke, app.drawn.resync_cpu_s, app)

    def peak_share(self) -> float:
        """The most it took, of its limit."""
        now = 0.0 if self.heap is None else self.heap.peak_charged_bytes
        limit = self.traits.limit_bytes or math.inf
        return min(1.0, max(self.peak_bytes, now) / limit)

    def _start(self) -> None:
        self.started_at = self._hub.at
        self.heap = self._process()
        for spoke in self.apps:
            self._load(spoke)

    def _process(self) -> Heap:
        chance = Chance(self._hub.lot.seed * 1000 + self.number * 100 + self.kills)
        return Heap(self.traits, at=self.started_at, chance=chance)

    def _load(self, spoke: int) -> None:
        self._begin(Work.LOAD, spoke, self._hub.lot.load_cpu_s[spoke], None)

    def _begin(self, work: Work, spoke: int, cpu_s: float, app: App | None) -> None:
        if (heap := self.caught_up()) is not None:
            size = self._hub.lot.size[spoke]
            self._then[heap.begin(work, str(spoke), cpu_s=cpu_s, size=size)] = work, spoke, app

    def _work_on(self, app: App) -> None:
        if app.stage in (Stage.APPLIED, Stage.HEALTHY) or not app.syncs:
            self._begin(Work.RESYNC, app.drawn.spoke, app.drawn.resync_cpu_s, app)
            return
        if app.stage is Stage.MADE:
            self._hub.moved(app, Stage.SYNCING)
        self._begin(Work.SYNC, app.drawn.spoke, app.drawn.cpu_s, app)

    def _ended(self, work: Work, spoke: int, app: App | None) -> None:
        if work is Work.LOAD:
            for each in self.apps[spoke]:
                self._work_on(each)
        elif work is Work.SYNC and app is not None:
            self._hub.moved(app, Stage.APPLIED)

    def _killed(self, heap: Heap) -> None:
        assert heap.killed_at is not None
        self.kills += 1
        self.killed_at = heap.killed_at
        self.peak_bytes = max(self.peak_bytes, heap.peak_charged_bytes)
        self.heap = None
        self._then.clear()
        least, most = BACK_OFF_S
        lived_s = heap.killed_at - heap.started_at
        forgiven = lived_s > FORGIVEN_S or not self._back_off_s
        self._back_off_s = least if forgiven else min(most, 2.0 * self._back_off_s)
        self._hub.later(heap.killed_at + self._back_off_s, self._start)


class Hub:
    """Everything, at one moment."""

    def __init__(self, lot: Lot) -> None:
        self.at = 0.0
        self.lot = lot
        self.apps: dict[tuple[int, str], App] = {}
        """By spoke and addon: those that were made."""
        self.healthy = 0
        """How many are."""
        self.last_healthy_at = 0.0
        self.changed: list[App] = []
        """Those that changed since somebody emptied this."""
        self._by_tier: dict[tuple[int, str], list[Drawn]] = {}
        for each in lot.apps:
            self._by_tier.setdefault((each.spoke, each.tier), []).append(each)
        self._moved_at = 0.0
        self._reached = 0
        self._reached_at = 0.0
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        traits = lot.fleet.traits()
        self.controllers = tuple(
            Controller(self, number, traits) for number in range(lot.fleet.shards)
        )

    # What is done to it

    def open(self, spoke: int, tier: str) -> None:
        """Open a gate."""
        self.later(self.at + GENERATED_S, lambda: self._generate(self._by_tier[spoke, tier]))

    def make(self, drawn: Drawn, *, syncs: bool = True) -> None:
        """Make one Application now."""
        app = App(drawn, created_at=self.at, syncs=syncs)
        self.apps[drawn.spoke, drawn.addon] = app
        self.changed.append(app)
        self.owner(drawn.spoke).take(app)

    def sync(self, spoke: int, addon: str) -> None:
        """Let one that is not synced by itself be synced."""
        app = self.apps[spoke, addon]
        app.syncs = True
        self.owner(spoke).take(app)

    def _generate(self, those: list[Drawn]) -> None:
        for each in those:
            if (each.spoke, each.addon) not in self.apps:
                self.make(each)

    # How it goes on

    def owner(self, spoke: int) -> Controller:
        """The controller whose shard a spoke is on."""
        return self.controllers[spoke % len(self.controllers)]

    def later(self, at: float, what: Callable[[], None]) -> None:
        """Do something at an instant."""
        heapq.heappush(self._agenda, (at, next(self._order), what))

    def next_at(self) -> float:
        """When anything happens by itself."""
        first = self._agenda[0][0] if self._agenda else math.inf
        for each in self.controllers:
            first = min(first, each.next_at())
        return first

    def advance(self, to: float) -> None:
        """Go on until `to`."""
        while True:
            at = self.next_at()
            if at > to:
                break
            self._happen(max(at, self.at))
        self.at = to

    def advance_to_change(self, to: float) -> None:
        """Go on until an Application changes, or a controller is killed, or until `to`."""
        kills = self.kills
        while not self.changed and self.kills == kills:
            at = self.next_at()
            if at > to:
                self.at = to
                return
            self._happen(max(at, self.at))

    def _happen(self, at: float) -> None:
        self.at = at
        for each in self.controllers:
            if each.next_at() <= at:
                each.advance(at)
        while self._agenda and self._agenda[0][0] <= at:
            heapq.heappop(self._agenda)[2]()

    def moved(self, app: App, stage: Stage) -> None:
        """An Application has come further."""
        app.stage = stage
        self._moved_at = self.at
        self.changed.append(app)
        if stage is Stage.APPLIED:
            app.synced_at = self.at
            self._resync_later(app)
            if app.drawn.ready_s < math.inf:
                self.later(self.at + app.drawn.ready_s, lambda: self.moved(app, Stage.HEALTHY))
        elif stage is Stage.HEALTHY:
            app.healthy_at = self.at
            self.healthy += 1
            self.last_healthy_at = self.at
            if (app.drawn.spoke, app.drawn.addon) in self.lot.reachable:
                self._reached += 1
                self._reached_at = self.at

    def _resync_later(self, app: App) -> None:
        jitter = Chance(self.lot.seed).between(0.9, 1.1, "again", app.drawn.spoke, app.drawn.addon)

        def resync() -> None:
            self.owner(app.drawn.spoke).resync(app)
            self.later(self.at + RESYNC_S * jitter, resync)

        self.later(self.at + RESYNC_S * jitter, resync)

    # What became of it

    @property
    def kills(self) -> int:
        """Of all controllers."""
        return sum(each.kills for each in self.controllers)

    @property
    def at_rest(self) -> bool:
        """Whether nothing has come further for longer than any deadline, and nothing loops."""
        died_at = max((each.killed_at or 0.0 for each in self.controllers), default=0.0)
        return self.at - max(self._moved_at, died_at) > AT_REST_S

    @property
    def done_at(self) -> float | None:
        """When everything was healthy that can be without passing over a broken tier."""
        return self._reached_at if self._reached == len(self.lot.reachable) else None

    def settled_spokes(self) -> int:
        """How many have all their addons healthy."""
        count: dict[int, int] = {}
        for (spoke, _), app in self.apps.items():
            count[spoke] = count.get(spoke, 0) + (app.stage is Stage.HEALTHY)
        addons = len(self.lot.apps) // self.lot.fleet.spokes
        return sum(number == addons for number in count.values())
