"""Every story can be told to its end, by somebody who opens gates in order and does no harm."""

from __future__ import annotations

from typing import Any

import pytest

from tests.embedded_hub.telling import SPOKES, Told, well
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, SECRET
from watcher.embedded_hub.scenarios import SCENARIOS
from watcher.embedded_hub.store import Event


def test_they_are_the_ones_that_are_promised_fleet_first() -> None:
    assert list(SCENARIOS) == [
        "fleet", "slow-addon", "broken-addon", "labels-lost", "brown-field", "late-addon",
        "rings", "stampede", "full-shard", "out-of-memory", "gitops-bridge",
    ]  # fmt: skip


ENDS_WELL = [
    name
    for name in SCENARIOS
    if name not in ("broken-addon", "stampede", "out-of-memory", "full-shard")
]
"""By itself: those about memory need care (test_short_of_memory.py)."""


@pytest.mark.parametrize("name", ENDS_WELL)
async def test_every_story_but_the_broken_one_ends_well(name: str) -> None:
    told = Told(SCENARIOS[name])
    await told.run_to_its_end()
    assert len(told.applications()) >= SPOKES * 6
    assert all(map(well, told.applications()))
    assert told.model.application_sets.would_delete() == []
    await told.end()


async def test_a_fleet_grows_while_it_is_told() -> None:
    told = Told(SCENARIOS["fleet"])
    assert len(told.model.spokes.all()) == SPOKES - 2
    assert not told.over()
    await told.run(120.0)
    assert len(told.model.spokes.all()) == SPOKES
    assert told.over()
    await told.end()


async def test_tiers_come_one_after_the_other_on_each_spoke() -> None:
    told = Told(SCENARIOS["fleet"], spokes=4)
    await told.run_to_its_end()
    order = ["vpc-cni", "metrics-server", "cert-manager", "keda"]
    created = {
        one["metadata"]["name"]: one["metadata"]["creationTimestamp"] for one in told.applications()
    }
    for number in range(4):
        stamps = [created.get(f"spoke-{number:03d}-{addon}", "") for addon in order]
        known = [one for one in stamps if one]
        assert known == sorted(known)
        assert len(set(known)) == len(known)
    await told.end()


async def test_the_slow_addon_holds_what_depends_on_it_for_minutes() -> None:
    told = Told(SCENARIOS["slow-addon"], spokes=4)
    await told.run(300.0)
    assert not [one for one in told.applications() if "keda" in one["metadata"]["name"]]
    await told.end()


async def test_the_broken_addon_holds_one_spoke_and_no_other() -> None:
    told = Told(SCENARIOS["broken-addon"], spokes=4)
    await told.run(600.0)
    unwell = [one["metadata"]["name"] for one in told.applications() if not well(one)]
    assert unwell == ["spoke-002-cert-manager"]
    last = [one["metadata"]["name"] for one in told.applications()]
    with_last_tier = {name.rpartition("-keda")[0] for name in last if name.endswith("-keda")}
    assert with_last_tier == {"spoke-000", "spoke-001", "spoke-003"}
    await told.end()


async def test_lost_labels_cost_their_applications_unless_somebody_is_faster() -> None:
    """The gatekeeper here looks every four seconds, which is far too late."""
    told = Told(SCENARIOS["labels-lost"], spokes=6)
    await told.run_to_its_end()
    assert len(told.deleted) >= 4
    assert all(map(well, told.applications()))
    await told.end()


async def test_on_a_brown_field_nothing_is_deleted_and_nothing_is_synced_again() -> None:
    told = Told(SCENARIOS["brown-field"])
    before = {one["metadata"]["name"] for one in told.applications()}
    assert len(before) == SPOKES * 8 - 1  # one spoke has no metrics-server
    assert len(told.model.application_sets.would_delete()) == len(before) - SPOKES * 2
    await told.run_to_its_end()
    assert {one["metadata"]["name"] for one in told.applications()} == before
    assert told.deleted == []
    assert {len(one["status"]["history"]) for one in told.applications()} == {1}
    await told.end()


async def test_a_brown_field_whose_gates_stay_closed_waits_for_as_long_as_it_takes() -> None:
    told = Told(SCENARIOS["brown-field"], spokes=2)
    before = len(told.applications())
    await told.clock.advance(3600.0)
    assert not told.over()
    assert len(told.applications()) == before
    await told.end()


async def test_the_late_addon_starts_behind_all_open_gates_at_once() -> None:
    told = Told(SCENARIOS["late-addon"])
    began: list[float] = []

    def note(event: Event) -> None:
        if event.type == "ADDED" and "trivy" in event.object["metadata"]["name"]:
            began.append(told.clock.now())

    told.model.store.subscribe(note)
    await told.run_to_its_end()
    first = sorted(began)[: SPOKES // 2]
    assert first[-1] - first[0] < 1.0
    assert all(map(well, told.applications()))
    await told.end()


async def test_the_same_seed_tells_the_same_story() -> None:
    async def tell(seed: int) -> list[Any]:
        told = Told(SCENARIOS["labels-lost"], spokes=3, seed=seed)
        await told.run(250.0)
        await told.end()
        return [(event.revision, event.object) for event in events(told.model)]

    one, other = await tell(3), await tell(3)
    assert one == other
    assert one != await tell(4)


def events(model: Model) -> list[Event]:
    kinds = (SECRET, APPLICATION_SET, APPLICATION)
    return [event for kind in kinds for event in model.store.events_since(kind, 0)]
