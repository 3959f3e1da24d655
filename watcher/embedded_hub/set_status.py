"""What does the ApplicationSet controller write into an ApplicationSet's status?

Values only. Recorded in tests/captured/streams.

Facts (Argo CD, applicationset/controllers/applicationset_controller.go, applicationset/status;
pkg/apis/application/v1alpha1/applicationset_types.go): `resources` tells of each Application what
it was at the last pass; a condition keeps its instant while it says the same; there is no
observedGeneration; `health` (3.4 and later) follows from the conditions.

Elsewhere: when it is written (application_sets.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.parts import part

Fault: TypeAlias = tuple[str, str]
"""A condition's reason and message."""

_ALL_WELL = "All applications have been generated successfully"


def set_status(
    before: Mapping[str, Any],
    fault: Fault | None,
    resources: list[Object] | None,
    *,
    now: str,
) -> Object:
    """The status after a pass; `resources` is None where nothing was generated."""
    conditions = _conditions(fault, generated=resources is not None)
    told = {
        "conditions": [
            _kept_or_new(one, before.get("conditions") or (), now) for one in conditions
        ],
        "health": {
            "status": "Degraded" if fault else "Healthy",
            "message": fault[1] if fault else _ALL_WELL,
        },
    }
    if resources is None:
        return told
    return {**told, "resources": resources or None, "resourcesCount": len(resources) or None}


def set_resource(application: Object) -> Object:
    """What `status.resources` says of one Application."""
    metadata, status = application["metadata"], part(application, "status")
    health = part(status, "health").get("status")
    synced = part(status, "sync").get("status")
    return {
        "group": "argoproj.io",
        "version": "v1alpha1",
        "kind": "Application",
        "name": metadata["name"],
        "namespace": metadata["namespace"],
        "health": {"status": health} if health else {},
        **({"status": synced} if synced else {}),
    }


def _conditions(fault: Fault | None, *, generated: bool) -> list[Object]:
    ok = "ParametersGenerated", "Successfully generated parameters for all Applications"
    reason, message = fault or ("ApplicationSetUpToDate", _ALL_WELL)
    parameters = ok if generated else ("ErrorOccurred", message)
    up_to_date = "ErrorOccurred" if fault else reason
    rows: list[tuple[str, bool, str, str]] = [
        ("ErrorOccurred", fault is not None, reason, message),
        ("ParametersGenerated", generated, *parameters),
        ("ResourcesUpToDate", fault is None, up_to_date, message),
    ]
    return [
        {"type": type_, "status": str(status), "reason": reason, "message": message}
        for type_, status, reason, message in rows
    ]


def _kept_or_new(condition: Object, before: Iterable[Object], now: str) -> Object:
    for old in before:
        if all(old.get(key) == value for key, value in condition.items()):
            return old
    return {**condition, "lastTransitionTime": now}
