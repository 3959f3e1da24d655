"""What does a comparison of an Application find, and is automated sync to mend it?

Facts (Argo CD, controller/state.go, controller/health.go, controller/appcontroller.go; recorded in
tests/captured/streams/odd-applications):
- What cannot be rendered is Unknown, and Healthy where nothing of it is there yet. With the spoke
  out of reach it is Unknown and Missing. Both have a ComparisonError.
- A destination that means no spoke makes both Unknown, with an InvalidSpecError.
- Automated sync acts on OutOfSync only, not while an operation is there or a sync window is closed.
  A revision whose sync failed is not synced again by itself: SyncError. One whose sync succeeded
  is only with selfHeal, at once the first time, later each time three times as late.

Elsewhere: when it is done and how it is told (applications.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from watcher.embedded_hub import statuses
from watcher.embedded_hub.controller import Shared, Tracked
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.parts import part
from watcher.embedded_hub.stamps import instant

Conditions: TypeAlias = tuple[tuple[str, str], ...]
"""Types and messages."""

_HEALING_AGAIN_S = 2.0
_HEALING_FACTOR = 3.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found."""

    sync: str
    health: str
    revision: str | None = None
    """None: there was nothing to compare with."""
    resources: list[Object] | None = None
    conditions: Conditions = ()
    comparable: bool = True
    """False: the spec itself is none, so nothing was compared."""


@dataclass(frozen=True, slots=True)
class Sync:
    """What automated sync does about it."""

    operation: Object | None = None
    """To be asked for now."""
    error: str = ""
    """Why it never will be, by itself."""
    later_s: float | None = None
    """To be looked at again after so long."""


NO_SYNC = Sync()


def compared(
    shared: Shared, tracked: Tracked, application: Object, *, at: float, resolve: bool
) -> Comparison:
    """What a refresh finds that looks at the spoke as it was at `at`.

    With `resolve` sources are resolved anew; else the revision is the one known before.
    """
    spec = part(application, "spec")
    spoke = shared.spoke(application)
    if spoke is None:
        why = f"application destination {dict(part(spec, 'destination'))} does not exist"
        said = (("InvalidSpecError", why),)
        return Comparison("Unknown", "Unknown", conditions=said, comparable=False)
    if not shared.reachable(application):
        why = (
            f'Failed to load live state: failed to get cluster info for "{spoke.server}": error'
            " synchronizing cache state : failed to get server version: connection refused"
        )
        return Comparison("Unknown", "Missing", conditions=(("ComparisonError", why),))
    source = statuses.sources(spec)[0]
    if not tracked.live.behaviour.readable:
        return _unreadable(tracked, source, at)
    seen = tracked.live.seen(at, tracked.wanted)
    rows = statuses.resource_rows(seen, str(part(spec, "destination").get("namespace", "")))
    known = part(application, "status", "sync").get("revision")
    revision = known if known and not resolve else shared.commits.revision(source)
    return Comparison(seen.sync, seen.health, revision, rows)


def automated_sync(
    shared: Shared, tracked: Tracked, application: Object, found: Comparison, *, at: float
) -> Sync:
    """What automated sync does about a comparison that looked at the spoke as it was at `at`."""
    spec = part(application, "spec")
    automated = part(spec, "syncPolicy").get("automated")
    if automated is None or automated.get("enabled") is False or found.sync != "OutOfSync":
        return NO_SYNC
    if "operation" in application or "deletionTimestamp" in application["metadata"]:
        return NO_SYNC
    if not shared.window_open:
        return NO_SYNC
    operation = statuses.automated_operation(spec, found.revision or "")
    state = part(application, "status", "operationState")
    if not _same_target(part(state, "operation"), operation):
        return Sync(operation)
    if state.get("phase") != "Succeeded":
        said = state.get("message", "")
        return Sync(error=f"Failed last sync attempt to {found.revision}: {said}")
    if not automated.get("selfHeal"):
        return NO_SYNC
    return _healing(state, operation, tracked, at=at, now=shared.now())


def _unreadable(tracked: Tracked, source: Mapping[str, Any], at: float) -> Comparison:
    why = (
        "Failed to load target state: failed to generate manifest for source 1 of 1: rpc error:"
        f" code = Unknown desc = {source.get('path')}: app path does not exist"
    )
    health = tracked.live.health(at) if tracked.live.stands(at) else "Healthy"
    told = str(source.get("targetRevision", ""))
    return Comparison("Unknown", health, told, conditions=(("ComparisonError", why),))


def _healing(
    state: Mapping[str, Any], operation: Object, tracked: Tracked, *, at: float, now: float
) -> Sync:
    attempts = state["operation"]["sync"].get("autoHealAttemptsCount", 0)
    wait_s = _HEALING_AGAIN_S * _HEALING_FACTOR ** (attempts - 1) if attempts else 0.0
    left_s = instant(state["finishedAt"]) + wait_s - now
    if attempts and left_s > 0:
        return Sync(later_s=left_s)
    seen = tracked.live.seen(at, tracked.wanted)
    return Sync(statuses.healing_operation(operation, seen, attempts + 1))


def _same_target(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both operations are about the same revision of the same sources."""
    names = ("revision", "revisions", "source", "sources")
    return all(part(one, "sync").get(name) == part(other, "sync").get(name) for name in names)
