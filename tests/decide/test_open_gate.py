from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    annotation,
    application,
    application_set,
    newborn,
    next_turn,
    policy,
    settled_since,
    snapshot,
    sources,
    spoke,
    verdict,
)
from watcher.decide import Snapshot, State, decide
from watcher.decide.reasons import (
    ApplicationsLeftOver,
    ApplicationsMissing,
    ComparedBeforeUnparking,
    DeadlinePassed,
    EmptyUntil,
    ListUnsure,
    NotHealthy,
    NotQuiet,
    NumberUnknown,
    OpenedByHand,
    OpenedUnreadable,
    OperationFailed,
    OperationRetrying,
    Soaks,
    SpokeSkipped,
    StartsBehindOpenGate,
    TierUnused,
)
from watcher.facts import Application, ApplicationSet, Elements, Foreign, Instant, Matrix, Operation
from watcher.policy import Accept, Budgets, Tier

CRDS = policy("crds", budgets=Budgets(spokes_in_progress=1))
TWO_TIERS = policy("crds", "compute", budgets=Budgets(spokes_in_progress=1))
X = application_set("x", "crds")


def unknown_number(name: str = "u", tier: str = "crds") -> ApplicationSet:
    """A matrix of clusters and git: it selects the spoke, who knows how many times."""
    gated = application_set("", tier).generators[0]
    return application_set(name, generators=[Matrix((gated, Foreign("git")))])


def others_may_open(app: Application, *, opened_at: Instant) -> bool:
    """Whether another spoke gets the only place while this Application stands on this one."""
    hub = snapshot([spoke("a", opened={"crds": opened_at}), spoke("b")], [X], [app])
    return bool(decide(hub, CRDS, NOW).patches)


# --- settled -------------------------------------------------------------------------------------


def test_a_gate_whose_applications_are_all_settled_and_steady_has_settled() -> None:
    hub = snapshot([spoke(opened={"crds": NOW - 2 * HOUR})], [X], [application()])
    gate = verdict(decide(hub, CRDS, NOW), "crds")
    assert (gate.state, gate.reasons, gate.opened_at) == (State.SETTLED, (), NOW - 2 * HOUR)


def test_one_application_that_has_not_settled_holds_the_gate_and_is_named() -> None:
    apps = [application(), application("y", healthy=False, health_since=NOW - 5)]
    sets = [X, application_set("y", "crds")]
    gate = verdict(decide(snapshot([spoke(by_hand=["crds"])], sets, apps), CRDS, NOW), "crds")
    assert gate.state is State.PROGRESSING
    assert NotHealthy("argocd/a-y", "Progressing", NOW - 5) in gate.reasons


def test_a_gate_soaks_until_the_last_of_its_applications_was_steady_for_long_enough() -> None:
    apps = [settled_since(NOW - 3), settled_since(NOW - 7, "y")]
    sets = [X, application_set("y", "crds")]
    hub = snapshot([spoke(opened={"crds": NOW - 20})], sets, apps)
    decision = decide(hub, CRDS, NOW)
    gate = verdict(decision, "crds")
    assert (gate.state, gate.reasons) == (State.SOAKING, (Soaks("argocd/a-x", NOW + 7),))
    assert decision.wake_at == NOW + 7
    assert verdict(decide(hub, CRDS, NOW + 7), "crds").state is State.SETTLED


def test_what_was_opened_by_hand_is_accepted_and_said() -> None:
    gate = verdict(
        decide(snapshot([spoke(by_hand=["crds"])], [X], [application()]), CRDS, NOW), "crds"
    )
    assert (gate.state, gate.reasons, gate.opened_at) == (State.SETTLED, (OpenedByHand(),), None)


def test_an_annotation_that_cannot_be_read_counts_as_absent_and_is_said() -> None:
    hub = snapshot([spoke(by_hand=["crds"], opened="{")], [X], [application()])
    gate = verdict(decide(hub, CRDS, NOW), "crds")
    assert gate.state is State.SETTLED
    assert [type(each) for each in gate.reasons] == [OpenedUnreadable, OpenedByHand]


# --- what must be there --------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, 3])
def test_the_number_of_applications_must_be_the_one_that_is_generated(number: int) -> None:
    two = [Matrix((application_set("", "crds").generators[0], Elements(({"n": "1"}, {"n": "2"}))))]
    apps = [application(name=f"a-x-{at}", uid=str(at)) for at in range(number)]
    hub = snapshot([spoke(by_hand=["crds"])], [application_set("x", generators=two)], apps)
    gate = verdict(decide(hub, CRDS, NOW), "crds")
    wrong = ApplicationsLeftOver if number > 2 else ApplicationsMissing
    assert gate.state is State.PROGRESSING
    assert wrong("argocd/x", 2, number) in gate.reasons


def test_a_terminating_application_is_not_there_and_holds_the_gate() -> None:
    apps = [application(deleting_since=NOW - 1)]
    gate = verdict(decide(snapshot([spoke(by_hand=["crds"])], [X], apps), CRDS, NOW), "crds")
    assert gate.state is State.PROGRESSING
    assert ApplicationsMissing("argocd/x", 1, 0) in gate.reasons


def test_where_the_number_is_unknown_at_least_one_must_exist() -> None:
    hub = snapshot([spoke(opened={"crds": NOW - MINUTE})], [unknown_number()])
    gate = verdict(decide(hub, CRDS, NOW), "crds")
    assert (gate.state, gate.reasons) == (State.PROGRESSING, (NumberUnknown("argocd/u"),))


def test_where_the_number_is_unknown_each_application_set_must_have_one() -> None:
    sets = [unknown_number("u"), unknown_number("v")]
    hub = snapshot([spoke(opened={"crds": NOW - MINUTE})], sets, [settled_since(NOW - 50, "u")])
    assert NumberUnknown("argocd/v") in verdict(decide(hub, CRDS, NOW), "crds").reasons


def test_where_the_number_is_unknown_they_must_have_been_quiet_for_the_soak_time() -> None:
    here = spoke(opened={"crds": NOW - HOUR})
    first = snapshot([here], [unknown_number()], [settled_since(NOW - HOUR, "u")])
    before = decide(first, CRDS, NOW)
    assert verdict(before, "crds").state is State.SETTLED
    apps = [settled_since(NOW - HOUR, "u"), settled_since(NOW - MINUTE, "u", name="a-u-2", uid="2")]
    more = next_turn(first, before, applications=snapshot(apps=apps).applications)
    came = decide(more, CRDS, NOW + 1)
    assert verdict(came, "crds").reasons == (NotQuiet(NOW + 11),)
    assert came.wake_at == NOW + 11
    fewer = next_turn(more, came, applications=first.applications)
    went = decide(fewer, CRDS, NOW + 5)
    assert verdict(went, "crds").reasons == (NotQuiet(NOW + 15),)
    assert verdict(decide(next_turn(fewer, went), CRDS, NOW + 15), "crds").state is State.SETTLED


def test_a_tier_that_accepts_empty_lets_zero_pass_after_its_time() -> None:
    patient = policy(Tier("crds", accept=frozenset({Accept.EMPTY}), empty_after_s=300))
    hub = snapshot([spoke(opened={"crds": NOW - 100})], [unknown_number()])
    decision = decide(hub, patient, NOW)
    assert verdict(decision, "crds").reasons == (EmptyUntil(NOW + 200),)
    later = snapshot([spoke(opened={"crds": NOW - 300})], [unknown_number()])
    assert verdict(decide(later, patient, NOW), "crds").state is State.SETTLED


def test_an_addon_of_any_tier_must_have_an_application_that_names_this_one() -> None:
    """Shape G: one ApplicationSet for all tiers, its gate key a template."""
    key = application_set("", "{{.tier}}").generators[0]
    every = application_set("g", generators=[Matrix((Foreign("git"), key))], go_template=True)
    hub = snapshot(
        [spoke(opened={"crds": NOW - HOUR, "compute": NOW - 1})],
        [every],
        [settled_since(NOW - HOUR, "g", tier_label="crds")],
    )
    decision = decide(hub, TWO_TIERS, NOW)
    assert verdict(decision, "crds").state is State.SETTLED
    assert verdict(decision, "compute").state is State.PROGRESSING


# --- ungated -------------------------------------------------------------------------------------


def test_an_open_gate_that_nothing_would_use_is_ungated() -> None:
    elsewhere = application_set("x", "crds", labels={"enable": "true"})
    gate = verdict(decide(snapshot([spoke(by_hand=["crds"])], [elsewhere]), CRDS, NOW), "crds")
    assert gate.state is State.UNGATED


def test_an_open_gate_of_a_tier_that_no_application_set_uses_waits_and_then_stalls() -> None:
    hub = snapshot([spoke(opened={"crds": NOW - MINUTE})], [application_set("z", "other")])
    assert verdict(decide(hub, CRDS, NOW), "crds").reasons == (TierUnused("crds"),)
    late = decide(hub, CRDS, NOW + HOUR)
    # heard of an hour ago: judged as of then
    assert verdict(late, "crds").state is State.PROGRESSING
    old = snapshot([spoke(opened={"crds": NOW - HOUR})], [application_set("z", "other")])
    assert verdict(decide(old, CRDS, NOW), "crds").state is State.STALLED


def test_an_open_gate_is_not_ungated_before_the_list_has_stood_still() -> None:
    young = application_set("x", "crds", labels={"enable": "true"}, created_at=NOW - 10)
    hub = snapshot([spoke(opened={"crds": NOW - 5})], [young])
    gate = verdict(decide(hub, CRDS, NOW), "crds")
    assert (gate.state, gate.reasons) == (State.PROGRESSING, (ListUnsure(NOW + 50),))


# --- the first time, and the places in the budgets -----------------------------------------------


def test_a_gate_whose_workloads_are_not_up_yet_keeps_its_place_though_argo_cd_has_applied_all() -> (
    None
):
    """The history has its entry as soon as everything is applied (captured: degraded-addon)."""
    applied = settled_since(NOW - 30, health_status="Progressing")
    assert not others_may_open(applied, opened_at=NOW - 30)


def test_a_gate_keeps_its_place_when_argo_cd_syncs_once_more_in_its_first_time() -> None:
    """Captured: one-spoke-four-tiers, karpenter: Healthy and OutOfSync, deployed, and syncing."""
    again = settled_since(NOW - 30, synced=False, operation=Operation("Running", NOW - 29))
    assert not others_may_open(again, opened_at=NOW - 30)


def test_a_gate_keeps_its_place_while_it_soaks() -> None:
    assert not others_may_open(settled_since(NOW - 3), opened_at=NOW - 30)


def test_a_gate_that_never_became_healthy_stalls_at_its_deadline_and_gives_its_place_back() -> None:
    applied = settled_since(NOW - HOUR, health_status="Degraded", health_since=NOW - 50 * MINUTE)
    hub = snapshot([spoke("a", opened={"crds": NOW - HOUR}), spoke("b")], [X], [applied])
    decision = decide(hub, CRDS, NOW)
    gate = verdict(decision, "crds")
    assert gate.state is State.STALLED
    assert gate.reasons[0] == DeadlinePassed(NOW - HOUR + 30 * MINUTE)
    assert [each.spoke for each in decision.patches] == ["uid-b"]


def test_a_gate_that_was_never_deployed_stalls_at_its_deadline_to_the_second() -> None:
    retrying = newborn(
        created_at=NOW - 60,
        operation=Operation("Running", NOW - 40, "no matches for kind", 2),
        sync_status="OutOfSync",
        health_status="Missing",
        reconciled_at=NOW - 30,
    )
    patient = policy(Tier("crds", deadline_s=90))
    hub = snapshot([spoke(opened={"crds": NOW - 60})], [X], [retrying])
    decision = decide(hub, patient, NOW)
    gate = verdict(decision, "crds")
    assert gate.state is State.PROGRESSING
    assert OperationRetrying("argocd/a-x", 2, "no matches for kind") in gate.reasons
    assert decision.wake_at == NOW + 30
    assert verdict(decide(hub, patient, NOW + 29.9), "crds").state is State.PROGRESSING
    assert verdict(decide(hub, patient, NOW + 30), "crds").state is State.STALLED


def test_a_gate_without_a_single_application_stalls_too() -> None:
    hub = snapshot([spoke(opened={"crds": NOW - HOUR})], [X])
    assert verdict(decide(hub, CRDS, NOW), "crds").state is State.STALLED


def test_a_gate_opened_by_hand_has_its_deadline_from_its_youngest_applications_making() -> None:
    hub = snapshot([spoke(by_hand=["crds"])], [X], [newborn(created_at=NOW - 20 * MINUTE)])
    assert verdict(decide(hub, CRDS, NOW), "crds").state is State.PROGRESSING
    old = snapshot([spoke(by_hand=["crds"])], [X], [newborn(created_at=NOW - 40 * MINUTE)])
    assert verdict(decide(old, CRDS, NOW), "crds").state is State.STALLED


def test_a_gate_opened_by_hand_without_applications_has_its_deadline_since_it_was_seen() -> None:
    young = snapshot([spoke(by_hand=["crds"])], [X])
    first = decide(young, CRDS, NOW)
    assert verdict(first, "crds").state is State.PROGRESSING
    quick = policy(Tier("crds", deadline_s=60))
    again = decide(next_turn(young, decide(young, quick, NOW)), quick, NOW + 60)
    assert verdict(again, "crds").state is State.STALLED


def test_a_gate_that_settled_once_and_syncs_again_progresses_and_takes_no_place() -> None:
    again = settled_since(NOW - DAY, synced=False, operation=Operation("Running"))
    hub = snapshot([spoke("a", opened={"crds": NOW - DAY}), spoke("b")], [X], [again])
    decision = decide(hub, CRDS, NOW)
    assert verdict(decision, "crds").state is State.PROGRESSING
    assert [each.spoke for each in decision.patches] == ["uid-b"]


def test_a_gate_that_settled_once_and_becomes_unhealthy_is_degraded_and_never_stalled() -> None:
    for status in ("Degraded", "Missing"):
        sick = settled_since(NOW - DAY, health_status=status, health_since=NOW - 60)
        hub = snapshot([spoke(opened={"crds": NOW - DAY})], [X], [sick])
        assert verdict(decide(hub, CRDS, NOW), "crds").state is State.DEGRADED


def test_a_gate_that_a_deeper_gate_was_opened_after_has_settled_once_whatever_it_shows() -> None:
    sick = newborn(created_at=NOW - DAY)
    hub = snapshot(
        [spoke("a", opened={"crds": NOW - DAY, "compute": NOW - HOUR}), spoke("b")],
        [X, application_set("y", "compute")],
        [sick, settled_since(NOW - HOUR, "y")],
    )
    decision = decide(hub, TWO_TIERS, NOW)
    assert verdict(decision, "crds").state is State.PROGRESSING
    assert [each.spoke for each in decision.patches] == ["uid-b"]


def test_a_deeper_gate_that_was_open_before_proves_nothing_of_one_that_opened_after() -> None:
    """Adopted, or opened by hand: the shallower one opens later, and is in progress like any."""
    hub = snapshot(
        [spoke("a", opened={"crds": NOW, "compute": NOW - HOUR}), spoke("b")],
        [X, application_set("y", "compute")],
        [settled_since(NOW - HOUR, "y")],
    )
    decision = decide(hub, TWO_TIERS, NOW)
    assert verdict(decision, "crds").state is State.PROGRESSING
    assert not decision.patches
    late = snapshot(
        [spoke("a", opened={"crds": NOW - HOUR, "compute": NOW - DAY})],
        [X, application_set("y", "compute")],
        [newborn(created_at=NOW - HOUR), settled_since(NOW - DAY, "y")],
    )
    gate = verdict(decide(late, TWO_TIERS, NOW), "crds")
    assert gate.state is State.STALLED
    assert not any(isinstance(each, StartsBehindOpenGate) for each in gate.reasons)


@pytest.mark.parametrize("phase", ["Failed", "Error"])
def test_a_failed_operation_degrades_a_gate_in_its_first_time_and_it_keeps_its_place(
    phase: str,
) -> None:
    failed = newborn(
        created_at=NOW - 20,
        operation=Operation(phase, NOW - 10, "boom"),
        sync_status="OutOfSync",
        health_status="Missing",
        reconciled_at=NOW - 5,
    )
    hub = snapshot([spoke("a", opened={"crds": NOW - 30}), spoke("b")], [X], [failed])
    decision = decide(hub, CRDS, NOW)
    gate = verdict(decision, "crds")
    assert gate.state is State.DEGRADED
    assert OperationFailed("argocd/a-x", phase, "boom") in gate.reasons
    assert not decision.patches


def test_missing_is_nothing_bad_in_the_first_time() -> None:
    fresh = newborn(created_at=NOW - 2, sync_status="OutOfSync", health_status="Missing")
    hub = snapshot([spoke(opened={"crds": NOW - 3})], [X], [fresh])
    assert verdict(decide(hub, CRDS, NOW), "crds").state is State.PROGRESSING


# --- what joins later, what comes again ----------------------------------------------------------


@pytest.mark.parametrize("tiers", [("crds",), ("crds", "compute")], ids=["deepest", "not deepest"])
def test_an_addon_that_joins_an_open_gate_is_in_progress_and_said_to_start_behind_it(
    tiers: tuple[str, ...],
) -> None:
    sets = [X, application_set("late", "crds", created_at=NOW - 5)]
    apps = [settled_since(NOW - DAY), newborn("late", created_at=NOW - 4)]
    if len(tiers) > 1:
        sets.append(application_set("y", "compute"))
        apps.append(settled_since(NOW - DAY, "y"))
    hub = snapshot([spoke("a", opened=dict.fromkeys(tiers, NOW - DAY)), spoke("b")], sets, apps)
    decision = decide(hub, TWO_TIERS, NOW)
    gate = verdict(decision, "crds")
    assert gate.state is State.PROGRESSING
    assert gate.reasons[0] == StartsBehindOpenGate("argocd/a-late")
    assert not decision.patches, "it holds back admissions"


def test_an_addon_that_joins_is_in_progress_before_its_application_is_made() -> None:
    sets = [X, application_set("late", "crds", created_at=NOW - 5)]
    hub = snapshot(
        [spoke("a", opened={"crds": NOW - DAY}), spoke("b")], sets, [settled_since(NOW - DAY)]
    )
    decision = decide(hub, CRDS, NOW)
    gate = verdict(decision, "crds")
    assert (gate.state, gate.reasons) == (
        State.PROGRESSING,
        (ApplicationsMissing("argocd/late", 1, 0),),
    )
    assert not decision.patches


def test_an_addon_that_joined_and_never_settles_gives_its_place_back_at_its_own_deadline() -> None:
    sets = [X, application_set("late", "crds", created_at=NOW - HOUR)]
    apps = [settled_since(NOW - DAY), newborn("late", created_at=NOW - 29 * MINUTE)]
    hub = snapshot([spoke("a", opened={"crds": NOW - DAY}), spoke("b")], sets, apps)
    waiting = decide(hub, CRDS, NOW)
    assert not waiting.patches
    assert waiting.wake_at == NOW + MINUTE
    assert [each.spoke for each in decide(hub, CRDS, NOW + MINUTE).patches] == ["uid-b"]


def test_a_gate_that_was_lost_and_opened_again_is_in_its_first_time_again() -> None:
    """Re-opening keeps the old time; what was deleted starts anew, a fleet of it if need be."""
    held = {"crds": NOW - DAY}
    there = snapshot([spoke("a", opened=held), spoke("b")], [X], [settled_since(NOW - DAY)])
    before = decide(there, CRDS, NOW)
    lost = snapshot([spoke("a", opened=annotation(held)), spoke("b")])
    gone = next_turn(there, before, spokes=lost.spokes, applications={})
    between = decide(gone, CRDS, NOW + 1)
    assert verdict(between, "crds").state is State.LOST
    decision = decide(next_turn(gone, between, spokes=there.spokes), CRDS, NOW + 2)
    assert verdict(decision, "crds").state is State.PROGRESSING
    assert not decision.patches, "it has its place in the budgets, before its Applications are made"


def test_an_application_that_is_made_anew_does_not_stall_its_gate() -> None:
    hub = snapshot([spoke(opened={"crds": NOW - DAY})], [X], [settled_since(NOW - DAY)])
    before = decide(hub, CRDS, NOW)
    terminating = snapshot(apps=[settled_since(NOW - DAY, deleting_since=NOW + 1)])
    going = next_turn(hub, before, applications=terminating.applications)
    then = decide(going, CRDS, NOW + 1)
    assert verdict(then, "crds").state is State.PROGRESSING
    gone = decide(next_turn(going, then, applications={}), CRDS, NOW + 2)
    assert verdict(gone, "crds").state is State.PROGRESSING


def test_an_addon_that_is_enabled_later_has_its_first_time_from_then() -> None:
    y = application_set("y", "crds", labels={"enable_y": "true"})
    held = {"crds": NOW - DAY}
    hub = snapshot([spoke(opened=held)], [X, y], [settled_since(NOW - DAY)])
    before = decide(hub, CRDS, NOW)
    assert verdict(before, "crds").state is State.SETTLED
    enabled = snapshot([spoke(opened=held, labels={"enable_y": "true"})])
    after = decide(next_turn(hub, before, spokes=enabled.spokes), CRDS, NOW + 1)
    assert verdict(after, "crds").state is State.PROGRESSING


# --- trouble -------------------------------------------------------------------------------------


def test_a_spoke_that_argo_cd_ignores_proves_nothing_and_neither_stalls_nor_takes_a_place() -> None:
    ignored = spoke("a", opened={"crds": NOW - HOUR}, skip_reconcile=True)
    hub = snapshot([ignored, spoke("b")], [X], [newborn(created_at=NOW - HOUR)])
    decision = decide(hub, CRDS, NOW)
    gate = verdict(decision, "crds")
    assert gate.state is State.PROGRESSING
    assert SpokeSkipped() in gate.reasons
    assert [each.spoke for each in decision.patches] == ["uid-b"]


def test_two_gate_keys_in_one_selector_leave_the_shallower_tier_without_applications() -> None:
    """Its Applications belong to the deepest: nothing is left to wait for in the other."""
    both = application_set("z", ["crds", "compute"])
    hub = snapshot([spoke(opened={"crds": NOW - HOUR})], [both])
    assert verdict(decide(hub, TWO_TIERS, NOW), "crds").state is State.SETTLED


# --- back from being parked ----------------------------------------------------------------------


def came_back(*apps: Application, at: Instant, opened_at: Instant = NOW - DAY) -> Snapshot:
    """A spoke that was seen parked and then, a second before `at`, no longer."""
    held = spoke(opened={"crds": opened_at})
    parked = replace(held, parked="x", skip_reconcile=True)
    hub = snapshot([parked], [X], apps)
    before = decide(hub, CRDS, at - 2)
    hub = next_turn(hub, before, spokes={held.uid: held}, sources=sources(at))
    return next_turn(hub, decide(hub, CRDS, at - 1))


def test_what_was_said_before_a_spoke_was_parked_is_not_believed() -> None:
    hub = came_back(application(), at=NOW)
    gate = verdict(decide(hub, CRDS, NOW), "crds")
    assert gate.state is State.PROGRESSING
    assert gate.reasons == (ComparedBeforeUnparking("argocd/a-x", NOW - MINUTE, NOW - 1),)


def test_once_it_was_compared_again_it_is() -> None:
    hub = came_back(application(reconciled_at=NOW - 1), at=NOW)
    assert verdict(decide(hub, CRDS, NOW), "crds").state is State.SETTLED


def test_a_deadline_stands_still_while_the_spoke_is_parked() -> None:
    late = newborn(created_at=NOW - DAY)
    assert verdict(decide(came_back(late, at=NOW), CRDS, NOW), "crds").state is State.PROGRESSING
    ends_at = NOW - 1 + 30 * MINUTE
    hub = replace(came_back(late, at=NOW), sources=sources(ends_at))
    gate = verdict(decide(hub, CRDS, ends_at), "crds")
    assert (gate.state, gate.reasons[0]) == (State.STALLED, DeadlinePassed(ends_at))


def test_what_comes_back_is_no_ungated_rush() -> None:
    gate = verdict(decide(came_back(newborn(created_at=NOW - HOUR), at=NOW), CRDS, NOW), "crds")
    assert not any(isinstance(each, StartsBehindOpenGate) for each in gate.reasons)


def test_what_is_missing_on_a_spoke_that_comes_back_has_its_time_again() -> None:
    gate = verdict(decide(came_back(at=NOW), CRDS, NOW), "crds")
    assert gate.state is State.PROGRESSING
