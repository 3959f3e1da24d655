"""Which application controllers does the hub have, what does each hold, and is it up?

One Pod each, one process in it (heap.py), and the share of the spokes that is its own. What the
workers do (applications.py, operations.py) is begun here, on the controller that has the spoke, and
goes on when that controller has come to it. Two ways: where processors are without number, the
default, nothing waits for anything but the load of a cluster, and memory is only reckoned; else
work takes its turn, slows down, and a controller may be killed.

Facts (Argo CD, controller/cache/cache.go, controller/sharding; memory measured as heap.py says):
- The cache of a cluster is made with the first Application that is looked at there; who starts
  makes that of every cluster that has one, all at once, and looks at each Application again.
- A spoke that is parked, deleted or moved to another shard leaves the cache at the next event of
  its Secret; nothing on it is touched.
- A dead controller's spokes are looked after by nobody.
- The replicas of a StatefulSet are known to the program by its environment, so another number
  makes every Pod anew; under dynamic distribution the Pods are a Deployment's, and those that stay
  go on.
- What `argocd_cluster_…` shows is taken every 30 s of a process's life.

Elsewhere: who has which spoke (sharding.py); how `/metrics` looks (exposition.py) and is served
(metrics_server.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from watcher.embedded_hub.agenda import Agenda
from watcher.embedded_hub.chance import Chance
from watcher.embedded_hub.containers import Container
from watcher.embedded_hub.heap import MEASURED, MIB, Heap, Traits, Work
from watcher.embedded_hub.objects import FrozenDict, Object
from watcher.embedded_hub.resources import POD, SECRET
from watcher.embedded_hub.sharding import shard_of
from watcher.embedded_hub.spokes import Spoke, Spokes, spoke_of
from watcher.embedded_hub.store import Event, Store

NAME = "argocd-application-controller"
LABELS: Mapping[str, str] = FrozenDict({"app.kubernetes.io/name": NAME})
IMAGE = "quay.example.invalid/argoproj/argocd:v3.5.1"
CONTAINER_PORT = 8082

UNPACED = replace(
    MEASURED, cores=math.inf, loads_at_once=1_000_000, syncs_at_once=1_000_000, noise=0.0
)
"""Memory is reckoned, and nothing waits for a processor."""

LOAD_S = (0.100, 0.400)
"""How long the load of a cluster takes where nothing waits for a processor."""
_SPREAD = (0.7, 1.3)
_SHOWN_EVERY_S = 30.0
_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How a hub's controllers are set up."""

    replicas: int = 1
    traits: Traits = UNPACED
    of_shard: Mapping[int, Traits] = field(default_factory=dict)
    """Where one differs from the others."""
    dynamic: bool = False
    """A Deployment's, so that no name has a number."""
    sizes: Mapping[str, float] = field(default_factory=dict)
    """How many times as large as an ordinary spoke one is, by its name."""
    limit_for: Callable[[int], int] | None = None
    """The memory limit (bytes) for so many spokes, where a story needs one that goes with them."""

    def of(self, spokes: int) -> Setup:
        """The same for a fleet of so many."""
        if self.limit_for is None:
            return self
        return replace(self, traits=replace(self.traits, limit_bytes=self.limit_for(spokes)))


@dataclass(slots=True)
class Cached:
    """A cluster that a process has, or had, in its cache."""

    spoke: Spoke
    at: float
    size: float


@dataclass(slots=True)
class Controller:
    """One Pod and the process in it."""

    number: int
    pod: str
    address: str
    traits: Traits
    container: Container
    heap: Heap
    cache: dict[str, Cached] = field(default_factory=dict)
    """By server address, and not only what is loaded: what is being loaded stands there too."""
    kills: int = 0
    """How often it was killed for its memory."""
    gone: bool = False
    """Its Pod was deleted."""
    rings_at: float | None = None
    then: dict[int, Callable[[], None]] = field(default_factory=dict)
    """What goes on when a piece of work has ended."""
    waiting: dict[str, list[Callable[[], None]]] = field(default_factory=dict)
    """What goes on when a cluster is loaded."""

    @property
    def up(self) -> bool:
        """Whether it looks after its spokes."""
        return self.container.running and not self.gone

    def loaded(self, server: str) -> bool:
        """Whether the cache of that cluster is there."""
        return server in self.cache and server not in self.waiting

    def shown(self, now: float) -> Iterator[Cached]:
        """The clusters that its metrics tell of.

        Not ideal: a cluster that left the cache is gone from them at once, not at the next taking.
        """
        passed_s = max(now - self.container.started_at, 0.0)
        taken_at = self.container.started_at + passed_s - passed_s % _SHOWN_EVERY_S
        if passed_s < _SHOWN_EVERY_S:
            return
        for cached in self.cache.values():
            if cached.at <= taken_at:
                yield cached


class Controllers:
    """All of them."""

    def __init__(
        self, store: Store, agenda: Agenda, chance: Chance, spokes: Spokes, setup: Setup
    ) -> None:
        self.setup = setup
        self.replicas = setup.replicas
        self.all: list[Controller] = []
        self.on_start: Callable[[Controller], None] = lambda _: None
        """Called when one has started: it finds what there is."""
        self._store = store
        self._agenda = agenda
        self._chance = chance
        self._spokes = spokes
        self._made = 0
        for number in range(setup.replicas):
            self.all.append(self._made_anew(number))
        store.subscribe(self._follow)

    # Whose spoke is whose

    def owner(self, spoke: Spoke) -> Controller | None:
        """The controller that has `spoke`, up or not; None where there is none at all."""
        return self.all[shard_of(spoke, len(self.all))] if self.all else None

    def attended(self, spoke: Spoke | None) -> bool:
        """Whether anybody looks after `spoke`; None is what means no spoke, which all look at."""
        if spoke is None:
            return any(one.up for one in self.all)
        return self._attending(spoke) is not None

    def _attending(self, spoke: Spoke) -> Controller | None:
        owner = self.owner(spoke)
        return owner if owner is not None and owner.up else None

    # Work

    def run(
        self,
        spoke: Spoke | None,
        work: Work,
        then: Callable[[], None],
        *,
        load_s: Callable[[], float],
    ) -> None:
        """Do `work` for an Application on `spoke`, and go on with `then`.

        `then` is also called when the controller dies over it: who goes on must look. `load_s`
        draws how long the load of the cluster takes where nothing waits for a processor.
        """
        controller = self._attending(spoke) if spoke is not None else None
        if spoke is None or controller is None:
            then()
            return
        self._load(controller, spoke, lambda: self._begin(spoke, work, then), load_s)

    def load(self, spoke: Spoke, then: Callable[[], None]) -> None:
        """See to it that the cluster of `spoke` is in the cache, and go on with `then`."""
        if controller := self._attending(spoke):
            drawn_s = self._chance.between(*LOAD_S, "found", spoke.uid, self._agenda.clock.now())
            self._load(controller, spoke, then, lambda: drawn_s)

    def _load(
        self,
        controller: Controller,
        spoke: Spoke,
        then: Callable[[], None],
        load_s: Callable[[], float],
    ) -> None:
        server = spoke.server
        if controller.loaded(server):
            then()
            return
        if server in controller.waiting:
            controller.waiting[server].append(then)
            return
        now = self._agenda.clock.now()
        traits, size = controller.traits, self._size(spoke)
        controller.cache[server] = Cached(spoke, now, size)
        controller.waiting[server] = [then]
        cpu_s = traits.load_cpu_s * size * self._chance.between(*_SPREAD, "load", server, now)

        def done() -> None:
            if server not in controller.cache:  # it left while it was being loaded
                controller.heap.drop(server)
            for one in controller.waiting.pop(server, ()):
                one()

        if self._paced(controller):
            self._start(controller, Work.LOAD, spoke, cpu_s=cpu_s, then=done)
            return
        self._start(controller, Work.LOAD, spoke, cpu_s=cpu_s, then=lambda: None)
        self._agenda.after(load_s(), done)

    def _begin(self, spoke: Spoke, work: Work, then: Callable[[], None]) -> None:
        controller = self._attending(spoke)
        if controller is None:
            then()
            return
        traits = controller.traits
        each = traits.sync_cpu_s if work is Work.SYNC else traits.resync_cpu_s
        drawn = self._chance.between(*_SPREAD, "work", spoke.uid, self._agenda.clock.now())
        if self._paced(controller):
            self._start(controller, work, spoke, cpu_s=each * drawn, then=then)
            return
        self._start(controller, work, spoke, cpu_s=each * drawn, then=lambda: None)
        then()

    def _start(
        self,
        controller: Controller,
        work: Work,
        spoke: Spoke,
        *,
        cpu_s: float,
        then: Callable[[], None],
    ) -> None:
        self._catch_up(controller, self._agenda.clock.now())
        if not controller.up:
            then()
            return
        size = self._size(spoke)
        ticket = controller.heap.begin(work, spoke.server, cpu_s=cpu_s, size=size)
        controller.then[ticket] = then
        self._arrange(controller)

    def _paced(self, controller: Controller) -> bool:
        return controller.traits.cores != math.inf

    def _size(self, spoke: Spoke) -> float:
        return self.setup.sizes.get(spoke.name, 1.0)

    # Time

    def heap_at(self, controller: Controller, now: float) -> Heap:
        """Its process as it is now."""
        self._catch_up(controller, now)
        return controller.heap

    def _catch_up(self, controller: Controller, now: float) -> None:
        if not controller.up:
            return
        heap = controller.heap
        ended = heap.advance(now)
        for ticket in ended:
            if then := controller.then.pop(ticket, None):
                then()
        if heap.killed_at is not None and controller.heap is heap:
            self._die(controller, for_memory=True)

    def _arrange(self, controller: Controller) -> None:
        """See to it that what comes next is noticed, where anything waits for it."""
        heap = controller.heap
        if not self._paced(controller) and controller.traits.limit_bytes is None:
            return
        at = heap.next_at()
        if at is None or at == controller.rings_at:
            return
        controller.rings_at = at
        self._agenda.at(at, lambda: self._ring(controller, at))

    def _ring(self, controller: Controller, at: float) -> None:
        if controller.rings_at != at:  # something else was arranged meanwhile
            return
        controller.rings_at = None
        if controller.up:
            self._catch_up(controller, max(at, self._agenda.clock.now()))
        if controller.up:
            self._arrange(controller)

    # Life and death

    def kill(self, number: int) -> None:
        """Kill the process of that shard, as a person or a node does; it comes back."""
        controller = self.all[number]
        if controller.up:
            self._die(controller, for_memory=False)

    def forget(self) -> None:
        """Start every process anew, as if nobody had seen it end; its Pod says nothing of it."""
        now = self._agenda.clock.now()
        for controller in self.all:
            self._lay_down(controller)
            controller.heap = self._process(controller.traits, now)

    def scale(self, replicas: int) -> None:
        """Run so many."""
        self.replicas = replicas
        kept = min(replicas, len(self.all)) if self.setup.dynamic else 0
        for controller in self.all[kept:]:
            self._delete(controller)
        del self.all[kept:]
        new = [self._made_anew(number) for number in range(kept, replicas)]
        self.all += new
        for controller in new:
            self.on_start(controller)

    def _die(self, controller: Controller, *, for_memory: bool) -> None:
        now = self._agenda.clock.now()
        controller.kills += for_memory
        back_at = controller.container.die(now, for_memory=for_memory)
        self._tell(controller)
        self._lay_down(controller)
        self._agenda.at(back_at, lambda: self._come_back(controller))

    def _lay_down(self, controller: Controller) -> None:
        """Whoever waits for it goes on, and finds that nobody is there."""
        left = [*controller.then.values()]
        left += [one for waiting in controller.waiting.values() for one in waiting]
        controller.then, controller.waiting, controller.cache = {}, {}, {}
        controller.rings_at = None
        for one in left:
            one()

    def _come_back(self, controller: Controller) -> None:
        if controller.gone:
            return
        now = self._agenda.clock.now()
        controller.container.start(now)
        controller.heap = self._process(controller.traits, now)
        self._tell(controller)
        self.on_start(controller)
        self._arrange(controller)

    def _delete(self, controller: Controller) -> None:
        controller.gone = True
        if self._store.get(POD, self._spokes.namespace, controller.pod) is not None:
            self._store.delete(POD, self._spokes.namespace, controller.pod)
        self._lay_down(controller)

    # What leaves a cache

    def _follow(self, event: Event) -> None:
        if event.resource is not SECRET:
            return
        spoke = spoke_of(event.object)
        for controller in self.all:
            cached = controller.cache.get(spoke.server)
            if cached is None or cached.spoke.uid != spoke.uid:
                continue
            left = event.type == "DELETED" or spoke.parked or self.owner(spoke) is not controller
            if left:
                self._drop(controller, spoke.server)

    def _drop(self, controller: Controller, server: str) -> None:
        self._catch_up(controller, self._agenda.clock.now())
        controller.cache.pop(server, None)
        controller.heap.drop(server)

    # Pods

    def _made_anew(self, number: int) -> Controller:
        now = self._agenda.clock.now()
        self._made += 1
        traits = self.setup.of_shard.get(number, self.setup.traits)
        pod = self._pod_name(number)
        controller = Controller(
            number=number,
            pod=pod,
            address=f"127.0.0.{number + 1}",
            traits=traits,
            container=Container(NAME, IMAGE, now),
            heap=self._process(traits, now),
        )
        self._store.create(POD, self._pod(controller), manager="kube-controller-manager")
        self._tell(controller)
        return controller

    def _process(self, traits: Traits, now: float) -> Heap:
        return Heap(traits, at=now, chance=self._chance)

    def _pod_name(self, number: int) -> str:
        if not self.setup.dynamic:
            return f"{NAME}-{number}"
        drawn = "".join(
            self._chance.pick(_SUFFIX_LETTERS, "pod", self._made, at) for at in range(5)
        )
        return f"{NAME}-7c9f8d6b54-{drawn}"

    def _pod(self, controller: Controller) -> Object:
        kind = "ReplicaSet" if self.setup.dynamic else "StatefulSet"
        owner = NAME if kind == "StatefulSet" else f"{NAME}-7c9f8d6b54"
        return {
            "metadata": {
                "name": controller.pod,
                "namespace": self._spokes.namespace,
                "labels": dict(LABELS),
                "ownerReferences": [
                    {
                        "apiVersion": "apps/v1",
                        "kind": kind,
                        "name": owner,
                        "uid": f"00000000-0000-4000-8000-{NAME[:12].encode().hex()[:12]}",
                        "controller": True,
                        "blockOwnerDeletion": True,
                    }
                ],
            },
            "spec": {
                "nodeName": f"node-{controller.number}",
                "serviceAccountName": NAME,
                "containers": [_container(controller.traits, self.replicas, self.setup.dynamic)],
            },
        }

    def _tell(self, controller: Controller) -> None:
        status = controller.container.status(controller.address)
        found = self._store.get(POD, self._spokes.namespace, controller.pod)
        if found is not None:
            after = {**found, "status": status}
            self._store.replace(POD, after, subresource="status", manager="kubelet")


def _container(traits: Traits, replicas: int, dynamic: bool) -> Object:
    env = [{"name": "ARGOCD_CONTROLLER_REPLICAS", "value": str(replicas)}]
    if dynamic:
        env.append({"name": "ARGOCD_ENABLE_DYNAMIC_CLUSTER_DISTRIBUTION", "value": "true"})
    if traits.soft_limit_bytes is not None:
        env.append({"name": "GOMEMLIMIT", "value": f"{traits.soft_limit_bytes // MIB}MiB"})
    if traits.gogc_percent != MEASURED.gogc_percent:
        off = traits.gogc_percent is None
        env.append({"name": "GOGC", "value": "off" if off else f"{traits.gogc_percent:.0f}"})
    limits = {} if traits.limit_bytes is None else {"memory": f"{traits.limit_bytes // MIB}Mi"}
    return {
        "name": NAME,
        "image": IMAGE,
        "args": ["/usr/local/bin/argocd-application-controller"],
        "ports": [{"containerPort": CONTAINER_PORT, "protocol": "TCP"}],
        "env": env,
        "resources": {"limits": limits} if limits else {},
    }
