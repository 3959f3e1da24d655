"""When is a gate settled? Said once more, over the raw objects, to judge what `decide` says.

Written from the definition and not from the rules in watcher/decide: no code is shared. It knows
only what the recorded hubs hold: one source, ApplicationSets whose Applications are named by the
test, no RollingSync and no hydrator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

Object = dict[str, Any]
Hub = Mapping[tuple[str, str], Object]


def seconds(stamp: str | None) -> float | None:
    return None if not stamp else datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%S%z").timestamp()


def holds(hub: Hub, spoke: str, apps: Iterable[str], *, opened_at: float | None) -> bool:
    """Whether all clauses hold of these Applications of a gate, without the soak time."""
    secret = hub["Secret", spoke]
    if "argocd.argoproj.io/skip-reconcile" in (secret["metadata"].get("annotations") or {}):
        return False
    found = [hub.get(("Application", each)) for each in apps]
    return all(each is not None and converged(each, opened_at=opened_at) for each in found)


def converged(app: Object, *, opened_at: float | None) -> bool:
    meta, status = app["metadata"], app.get("status") or {}
    sync, health = status.get("sync") or {}, status.get("health") or {}
    operation = status.get("operationState")
    reconciled = seconds(status.get("reconciledAt"))
    finished = None if operation is None else seconds(operation.get("finishedAt"))
    return (
        "deletionTimestamp" not in meta
        and "argocd.argoproj.io/skip-reconcile" not in (meta.get("annotations") or {})
        and not app.get("operation")
        and reconciled is not None
        and (opened_at is None or reconciled >= opened_at)
        and (
            operation is None
            or (
                operation["phase"] == "Succeeded"
                and finished is not None
                and finished <= reconciled
            )
        )
        and sync.get("status") == "Synced"
        and health.get("status") == "Healthy"
        and compared(app["spec"]) == compared(sync.get("comparedTo") or {})
        and not any(each["type"].endswith("Error") for each in status.get("conditions") or [])
    )


def compared(spec: Object) -> Object:
    members = ("source", "sources", "destination", "ignoreDifferences")
    return {each: spec[each] for each in members if spec.get(each)}


def steady_since(hub: Hub, apps: Iterable[str], *, opened_at: float | None) -> float:
    """The latest of the times that the Applications themselves carry."""
    times = [opened_at]
    for each in apps:
        app = hub["Application", each]
        status = app["status"]
        times += [
            seconds(app["metadata"]["creationTimestamp"]),
            seconds(status["health"].get("lastTransitionTime")),
            seconds((status.get("operationState") or {}).get("finishedAt")),
        ]
    return max(time for time in times if time is not None)
