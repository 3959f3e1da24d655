"""What is in its first time behind an open gate, and what has outlived it without settling once?

Whatever a gate admits has its first time there: from the opening, or from its own making where
that came later, for as long as the tier's deadline. Within it, what has not settled is in
progress, and takes its place in the budgets. After it, what never settled is stalled; what settled
once and syncs again is neither.

An Application has settled once if it has been deployed at or after the opening, or needed no
operation, and is not unhealthy ever since its first time. (It has, too, if a gate that depends on
this one opened after its first time began: view.py.)

Facts (Argo CD, controller/appcontroller.go; pkg/apis/application/v1alpha1/types.go):
- `status.history` gets an entry with `deployedAt` for each operation that succeeded, and an
  operation succeeds when everything is applied, not when it is healthy: a recorded Application
  that never became healthy has its entry from its first second. Hence health is asked as well.
- An Application without resources is Synced and Healthy without any operation.
- `health.lastTransitionTime` moves only when health changes.

All of this the objects themselves carry, so a restart of the watcher stalls nothing anew.
"""

from __future__ import annotations

from watcher.facts import Application, Instant


def first_since(made_at: Instant | None, *, begun_at: Instant | None, seen_at: Instant) -> Instant:
    """When the first time began of what was made at `made_at` behind a gate that opened at
    `begun_at`, or, where neither is known, was first seen open at `seen_at`.
    """
    known = [at for at in (made_at, begun_at) if at is not None]
    return max(known, default=seen_at)


def settled_once(
    app: Application, *, opened_at: Instant | None, until: Instant, healthy: bool
) -> bool:
    """Whether `app`, whose first time ended at `until`, has settled since `opened_at` (None: no
    bound). `healthy`: whether its tier takes its health as it is.
    """
    if not _deployed_once(app, opened_at):
        return False
    return healthy or (app.health_since is not None and app.health_since >= until)


def _deployed_once(app: Application, opened_at: Instant | None) -> bool:
    """Whether an operation has succeeded since the opening, or none was needed."""
    if app.deployed_at is not None:
        return opened_at is None or app.deployed_at >= opened_at
    return app.operation is None and app.sync_status == "Synced"
