"""Has a gate settled once, and if not, is it past its deadline?

A gate has settled once if a gate that depends on it is open on the spoke, or each of its
Applications has been deployed at or after the opening, or needed no operation. Only one that never
settled can stall; what settled once and syncs again is progressing.

Facts (Argo CD, pkg/apis/application/v1alpha1/types.go): `status.history` gets an entry with
`deployedAt` for each operation that succeeded; an Application without resources is Synced and
Healthy without any.
"""

from __future__ import annotations

from collections.abc import Collection

from watcher.facts import Application, Instant


def settled_once(
    apps: Collection[Application], *, opened_at: Instant | None, dependent_open: bool
) -> bool:
    """Whether the gate has settled at some time since `opened_at` (None: no bound)."""
    return dependent_open or (bool(apps) and all(deployed_once(app, opened_at) for app in apps))


def deployed_once(app: Application, opened_at: Instant | None) -> bool:
    """Whether an operation has succeeded since the opening, or none was needed."""
    if app.deployed_at is not None:
        return opened_at is None or app.deployed_at >= opened_at
    return app.operation is None and app.sync_status == "Synced"


def counted_from(
    apps: Collection[Application], *, opened_at: Instant | None, seen_at: Instant
) -> Instant:
    """Where the deadline counts from: the opening, else the youngest Application's creation, else
    when the gate was first seen open.
    """
    if opened_at is not None:
        return opened_at
    return max((app.created_at for app in apps if app.created_at is not None), default=seen_at)
