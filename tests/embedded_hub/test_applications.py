"""The modelled controller shows what the real one showed: in order, in time, and in shape."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.captured.recorded import stream
from tests.embedded_hub.small_hub import START, Look, SmallHub, distinct, look, small_hub
from watcher.embedded_hub.applications import REFRESH
from watcher.embedded_hub.spokes import SKIP_RECONCILE
from watcher.embedded_hub.stamps import instant, stamp
from watcher.embedded_hub.workloads import (
    Behaviour,
    Rule,
    cannot_be_read,
    degrades,
    fails_to_sync,
    flaps,
    hangs_in_hook,
    nothing,
    suspended,
    takes,
)

RUNS = 160
"""Enough for every order in which two workers can get their writes in."""

LONG_S = 400.0


# In order: every sequence that was recorded is one that the model can show


@functools.cache
def recorded(name: str) -> dict[str, tuple[Look, ...]]:
    """What each Application that was made during a stream showed, from its first state."""
    looks: dict[str, list[Look]] = {}
    for event in stream(name):
        if event.did or event.kind != "Application":
            continue
        if event.type == "ADDED":
            looks[event.name] = []
        if event.type in ("ADDED", "MODIFIED") and event.name in looks:
            looks[event.name].append(look(event.object))
    return {each: distinct(seen) for each, seen in looks.items()}


async def shown(behaviour: Behaviour, *, seed: int) -> set[tuple[Look, ...]]:
    """What the Applications of several spokes show that are made at once."""
    async with small_hub(seed=seed, x=behaviour) as hub:
        hub.add_set("x")
        for number in range(RUNS // 4):
            hub.add_spoke(f"s{number}", "tier-a")
        await hub.clock.advance(60.0)
        return {hub.looks(name) for name in hub.names()}


async def can_be_shown(behaviour: Behaviour, *seen: tuple[Look, ...], whole: bool = True) -> bool:
    """Whether some run shows each of these; not `whole`: shows it before what comes then."""
    left = set(seen)
    for seed in range(4):  # all four are played only where the first do not show it
        for one in await shown(behaviour, seed=seed):
            left -= {
                each for each in left if one == each or (not whole and one[: len(each)] == each)
            }
        if not left:
            return True
    return False


async def test_what_each_of_a_spokes_eight_addons_showed_can_be_shown() -> None:
    names = ("one-spoke-four-tiers", "gate-lost-and-reopened")
    assert await can_be_shown(takes(5.0), *(s for name in names for s in recorded(name).values()))


ODD: dict[str, Behaviour] = {
    "broken": cannot_be_read(),
    "empty": nothing(),
    "postsync": hangs_in_hook(),
    "suspended": replace(suspended(), config_maps=0),
    "degraded": replace(degrades(24.6), config_maps=0),
}


@pytest.mark.parametrize("name", ODD)
async def test_what_an_odd_application_showed_can_be_shown(name: str) -> None:
    seen = recorded("odd-applications")[f"spoke-001-{name}"]
    assert await can_be_shown(ODD[name], seen)


async def test_what_a_failing_application_showed_can_be_shown() -> None:
    """Three attempts were recorded, until the recording ended."""
    seen = recorded("odd-applications")["spoke-001-failing"]
    assert await can_be_shown(fails_to_sync(), seen, whole=False)


async def test_what_an_addon_without_automated_sync_showed_can_be_shown() -> None:
    async with small_hub() as hub:
        manual = {"template": {"spec": {"syncPolicy": {"automated": None}}}}
        hub.add_set("manual")
        hub.change_set("manual", {"spec": manual})
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(LONG_S)
        assert hub.looks("a-manual") == recorded("odd-applications")["spoke-001-manual"]


async def test_health_comes_goes_and_comes_back_as_recorded() -> None:
    phases = ((0.0, "Progressing"), (11.7, "Degraded"), (23.7, "Healthy"), (35.7, "Progressing"))
    seen = recorded("degraded-addon")["spoke-002-degraded"]
    assert await can_be_shown(Behaviour(phases=phases, config_maps=0), seen)


async def test_a_commit_is_synced_as_recorded() -> None:
    states = [
        look(event.object)
        for event in stream("template-change-and-refresh")
        if not event.did and event.kind == "Application" and event.name == "spoke-000-keda"
    ]
    shown_after: set[tuple[Look, ...]] = set()
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        for number in range(RUNS):
            hub.add_spoke(f"s{number}", "tier-a")
        await hub.clock.advance(60.0)
        before = {name: len(states) for name, states in hub.states.items()}
        hub.commits.push("x", rolls=False)
        for name in hub.names():
            hub.annotate(name, REFRESH, "normal")
        await hub.clock.advance(10.0)
        for name, at in before.items():
            shown_after.add(distinct([look(one) for one in hub.states[name][at - 1 :]]))
    assert distinct(states) in shown_after


async def test_an_application_whose_gate_is_lost_goes_as_recorded() -> None:
    ends = list(endings("gate-lost-and-reopened")) + list(endings("teardown-in-order"))
    shown_ends = set()
    for seed in range(6):
        async with small_hub(seed=seed, x=takes(5.0)) as hub:
            hub.add_set("x")
            for number in range(20):
                hub.add_spoke(f"s{number}", "tier-a")
            await hub.clock.advance(60.0)
            for number in range(20):
                hub.label(f"s{number}", tier_a=None)
            await hub.clock.advance(10.0)
            assert hub.names() == []
            shown_ends |= {going(looks) for looks in map(hub.looks, hub.states)}
    known = [end for end in ends if end in shown_ends]
    assert len(ends) == 8
    assert len(known) >= len(ends) - 1  # metrics-server once went straight from Healthy to Missing


def endings(name: str) -> Iterator[tuple[tuple[str, str | None], ...]]:
    looks: dict[str, list[Look]] = {}
    for event in stream(name):
        resources_matter = not event.did and event.kind == "Application"
        if resources_matter and not look(event.object).conditions:
            looks.setdefault(event.name, []).append(look(event.object))
    for seen in looks.values():
        if seen[-1].deleting:
            yield going(distinct(seen))


def going(looks: tuple[Look, ...]) -> tuple[tuple[str, str | None], ...]:
    return tuple((one.sync, one.health) for one in looks if one.deleting)


# In shape: what is written has the members that the real one writes


def members(value: Any, path: str = "") -> set[str]:
    if isinstance(value, dict):
        found = {path} if not value else set()
        return found.union(*(members(part, f"{path}.{key}") for key, part in value.items()))
    if isinstance(value, list):
        return set().union(*(members(part, f"{path}[]") for part in value)) if value else {path}
    return {path}


def shapes(states: list[dict[str, Any]]) -> dict[Look, set[str]]:
    """For each look, all members that a state of that look has."""
    found: dict[Look, set[str]] = {}
    for state in states:
        told = {key: state[key] for key in ("spec", "status", "operation") if key in state}
        found.setdefault(look(state), set()).update(members(told))
    return found


async def test_states_have_the_members_that_recorded_states_have() -> None:
    real = [
        event.object
        for event in stream("one-spoke-four-tiers")
        if not event.did and event.kind == "Application"
    ]
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        for number in range(60):
            hub.add_spoke(f"s{number}", "tier-a")
        await hub.clock.advance(60.0)
        model = shapes([state for states in hub.states.values() for state in states])
    for seen, wanted in shapes(real).items():
        assert model[seen] == wanted, seen


# In time


async def test_a_rest_moves_nothing_but_the_periodic_look() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        before = len(hub.states["a-x"])
        await hub.clock.advance(1800.0)
        looked_at = [instant(one["status"]["reconciledAt"]) for one in hub.states["a-x"][before:]]
        gaps = [later - sooner for sooner, later in itertools.pairwise(looked_at)]
        assert 10 <= len(looked_at) <= 15
        assert all(118 <= gap <= 182 for gap in gaps)
        assert len({look(one) for one in hub.states["a-x"][before:]}) == 1


async def test_health_keeps_its_instant_while_the_word_stays() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        healthy_at = hub.application("a-x")["status"]["health"]["lastTransitionTime"]
        await hub.clock.advance(600.0)
        assert hub.application("a-x")["status"]["health"]["lastTransitionTime"] == healthy_at


async def test_a_change_on_the_spoke_moves_health_and_not_the_time_of_comparison() -> None:
    behaviour = flaps(healthy_after_s=5.0, healthy_s=10.0, unhealthy_s=5.0)
    async with small_hub(x=behaviour) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(90.0)
        status = hub.application("a-x")["status"]
        assert instant(status["health"]["lastTransitionTime"]) > START + 70
        assert instant(status["reconciledAt"]) < START + 10


async def test_finished_and_reconciled_may_carry_one_stamp_and_not_belong_together() -> None:
    """What a watcher must not trust: the comparison is the one before the operation ended."""
    tricky = 0
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        for number in range(100):
            hub.add_spoke(f"s{number}", "tier-a")
        await hub.clock.advance(30.0)
        for states in hub.states.values():
            for state in states:
                status = state["status"]
                done = status.get("operationState", {}).get("finishedAt")
                stale = status["sync"]["status"] == "OutOfSync"
                tricky += bool(done and stale and done == status.get("reconciledAt"))
    assert tricky > 5


# What brings a refresh


async def settled_hub(hub: SmallHub) -> None:
    hub.add_set("x")
    hub.add_spoke("a", "tier-a")
    await hub.clock.advance(60.0)
    assert look(hub.application("a-x")).health == "Healthy"


async def test_a_wish_to_refresh_is_answered_and_taken_away() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        await settled_hub(hub)
        hub.annotate("a-x", REFRESH, "normal")
        asked_at = hub.clock.now()
        await hub.clock.advance(1.0)
        application = hub.application("a-x")
        assert REFRESH not in (application["metadata"].get("annotations") or {})
        assert application["status"]["reconciledAt"] == stamp(asked_at)


async def test_a_commit_is_noticed_with_the_next_thorough_look_only() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        await settled_hub(hub)
        hub.commits.push("x", rolls=False)
        await hub.clock.advance(3.0)
        assert look(hub.application("a-x")).history == 1
        hub.annotate("a-x", REFRESH, "normal")
        await hub.clock.advance(5.0)
        after = look(hub.application("a-x"))
        assert (after.sync, after.history) == ("Synced", 2)
        assert {one.health for one in hub.looks("a-x")[-5:]} == {"Healthy"}  # no Pod was touched


async def test_a_commit_that_rolls_pods_makes_it_progress_again() -> None:
    async with small_hub(x=takes(20.0)) as hub:
        await settled_hub(hub)
        hub.commits.push("x", rolls=True)
        hub.annotate("a-x", REFRESH, "normal")
        await hub.clock.advance(8.0)
        assert look(hub.application("a-x")).health == "Progressing"
        await hub.clock.advance(20.0)
        assert look(hub.application("a-x")).health == "Healthy"


async def test_a_changed_spec_shows_in_what_was_compared_only_after_the_refresh() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        await settled_hub(hub)
        hub.change_set("x", {"spec": {"template": {"spec": {"source": {"path": "other"}}}}})
        await hub.clock.advance(10.0)
        stale = [
            one
            for one in hub.states["a-x"]
            if one["spec"]["source"] != one["status"]["sync"]["comparedTo"]["source"]
            and look(one).health == "Healthy"
        ]
        assert stale, "there is a moment at which status describes the spec of before"
        after = hub.application("a-x")
        assert after["status"]["sync"]["comparedTo"]["source"] == after["spec"]["source"]


async def test_a_parked_spoke_is_left_alone_and_comes_back_with_the_next_resync() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        await settled_hub(hub)
        hub.annotate_spoke("a", SKIP_RECONCILE, "true")
        before = hub.application("a-x")
        await hub.clock.advance(600.0)
        assert hub.application("a-x") is before
        hub.annotate_spoke("a", SKIP_RECONCILE, None)
        await hub.clock.advance(200.0)
        assert instant(hub.application("a-x")["status"]["reconciledAt"]) > START + 600


async def test_a_spoke_parked_in_mid_operation_goes_on_after_it_is_unparked() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.until(
            lambda: "a-x" in hub.states and look(hub.states["a-x"][-1]).phase == "Running",
            within_s=5.0,
            step_s=0.02,
        )
        hub.annotate_spoke("a", SKIP_RECONCILE, "true")
        await hub.clock.advance(60.0)
        assert look(hub.application("a-x")).phase == "Running"
        hub.annotate_spoke("a", SKIP_RECONCILE, None)
        hub.annotate("a-x", REFRESH, "normal")
        await hub.clock.advance(200.0)
        assert look(hub.application("a-x")).phase == "Succeeded"
        assert look(hub.application("a-x")).health == "Healthy"


async def test_an_application_that_is_told_to_be_skipped_is_left_alone() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        skipped = {"metadata": {"annotations": {SKIP_RECONCILE: "true"}}}
        hub.add_set("x")
        hub.change_set("x", {"spec": {"template": skipped}})
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(600.0)
        assert not look(hub.application("a-x")).reconciled


async def test_a_controller_that_was_down_takes_up_what_it_missed() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.applications.pause()
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        assert not look(hub.application("a-x")).reconciled
        hub.applications.resume()
        await hub.clock.advance(30.0)
        assert look(hub.application("a-x")).health == "Healthy"


async def test_other_behaviour_shows_at_once() -> None:
    async with small_hub(x=degrades(10.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        assert look(hub.application("a-x")).health == "Degraded"
        hub.workloads.change(Rule(addon="addon-x", behaviour=takes(10.0)))
        await hub.clock.advance(5.0)
        assert look(hub.application("a-x")).health == "Healthy"


async def test_the_same_seed_gives_the_same_run() -> None:
    async def run(seed: int) -> list[dict[str, Any]]:
        async with small_hub(seed=seed) as hub:
            hub.add_set("x")
            hub.add_set("y", tier="tier-b")
            for number in range(5):
                hub.add_spoke(f"s{number}", "tier-a", "tier-b")
            await hub.clock.advance(200.0)
            return [state for states in hub.states.values() for state in states]

    assert await run(7) == await run(7)
    assert await run(7) != await run(8)
