"""How much memory does one application controller hold, and when does that kill it?

A model of one process on a clock that is moved by hand: what it is told to do begins and ends, and
in between its heap grows, is collected and is given back. Pure: no clock, no loop, no socket, so
that a benchmark can drive thousands of runs.

    heap = Heap(MEASURED, at=0.0, chance=Chance(seed))
    load = heap.begin(Work.LOAD, "spoke-1", cpu_s=MEASURED.load_cpu_s)
    while (at := heap.next_at()) is not None: ended = heap.advance(at)
    heap.shown().live_bytes

Facts (Go, runtime/mgc.go, mgcpacer.go, mgcscavenge.go; measured on Argo CD 3.5.1, the series in
tests/captured/memory; the fit is in tests/embedded_hub/test_heap.py):
- The next collection begins when the heap reaches its goal: what the last one left, and
  `GOGC` % of that and of stacks and globals (about 5 MiB). An idle process collects every 2 min.
- What a collection leaves counts as live what was allocated while it ran. It runs for as long as
  there is heap to mark, so under work live heap shows about a third more than there is, in
  proportion to what stands: this is why a restart peaks at 1.4 times what it settles at, and why
  four spokes at work beside 38 loaded ones take as much as sixteen beside fourteen.
- A cluster's cache keeps about 11 MiB (there: 60 kinds, 200 objects). Its load takes little more,
  the first sync of anything 60 MiB; more at once take less each, and no more than ten operations
  (and twenty refreshes) run at once at all.
- Memory that is not needed goes back within seconds, down to 1.1 times the goal; but the goal
  comes down only with the next collection, which on an idle controller is a minute away.
- Of what is resident some 75 MiB are the program's own file, which a cgroup does not charge.
- Under `GOMEMLIMIT` the goal stays under it and collecting takes what it takes, up to half the
  processors; past that the heap grows all the same.

Not modelled: fragmentation, stacks that grow, memory of kubectl plugins, the page cache.

Elsewhere: what a hub's controllers do with it (controllers.py); what a process shows of it
(exposition.py).
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import deque
from dataclasses import dataclass
from enum import Enum

from watcher.embedded_hub.chance import Chance

MIB = 1024 * 1024

_COLLECTS_AT_LEAST_EVERY_S = 120.0
_STEP_S = 0.25
"""Collections that come faster than that are reckoned together."""
_ENDED_S = 1e-5
"""Work that has that little left is done: instants of our days come in steps of 0.2 microseconds,
and sums of seconds do not meet exactly."""
_BUSY_OVER_S = 2.0
"""How long it takes until what is allocated meanwhile shows, and until it no longer does."""
_STILL_BUSY = 0.02
_FOLLOWS = 0.9
"""What follows work (events of the spoke, statuses to write) allocates like so much of it."""
_GLOBALS_BYTES = 5 * MIB
_SMALLEST_GOAL_BYTES = 4 * MIB
_RETAINED = 1.1
_GIVEN_BACK_BYTES_PER_S = 100 * MIB
_SLOWED = 1.3
"""Work slows down more than by the processors that collecting takes: who allocates must help."""


class Work(Enum):
    """What a controller does that takes memory while it lasts."""

    LOAD = "load"
    """The cache of a cluster is filled."""
    SYNC = "sync"
    """An operation on one Application."""
    RESYNC = "resync"
    """One Application is compared again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """A program and the machine it runs on. Bytes are of live heap unless they say otherwise."""

    idle_bytes: float = 8 * MIB
    """Without any cluster."""
    lasting_bytes: float = 10.5 * MIB
    """What the cache of a cluster keeps."""
    lasting_spread: float = 0.35
    """0.35: between 0.65 and 1.35 of that, drawn for each cluster."""
    load_bytes: float = 6 * MIB
    """What a load takes beside that while it lasts."""
    sync_bytes: float = 60 * MIB
    resync_bytes: float = 3 * MIB
    exponent: float = 0.28
    """Of how many do so at once: `n` of them take `n ** exponent` times as much as one."""
    floating: float = 0.36
    """What is allocated during a collection, of what stands, while every processor is at work."""
    noise: float = 0.03
    """0.03: a collection finds up to 3 % more or less."""

    load_cpu_s: float = 1.0
    sync_cpu_s: float = 1.3
    """With what the spoke and the repo server take of the same processors."""
    resync_cpu_s: float = 0.03
    cores: float = 2.0
    loads_at_once: int = 20
    """Argo CD's status processors."""
    syncs_at_once: int = 10
    """Argo CD's operation processors."""

    allocated_per_cpu_s: float = 200 * MIB
    allocated_per_s: float = 0.1 * MIB
    """By a process that does nothing, and is asked for its metrics every few seconds."""
    allocated_per_cluster_s: float = 0.03 * MIB
    """For what a loaded cluster reports of itself, and for its lines in the metrics."""
    mark_s_per_byte: float = 0.00077 / MIB
    """Processor seconds of a collection."""
    most_collecting: float = 0.55
    """The share of the processors past which Go rather lets the heap grow."""

    gogc_percent: float | None = 100.0
    """None: off."""
    soft_limit_bytes: int | None = None
    """GOMEMLIMIT."""
    limit_bytes: int | None = None
    """What kills."""
    runtime_bytes: float = 15 * MIB
    """Resident: stacks and the runtime's own; GOMEMLIMIT counts it."""
    file_bytes: float = 75 * MIB
    """Resident: the program's file, which neither limit counts."""

    @property
    def overhead_bytes(self) -> float:
        """What is resident beside the heap."""
        return self.runtime_bytes + self.file_bytes


MEASURED = Traits()
"""The controller behind the captured series, on its two cores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a process shows of itself at one moment."""

    live_bytes: float
    """What the last collection left."""
    goal_bytes: float
    """The size at which the next one begins."""
    heap_bytes: float
    """In use, garbage included."""
    committed_bytes: float
    """Of the heap, had from the system and not given back."""
    resident_bytes: float
    charged_bytes: float
    """What counts against the limit."""
    collections: int
    counted_at: float
    """When the last collection was, as of which Go counts processor time."""
    collecting_cpu_s: float
    working_cpu_s: float


@dataclass(slots=True)
class _Task:
    work: Work
    cluster: str
    cpu_s: float
    size: float
    ends_at: float = math.inf
    """On the scale of what each running task has had of the processors."""


class Heap:
    """One process, from its start at `at` (seconds, of whatever clock)."""

    def __init__(self, traits: Traits, *, at: float, chance: Chance) -> None:
        self.traits = traits
        self.started_at = at
        self.at = at
        self.killed_at: float | None = None
        """When it took more than its limit; nothing goes on after that."""
        self.peak_charged_bytes = 0.0
        self.peak_live_bytes = 0.0
        self._chance = chance
        self._tickets = itertools.count(1)
        self._tasks: dict[int, _Task] = {}
        self._running: list[tuple[float, int]] = []
        self._waiting: dict[Work, deque[int]] = {work: deque() for work in Work}
        self._at_work = dict.fromkeys(Work, 0)
        self._sizes = dict.fromkeys(Work, 0.0)
        self._loaded: dict[str, float] = {}
        self._loading: set[int] = set()
        self._standing = traits.idle_bytes
        self._had_s = 0.0
        """What each running task has had so far of the processors."""
        self._busy = 0.0
        self._collections = 0
        self._collected_at = at
        self._collecting_cpu_s = 0.0
        self._working_cpu_s = 0.0
        self._counted_s = (0.0, 0.0)
        self._live = traits.idle_bytes
        self._heap = self._live
        self._share = 0.0
        self._goal = self._next_goal()
        self._committed = self._goal

    # What it is told

    def begin(self, work: Work, cluster: str, *, cpu_s: float, size: float = 1.0) -> int:
        """Let it do `work` for `cluster`, as soon as it can; the answer names it in `advance`.

        `cpu_s`: processor seconds. `size`: how many times as large as an ordinary spoke it is.
        To be told at the instant that `advance` has reached.
        """
        ticket = next(self._tickets)
        self._tasks[ticket] = _Task(work, cluster, cpu_s, size)
        self._waiting[work].append(ticket)
        self._start_waiting(work)
        return ticket

    def drop(self, cluster: str) -> None:
        """Forget the cache of `cluster`, if it has one."""
        if self._loaded.pop(cluster, None) is not None:
            self._standing = self.traits.idle_bytes + sum(self._loaded.values())

    @property
    def loaded(self) -> frozenset[str]:
        """The clusters that it has in its cache."""
        return frozenset(self._loaded)

    @property
    def tasks(self) -> int:
        """How much it has to do: what runs, and what waits for its turn."""
        return len(self._tasks)

    def advance(self, to: float) -> list[int]:
        """Go on until `to`; the answer names what has ended, in that order.

        Stops at the instant at which it is killed.
        """
        ended: list[int] = []
        while self.killed_at is None and self.at < to:
            self._go_on(min(to, self._ends_at(), self._looks_at()))
            ended += self._finished()
        return ended

    def next_at(self) -> float | None:
        """When the next work ends, or where there is a limit, the next collection comes if sooner.

        None: nothing will happen by itself that anybody has to know.
        """
        if self.killed_at is not None:
            return None
        if self.traits.limit_bytes is not None:
            return min(self._ends_at(), self._looks_at())
        ends_at = self._ends_at()
        return None if ends_at == math.inf else ends_at

    def shown(self) -> Shown:
        """What it shows at the instant that `advance` has reached."""
        committed = max(self._committed, self._heap)
        resident = self.traits.overhead_bytes + committed
        return Shown(
            live_bytes=self._live,
            goal_bytes=self._goal,
            heap_bytes=self._heap,
            committed_bytes=committed,
            resident_bytes=resident,
            charged_bytes=resident - self.traits.file_bytes,
            collections=self._collections,
            counted_at=self._collected_at,
            collecting_cpu_s=self._counted_s[0],
            working_cpu_s=self._counted_s[1],
        )

    # Work

    def _start_waiting(self, work: Work) -> None:
        waiting = self._waiting[work]
        while waiting and self._at_work[work] < self._at_once(work):
            ticket = waiting.popleft()
            task = self._tasks[ticket]
            task.ends_at = self._had_s + task.cpu_s
            heapq.heappush(self._running, (task.ends_at, ticket))
            self._at_work[work] += 1
            self._sizes[work] += task.size
            if work is Work.LOAD:
                self._loading.add(ticket)

    def _at_once(self, work: Work) -> int:
        return self.traits.syncs_at_once if work is Work.SYNC else self.traits.loads_at_once

    def _finished(self) -> list[int]:
        ended: list[int] = []
        while self._running and self._running[0][0] <= self._had_s + _ENDED_S:
            ticket = heapq.heappop(self._running)[1]
            task = self._tasks.pop(ticket)
            self._at_work[task.work] -= 1
            self._sizes[task.work] -= task.size
            if task.work is Work.LOAD:
                self._loading.remove(ticket)
                self._keep(task)
            self._start_waiting(task.work)
            ended.append(ticket)
        return ended

    def _keep(self, task: _Task) -> None:
        kept = self._lasting(task)
        self._standing += kept - self._loaded.get(task.cluster, 0.0)
        self._loaded[task.cluster] = kept

    def _lasting(self, task: _Task) -> float:
        spread = self.traits.lasting_spread
        drawn = self._chance.between(1 - spread, 1 + spread, "lasting", task.cluster)
        return self.traits.lasting_bytes * task.size * drawn

    def _rate(self) -> float:
        """What each running task has of a processor."""
        running = len(self._running)
        if running == 0:
            return 0.0
        return self._shared() * min(1.0, self.traits.cores / running)

    def _shared(self) -> float:
        """What collecting leaves of the processors."""
        return math.pow(1 - self._share, _SLOWED)

    def _ends_at(self) -> float:
        rate = self._rate()
        if rate == 0.0:
            return math.inf
        return self.at + max(self._running[0][0] - self._had_s, 0.0) / rate

    # Time

    def _looks_at(self) -> float:
        """When the next collection comes, or several that come one upon the other."""
        due_s = max(self._goal - self._heap, 0.0) / self._allocated_per_s()
        if self._busy > _STILL_BUSY:
            due_s = min(due_s, _STEP_S)
        soonest = self.at + max(due_s, _STEP_S)
        return min(soonest, self._collected_at + _COLLECTS_AT_LEAST_EVERY_S)

    def _allocated_per_s(self) -> float:
        traits = self.traits
        standing = traits.allocated_per_s + traits.allocated_per_cluster_s * len(self._loaded)
        working = self._rate() * len(self._running)
        if self._busy > _STILL_BUSY:
            working = max(working, _FOLLOWS * self._busy * traits.cores * self._shared())
        return standing + traits.allocated_per_cpu_s * working

    def _go_on(self, to: float) -> None:
        """Pass the time until `to`, through which nothing begins or ends."""
        passed_s = to - self.at
        rate, running = self._rate(), len(self._running)
        worked_s = rate * running * passed_s
        self._heap += self._allocated_per_s() * passed_s
        self._had_s += rate * passed_s
        self._working_cpu_s += worked_s
        self._collecting_cpu_s += worked_s * self._share / (1 - self._share)
        weight = math.exp(-passed_s / _BUSY_OVER_S)
        self._busy = self._busy * weight + min(1.0, running / self.traits.cores) * (1 - weight)
        self._give_back(passed_s)
        self.at = to
        headroom = max(self._goal - self._live, 1.0)
        if self._heap >= self._goal - 1.0:
            self._collect(1 + int((self._heap - self._goal) / headroom))
        elif to >= self._collected_at + _COLLECTS_AT_LEAST_EVERY_S - _ENDED_S:
            self._collect(1)
        self._look_at_the_limit()

    def _give_back(self, passed_s: float) -> None:
        kept = min(_RETAINED * self._goal, self._most_heap())
        less = self._committed - _GIVEN_BACK_BYTES_PER_S * passed_s
        self._committed = max(min(self._committed, max(kept, less)), min(self._heap, self._goal))

    def _collect(self, times: int) -> None:
        headroom = max(self._goal - self._live, 1.0)
        self._committed = max(self._committed, min(self._heap, self._goal))
        allocated_since = (self._heap - self._goal) % headroom if self._heap > self._goal else 0.0
        self._collections += times
        self._collected_at = self.at
        if not self._running:
            self._collecting_cpu_s += times * self.traits.mark_s_per_byte * self._live
        self._counted_s = (self._collecting_cpu_s, self._working_cpu_s)
        self._live = self._left(headroom)
        self.peak_live_bytes = max(self.peak_live_bytes, self._live)
        self._goal = self._next_goal()
        self._heap = self._live + min(allocated_since, max(self._goal - self._live, 0.0) * 0.999)

    def _left(self, headroom: float) -> float:
        """What a collection leaves now."""
        stands = self._standing + self._loaded_so_far()
        room = min(headroom / max(self._live, 1.0), 1.0)
        floating = self.traits.floating * self._busy * stands * room**2
        found = stands + floating + self._in_transit()
        noise = self.traits.noise
        if noise:
            found *= self._chance.between(
                1 - noise, 1 + noise, "noise", self.started_at, self._collections
            )
        return found

    def _loaded_so_far(self) -> float:
        """Of what the clusters that are being loaded will keep, what is there already."""
        so_far = 0.0
        for ticket in self._loading:
            task = self._tasks[ticket]
            left = (task.ends_at - self._had_s) / task.cpu_s if task.cpu_s else 0.0
            again = self._loaded.get(task.cluster, 0.0)
            so_far += max(self._lasting(task) * min(max(1 - left, 0.0), 1.0) - again, 0.0)
        return so_far

    def _in_transit(self) -> float:
        traits = self.traits
        found = 0.0
        for work, each in (
            (Work.LOAD, traits.load_bytes),
            (Work.SYNC, traits.sync_bytes),
            (Work.RESYNC, traits.resync_bytes),
        ):
            if at_once := self._at_work[work]:
                found += each * self._sizes[work] * math.pow(at_once, traits.exponent - 1)
        return found

    # Goals and limits

    def _most_heap(self) -> float:
        """What the soft limit leaves for the heap."""
        soft = self.traits.soft_limit_bytes
        return math.inf if soft is None else max(soft - self.traits.runtime_bytes, 0.0)

    def _next_goal(self) -> float:
        traits, live = self.traits, self._live
        wanted = math.inf
        if traits.gogc_percent is not None:
            share = traits.gogc_percent / 100
            wanted = live + max(live + _GLOBALS_BYTES, _SMALLEST_GOAL_BYTES) * share
        # each byte that is allocated costs so much of marking, at a headroom of one live heap
        price = traits.mark_s_per_byte * live * traits.allocated_per_cpu_s
        most = traits.most_collecting
        grown = live + price * (1 - most) / most + MIB
        goal = min(wanted, max(self._most_heap(), grown))
        if goal == math.inf:
            goal = max(live * 100, 64 * 1024 * MIB)
        self._share = price / (price + goal - live)
        return goal

    def _look_at_the_limit(self) -> None:
        traits = self.traits
        charged = traits.runtime_bytes + max(self._committed, self._heap)
        self.peak_charged_bytes = max(self.peak_charged_bytes, charged)
        if traits.limit_bytes is not None and charged > traits.limit_bytes:
            self.killed_at = self.at
