from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.builders import (
    DAY,
    HOUR,
    MIB,
    MINUTE,
    NOW,
    application_set,
    controller,
    newborn,
    next_turn,
    opens,
    policy,
    reading,
    readings,
    settled_since,
    snapshot,
    sources,
    spoke,
    verdict,
)
from watcher.decide import Snapshot, decide
from watcher.decide.reasons import (
    FirstLoad,
    NoController,
    PodsUnknown,
    ShardUnknown,
    WaitsForMemory,
    WithoutLimit,
)
from watcher.facts import Kind, Pod, Readings, Spoke

X, Y = application_set("x", "crds"), application_set("y", "compute")
TWO = policy("crds", "compute")
ZERO = controller(0, limit_bytes=4096 * MIB)
ONE = controller(1, limit_bytes=4096 * MIB)


def hub(
    spokes: Iterable[Spoke],
    *,
    pods: Iterable[Pod] = (ZERO,),
    said: dict[str, Readings] | None = None,
    **fields: Any,
) -> Snapshot:
    quiet = readings(reading())
    return snapshot(spokes, [X, Y], pods=pods, said=quiet if said is None else said, **fields)


def test_one_cluster_is_loaded_first_and_the_others_say_what_they_wait_for() -> None:
    decision = decide(hub([spoke("a"), spoke("b")]), TWO, NOW)
    assert opens(decision) == {"a": ("crds",)}
    assert verdict(decision, "crds", "b").reasons == (FirstLoad("0"),)


def test_one_shards_queue_does_not_hold_up_anothers() -> None:
    spokes = [spoke("a", shard="0"), spoke("b", shard="0"), spoke("c", shard="1")]
    said = {**readings(reading()), **readings(reading(), of=1)}
    decision = decide(hub(spokes, pods=(ZERO, ONE), said=said), TWO, NOW)
    assert opens(decision) == {"a": ("crds",), "c": ("crds",)}
    assert verdict(decision, "crds", "b").reasons == (FirstLoad("0"),)


def test_a_shard_that_nothing_is_known_of_admits_nothing_and_the_others_go_on() -> None:
    spokes = [spoke("a", shard="0"), spoke("c", shard="1")]
    said = {**readings(trouble="timed out"), **readings(reading(), of=1)}
    decision = decide(hub(spokes, pods=(ZERO, ONE), said=said), TWO, NOW)
    assert opens(decision) == {"c": ("crds",)}
    assert verdict(decision, "crds", "a").reasons == (ShardUnknown("0", "timed out"),)


def test_a_spoke_that_moves_waits_for_its_new_shard() -> None:
    full = controller(1, limit_bytes=120 * MIB)
    said = {**readings(reading()), **readings(reading(holds="a"), of=1)}
    decision = decide(hub([spoke("a", shard="0")], pods=(ZERO, full), said=said), TWO, NOW)
    (reason,) = verdict(decision, "crds", "a").reasons
    assert isinstance(reason, WaitsForMemory)
    assert reason.shard == "1"


def test_a_spoke_of_which_nobody_knows_whose_it_is_is_charged_to_the_tightest_shard() -> None:
    tight = controller(1, limit_bytes=120 * MIB)
    said = {**readings(reading()), **readings(reading(), of=1)}
    decision = decide(hub([spoke("a")], pods=(ZERO, tight), said=said), TWO, NOW)
    (reason,) = verdict(decision, "crds", "a").reasons
    assert isinstance(reason, WaitsForMemory)
    assert reason.shard == "1"


def test_and_to_one_that_is_up_where_any_is() -> None:
    down = controller(1, limit_bytes=120 * MIB, started_at=None)
    said = {**readings(reading()), **readings(reading(), of=1)}
    assert opens(decide(hub([spoke("a")], pods=(ZERO, down), said=said), TWO, NOW)) == {
        "a": ("crds",)
    }


def test_what_is_in_progress_there_makes_the_tightest_shard_tighter() -> None:
    busy = [spoke(name, opened={"crds": NOW - 9}) for name in "pqrs"]
    apps = [newborn(on=name) for name in "pqrs"]
    pods = (controller(0), controller(1))
    decision = decide(hub([*busy, spoke("a")], pods=pods, said={}, apps=apps), TWO, NOW)
    assert verdict(decision, "crds", "a").reasons == (WithoutLimit("0", 4, 4),)


@pytest.mark.parametrize("phase", ["Failed", "Succeeded"])
def test_a_pod_that_is_over_is_no_controller(phase: str) -> None:
    left = controller(1, name="evicted", phase=phase, started_at=None)
    assert opens(decide(hub([spoke("a")], pods=(ZERO, left)), TWO, NOW)) == {"a": ("crds",)}
    decision = decide(hub([spoke("a")], pods=(left,)), TWO, NOW)
    assert [type(each) for each in decision.stops] == [NoController]


def test_without_a_controller_nothing_is_admitted_and_the_selector_is_named() -> None:
    decision = decide(hub([spoke("a")], pods=()), TWO, NOW)
    missing = NoController("app.kubernetes.io/name=argocd-application-controller")
    assert not decision.patches
    assert decision.stops == (missing,)
    assert verdict(decision, "crds", "a").reasons == (missing,)


@pytest.mark.parametrize("heard", [{"unlisted": [Kind.PODS]}, {"stale": [Kind.PODS]}], ids=str)
def test_without_knowing_the_pods_nothing_is_admitted_but_what_is_lost_is_opened_again(
    heard: dict[str, Any],
) -> None:
    lost = spoke("l", opened='{"crds": "2026-03-02T07:00:00Z"}')
    apps = [settled_since(NOW - 2 * HOUR, on="l")]
    known = sources(**heard, trouble="403")
    decision = decide(hub([spoke("a"), lost], heard=known, apps=apps), TWO, NOW)
    assert opens(decision) == {"l": ("crds",)}
    assert verdict(decision, "crds", "a").reasons == (PodsUnknown("403"),)


def test_the_pods_turn_stale_by_time_alone() -> None:
    decision = decide(hub([spoke("a", opened={"crds": NOW - DAY})]), TWO, NOW)
    assert decision.wake_at is not None
    assert decision.wake_at <= NOW + 90


def test_about_when_there_will_be_room_is_told_from_what_is_in_progress() -> None:
    tight = controller(limit_bytes=330 * MIB)
    spokes = [spoke("a", opened={"crds": NOW - 20}), spoke("b")]
    first = hub(spokes, pods=(tight,), apps=[newborn(on="a")], said=readings(reading(20)))
    (reason,) = verdict(decide(first, TWO, NOW), "crds", "b").reasons
    assert isinstance(reason, FirstLoad)
    begun = [spoke("a", opened={"crds": NOW - HOUR, "compute": NOW - 20}), spoke("b")]
    apps = [settled_since(NOW - HOUR, on="a"), newborn("y", on="a")]
    later = hub(begun, pods=(tight,), apps=apps, said=readings(reading(20)))
    (waits,) = verdict(decide(later, TWO, NOW), "crds", "b").reasons
    assert isinstance(waits, WaitsForMemory)
    assert waits.about_at == NOW - 20 + MINUTE


def test_how_long_a_spoke_is_in_progress_is_learned() -> None:
    opened = {"crds": NOW - 20}
    before = hub([spoke("a", opened=opened)], apps=[newborn(on="a", created_at=NOW - 20)])
    one = policy("crds")
    running = decide(before, one, NOW)
    apps = {place: (settled_since(NOW, on="a"),) for place in before.applications}
    rested = decide(next_turn(before, running, applications=apps), one, NOW + 20)
    assert running.carried.shards.typical_s == 60
    assert rested.carried.shards.typical_s == pytest.approx(60 + 0.2 * (40 - 60))


def test_shards_are_shown_in_the_order_of_their_numbers() -> None:
    pods = [controller(number) for number in (10, 2, 0)]
    decision = decide(hub([], pods=pods, said={}), TWO, NOW)
    assert [each.name for each in decision.shards.values()] == ["0", "2", "10"]


def test_readings_that_were_looked_at_are_not_needed_again() -> None:
    first = hub([spoke("a")], said=readings(reading(8), reading(9, NOW + 5)))
    decision = decide(first, TWO, NOW + 5)
    again = next_turn(first, decision, readings=readings(reading(9, NOW + 5)))
    known = decide(again, TWO, NOW + 6).carried.shards.measured
    assert known == decision.carried.shards.measured
