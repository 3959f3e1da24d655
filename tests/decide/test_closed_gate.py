from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    BLOCK,
    DAY,
    HOUR,
    NOW,
    annotation,
    application,
    application_set,
    clusters,
    newborn,
    next_turn,
    opens,
    policy,
    settled_since,
    snapshot,
    spoke,
    verdict,
)
from watcher.decide import Reason, State, decide
from watcher.decide.reasons import (
    ApplicationSetFailing,
    AwaitsWrite,
    Costs,
    DependsOn,
    DuplicateSpoke,
    LabelGone,
    LabelsReach,
    ListUnsure,
    Opens,
    Parked,
    PatchRefused,
    RecoveryOff,
    RunsBehindClosedGate,
    SpokeDeleting,
    SpokesInProgress,
    SpokeSkipped,
    TierUnused,
    WouldUnselect,
)
from watcher.facts import (
    Application,
    Elements,
    Expression,
    Foreign,
    Matrix,
    Refusal,
    SetCondition,
    Write,
    rfc3339,
)
from watcher.policy import Budgets, Tier

TWO = policy("crds", "compute")
DIAMOND = policy(
    "crds", Tier("compute", ("crds",)), Tier("mesh", ("crds",)), Tier("apps", ("compute", "mesh"))
)
X, Y = application_set("x", "crds"), application_set("y", "compute")
WAS_OPEN = annotation({"crds": NOW - DAY})


# --- waiting and queued --------------------------------------------------------------------------


def test_a_gate_waits_for_the_tier_below_and_says_how_far_that_is() -> None:
    hub = snapshot([spoke(opened={"crds": NOW - 5})], [X, Y], [newborn(created_at=NOW - 4)])
    gate = verdict(decide(hub, TWO, NOW), "compute")
    assert (gate.state, gate.reasons) == (State.WAITING, (DependsOn("crds", "Progressing"),))


@pytest.mark.parametrize(
    ("opened", "app", "state"),
    [
        ({"crds": NOW - 9}, settled_since(NOW - 5), State.SOAKING),
        ({"crds": NOW - HOUR}, newborn(created_at=NOW - HOUR), State.STALLED),
        (
            {"crds": NOW - HOUR},
            settled_since(NOW - HOUR, health_status="Degraded", health_since=NOW - 9),
            State.DEGRADED,
        ),
    ],
    ids=["soaking", "stalled", "degraded"],
)
def test_a_gate_waits_as_long_as_the_tier_below_is_not_settled_yet_or_no_longer(
    opened: dict[str, float], app: Application, state: State
) -> None:
    decision = decide(snapshot([spoke(opened=opened)], [X, Y], [app]), TWO, NOW)
    assert verdict(decision, "crds").state is state
    assert verdict(decision, "compute").reasons == (DependsOn("crds", state.value),)
    assert not decision.patches


def test_a_gate_names_what_holds_it_and_not_what_only_waits_itself() -> None:
    sets = [X, Y, application_set("m", "mesh"), application_set("z", "apps")]
    hub = snapshot([spoke(opened={"crds": NOW - 5})], sets, [newborn(created_at=NOW - 4)])
    decision = decide(hub, DIAMOND, NOW)
    assert verdict(decision, "apps").reasons == (DependsOn("crds", "Progressing"),)


def test_of_several_that_hold_it_all_are_named_in_one_order() -> None:
    sets = [X, Y, application_set("m", "mesh"), application_set("z", "apps")]
    hub = snapshot(
        [spoke(opened={"crds": NOW - HOUR, "compute": NOW - 5, "mesh": NOW - 5})],
        sets,
        [settled_since(NOW - HOUR), newborn("y"), newborn("m")],
    )
    assert verdict(decide(hub, DIAMOND, NOW), "apps").reasons == (
        DependsOn("compute", "Progressing"),
        DependsOn("mesh", "Progressing"),
    )


def test_a_gate_opens_when_every_tier_below_has_settled() -> None:
    hub = snapshot([spoke(opened={"crds": NOW - HOUR})], [X, Y], [settled_since(NOW - HOUR)])
    decision = decide(hub, TWO, NOW)
    gate = verdict(decision, "compute")
    assert (gate.state, gate.reasons) == (State.QUEUED, (Opens(),))
    assert opens(decision) == {"a": ("compute",)}


def test_a_gate_opens_above_a_tier_that_is_ungated_here() -> None:
    elsewhere = application_set("x", "crds", labels={"enable": "true"})
    decision = decide(snapshot([spoke()], [elsewhere, Y]), TWO, NOW)
    assert verdict(decision, "crds").state is State.UNGATED
    assert opens(decision) == {"a": ("compute",)}


def test_a_tier_that_depends_on_nothing_waits_for_nothing() -> None:
    free = policy("crds", Tier("compute", ()))
    decision = decide(snapshot([spoke()], [X, Y]), free, NOW)
    assert opens(decision) == {"a": ("compute", "crds")}


def test_a_tier_that_no_application_set_uses_waits_and_says_so() -> None:
    gate = verdict(decide(snapshot([spoke()], [X]), policy("compute"), NOW), "compute")
    assert (gate.state, gate.reasons) == (State.WAITING, (TierUnused("compute"),))


def test_an_optional_tier_that_no_application_set_uses_holds_nobody_up() -> None:
    optional = policy(Tier("crds", optional=True), "compute")
    decision = decide(snapshot([spoke()], [Y]), optional, NOW)
    assert verdict(decision, "crds").state is State.UNGATED
    assert opens(decision) == {"a": ("compute",)}


def test_nothing_is_ungated_and_so_nothing_opens_while_the_list_is_empty() -> None:
    optional = policy(Tier("crds", optional=True), "compute")
    decision = decide(snapshot([spoke()], []), optional, NOW)
    assert {gate.state for gate in decision.verdicts.values()} == {State.WAITING}
    assert not decision.patches


def test_a_gate_waits_until_the_list_has_stood_still() -> None:
    young = application_set("x", "crds", labels={"enable": "true"}, created_at=NOW - 10)
    decision = decide(snapshot([spoke()], [young, Y]), TWO, NOW)
    assert verdict(decision, "crds").reasons == (ListUnsure(NOW + 50),)
    assert verdict(decision, "compute").reasons == (DependsOn("crds", "Waiting"),)
    assert decision.wake_at == NOW + 50


# --- what stops an opening -----------------------------------------------------------------------


def test_a_tier_whose_application_set_reports_an_error_opens_no_gate() -> None:
    said = SetCondition("ErrorOccurred", "True", "RenderTemplateParamsError", "no key", NOW - HOUR)
    broken = application_set("x", "crds", conditions=(said,))
    decision = decide(snapshot([spoke()], [broken]), policy("crds"), NOW)
    gate = verdict(decision, "crds")
    assert gate.state is State.QUEUED
    assert gate.reasons == (
        ApplicationSetFailing("argocd/x", "RenderTemplateParamsError: no key", NOW - HOUR),
    )
    assert not decision.patches


def test_an_error_that_is_over_stops_nothing() -> None:
    healed = application_set("x", "crds", conditions=(SetCondition("ErrorOccurred", "False"),))
    assert opens(decide(snapshot([spoke()], [healed]), policy("crds"), NOW)) == {"a": ("crds",)}


def test_an_error_in_another_tier_stops_nothing() -> None:
    broken = application_set("y", "compute", conditions=(SetCondition("ErrorOccurred", "True"),))
    assert opens(decide(snapshot([spoke()], [X, broken]), TWO, NOW)) == {"a": ("crds",)}


def test_nothing_opens_before_the_hub_has_shown_our_last_patch() -> None:
    written = {"a": Write(frozenset({"crds"}), NOW - 1, "2")}
    decision = decide(snapshot([spoke()], [X], writes=written), policy("crds"), NOW)
    assert verdict(decision, "crds").reasons == (AwaitsWrite(NOW - 1),)
    assert not decision.patches


def test_a_refused_patch_is_sent_again_when_its_time_has_come() -> None:
    refused = {"a": Refusal(403, "no right", NOW - 1, NOW + 30)}
    hub = snapshot([spoke()], [X], refusals=refused)
    decision = decide(hub, policy("crds"), NOW)
    assert verdict(decision, "crds").reasons == (PatchRefused(403, "no right", NOW + 30),)
    assert (decision.patches, decision.wake_at) == ((), NOW + 30)
    assert opens(decide(hub, policy("crds"), NOW + 30)) == {"a": ("crds",)}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"deleting_since": NOW - 9}, SpokeDeleting(NOW - 9)),
        ({"skip_reconcile": True}, SpokeSkipped()),
    ],
    ids=["deleting", "ignored"],
)
def test_nothing_opens_on_a_spoke_that_is_going_or_ignored(
    changed: dict[str, Any], reason: Reason
) -> None:
    decision = decide(snapshot([spoke(**changed)], [X]), policy("crds"), NOW)
    assert verdict(decision, "crds").reasons == (reason,)
    assert not decision.patches


def test_nothing_opens_on_two_secrets_that_cannot_be_told_apart_and_others_go_on() -> None:
    twins = [spoke("a", server="https://x"), spoke("b", server="https://x/"), spoke("c")]
    decision = decide(snapshot(twins, [X]), policy("crds"), NOW)
    assert opens(decision) == {"c": ("crds",)}
    assert verdict(decision, "crds").reasons == (
        DuplicateSpoke("server", "https://x", ("cluster-b",)),
    )


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ({"reads_keys": frozenset({"gate-watcher.io/crds"})}, LabelsReach("argocd/r")),
        ({"reads_all_labels": True}, LabelsReach("argocd/r")),
    ],
    ids=["one label", "all labels"],
)
def test_a_gate_waits_where_a_template_reads_what_opening_would_change(
    made: dict[str, Any], reason: Reason
) -> None:
    reads = application_set("r", **made)
    decision = decide(snapshot([spoke()], [X, reads]), policy("crds"), NOW)
    assert verdict(decision, "crds").reasons == (reason,)
    assert not decision.patches


def test_a_gate_opens_where_the_policy_says_that_the_template_does_no_harm() -> None:
    reads = application_set("r", reads_all_labels=True)
    calm = policy("crds", ignore_application_sets=frozenset({"r"}))
    assert opens(decide(snapshot([spoke()], [X, reads]), calm, NOW)) == {"a": ("crds",)}


def test_a_gate_waits_where_opening_would_unselect() -> None:
    absent = clusters(Expression("gate-watcher.io/crds", "DoesNotExist"))
    sets = [X, application_set("n", generators=[absent])]
    decision = decide(snapshot([spoke()], sets, [application("n")]), policy("crds"), NOW)
    assert verdict(decision, "crds").reasons == (WouldUnselect("argocd/n"),)
    assert not decision.patches


# --- lost ----------------------------------------------------------------------------------------


def test_a_gate_whose_label_went_while_the_annotation_has_its_time_is_lost() -> None:
    hub = snapshot([spoke(opened=WAS_OPEN)], [X], [settled_since(NOW - DAY)])
    decision = decide(hub, policy("crds"), NOW)
    gate = verdict(decision, "crds")
    assert (gate.state, gate.reasons) == (State.LOST, (LabelGone(NOW - DAY, 1, Costs.APPLICATION),))
    (patch,) = decision.patches
    assert (patch.labels, patch.annotations) == ({"gate-watcher.io/crds": "open"}, {})
    assert patch.urgent


def test_a_gate_whose_label_and_annotation_went_is_lost_by_memory() -> None:
    hub = snapshot([spoke(opened={"crds": NOW - DAY})], [X], [settled_since(NOW - DAY)])
    before = decide(hub, policy("crds"), NOW)
    after = decide(next_turn(hub, before, spokes={"uid-a": spoke()}), policy("crds"), NOW + 1)
    assert verdict(after, "crds").state is State.LOST
    assert after.patches[0].urgent


def test_a_lost_gate_opens_ahead_of_every_budget_and_every_tier_below() -> None:
    full = policy("crds", "compute", budgets=Budgets(1, 1, interval_s=HOUR))
    lost = spoke("a", opened=annotation({"compute": NOW - DAY}), by_hand=["crds"])
    hub = snapshot(
        [lost, spoke("b", opened={"crds": NOW - 9})],
        [X, Y],
        [newborn(), newborn(on="b"), settled_since(NOW - DAY, "y")],
    )
    assert opens(decide(hub, full, NOW)) == {"a": ("compute",)}


@pytest.mark.parametrize("apps", [[], [settled_since(NOW - DAY, deleting_since=NOW)]], ids=len)
def test_a_lost_gate_whose_applications_are_gone_or_terminating_waits_its_turn(
    apps: list[Application],
) -> None:
    one = policy("crds", budgets=Budgets(1))
    busy = spoke("b", opened={"crds": NOW - 9})
    sparing = application_set("x", "crds", cascades=False)
    hub = snapshot([spoke(opened=WAS_OPEN), busy], [sparing], [*apps, newborn(on="b")])
    decision = decide(hub, one, NOW)
    gate = verdict(decision, "crds")
    assert gate.state is State.LOST
    assert gate.reasons == (LabelGone(NOW - DAY, 0, Costs.APPLICATION), SpokesInProgress("0", 1, 1))
    assert not decision.patches
    alone = decide(snapshot([spoke(opened=WAS_OPEN)], [X], apps), one, NOW)
    assert [patch.urgent for patch in alone.patches] == [False]


def test_a_lost_gate_opens_at_once_while_something_lives_whose_set_the_hub_does_not_show() -> None:
    here = spoke(opened='{"crds": "2026-03-01T09:00:00Z"}')
    decision = decide(snapshot([here], [], [application("unheard-of")]), TWO, NOW)
    assert verdict(decision, "crds").state is State.LOST
    assert [patch.urgent for patch in decision.patches] == [True]


def test_a_lost_gate_whose_applications_are_gone_waits_for_the_tiers_below_too() -> None:
    lost = spoke(opened=annotation({"compute": NOW - DAY}), by_hand=["crds"])
    decision = decide(snapshot([lost], [X, Y], [newborn()]), TWO, NOW)
    assert verdict(decision, "compute").reasons[1:] == (DependsOn("crds", "Progressing"),)
    assert not decision.patches


def test_a_lost_gate_that_keeps_a_deeper_tiers_application_opens_at_once() -> None:
    """With two gate keys in one selector the Application belongs to the deepest of the tiers."""
    both = application_set("z", ["crds", "compute"])
    lost = spoke(opened=annotation({"crds": NOW - DAY}), by_hand=["compute"])
    decision = decide(snapshot([lost], [both], [settled_since(NOW - DAY, "z")]), TWO, NOW)
    assert verdict(decision, "crds").reasons == (LabelGone(NOW - DAY, 1, Costs.APPLICATION),)
    assert [patch.urgent for patch in decision.patches] == [True]


@pytest.mark.parametrize("named", ["crds", "*", " compute , crds "])
def test_a_gate_that_a_teardown_names_is_never_lost(named: str) -> None:
    hub = snapshot([spoke(opened=WAS_OPEN, teardown=named)], [X], [settled_since(NOW - DAY)])
    decision = decide(hub, TWO, NOW)
    assert verdict(decision, "crds").state is State.HELD
    assert not any(patch.opens for patch in decision.patches)


def test_a_lost_gate_on_a_spoke_that_argo_cd_ignores_is_opened_all_the_same() -> None:
    """The controller of ApplicationSets does not heed skip-reconcile: it would delete."""
    for parked in (None, "{}"):
        lost = spoke(opened=WAS_OPEN, skip_reconcile=True, parked=parked)
        decision = decide(snapshot([lost], [X], [settled_since(NOW - DAY)]), policy("crds"), NOW)
        assert verdict(decision, "crds").state is State.LOST
        assert [patch.urgent for patch in decision.patches] == [True]


def test_a_lost_gate_is_not_written_on_a_secret_that_is_not_to_be_touched() -> None:
    twice: list[dict[str, Any]] = [{"deleting_since": NOW}, {"server": "https://b.example.com"}]
    for changed in twice:
        lost = spoke(opened=WAS_OPEN, **changed)
        hub = snapshot([lost, spoke("b")], [X], [settled_since(NOW - DAY, server=lost.server)])
        decision = decide(hub, policy("crds"), NOW)
        gate = verdict(decision, "crds")
        assert gate.state is State.LOST
        assert len(gate.reasons) == 2
        assert "a" not in opens(decision)


def test_a_gate_that_the_policy_does_not_name_is_lost_too() -> None:
    older = application_set("o", "older")
    hub = snapshot([spoke(opened=annotation({"older": NOW - DAY}))], [older], [application("o")])
    decision = decide(hub, policy("crds"), NOW)
    gate = verdict(decision, "older")
    assert (gate.state, gate.reasons) == (State.LOST, (LabelGone(NOW - DAY, 1, Costs.APPLICATION),))
    assert opens(decision) == {"a": ("older",)}
    gone = decide(snapshot([spoke(opened=annotation({"older": NOW - DAY}))], [older]), TWO, NOW)
    assert verdict(gone, "older").state is State.LOST
    assert not gone.patches, "nothing lives that opening would save"


def test_an_open_gate_that_the_policy_does_not_name_is_left_as_it_is() -> None:
    decision = decide(snapshot([spoke(by_hand=["older"])], [X]), policy("crds"), NOW)
    assert [gate.tier for gate in decision.verdicts] == ["crds"]


# --- polarity block ------------------------------------------------------------------------------


def test_under_block_a_gate_is_lost_where_its_label_came_back_over_a_recorded_opening() -> None:
    blocked = policy("crds", gates=BLOCK)
    asks = application_set("x", "crds", gates=BLOCK)
    lost = spoke(opened=WAS_OPEN, closed=["crds"], gates=BLOCK)
    hub = snapshot([lost], [asks], [settled_since(NOW - DAY)], guarded=True)
    decision = decide(hub, blocked, NOW)
    assert verdict(decision, "crds").state is State.LOST
    (patch,) = decision.patches
    assert patch.labels == {"gate-watcher.io/crds": None}


def test_under_block_a_label_that_comes_first_loses_nothing() -> None:
    """Without its label a gate is open before anybody gated anything: memory proves nothing."""
    blocked = policy("crds", gates=BLOCK)
    asks = application_set("x", "crds", gates=BLOCK)
    bare = snapshot([spoke(gates=BLOCK)], [asks], guarded=True)
    before = decide(bare, blocked, NOW)
    labelled = {"uid-a": spoke(closed=["crds"], gates=BLOCK)}
    after = decide(next_turn(bare, before, spokes=labelled), blocked, NOW + 1)
    assert verdict(after, "crds").state is State.QUEUED


# --- unadopted -----------------------------------------------------------------------------------


def test_a_closed_gate_that_something_runs_behind_is_unadopted_and_opens_at_once() -> None:
    full = policy("crds", "compute", budgets=Budgets(1))
    apps = [application("y", created_at=NOW - 9 * HOUR), newborn(on="b")]
    hub = snapshot([spoke(), spoke("b", opened={"crds": NOW - 9})], [X, Y], apps)
    decision = decide(hub, full, NOW)
    gate = verdict(decision, "compute")
    assert (gate.state, gate.reasons) == (State.UNADOPTED, (RunsBehindClosedGate("argocd/a-y"),))
    (patch,) = decision.patches
    assert patch.urgent
    assert patch.annotations == {"gate-watcher.io/opened": annotation({"compute": NOW - 9 * HOUR})}


def test_an_application_that_is_generated_with_the_gate_closed_proves_nothing() -> None:
    ungated = application_set("u")
    decision = decide(snapshot([spoke()], [X, ungated], [application("u")]), policy("crds"), NOW)
    assert verdict(decision, "crds").state is State.QUEUED


def test_a_terminating_application_behind_a_closed_gate_is_not_adopted() -> None:
    going = application(deleting_since=NOW - 1)
    decision = decide(snapshot([spoke()], [X], [going]), policy("crds"), NOW)
    assert verdict(decision, "crds").state is State.QUEUED
    assert not any(patch.urgent for patch in decision.patches)


def test_all_gates_that_keep_an_application_are_adopted_in_one_patch() -> None:
    both = application_set("z", ["crds", "compute"])
    decision = decide(snapshot([spoke()], [both], [application("z")]), TWO, NOW)
    assert opens(decision) == {"a": ("compute", "crds")}


def test_an_unadopted_gate_waits_for_our_last_patch_like_any_other() -> None:
    written = {"a": Write(frozenset({"compute"}), NOW - 1)}
    decision = decide(snapshot([spoke()], [X], [application()], writes=written), TWO, NOW)
    assert verdict(decision, "crds").reasons[1:] == (AwaitsWrite(NOW - 1),)
    assert not decision.patches


# --- parked --------------------------------------------------------------------------------------


def test_every_gate_of_a_parked_spoke_is_held() -> None:
    parked = spoke(opened={"crds": NOW - HOUR}, parked=rfc3339(NOW - 60), skip_reconcile=True)
    decision = decide(snapshot([parked], [X, Y], [settled_since(NOW - HOUR)]), TWO, NOW)
    for tier in ("crds", "compute"):
        assert verdict(decision, tier).state is State.HELD
        assert verdict(decision, tier).reasons == (Parked(NOW - 60), RecoveryOff())
    assert not decision.patches


def test_a_mark_that_no_longer_parks_anything_means_nothing() -> None:
    taken_back = spoke(opened={"crds": NOW - HOUR}, parked=rfc3339(NOW - 60))
    decision = decide(snapshot([taken_back], [X], [settled_since(NOW - HOUR)]), policy("crds"), NOW)
    assert verdict(decision, "crds").state is State.SETTLED


# --- the queue -----------------------------------------------------------------------------------


def test_a_gate_has_waited_since_its_dependency_settled_else_since_the_secret_was_made() -> None:
    hub = snapshot(
        [spoke("a", opened={"crds": NOW - HOUR}), spoke("b", created_at=NOW - 2 * DAY)],
        [X, Y],
        [settled_since(NOW - HOUR)],
    )
    waiting = decide(hub, policy("crds", "compute", budgets=Budgets(0)), NOW).carried.judgements
    assert [each.since for each in waiting["uid-a"].candidates] == [NOW - HOUR + 10]
    assert [each.since for each in waiting["uid-b"].candidates] == [NOW - 2 * DAY]


def test_a_gate_counts_the_applications_that_it_will_start() -> None:
    gate = X.generators[0]
    sets = [
        X,
        application_set("m", generators=[Matrix((gate, Elements(({"n": "1"}, {"n": "2"}))))]),
        application_set("u", generators=[Matrix((gate, Foreign("git")))]),
    ]
    waiting = decide(snapshot([spoke()], sets), policy("crds"), NOW).carried.judgements["uid-a"]
    assert [each.applications for each in waiting.candidates] == [1 + 2 + 1]
