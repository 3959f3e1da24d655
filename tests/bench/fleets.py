"""Which fleets does the makespan benchmark roll addons out to, and under which limits?

Every spoke is new and gets eight addons in four tiers: compute 2, metrics 1, security 2,
platform 3, as the hub had on which the controller's memory was measured. What each Application
takes is drawn from the seed alone, so every way of admitting meets the very same fleet.

Limits, so that nobody can say that they were chosen for the product. Measured by the model of the
controller, which is asked what it takes at most when it starts with the whole fleet, over eight
seeds (`restart_peak`): filled to the high mark, that would just do, if nobody were careful.
- `tight`: 15 % more than that, which is what the product's defaults think of a spoke too much;
- where nothing is said, half as much again: the fleet can start, and has room to grow;
- `50-heavy-tight`: `tight`, but every operation takes four times what was measured, so that not
  even one fits beside the last spokes under the high mark;
- `40-at-900`: the fleet and the limit under which a real controller was killed again and again. It
  does not fit: some 22 spokes do, if it must be able to start with them.
With GOMEMLIMIT the same is asked of live heap, and the limit is the soft one over 0.87.

Elsewhere: what a controller does with it (modelled.py); how gates are opened (ways.py, watched.py).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field, replace

from watcher.embedded_hub.chance import Chance
from watcher.embedded_hub.heap import MEASURED, MIB, Heap, Traits, Work
from watcher.policy import Memory

TIERS = {"compute": 2, "metrics": 1, "security": 2, "platform": 3}
"""Each depends on the one before it; with how many addons."""
ADDONS = tuple((tier, f"{tier}-{at}") for tier, number in TIERS.items() for at in range(number))
"""Each addon with its tier, in the order of the tiers."""

READY_S = (3.0, 6.0)
"""How long an ordinary addon's workload takes until it is ready, once it has been applied."""
SLOW_S = (120.0, 420.0)
RESYNC_S = 180.0
SOFT_SHARE = 0.87
"""GOMEMLIMIT, of the limit."""
_SEEDS = 8


@dataclass(frozen=True)
class Fleet:
    """Spokes that are all to get every addon, and the controllers that bring them."""

    name: str
    spokes: int
    shards: int = 1
    limit_mib: float = math.inf
    """Of each shard."""
    soft: bool = False
    """Whether GOMEMLIMIT is set."""
    slow: float = 0.0
    """The share of Applications that take minutes until they are ready."""
    broken: float = 0.0
    """The share of Applications that never are."""
    heavy: float = 1.0
    """What an operation takes while it lasts, in what it took in the hub that was measured."""
    large: float = 0.0
    """The share of spokes that are ten times as large as the others."""

    @property
    def per_shard(self) -> int:
        """The spokes of the fullest shard."""
        return math.ceil(self.spokes / self.shards)

    def traits(self) -> Traits:
        """Each controller's."""
        limit = int(self.limit_mib * MIB)
        soft = int(SOFT_SHARE * limit) if self.soft else None
        return replace(
            MEASURED,
            limit_bytes=limit,
            soft_limit_bytes=soft,
            sync_bytes=self.heavy * MEASURED.sync_bytes,
        )


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one Application takes."""

    spoke: int
    tier: str
    addon: str
    cpu_s: float
    resync_cpu_s: float
    ready_s: float
    """Infinite where it never is ready."""


@dataclass(frozen=True)
class Lot:
    """A fleet as one seed has it."""

    fleet: Fleet
    seed: int
    apps: tuple[Drawn, ...] = ()
    load_cpu_s: tuple[float, ...] = ()
    """By spoke."""
    size: tuple[float, ...] = ()
    """By spoke."""
    reachable: frozenset[tuple[int, str]] = field(default=frozenset())
    """The (spoke, addon) that become ready if tiers are kept: everything below them does too."""


def drawn(fleet: Fleet, seed: int) -> Lot:
    """The fleet that this seed makes."""
    chance, traits = Chance(seed), MEASURED

    def app(spoke: int, tier: str, addon: str) -> Drawn:
        here = (spoke, addon)
        kind = chance.share("kind", *here)
        within = READY_S if kind >= fleet.slow + fleet.broken else SLOW_S
        ready_s = chance.between(*within, "ready", *here)
        return Drawn(
            spoke=spoke,
            tier=tier,
            addon=addon,
            cpu_s=traits.sync_cpu_s * chance.between(0.7, 1.3, "sync", *here),
            resync_cpu_s=traits.resync_cpu_s * chance.between(0.7, 1.3, "resync", *here),
            ready_s=math.inf if kind < fleet.broken else ready_s,
        )

    apps = tuple(app(at, *each) for at in range(fleet.spokes) for each in ADDONS)
    return Lot(
        fleet,
        seed,
        apps,
        tuple(
            traits.load_cpu_s * chance.between(0.7, 1.3, "load", at) for at in range(fleet.spokes)
        ),
        tuple(
            10.0 if chance.share("size", at) < fleet.large else 1.0 for at in range(fleet.spokes)
        ),
        _reachable(apps),
    )


def _reachable(apps: tuple[Drawn, ...]) -> frozenset[tuple[int, str]]:
    order = tuple(TIERS)
    blocked: dict[int, int] = {}
    for each in apps:
        if each.ready_s == math.inf:
            at = order.index(each.tier)
            blocked[each.spoke] = min(at, blocked.get(each.spoke, at))
    return frozenset(
        (each.spoke, each.addon)
        for each in apps
        if each.ready_s < math.inf and order.index(each.tier) <= blocked.get(each.spoke, len(order))
    )


@functools.cache
def restart_peak(spokes: int) -> float:
    """The most live heap, in MiB, of a controller that starts with so many settled spokes."""
    peak = 0.0
    for seed in range(_SEEDS):
        heap = Heap(MEASURED, at=0.0, chance=Chance(seed))
        for spoke in range(spokes):
            heap.begin(Work.LOAD, str(spoke), cpu_s=MEASURED.load_cpu_s)
            heap.begin(Work.RESYNC, str(spoke), cpu_s=len(ADDONS) * MEASURED.resync_cpu_s)
        while heap.tasks:
            heap.advance(heap.next_at() or math.inf)
        peak = max(peak, heap.peak_live_bytes)
    return peak / MIB


def _limit_mib(live_mib: float, *, soft: bool) -> float:
    """The limit under which this much live heap is just at the high mark."""
    memory = Memory()
    if soft:
        return live_mib / memory.high / SOFT_SHARE
    return (memory.overhead_bytes / MIB + 2.0 * live_mib) / memory.high


_SLACK = {"tight": 1.15}
_ORDINARY = 1.5


def sized(name: str, spokes: int, *, soft: bool, **fields: float) -> Fleet:
    per_shard = math.ceil(spokes / int(fields.get("shards", 1)))
    slack = _SLACK.get(name.rpartition("-")[2], _ORDINARY)
    return replace(
        Fleet(name + ("-soft" if soft else ""), spokes, soft=soft),
        limit_mib=round(slack * _limit_mib(restart_peak(per_shard), soft=soft)),
        **fields,  # type: ignore[arg-type]
    )


def fleets() -> dict[str, Fleet]:
    """All of them by name."""
    made = [
        each
        for soft in (False, True)
        for each in (
            sized("50", 50, soft=soft),
            sized("200", 200, soft=soft),
            sized("1000x4", 1000, soft=soft, shards=4),
            sized("50-tight", 50, soft=soft),
            sized("200-tight", 200, soft=soft),
            sized("50-heavy-tight", 50, soft=soft, heavy=4.0),
            replace(sized("40-at-900", 40, soft=soft), limit_mib=900.0),
            sized("200-mixed", 200, soft=soft, slow=0.02, broken=0.005),
        )
    ]
    return {each.name: each for each in made}
