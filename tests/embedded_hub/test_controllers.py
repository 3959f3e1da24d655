"""Controllers hold what is theirs, die of too much, and come back."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tests.embedded_hub.small_hub import START, SmallHub, look
from watcher.embedded_hub.applications import REFRESH
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.controllers import NAME, UNPACED, Setup
from watcher.embedded_hub.heap import MEASURED, MIB
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.resources import APPLICATION, POD, SECRET
from watcher.embedded_hub.spokes import SKIP_RECONCILE
from watcher.embedded_hub.workloads import Rule, takes

ADDONS = ("x", "y", "z")


class PacedHub(SmallHub):
    """A small hub with controllers of its own."""

    def __init__(self, setup: Setup, *, seed: int = 0) -> None:
        Model.__init__(
            self,
            HandClock(START),
            seed=seed,
            rules=[Rule(behaviour=takes(3.0))],
            controllers=setup,
        )
        self.states = {}
        for addon in ADDONS:
            self.add_set(addon)


@asynccontextmanager
async def paced(setup: Setup, *, seed: int = 0) -> AsyncIterator[PacedHub]:
    hub = PacedHub(setup, seed=seed)
    hub.start()
    try:
        yield hub
    finally:
        await hub.stop()


def limited(mib: int, soft: int | None = None) -> Setup:
    soft_bytes = None if soft is None else soft * MIB
    return Setup(traits=replace(MEASURED, limit_bytes=mib * MIB, soft_limit_bytes=soft_bytes))


def pods(hub: Model) -> list[dict[str, Any]]:
    return hub.store.list(POD)


def told(hub: Model, at: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = pods(hub)[at]["status"]["containerStatuses"][0]
    return found


def well(hub: Model) -> int:
    looks = [look(one) for one in hub.store.list(APPLICATION)]
    return sum(one.sync == "Synced" and one.health == "Healthy" for one in looks)


def all_well(hub: Model, addons: int) -> bool:
    return well(hub) == addons


def pin(hub: SmallHub, spoke: str, shard: int) -> None:
    data = {"shard": b64encode(str(shard).encode()).decode()}
    hub.store.patch(SECRET, "argocd", spoke, {"data": data})


def add_fleet(hub: SmallHub, count: int) -> None:
    for number in range(count):
        hub.add_spoke(f"s{number:02d}", "tier-a")


# Pods


async def test_by_default_there_is_one_controller_without_a_limit() -> None:
    async with paced(Setup()) as hub:
        (pod,) = pods(hub)
        (container,) = pod["spec"]["containers"]
        assert pod["metadata"]["name"] == f"{NAME}-0"
        assert pod["metadata"]["labels"] == {"app.kubernetes.io/name": NAME}
        assert pod["metadata"]["ownerReferences"][0]["kind"] == "StatefulSet"
        assert container["resources"] == {}
        assert {"name": "ARGOCD_CONTROLLER_REPLICAS", "value": "1"} in container["env"]
        assert pod["status"]["podIP"] == "127.0.0.1"
        assert told(hub)["ready"]


async def test_limits_stand_in_the_pod() -> None:
    setup = limited(900, soft=780)
    off = replace(setup.traits, gogc_percent=None)
    async with paced(replace(setup, replicas=2, of_shard={1: off})) as hub:
        first, second = (pod["spec"]["containers"][0] for pod in pods(hub))
        assert first["resources"] == {"limits": {"memory": "900Mi"}}
        assert {"name": "GOMEMLIMIT", "value": "780MiB"} in first["env"]
        assert {"name": "GOGC", "value": "off"} in second["env"]
        assert [pod["status"]["podIP"] for pod in pods(hub)] == ["127.0.0.1", "127.0.0.2"]


async def test_a_deployments_pods_have_no_number() -> None:
    async with paced(Setup(replicas=2, dynamic=True)) as hub:
        names = [pod["metadata"]["name"] for pod in pods(hub)]
        assert len(set(names)) == 2
        assert not any(name.rpartition("-")[2].isdigit() for name in names)
        assert {pod["metadata"]["ownerReferences"][0]["kind"] for pod in pods(hub)} == {
            "ReplicaSet"
        }


# Caches


async def test_a_cluster_is_loaded_with_its_first_application_and_not_before() -> None:
    async with paced(Setup()) as hub:
        hub.add_spoke("a")
        await hub.clock.advance(30.0)
        (controller,) = hub.controllers.all
        assert list(controller.cache) == []
        before = hub.controllers.heap_at(controller, hub.clock.now()).shown().live_bytes
        hub.label("a", tier_a="open")
        await hub.clock.advance(5.0)
        assert list(controller.cache) == ["https://a.example.invalid"]
        await hub.clock.advance(300.0)
        after = hub.controllers.heap_at(controller, hub.clock.now()).shown().live_bytes
        assert 5 * MIB < after - before < 20 * MIB


async def test_parking_drops_the_cache_and_deletes_nothing_and_unparking_waits_for_a_refresh() -> (
    None
):
    async with paced(Setup(traits=MEASURED)) as hub:
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        assert well(hub) == 3
        (controller,) = hub.controllers.all
        hub.annotate_spoke("a", SKIP_RECONCILE, "true")
        assert list(controller.cache) == []
        assert controller.heap.loaded == frozenset()
        await hub.clock.advance(400.0)
        assert (len(hub.names()), list(controller.cache)) == (3, [])
        hub.annotate_spoke("a", SKIP_RECONCILE, None)
        await hub.clock.advance(0.5)
        assert list(controller.cache) == []
        hub.annotate("a-x", REFRESH, "normal")
        await hub.clock.advance(5.0)
        assert len(controller.cache) == 1


async def test_a_spoke_that_goes_leaves_the_cache() -> None:
    async with paced(Setup()) as hub:
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(30.0)
        hub.store.delete(SECRET, "argocd", "a")
        assert list(hub.controllers.all[0].cache) == []


async def test_a_spoke_that_is_parked_while_it_is_loaded_keeps_nothing() -> None:
    async with paced(Setup(traits=replace(MEASURED, load_cpu_s=10.0))) as hub:
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(5.0)
        hub.annotate_spoke("a", SKIP_RECONCILE, "true")
        await hub.clock.advance(60.0)
        (controller,) = hub.controllers.all
        assert controller.heap.loaded == frozenset()
        assert controller.waiting == {}


async def test_spokes_are_where_they_are_pinned_and_move_with_the_pin() -> None:
    async with paced(Setup(replicas=3)) as hub:
        for name, shard in (("a", 2), ("b", 1)):
            hub.add_spoke(name)
            pin(hub, name, shard)
            hub.label(name, tier_a="open")
        await hub.clock.advance(60.0)
        caches = [list(one.cache) for one in hub.controllers.all]
        assert caches == [[], ["https://b.example.invalid"], ["https://a.example.invalid"]]
        pin(hub, "a", 0)
        await hub.clock.advance(200.0)
        caches = [list(one.cache) for one in hub.controllers.all]
        assert caches == [["https://a.example.invalid"], ["https://b.example.invalid"], []]


# Death


async def test_while_a_controller_is_down_only_its_own_spokes_wait() -> None:
    async with paced(Setup(replicas=2)) as hub:
        for name, shard in (("a", 0), ("b", 1)):
            hub.add_spoke(name)
            pin(hub, name, shard)
        hub.controllers.kill(1)
        for name in ("a", "b"):
            hub.label(name, tier_a="open")
        await hub.clock.advance(9.0)
        assert well(hub) == 3
        await hub.clock.advance(30.0)
        assert well(hub) == 6
        assert told(hub, 1)["restartCount"] == 1
        assert told(hub, 1)["lastState"]["terminated"]["reason"] == "Error"


async def test_too_many_at_once_are_the_end_of_it_again_and_again() -> None:
    async with paced(limited(350)) as hub:
        add_fleet(hub, 24)
        await hub.clock.advance(25.0)
        assert told(hub)["state"]["waiting"]["reason"] == "CrashLoopBackOff"
        assert told(hub)["lastState"]["terminated"]["reason"] == "OOMKilled"
        await hub.clock.advance(200.0)
        assert hub.controllers.all[0].kills >= 3
        assert told(hub)["restartCount"] >= 3
        assert well(hub) == 0
        assert len(hub.names()) == 72


async def test_a_few_at_a_time_bring_the_same_fleet_up_under_the_same_limit() -> None:
    async with paced(limited(850)) as hub:
        for number in range(16):
            hub.add_spoke(f"s{number:02d}", "tier-a")
            addons = 3 * (number + 1)
            await hub.until(partial(all_well, hub, addons), within_s=120.0, step_s=2.0)
        assert well(hub) == 48
        assert hub.controllers.all[0].kills == 0


async def test_parking_brings_a_dead_controller_back() -> None:
    async with paced(limited(350)) as hub:
        add_fleet(hub, 24)
        await hub.clock.advance(60.0)
        for number in range(24):
            hub.annotate_spoke(f"s{number:02d}", SKIP_RECONCILE, "true")
        kills = hub.controllers.all[0].kills
        await hub.clock.advance(600.0)
        (controller,) = hub.controllers.all
        assert controller.up
        assert controller.kills <= kills + 1
        assert hub.controllers.heap_at(controller, hub.clock.now()).shown().live_bytes < 20 * MIB
        for number in range(4):
            hub.annotate_spoke(f"s{number:02d}", SKIP_RECONCILE, None)
            for addon in ADDONS:
                hub.annotate(f"s{number:02d}-{addon}", REFRESH, "normal")
            await hub.clock.advance(60.0)
        assert well(hub) == 12
        assert len(hub.names()) == 72


async def test_a_soft_limit_lets_the_rush_live_and_crawl() -> None:
    async with paced(limited(350, soft=300)) as soft, paced(Setup(traits=MEASURED)) as free:
        took: list[float] = []
        for hub in (soft, free):
            add_fleet(hub, 15)
            took.append(await hub.until(partial(all_well, hub, 45), within_s=600.0, step_s=5.0))
        assert soft.controllers.all[0].kills == 0
        assert took[0] > 1.3 * took[1]


async def test_a_start_loads_every_cluster_that_has_an_application_and_is_not_parked() -> None:
    async with paced(Setup(traits=MEASURED)) as hub:
        add_fleet(hub, 4)
        hub.add_spoke("without-gates")
        await hub.clock.advance(60.0)
        hub.annotate_spoke("s01", SKIP_RECONCILE, "true")
        hub.controllers.kill(0)
        (controller,) = hub.controllers.all
        assert list(controller.cache) == []
        await hub.clock.advance(30.0)
        assert sorted(one.spoke.name for one in controller.cache.values()) == ["s00", "s02", "s03"]
        assert controller.heap.started_at == pytest.approx(START + 70.0)


async def test_an_operation_that_was_cut_off_is_taken_up_again() -> None:
    async with paced(Setup(traits=replace(MEASURED, sync_cpu_s=20.0))) as hub:
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(10.0)
        assert {look(one).phase for one in hub.store.list(APPLICATION)} == {"Running"}
        hub.controllers.kill(0)
        await hub.clock.advance(120.0)
        assert well(hub) == 3


# Replicas


async def test_another_number_of_replicas_makes_every_pod_anew_and_shares_the_spokes_out() -> None:
    async with paced(Setup()) as hub:
        add_fleet(hub, 12)
        await hub.clock.advance(60.0)
        uid = pods(hub)[0]["metadata"]["uid"]
        hub.controllers.scale(3)
        await hub.clock.advance(30.0)
        assert len(pods(hub)) == 3
        assert pods(hub)[0]["metadata"]["uid"] != uid
        env = pods(hub)[0]["spec"]["containers"][0]["env"]
        assert {"name": "ARGOCD_CONTROLLER_REPLICAS", "value": "3"} in env
        counts = [len(one.cache) for one in hub.controllers.all]
        assert sum(counts) == 12
        assert max(counts) < 12


async def test_under_dynamic_distribution_those_that_stay_go_on() -> None:
    async with paced(Setup(replicas=2, dynamic=True)) as hub:
        add_fleet(hub, 12)
        await hub.clock.advance(60.0)
        before = {pod["metadata"]["name"] for pod in pods(hub)}
        hub.controllers.scale(3)
        assert before < {pod["metadata"]["name"] for pod in pods(hub)}
        hub.controllers.scale(1)
        await hub.clock.advance(200.0)
        assert len(pods(hub)) == 1
        assert len(hub.controllers.all[0].cache) == 12


async def test_without_any_controller_nothing_happens() -> None:
    async with paced(Setup()) as hub:
        hub.controllers.scale(0)
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        assert (pods(hub), well(hub), len(hub.names())) == ([], 0, 3)
        hub.controllers.scale(1)
        await hub.clock.advance(60.0)
        assert well(hub) == 3


async def test_where_processors_are_without_number_nothing_is_slower_for_company() -> None:
    async with paced(Setup(traits=UNPACED)) as hub:
        add_fleet(hub, 40)
        await hub.clock.advance(12.0)
        assert well(hub) == 120


async def test_the_same_seed_dies_at_the_same_instant() -> None:
    ended: list[str] = []
    for seed in (1, 1, 2):
        async with paced(limited(350), seed=seed) as hub:
            add_fleet(hub, 24)
            await hub.clock.advance(60.0)
            ended.append(str(told(hub)) + str(hub.controllers.all[0].heap.shown()))
    assert ended[0] == ended[1] != ended[2]


async def test_a_spoke_may_be_larger_than_others() -> None:
    async with paced(Setup(traits=MEASURED, sizes={"b": 10.0})) as hub:
        live: list[float] = []
        for name in ("a", "b"):
            hub.add_spoke(name, "tier-a")
            await hub.clock.advance(300.0)
            (controller,) = hub.controllers.all
            shown = hub.controllers.heap_at(controller, hub.clock.now()).shown()
            live.append(shown.live_bytes / MIB)
        assert live[1] - live[0] > 5 * (live[0] - 8)
