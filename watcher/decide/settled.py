"""When has an Application settled after its gate opened?

Knows facts and policy. Not the clock: `now` is an argument.

Facts (Argo CD, controller/appcontroller.go; pkg/apis/application/v1alpha1/types.go):
- An operation can be Succeeded while sync and health still describe the time before it.
- `reconciledAt` has a resolution of one second, and a refresh set off by a live object does not
  move it. Hence the comparison with `finishedAt`, and "not before" instead of "after".
- Sync Unknown with health Healthy is what a broken repository looks like at first: only Synced and
  Healthy together, and no condition that ends in Error, prove anything.
- Running with `finishedAt` set is a failed attempt that waits for its retry.
- RollingSync switches automated sync off on all its Applications.

Elsewhere: which Applications a gate must have (expected.py); since when they have been so and for
how long they must be (soak.py).
"""

from __future__ import annotations

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
from watcher.facts import Application, Instant, Operation
from watcher.policy import Accept, Tier

_BLOCKED_BY_WINDOW = "blocked by sync window"
"""Argo CD, controller/sync.go: the message of an operation that a sync window holds back."""


def unsettled(
    app: Application,
    tier: Tier,
    *,
    opened_at: Instant | None,
    rolling: tuple[str, str] | None,
    now: Instant,
) -> tuple[ApplicationReason, ...]:
    """Everything against `app` having converged since `opened_at` (None: opened by hand, no bound).

    `rolling` is the ApplicationSet and the status that its RollingSync gives the Application.
    """
    against: list[ApplicationReason] = []
    name = app.key
    if app.unreadable:
        against += [ApplicationUnreadable(name, problem) for problem in app.unreadable]
    if app.deleting_since is not None:
        against.append(ApplicationDeleting(name, app.deleting_since))
    if app.skip_reconcile:
        against.append(ApplicationSkipped(name))
    if app.operation_pending and app.operation is None:
        against.append(OperationPending(name))
    if app.operation is not None:
        against += _operation(app, app.operation, tier)
    if app.hydration is not None and app.hydration.phase != "Hydrated":
        against.append(NotHydrated(name, app.hydration.phase, app.hydration.message))
    against += _compared(app, opened_at, now)
    if app.sync_status != "Synced":
        against += _synced(app, tier, rolling)
    if app.health_status != "Healthy" and not _health_accepted(app, tier):
        against.append(NotHealthy(name, app.health_status, app.health_since))
    if app.conditions:
        against += [
            ErrorCondition(name, condition.type, condition.message)
            for condition in app.conditions
            if condition.type.endswith("Error")
        ]
    return tuple(against)


def _operation(app: Application, operation: Operation, tier: Tier) -> list[ApplicationReason]:
    name = app.key
    match operation.phase:
        case "Succeeded" if operation.finished_at is None:
            return [OperationUnknown(name, "Succeeded without an end")]
        case "Succeeded":
            return [OperationPending(name)] if app.operation_pending else []
        case "Running" if _BLOCKED_BY_WINDOW in operation.message:
            return [SyncWindowClosed(name, operation.message)]
        case "Running" if operation.finished_at is not None:
            return [OperationRetrying(name, operation.retries, operation.message)]
        case "Running" | "Terminating":
            return [OperationRunning(name, operation.phase, operation.message)]
        case "Failed" | "Error":
            if Accept.FAILED_OPERATION in tier.accept and _good_since(app, operation):
                return []
            return [OperationFailed(name, operation.phase, operation.message)]
        case _:
            return [OperationUnknown(name, operation.phase)]


def _good_since(app: Application, operation: Operation) -> bool:
    """Whether the Application was compared after the failed operation, and found good."""
    return (
        app.sync_status == "Synced"
        and app.health_status == "Healthy"
        and not app.operation_pending
        and app.reconciled_at is not None
        and operation.finished_at is not None
        and operation.finished_at <= app.reconciled_at
    )


def _compared(app: Application, opened_at: Instant | None, now: Instant) -> list[ApplicationReason]:
    """What stands against the status describing what the Application is now."""
    name, reconciled_at = app.key, app.reconciled_at
    if reconciled_at is None:
        return [NeverCompared(name)]
    against: list[ApplicationReason] = []
    if reconciled_at > now + CLOCKS_APART_S:
        against.append(StampAhead(name, "reconciledAt", reconciled_at))
    if opened_at is not None and reconciled_at < opened_at:
        against.append(ComparedBeforeOpening(name, reconciled_at, opened_at))
    finished_at = app.operation.finished_at if app.operation is not None else None
    if finished_at is not None and reconciled_at < finished_at:
        against.append(ComparedBeforeOperationEnded(name, reconciled_at, finished_at))
    if app.compared_digest != app.spec_digest:
        against.append(ComparedOtherSpec(name))
    return against


def _synced(
    app: Application, tier: Tier, rolling: tuple[str, str] | None
) -> list[ApplicationReason]:
    if rolling is not None:
        return [RollingSyncHolds(app.key, *rolling)]
    if app.sync_status == "OutOfSync":
        if Accept.OUT_OF_SYNC in tier.accept:
            return []
        if _left_to_people(app):
            return [] if Accept.MANUAL_SYNC in tier.accept else [SyncedByHandOnly(app.key)]
    return [NotSynced(app.key, app.sync_status)]


def _left_to_people(app: Application) -> bool:
    """Whether Argo CD will not sync it by itself and nobody has."""
    return not app.automated and app.operation is None and app.deployed_at is None


def _health_accepted(app: Application, tier: Tier) -> bool:
    match app.health_status:
        case "Suspended":
            return Accept.SUSPENDED in tier.accept
        case "Missing":
            return Accept.MANUAL_SYNC in tier.accept and _left_to_people(app)
        case _:
            return False
