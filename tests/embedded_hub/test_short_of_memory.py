"""The stories about memory: what dies dies, and what is done with care does not."""

from __future__ import annotations

import pytest

from tests.embedded_hub.telling import Told, well
from watcher.embedded_hub.applications import REFRESH
from watcher.embedded_hub.heap import MIB
from watcher.embedded_hub.resources import APPLICATION, SECRET
from watcher.embedded_hub.scenario import Scenario
from watcher.embedded_hub.short_of_memory import FULL_SHARD, OUT_OF_MEMORY, STAMPEDE
from watcher.embedded_hub.spokes import SKIP_RECONCILE


def kills(told: Told) -> list[int]:
    return [one.kills for one in told.model.controllers.all]


def wells(told: Told, *, ungated: bool = False) -> int:
    return sum(
        well(one)
        for one in told.applications()
        if one["metadata"]["name"].endswith("-ungated") is ungated
    )


def park(told: Told, spoke: str, value: str | None) -> None:
    patch = {"metadata": {"annotations": {SKIP_RECONCILE: value}}}
    told.model.store.patch(SECRET, "argocd", spoke, patch)
    if value is None:
        for one in told.applications():
            if one["metadata"]["name"].startswith(f"{spoke}-"):
                wish = {"metadata": {"annotations": {REFRESH: "normal"}}}
                told.model.store.patch(APPLICATION, "argocd", one["metadata"]["name"], wish)


@pytest.mark.parametrize(("spokes", "seed"), [(12, 1), (20, 2)])
async def test_the_rush_is_killed_over_and_over_and_the_gated_half_comes_up(
    spokes: int, seed: int
) -> None:
    told = Told(STAMPEDE, spokes=spokes, seed=seed, at_once=2)
    await told.run(60.0 * spokes)
    gated, rushed = kills(told)
    assert gated == 0
    assert rushed >= 4
    assert wells(told) >= spokes // 2 * 8 - spokes // 10 - 1
    assert wells(told, ungated=True) == 0
    await told.end()


@pytest.mark.parametrize(("spokes", "seed"), [(12, 1), (20, 2)])
async def test_a_hub_in_the_loop_stays_there_until_spokes_are_parked_and_come_back(
    spokes: int, seed: int
) -> None:
    told = Told(OUT_OF_MEMORY, spokes=spokes, seed=seed)
    names = [spoke.name for spoke in told.model.spokes.all()]
    addons = len(told.applications())
    assert addons > 0
    await told.run(300.0)
    (looped,) = kills(told)
    assert looped >= 5
    for name in names:
        park(told, name, "true")
    await told.run(310.0)
    assert told.model.controllers.all[0].up
    for name in names:
        park(told, name, None)
        await told.run(40.0)
    await told.run(120.0)
    assert kills(told) == [looped]
    assert told.deleted == []
    assert all(map(well, told.applications()))
    assert len(told.applications()) >= addons
    await told.end()


async def test_the_full_shard_has_room_for_some_and_none_for_all_at_once() -> None:
    careful = Told(FULL_SHARD, spokes=16, at_once=1)
    await careful.run(900.0)
    assert kills(careful) == [0]
    assert wells(careful) >= 32
    await careful.end()
    rash = Told(FULL_SHARD, spokes=16)
    await rash.run(300.0)
    assert kills(rash)[0] >= 3
    await rash.end()


@pytest.mark.parametrize("scenario", [STAMPEDE, OUT_OF_MEMORY, FULL_SHARD])
def test_limits_go_with_the_fleet(scenario: Scenario) -> None:
    limits = [
        scenario.controllers.of(spokes).traits.limit_bytes or 0 for spokes in (1, 12, 60, 300)
    ]
    assert limits == sorted(limits)
    assert all(limit % MIB == 0 and limit > 200 * MIB for limit in limits)
