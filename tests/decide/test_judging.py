from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    BLOCK,
    DAY,
    HOUR,
    NOW,
    annotation,
    application_set,
    newborn,
    opens,
    policy,
    settled_since,
    snapshot,
    spoke,
    verdict,
)
from watcher.decide import Decision, State, decide
from watcher.decide.judgement import Stage
from watcher.decide.reasons import (
    AwaitsWrite,
    Closes,
    DependsOn,
    Parked,
    PatchRefused,
    SpokeSkipped,
    SpokeUnreadable,
    TeardownNamesNothing,
    TeardownWaits,
    TornDown,
)
from watcher.facts import Application, Refusal, Write
from watcher.policy import Budgets

TWO = policy("crds", "compute")
SETS = [application_set("x", "crds"), application_set("y", "compute")]
OPEN = {"crds": NOW - DAY, "compute": NOW - DAY}
APPS = [settled_since(NOW - DAY, "x"), settled_since(NOW - DAY, "y")]


def torn(named: str, apps: list[Application] | None = None, **fields: Any) -> Decision:
    here = spoke(**{"opened": OPEN, "teardown": named, **fields})
    return decide(snapshot([here], SETS, APPS if apps is None else apps), TWO, NOW)


def closes(decision: Decision) -> list[tuple[str, ...]]:
    return [patch.closes for patch in decision.patches]


# --- torn down -----------------------------------------------------------------------------------


def test_a_teardown_closes_the_deepest_gate_it_names_and_holds_the_others() -> None:
    decision = torn("*")
    assert closes(decision) == [("compute",)]
    (patch,) = decision.patches
    assert patch.labels == {"gate-watcher.io/compute": None}
    assert patch.annotations == {"gate-watcher.io/opened": annotation({"crds": NOW - DAY})}
    compute, crds = verdict(decision, "compute"), verdict(decision, "crds")
    assert (compute.state, compute.reasons) == (State.HELD, (TornDown("*"), Closes()))
    assert (crds.state, crds.reasons) == (State.HELD, (TornDown("*"), TeardownWaits("compute", 1)))


def test_a_teardown_goes_on_when_the_applications_of_the_deeper_tier_are_gone() -> None:
    going = [APPS[0], settled_since(NOW - DAY, "y", deleting_since=NOW)]
    left = {"opened": {"crds": NOW - DAY}}
    assert closes(torn("crds,compute", going, **left)) == []
    decision = torn("crds,compute", APPS[:1], **left)
    assert closes(decision) == [("crds",)]
    assert decision.patches[0].annotations == {"gate-watcher.io/opened": None}


def test_a_gate_that_a_teardown_names_stays_closed() -> None:
    decision = torn("compute", APPS[:1], opened={"crds": NOW - DAY})
    gate = verdict(decision, "compute")
    assert (gate.state, gate.reasons) == (State.HELD, (TornDown("compute"),))
    assert not decision.patches


def test_what_a_person_closed_by_hand_under_a_teardown_loses_its_time_and_is_not_opened() -> None:
    decision = torn("compute", by_hand=["crds"], opened=annotation(OPEN))
    assert verdict(decision, "compute").state is State.HELD
    (patch,) = decision.patches
    assert (patch.labels, patch.closes, patch.opens) == ({}, ("compute",), ())
    assert patch.annotations == {"gate-watcher.io/opened": annotation({"crds": NOW - DAY})}


def test_what_is_torn_down_holds_up_what_depends_on_it() -> None:
    decision = torn("crds", [], opened={})
    assert verdict(decision, "compute").reasons == (DependsOn("crds", "Held"),)


def test_the_gates_that_a_teardown_does_not_name_go_on() -> None:
    decision = torn("compute")
    assert verdict(decision, "crds").state is State.SETTLED


def test_once_a_person_takes_the_name_out_the_gate_is_queued_again() -> None:
    hub = snapshot([spoke(opened={"crds": NOW - DAY})], SETS, APPS[:1])
    assert opens(decide(hub, TWO, NOW)) == {"a": ("compute",)}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"skip_reconcile": True}, SpokeSkipped()),
        ({"parked": "{}", "skip_reconcile": True}, Parked(None)),
    ],
    ids=["ignored", "parked"],
)
def test_a_teardown_waits_on_a_spoke_that_argo_cd_ignores(
    fields: dict[str, Any], reason: SpokeSkipped | Parked
) -> None:
    decision = torn("*", **fields)
    assert not decision.patches
    assert reason in verdict(decision, "compute").reasons


def test_a_teardown_waits_for_our_last_patch_and_out_of_a_refusal() -> None:
    here = spoke(opened=OPEN, teardown="*")
    written = snapshot([here], SETS, APPS, writes={"a": Write(frozenset(), NOW - 1)})
    decision = decide(written, TWO, NOW)
    assert not decision.patches
    assert AwaitsWrite(NOW - 1) in verdict(decision, "compute").reasons
    refusal = Refusal(403, "no right", NOW - 1, NOW + 30)
    refused = snapshot([here], SETS, APPS, refusals={"a": refusal})
    decision = decide(refused, TWO, NOW)
    assert not decision.patches
    assert PatchRefused(403, "no right", NOW + 30) in verdict(decision, "compute").reasons
    assert decision.wake_at == NOW + 30
    assert closes(decide(refused, TWO, NOW + 30)) == [("compute",)]


def test_under_block_a_teardown_sets_the_label() -> None:
    blocked = policy("crds", gates=BLOCK)
    here = spoke(opened={"crds": NOW - DAY}, teardown="crds", gates=BLOCK)
    sets = [application_set("x", "crds", gates=BLOCK)]
    decision = decide(snapshot([here], sets, APPS[:1], guarded=True), blocked, NOW)
    assert decision.patches[0].labels == {"gate-watcher.io/crds": "closed"}
    after = spoke(closed=["crds"], teardown="crds", gates=BLOCK)
    still = decide(snapshot([after], sets, [], guarded=True), blocked, NOW)
    assert verdict(still, "crds").state is State.HELD
    assert not still.patches


# --- what else is told of a spoke ----------------------------------------------------------------


def test_a_secret_that_cannot_be_read_has_gates_of_unknown_state_and_is_left_alone() -> None:
    broken = spoke(unreadable=("data.name is not base64 of UTF-8 text",))
    decision = decide(snapshot([broken, spoke("b")], SETS), TWO, NOW)
    gate = verdict(decision, "crds")
    assert gate.state is State.UNKNOWN
    assert gate.reasons == (SpokeUnreadable("data.name is not base64 of UTF-8 text"),)
    assert opens(decision) == {"b": ("crds",)}


def test_every_gate_of_the_policy_has_a_verdict_in_the_order_of_the_tiers() -> None:
    decision = decide(snapshot([spoke()], SETS), TWO, NOW)
    assert list(decision.spokes["uid-a"].tiers) == ["crds", "compute"]


def test_a_patch_that_is_on_its_way_keeps_its_place_in_both_budgets() -> None:
    """What it opens counts before the hub shows it, and when its answer was lost."""
    for budgets in (Budgets(1), Budgets(9, applications_in_progress=1)):
        hub = snapshot(
            [spoke("a"), spoke("b")], SETS, writes={"a": Write(frozenset({"crds"}), NOW - 1)}
        )
        decision = decide(hub, policy("crds", "compute", budgets=budgets), NOW)
        assert not decision.patches


def test_a_patch_that_closes_takes_no_place_of_applications() -> None:
    budgets = Budgets(9, applications_in_progress=1)
    torn_down = spoke("a", opened=OPEN, teardown="*")
    writes = {"a": Write(frozenset({"compute"}), NOW - 1)}
    hub = snapshot([torn_down, spoke("b")], SETS, APPS, writes=writes)
    assert opens(decide(hub, policy("crds", "compute", budgets=budgets), NOW)) == {"b": ("crds",)}


def test_all_gates_that_open_together_on_a_spoke_are_in_one_patch() -> None:
    lost = spoke(opened=annotation(OPEN), teardown="")
    decision = decide(snapshot([lost], SETS, APPS), TWO, NOW)
    assert [patch.opens for patch in decision.patches] == [("compute", "crds")]


def test_the_earliest_of_all_its_timers_is_when_a_judgement_ends() -> None:
    apps = [settled_since(NOW - 7), newborn("y", created_at=NOW - HOUR / 2 + 3)]
    hub = snapshot([spoke(opened={"crds": NOW - HOUR, "compute": NOW - HOUR})], SETS, apps)
    assert decide(hub, TWO, NOW).carried.judgements["uid-a"].valid_until == NOW + 3


def test_what_our_own_patch_started_is_not_taken_for_unadopted_before_the_hub_shows_the_patch() -> (
    None
):
    decision = decide(
        snapshot(
            [spoke(), spoke("b", opened={"crds": NOW - DAY})],
            SETS,
            [newborn("x", created_at=NOW), settled_since(NOW - DAY, "x", "b")],
            writes={"a": Write(frozenset({"crds"}), NOW)},
        ),
        TWO,
        NOW,
    )
    assert verdict(decision, "crds").state is State.QUEUED
    assert verdict(decision, "crds").reasons == (AwaitsWrite(NOW),)
    assert decision.stops == ()
    assert [patch.spoke for patch in decision.patches] == ["uid-b"]


def test_a_teardown_that_names_no_tier_is_said_and_does_nothing() -> None:
    decision = torn("comput, apps")
    said = TeardownNamesNothing(("apps", "comput"), ("crds", "compute"))
    assert said in verdict(decision, "crds").reasons
    assert verdict(decision, "compute").state is State.SETTLED
    assert not decision.patches
    every = verdict(torn("*"), "crds").reasons
    assert not any(isinstance(each, TeardownNamesNothing) for each in every)


# --- what it takes of its shard's memory ---------------------------------------------------------


@pytest.mark.parametrize(
    ("apps", "written", "stage"),
    [
        ([newborn("x")], False, Stage.LOADING),
        ([settled_since(NOW - 3, "x")], False, Stage.SOAKING),
        ([settled_since(NOW - 3, "x"), newborn("z")], False, Stage.LOADING),
        ([settled_since(NOW - 3, "x")], True, Stage.LOADING),
        ([settled_since(NOW - 11, "x")], False, Stage.STANDING),
    ],
    ids=["begins", "is watched", "has one to do", "is written to", "has settled"],
)
def test_a_gate_takes_memory_until_all_of_it_is_as_it_should_be(
    apps: list[Application], written: bool, stage: Stage
) -> None:
    sets = [application_set(app.owner.name, "crds") for app in apps if app.owner is not None]
    writes = {"a": Write(frozenset({"crds"}), NOW - 1)} if written else {}
    hub = snapshot([spoke(opened={"crds": NOW - 30})], sets, apps, writes=writes)
    decision = decide(hub, policy("crds"), NOW)
    assert decision.carried.judgements["uid-a"].stage is stage
