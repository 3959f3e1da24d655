"""What does Argo CD's application controller write into an Application, to the letter?

Values only: each function gives a piece of JSON as a real 3.5 writes it, empty strings and left-out
members included. Recorded in tests/captured/streams.

Facts (Argo CD, pkg/apis/application/v1alpha1/types.go, controller/appcontroller.go, controller/
state.go): an Application that the ApplicationSet controller has just made carries a status whose
members are empty; `comparedTo` is the spec that was compared; resources carry no health of their
own unless that is switched on; `revision` is `revisions` where there are several sources.

Elsewhere: when each is written (applications.py, operations.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from watcher.embedded_hub.live import ResourceId, Seen
from watcher.embedded_hub.objects import FrozenDict, Object
from watcher.embedded_hub.stamps import stamp

DEFAULT_RETRIES = 5
KEPT_HISTORY = 10
SYNCED = "successfully synced (all tasks run)"
BLOCKED = "Sync operation blocked by sync window"
_IMAGE = "example.invalid/c:1"
_NOTHING: Mapping[str, Any] = FrozenDict()


def fresh_status() -> Object:
    """The status of an Application that nobody has looked at yet."""
    return {
        "health": {},
        "sourceHydrator": {},
        "summary": {},
        "sync": {"comparedTo": {"destination": {}, "source": {"repoURL": ""}}, "status": ""},
    }


def sources(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every source of an Application, one or several."""
    return list(spec.get("sources") or [spec.get("source") or _NOTHING])


def compared_to(spec: Mapping[str, Any]) -> Object:
    """`status.sync.comparedTo` of a comparison with `spec`."""
    parts = ("source", "sources", "ignoreDifferences")
    return {
        "destination": spec.get("destination") or {},
        **{part: spec[part] for part in parts if spec.get(part)},
    }


def revision_part(spec: Mapping[str, Any], revision: str) -> Object:
    """`revision`, or `revisions` of an Application with several sources."""
    if spec.get("sources"):
        return {"revisions": [revision] * len(spec["sources"])}
    return {"revision": revision}


def source_part(spec: Mapping[str, Any]) -> Object:
    """`source`, or `sources`."""
    parts = ("source", "sources")
    return {part: spec[part] for part in parts if spec.get(part)}


# Comparing


def resource_rows(seen: Seen, namespace: str) -> list[Object]:
    """`status.resources`."""
    rows = [
        {**_identity(one, namespace), "status": status, "version": "v1"}
        for one, status in seen.resources
    ]
    if seen.hook:
        hook = _identity(ResourceId("batch", "Job", "hook"), namespace)
        rows.append({**hook, "hook": True, "requiresPruning": True, "version": "v1"})
    return rows


def condition(type_: str, message: str, before: Iterable[Object], at: float) -> Object:
    """One of `status.conditions`; its instant stays while it says the same."""
    for old in before:
        if old["type"] == type_ and old["message"] == message:
            return old
    return {"type": type_, "message": message, "lastTransitionTime": stamp(at)}


def health_part(health: str, before: Mapping[str, Any], at: float) -> Object:
    """`status.health`; its instant stays while the word does."""
    if before.get("status") == health:
        return dict(before)
    return {"status": health, "lastTransitionTime": stamp(at)}


# Operations


def automated_operation(spec: Mapping[str, Any], revision: str) -> Object:
    """`.operation` as automated sync asks for it."""
    policy = spec.get("syncPolicy") or _NOTHING
    automated = policy.get("automated") or _NOTHING
    options = policy.get("syncOptions")
    return {
        "initiatedBy": {"automated": True},
        "retry": policy.get("retry") or {"limit": DEFAULT_RETRIES},
        "sync": {
            **({"prune": True} if automated.get("prune") else {}),
            **revision_part(spec, revision),
            **source_part(spec),
            **({"syncOptions": options} if options else {}),
        },
    }


def healing_operation(operation: Object, seen: Seen, attempt: int) -> Object:
    """The same, for what has drifted since the same revision was synced."""
    drifted = [
        {**({"group": one.group} if one.group else {}), "kind": one.kind, "name": one.name}
        for one, status in seen.resources
        if status != "Synced"
    ]
    sync = {**operation["sync"], "autoHealAttemptsCount": attempt, "resources": drifted}
    return {**operation, "sync": sync}


def running(operation: Object, at: float) -> Object:
    """`status.operationState` when an operation begins."""
    return {"operation": operation, "phase": "Running", "startedAt": stamp(at)}


def sync_result(spec: Mapping[str, Any], revision: str, rows: list[Object]) -> Object:
    """`operationState.syncResult`."""
    return {**revision_part(spec, revision), **source_part(spec), "resources": rows}


def applied_rows(
    ids: Iterable[ResourceId], namespace: str, *, done: str, phase: str = "Running"
) -> list[Object]:
    """One row for each resource that was applied: `done` is created, configured or unchanged."""
    return [
        {
            "group": one.group,
            "hookPhase": phase,
            "kind": one.kind,
            "message": f"{_qualified(one)} {done}",
            "name": one.name,
            "namespace": namespace,
            "status": "Synced",
            "syncPhase": "Sync",
            "version": "v1",
            **({"images": [_IMAGE]} if one.kind == "Deployment" else {}),
        }
        for one in ids
    ]


def hook_row(namespace: str) -> Object:
    """The row of a PostSync Job under way."""
    return {
        "group": "batch",
        "hookPhase": "Running",
        "hookType": "PostSync",
        "images": [_IMAGE],
        "kind": "Job",
        "message": "job.batch/hook created",
        "name": "hook",
        "namespace": namespace,
        "status": "Synced",
        "syncPhase": "PostSync",
        "version": "v1",
    }


def failed_rows(namespace: str) -> list[Object]:
    """The row of a resource whose kind the spoke does not have."""
    return [
        {
            "group": "example.invalid",
            "kind": "NoSuchKind",
            "message": "The Kubernetes API could not find example.invalid/NoSuchKind for requested"
            f' resource {namespace}/x. Make sure the "NoSuchKind" CRD is installed on the'
            " destination cluster.",
            "name": "x",
            "namespace": namespace,
            "status": "SyncFailed",
            "syncPhase": "Sync",
            "version": "v1",
        }
    ]


def retrying(message: str, attempt: int, next_at: float) -> str:
    """What an operation says while it waits for another attempt."""
    when = datetime.fromtimestamp(next_at, UTC).strftime("%I:%M%p").lstrip("0")
    return f"{message}. Retrying attempt #{attempt} at {when}."


def history(before: list[Object], state: Mapping[str, Any], at: float) -> list[Object]:
    """`status.history` with the operation of `state` as its youngest entry."""
    operation = state["operation"]
    parts = ("revision", "revisions", "source", "sources")
    entry = {
        "id": before[-1]["id"] + 1 if before else 0,
        "deployStartedAt": state["startedAt"],
        "deployedAt": stamp(at),
        "initiatedBy": operation.get("initiatedBy") or {},
        **{part: operation["sync"][part] for part in parts if operation["sync"].get(part)},
    }
    return [*before, entry][-KEPT_HISTORY:]


def _identity(one: ResourceId, namespace: str) -> Object:
    group = {"group": one.group} if one.group else {}
    return {**group, "kind": one.kind, "name": one.name, "namespace": namespace}


def _qualified(one: ResourceId) -> str:
    kind = one.kind.lower()
    return f"{kind}.{one.group}/{one.name}" if one.group else f"{kind}/{one.name}"
