from __future__ import annotations

from typing import Any

import pytest

from tests.builders import HOUR, MINUTE, NOW, OTHER_SPEC, application, newborn
from watcher.decide.gates import CLOCKS_APART_S
from watcher.decide.reasons import (
    ApplicationDeleting,
    ApplicationReason,
    ApplicationSkipped,
    ApplicationUnreadable,
    ComparedBeforeOpening,
    ComparedBeforeOperationEnded,
    ComparedOtherSpec,
    ErrorCondition,
    NeverCompared,
    NotHealthy,
    NotHydrated,
    NotSynced,
    OperationFailed,
    OperationPending,
    OperationRetrying,
    OperationRunning,
    OperationUnknown,
    RollingSyncHolds,
    StampAhead,
    SyncedByHandOnly,
    SyncWindowClosed,
)
from watcher.decide.settled import unsettled
from watcher.facts import Application, Condition, Hydration, Instant, Operation
from watcher.policy import Accept, Tier

OPENED = NOW - 2 * HOUR
NAME = "argocd/a-x"
STRICT = Tier("crds")
BY_WINDOW = "Sync operation blocked by sync window"
LEFT_TO_PEOPLE: dict[str, Any] = {
    "automated": False,
    "operation": None,
    "deployed_at": None,
    "sync_status": "OutOfSync",
}


def against(
    app: Application,
    tier: Tier = STRICT,
    *,
    opened_at: Instant | None = OPENED,
    rolling: tuple[str, str] | None = None,
) -> tuple[ApplicationReason, ...]:
    return unsettled(app, tier, opened_at=opened_at, rolling=rolling, now=NOW)


def accepting(*accepts: Accept) -> Tier:
    return Tier("crds", accept=frozenset(accepts))


def test_nothing_is_against_an_application_that_is_as_it_should_be() -> None:
    assert against(application()) == ()


CLAUSES: dict[str, tuple[dict[str, Any], ApplicationReason]] = {
    "a field of it cannot be read": (
        {"unreadable": ("status.sync is not an object",)},
        ApplicationUnreadable(NAME, "status.sync is not an object"),
    ),
    "its deletion is under way": (
        {"deleting_since": NOW - 5},
        ApplicationDeleting(NAME, NOW - 5),
    ),
    "Argo CD was told to skip it": ({"skip_reconcile": True}, ApplicationSkipped(NAME)),
    "a first operation was asked for": (
        {"operation": None, "operation_pending": True},
        OperationPending(NAME),
    ),
    "another operation was asked for": ({"operation_pending": True}, OperationPending(NAME)),
    "its operation runs": (
        {"operation": Operation("Running", message="waiting for hooks")},
        OperationRunning(NAME, "Running", "waiting for hooks"),
    ),
    "its operation is being ended": (
        {"operation": Operation("Terminating")},
        OperationRunning(NAME, "Terminating", ""),
    ),
    "an attempt failed and waits for its retry": (
        {"operation": Operation("Running", NOW - 90, "no matches for kind", 3)},
        OperationRetrying(NAME, 3, "no matches for kind"),
    ),
    "its operation succeeded and nobody knows when": (
        {"operation": Operation("Succeeded")},
        OperationUnknown(NAME, "Succeeded without an end"),
    ),
    "a sync window holds its operation": (
        {"operation": Operation("Running", message=BY_WINDOW)},
        SyncWindowClosed(NAME, BY_WINDOW),
    ),
    "its operation failed": (
        {"operation": Operation("Failed", NOW - 90, "boom")},
        OperationFailed(NAME, "Failed", "boom"),
    ),
    "its operation ended in an error": (
        {"operation": Operation("Error", NOW - 90, "boom")},
        OperationFailed(NAME, "Error", "boom"),
    ),
    "its operation is in a phase that nobody knows": (
        {"operation": Operation("Succeded", NOW - 90)},
        OperationUnknown(NAME, "Succeded"),
    ),
    "its source is being hydrated": (
        {"hydration": Hydration("Hydrating", "commit 1a2b")},
        NotHydrated(NAME, "Hydrating", "commit 1a2b"),
    ),
    "its source was never hydrated": ({"hydration": Hydration("")}, NotHydrated(NAME, "", "")),
    "it was never compared": ({"reconciled_at": None}, NeverCompared(NAME)),
    "it was compared before the gate opened": (
        {"reconciled_at": OPENED - 1, "operation": None},
        ComparedBeforeOpening(NAME, OPENED - 1, OPENED),
    ),
    "it was compared before its operation ended": (
        {"operation": Operation("Succeeded", NOW - MINUTE + 1)},
        ComparedBeforeOperationEnded(NAME, NOW - MINUTE, NOW - MINUTE + 1),
    ),
    "another spec was compared": ({"compared_digest": OTHER_SPEC}, ComparedOtherSpec(NAME)),
    "no spec was compared": ({"compared_digest": None}, ComparedOtherSpec(NAME)),
    "its stamp is ahead of any clock": (
        {"reconciled_at": NOW + CLOCKS_APART_S + 1},
        StampAhead(NAME, "reconciledAt", NOW + CLOCKS_APART_S + 1),
    ),
    "it is out of sync": ({"sync_status": "OutOfSync"}, NotSynced(NAME, "OutOfSync")),
    "whether it is in sync is unknown": ({"sync_status": "Unknown"}, NotSynced(NAME, "Unknown")),
    "nobody syncs it but a person": (LEFT_TO_PEOPLE, SyncedByHandOnly(NAME)),
    "it is not healthy": (
        {"health_status": "Suspended", "health_since": NOW - 7},
        NotHealthy(NAME, "Suspended", NOW - 7),
    ),
    "it has an error": (
        {"conditions": (Condition("ComparisonError", "no such path"),)},
        ErrorCondition(NAME, "ComparisonError", "no such path"),
    ),
}


@pytest.mark.parametrize(("changed", "reason"), CLAUSES.values(), ids=CLAUSES)
def test_each_clause_that_fails_is_one_named_reason(
    changed: dict[str, Any], reason: ApplicationReason
) -> None:
    assert against(application(**changed)) == (reason,)


def test_everything_that_is_against_it_is_said_at_once() -> None:
    named = {type(each) for each in against(newborn())}
    assert named == {NeverCompared, NotSynced, NotHealthy}


# --- whole seconds -------------------------------------------------------------------------------


def test_a_stamp_of_the_very_second_of_the_opening_is_not_before_it() -> None:
    assert against(application(reconciled_at=OPENED, operation=None)) == ()


def test_a_stamp_of_the_very_second_of_the_operations_end_is_not_before_it() -> None:
    ended = Operation("Succeeded", NOW - MINUTE)
    assert against(application(operation=ended, reconciled_at=NOW - MINUTE)) == ()


def test_without_a_time_of_opening_there_is_no_lower_bound() -> None:
    old = application(reconciled_at=NOW - 900 * HOUR, operation=None)
    assert against(old, opened_at=None) == ()


def test_a_clock_a_little_ahead_of_ours_is_a_clock_like_any_other() -> None:
    assert against(application(reconciled_at=NOW + CLOCKS_APART_S)) == ()


def test_a_condition_that_only_warns_is_nothing_against_it() -> None:
    warns = (Condition("SharedResourceWarning"), Condition("OrphanedResourceWarning"))
    assert against(application(conditions=warns)) == ()


def test_a_source_that_was_hydrated_is_nothing_against_it() -> None:
    assert against(application(hydration=Hydration("Hydrated"))) == ()


def test_a_broken_repository_shows_healthy_at_first_and_proves_nothing() -> None:
    """Captured: odd-applications, `broken`."""
    broken = application(
        sync_status="Unknown", conditions=(Condition("ComparisonError", "no such path"),)
    )
    assert [type(each) for each in against(broken)] == [NotSynced, ErrorCondition]


# --- what a tier may accept, each by its name ----------------------------------------------------


def test_out_of_sync_is_accepted_by_name() -> None:
    app = application(synced=False)
    assert against(app, accepting(Accept.OUT_OF_SYNC)) == ()


def test_accepting_out_of_sync_does_not_accept_unknown() -> None:
    app = application(sync_status="Unknown")
    assert against(app, accepting(Accept.OUT_OF_SYNC)) == (NotSynced(NAME, "Unknown"),)


def test_suspended_is_accepted_by_name() -> None:
    app = application(health_status="Suspended")
    assert against(app, accepting(Accept.SUSPENDED)) == ()


@pytest.mark.parametrize("status", ["Progressing", "Degraded", "Missing", "Unknown", ""])
def test_accepting_suspended_accepts_no_other_health(status: str) -> None:
    app = application(health_status=status)
    assert [type(each) for each in against(app, accepting(Accept.SUSPENDED))] == [NotHealthy]


def test_a_manual_sync_is_accepted_by_name_with_its_resources_missing() -> None:
    app = application(**LEFT_TO_PEOPLE, health_status="Missing")
    assert against(app, accepting(Accept.MANUAL_SYNC)) == ()
    assert [type(each) for each in against(app)] == [SyncedByHandOnly, NotHealthy]


@pytest.mark.parametrize(
    "changed",
    [
        {"automated": True},
        {"operation": Operation("Succeeded", NOW - 90)},
        {"deployed_at": NOW - 99},
    ],
    ids=["it syncs by itself", "somebody synced it", "it was deployed once"],
)
def test_a_manual_sync_is_one_that_nobody_ever_synced(changed: dict[str, Any]) -> None:
    app = application(**{**LEFT_TO_PEOPLE, **changed}, health_status="Missing")
    named = [type(each) for each in against(app, accepting(Accept.MANUAL_SYNC))]
    assert named == [NotSynced, NotHealthy]


def test_a_failed_operation_is_accepted_by_name_where_all_is_well_since() -> None:
    failed = Operation("Failed", NOW - 90, "boom")
    app = application(operation=failed, reconciled_at=NOW - 90)
    assert against(app, accepting(Accept.FAILED_OPERATION)) == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"sync_status": "OutOfSync"},
        {"health_status": "Degraded"},
        {"operation_pending": True},
        {"reconciled_at": NOW - 91},
        {"operation": Operation("Failed", None, "boom")},
    ],
    ids=["out of sync", "not healthy", "about to go on", "not compared since", "without an end"],
)
def test_a_failed_operation_is_not_accepted_where_all_is_not_well_since(
    changed: dict[str, Any],
) -> None:
    failed = Operation("Failed", NOW - 90, "boom")
    app = application(**{"operation": failed, "reconciled_at": NOW - 90, **changed})
    named = [type(each) for each in against(app, accepting(Accept.FAILED_OPERATION))]
    assert OperationFailed in named


@pytest.mark.parametrize("accept", Accept)
def test_no_accept_makes_up_for_an_error_a_stale_comparison_or_a_deletion(accept: Accept) -> None:
    app = application(
        conditions=(Condition("SyncError"),), compared_digest=OTHER_SPEC, deleting_since=NOW
    )
    named = [type(each) for each in against(app, accepting(accept))]
    assert named == [ApplicationDeleting, ComparedOtherSpec, ErrorCondition]


# --- RollingSync ---------------------------------------------------------------------------------


def test_what_rolling_sync_holds_is_said_of_it_and_not_that_nobody_syncs_it() -> None:
    app = application(**LEFT_TO_PEOPLE)
    held = against(app, accepting(Accept.MANUAL_SYNC), rolling=("argocd/x", "Waiting"))
    assert held == (RollingSyncHolds(NAME, "argocd/x", "Waiting"),)


def test_what_rolling_sync_holds_is_nothing_against_it_where_it_is_synced() -> None:
    assert against(application(), rolling=("argocd/x", "Waiting")) == ()
