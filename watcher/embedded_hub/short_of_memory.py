"""Which stories are about the application controllers' memory?

Three: a fleet that is rushed at beside the same one that is gated, a hub that is killed at every
start, and a shard that has no room for all that wait. Limits go with the number of spokes, so that
a story is the same for six and for sixty.

Facts (measured, heap.py): a start loads every cluster at once; what is synced at once takes memory
that adds up. Hubs with many Applications raise the operation processors to fifty and more, and
large charts take more of each: so it is here, and what has to be seen is seen with few spokes.

Elsewhere: the fleet (fleet.py); the other stories (scenarios.py).
"""

from __future__ import annotations

import json
from dataclasses import replace

from watcher.embedded_hub.controllers import Setup
from watcher.embedded_hub.fleet import ADDONS, PACE, TIERS, fleet_secret, lay_sets
from watcher.embedded_hub.heap import MEASURED, MIB
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.scenario import (
    PREFIX,
    Scenario,
    Story,
    create_set,
    create_spoke,
    enable,
    gate,
    plain_set,
    settle,
)
from watcher.embedded_hub.stamps import stamp

_BUSY_HUB = replace(
    MEASURED, cores=4.0, syncs_at_once=50, loads_at_once=50, sync_bytes=120 * MIB, exponent=0.35
)
_HELD_BACK_BYTES = 20 * MIB
_LAST_TIER = tuple(ADDONS)[-1]
_UNGATED = "ungated"
"""The label of the spokes whose addons no gate holds back."""


def _rush_bytes(spokes: int, addons: int) -> float:
    """What is charged at the peak, where so many addons come to each of so many at once."""
    traits = _BUSY_HUB
    stands = (traits.idle_bytes + traits.lasting_bytes * spokes) * (1 + traits.floating)
    at_once = min(spokes * addons, traits.syncs_at_once)
    live = stands + traits.sync_bytes * at_once**traits.exponent
    return float(2 * live + traits.runtime_bytes)


def _needed_bytes(spokes: int) -> float:
    """What a careful watcher wants for so many, a restart and an eighth to spare included."""
    traits = _BUSY_HUB
    stands = traits.idle_bytes + 1.2 * traits.lasting_bytes * spokes
    running = 2 * (stands + 2 * traits.sync_bytes)
    return (traits.overhead_bytes + max(running, 2.8 * stands)) / 0.85


def _whole_mib(found: float) -> int:
    return int(found / MIB) * MIB


# The same fleet twice


def _lay_stampede(model: Model, spokes: int) -> Story:
    """Every other spoke is on the second shard, and no gate holds its addons back."""
    lay_sets(model)
    every = [addon for addons in ADDONS.values() for addon in addons]
    for addon in every:
        create_set(model, plain_set(f"{addon}-{_UNGATED}", {_UNGATED: "true"}))
    rushed = {**{enable(addon): "false" for addon in every}, _UNGATED: "true"}
    for number in range(spokes):
        if number % 2 == 0:
            create_spoke(model, fleet_secret(number, shard=0))
        else:
            create_spoke(model, fleet_secret(number, shard=1, labels=rushed))
    return Story()


def _stampede_limit(spokes: int) -> int:
    return _whole_mib(0.85 * _rush_bytes(max(spokes // 2, 1), 8))


STAMPEDE = Scenario(
    name="stampede",
    says="every other spoke has no gates and shares a controller, which is killed over and over;"
    " the same spokes with gates, on the same memory, come up",
    tiers=TIERS,
    lay=_lay_stampede,
    rules=PACE,
    controllers=Setup(replicas=2, traits=_BUSY_HUB, limit_for=_stampede_limit),
)


# A hub that is down


def _lay_out_of_memory(model: Model, spokes: int) -> Story:
    """All gates are open, and the last tier has just been let out everywhere at once.

    What came before it stands on every spoke, so a start loads everything and goes on with the
    rush, and is killed.
    """
    for number in range(spokes):
        secret = fleet_secret(number, labels={gate(tier): "open" for tier in ADDONS})
        opened = dict.fromkeys(ADDONS, stamp(model.clock.now() - 3600.0))
        annotations = {**secret["metadata"]["annotations"], f"{PREFIX}opened": json.dumps(opened)}
        metadata = {**secret["metadata"], "annotations": annotations}
        create_spoke(model, {**secret, "metadata": metadata})
    for owner in lay_sets(model):
        addon = owner["metadata"]["name"].removeprefix("addon-")
        if addon not in ADDONS[_LAST_TIER]:
            settle(model, owner, hours_ago=72)
    return Story()


def _out_of_memory_limit(spokes: int) -> int:
    rush = _rush_bytes(spokes, len(ADDONS[_LAST_TIER]))
    return _whole_mib(max(0.85 * rush, min(0.95 * rush, _needed_bytes(spokes))))


OUT_OF_MEMORY = Scenario(
    name="out-of-memory",
    says="the controller is killed at every start, with every gate open; the watcher parks spokes"
    " until it stays up, and brings them back one by one",
    tiers=TIERS,
    lay=_lay_out_of_memory,
    rules=PACE,
    controllers=Setup(traits=_BUSY_HUB, limit_for=_out_of_memory_limit),
    policy={"recovery": "park"},
)


# A shard that is full


def _lay_full_shard(model: Model, spokes: int) -> Story:
    lay_sets(model)
    for number in range(spokes):
        create_spoke(model, fleet_secret(number))
    return Story()


def _full_shard_limit(spokes: int) -> int:
    traits = MEASURED
    stands = traits.idle_bytes + 1.2 * traits.lasting_bytes * max(spokes * 0.5, 1)
    running = 2 * (stands + 1.6 * traits.sync_bytes)
    return _whole_mib((traits.overhead_bytes + max(running, 2.8 * stands)) / 0.85)


FULL_SHARD = Scenario(
    name="full-shard",
    says="the controller's limit has room for about half of the spokes; the others wait, and are"
    " told what would help",
    tiers=TIERS,
    lay=_lay_full_shard,
    rules=PACE,
    controllers=Setup(traits=MEASURED, limit_for=_full_shard_limit),
)
