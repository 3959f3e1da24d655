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

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from watcher.embedded_hub.go_json import written
from watcher.embedded_hub.live import ResourceId, Seen
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.parts import part, parts
from watcher.embedded_hub.stamps import stamp

DEFAULT_RETRIES = 5
KEPT_HISTORY = 10
SYNCED = "successfully synced (all tasks run)"
BLOCKED = "Sync operation blocked by sync window"
_IMAGE = "example.invalid/c:1"


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
    return parts(spec, "sources") or [part(spec, "source")]


def compared_to(spec: Mapping[str, Any]) -> Object:
    """`status.sync.comparedTo` of a comparison with `spec`."""
    ignored = spec.get("ignoreDifferences")
    compared: Object = written(
        {
            "destination": dict(part(spec, "destination")),
            **source_part(spec),
            **({"ignoreDifferences": ignored} if ignored else {}),
        }
    )
    return compared | _no_source(spec)


def revision_part(spec: Mapping[str, Any], revision: str) -> Object:
    """`revision`, or `revisions` of an Application with several sources."""
    if spec.get("sources"):
        return {"revisions": [revision] * len(spec["sources"])}
    return {"revision": revision}


def source_part(spec: Mapping[str, Any]) -> Object:
    """`source`, or `sources` where there are any."""
    name = "sources" if spec.get("sources") else "source"
    return {name: spec[name]} if spec.get(name) else {}


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


def condition(type_: str, message: str, before: Iterable[Mapping[str, Any]], at: float) -> Object:
    """One of `status.conditions`; its instant stays while it says the same."""
    for old in before:
        if old.get("type") == type_ and old.get("message") == message:
            return dict(old)
    return {"type": type_, "message": message, "lastTransitionTime": stamp(at)}


def health_part(health: str, before: Mapping[str, Any], at: float) -> Object:
    """`status.health`; its instant stays while the word does."""
    if before.get("status") == health:
        return dict(before)
    return {"status": health, "lastTransitionTime": stamp(at)}


# Operations


def automated_operation(spec: Mapping[str, Any], revision: str) -> Object:
    """`.operation` as automated sync asks for it."""
    policy = part(spec, "syncPolicy")
    automated = part(policy, "automated")
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
    several = {"revision": ""} if spec.get("sources") else {}
    told = {**several, **revision_part(spec, revision), **source_part(spec)}
    return {**told, **_no_source(spec), "resources": rows}


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


def history(
    before: Sequence[Mapping[str, Any]], state: Mapping[str, Any], at: float
) -> list[Object]:
    """`status.history` with the operation of `state` as its youngest entry."""
    operation = part(state, "operation")
    sync = part(operation, "sync")
    told = ("revision", "revisions", "source", "sources")
    entry = {
        "id": before[-1].get("id", 0) + 1 if before else 0,
        "deployStartedAt": state.get("startedAt"),
        "deployedAt": stamp(at),
        "initiatedBy": operation.get("initiatedBy") or {},
        **{name: sync[name] for name in told if sync.get(name)},
        **_no_source(sync),
    }
    return [*map(dict, before), entry][-KEPT_HISTORY:]


def settled_status(
    spec: Mapping[str, Any], seen: Seen, revision: str, *, synced_at: float, healthy_at: float
) -> Object:
    """The whole status of an Application that was synced, became healthy, and has rested since."""
    namespace = str(part(spec, "destination").get("namespace", ""))
    operation = automated_operation(spec, revision)
    begun = running(operation, synced_at)
    rows = applied_rows((one for one, _ in seen.resources), namespace, done="created")
    end = {
        "phase": "Succeeded",
        "message": SYNCED,
        "finishedAt": stamp(synced_at + 1),
        "syncResult": sync_result(spec, revision, rows),
    }
    sync = {"status": "Synced", "comparedTo": compared_to(spec), **revision_part(spec, revision)}
    return fresh_status() | {
        "health": {"status": "Healthy", "lastTransitionTime": stamp(healthy_at)},
        "history": history([], begun, synced_at + 1),
        "operationState": {**begun, **end},
        "reconciledAt": stamp(healthy_at + 1),
        "resourceHealthSource": "appTree",
        "resources": resource_rows(seen, namespace),
        "sync": sync,
    }


def _no_source(several: Mapping[str, Any]) -> Object:
    """With `sources`, the one `source` stands beside them, empty but for what is never left out."""
    return {"source": {"repoURL": ""}} if several.get("sources") else {}


def _identity(one: ResourceId, namespace: str) -> Object:
    group = {"group": one.group} if one.group else {}
    return {**group, "kind": one.kind, "name": one.name, "namespace": namespace}


def _qualified(one: ResourceId) -> str:
    kind = one.kind.lower()
    return f"{kind}.{one.group}/{one.name}" if one.group else f"{kind}/{one.name}"
