"""How fast could a fleet be at best, whoever opens its gates?

Worked out from the fleet and the model's figures alone; nothing of the product is in it. The larger
of two, of each shard, and then of all shards:
- the longest chain: on one spoke the cluster's load, then for each tier its longest addon, alone
  on the machine, with the time until it is ready, and the soak between one tier and the next;
- all work, divided by what goes on at once. That is no more than there are processors, and no more
  than has memory: beside the k spokes loaded already, `p` operations fit under the limit, and the
  k-th spoke's work is done while at least these are loaded. What collecting takes of the processors
  at the least is gone as well: with GOGC a fixed share, under GOMEMLIMIT more the fuller it is.

No way can be faster than the second; ways that do not soak can be faster than the first.
"""

from __future__ import annotations

import math

from tests.bench.fleets import Lot
from watcher.embedded_hub.heap import MIB, Traits
from watcher.policy import Tier

SOAK_S = Tier("any").soak_s
_SLOWED = 1.3
_GLOBALS_BYTES = 5 * MIB


def bound_s(lot: Lot) -> float:
    """Seconds from the first gate to the last healthy Application."""
    shards = range(lot.fleet.shards)
    return max(max(_chain_s(lot), _work_s(lot, shard)) for shard in shards)


def _chain_s(lot: Lot) -> float:
    chains: dict[int, dict[str, float]] = {}
    for each in lot.apps:
        if (each.spoke, each.addon) in lot.reachable:
            tiers = chains.setdefault(each.spoke, {})
            tiers[each.tier] = max(tiers.get(each.tier, 0.0), each.cpu_s + each.ready_s)
    return max(
        lot.load_cpu_s[spoke] + sum(tiers.values()) + SOAK_S * (len(tiers) - 1)
        for spoke, tiers in chains.items()
    )


def _work_s(lot: Lot, shard: int) -> float:
    """All work of a shard, at the pace that the limit and the processors allow meanwhile."""
    traits = lot.fleet.traits()
    there = range(shard, lot.fleet.spokes, lot.fleet.shards)
    work_s = sum(lot.load_cpu_s[spoke] for spoke in there) + sum(
        each.cpu_s
        for each in lot.apps
        if each.spoke % lot.fleet.shards == shard and (each.spoke, each.addon) in lot.reachable
    )
    each_s = work_s / len(there)
    return sum(each_s / _pace(traits, loaded) for loaded in range(1, len(there) + 1))


def _pace(traits: Traits, loaded: int) -> float:
    """Processors that are at work beside so many loaded spokes."""
    stands = traits.idle_bytes + traits.lasting_bytes * loaded
    at_once = min(traits.cores, max(1, _fit(traits, stands)))
    return at_once * _left(traits, stands + traits.sync_bytes)


def _fit(traits: Traits, stands: float) -> int:
    """How many operations fit beside what stands."""
    if traits.limit_bytes is None:
        return traits.syncs_at_once
    room = (traits.limit_bytes - traits.runtime_bytes) / (1.0 if traits.soft_limit_bytes else 2.0)
    fits = 0
    while fits < traits.syncs_at_once:
        if stands + traits.sync_bytes * math.pow(fits + 1, traits.exponent) > room:
            break
        fits += 1
    return fits


def _left(traits: Traits, live: float) -> float:
    """What collecting leaves of the processors at least."""
    headroom = live + _GLOBALS_BYTES
    if traits.soft_limit_bytes is not None:
        headroom = min(headroom, traits.soft_limit_bytes - traits.runtime_bytes - live)
    price = traits.mark_s_per_byte * live * traits.allocated_per_cpu_s
    share = min(traits.most_collecting, price / (price + max(headroom, MIB)))
    return math.pow(1.0 - share, _SLOWED)
