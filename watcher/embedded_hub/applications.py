"""What does Argo CD's application controller see in an Application, and when does it say so?

A model of its refreshes. A spoke's workloads take their time; what the controller writes about them
lags, comes in more than one piece, and carries stamps of whole seconds. Whoever reads it has to
live with that, so it is modelled with care.

Facts (Argo CD, controller/appcontroller.go; recorded in tests/captured/streams):
- A refresh is thorough or not. A thorough one (new, spec changed, asked for by annotation, after an
  operation, every 120 to 180 s) resolves the sources again and moves `reconciledAt`, to the second
  in which it began. One that a change on the spoke sets off does neither, and still writes sync and
  health. Health keeps its instant while the word stays.
- Where a difference is found that automated sync may mend, `.operation` is written first, and the
  result of the comparison milliseconds later; the operation may be Running by then.
- Parked, nothing at all happens; unparked, nothing until the next resync, or a wish to refresh.
- A controller that starts loads every cluster that has an Application, and looks at each again.

Not modelled: projects' limits, resource hooks but one, source hydration, sync waves, pruning.

Elsewhere: what is found (comparing.py), what is done about it (operations.py), how an Application
goes (removals.py), what is on the spoke (live.py), who makes Applications (application_sets.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from watcher.embedded_hub import statuses
from watcher.embedded_hub.comparing import Comparison, automated_sync, compared
from watcher.embedded_hub.controller import Shared, Tracked
from watcher.embedded_hub.controllers import Controller
from watcher.embedded_hub.heap import Work
from watcher.embedded_hub.live import Live
from watcher.embedded_hub.objects import Object, with_parts
from watcher.embedded_hub.operations import Operations
from watcher.embedded_hub.ownership import owner_of
from watcher.embedded_hub.parts import part, parts
from watcher.embedded_hub.removals import Removals
from watcher.embedded_hub.resources import APPLICATION
from watcher.embedded_hub.stamps import instant, stamp
from watcher.embedded_hub.store import Event

REFRESH = "argocd.argoproj.io/refresh"

LIVE = 1
"""A refresh after a change on the spoke."""
THOROUGH = 2
"""A refresh that resolves the sources again."""

_NOTICED_S = (0.005, 0.060)
_COMPARED_S = (0.010, 0.060)
_STATUS_FOLLOWS_S = (0.006, 0.016)
_LIVE_BATCH_S = (0.020, 0.110)
_AFTER_OPERATION_S = (0.004, 0.030)
_RESYNC_S = (120.0, 180.0)


class Applications:
    """The controller. It follows the store and writes to it."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._operations = Operations(
            shared,
            then_refresh=self._refresh_after_operation,
            look_forward=self._look_forward,
        )
        self._removals = Removals(shared, self._look_now)
        self._tracked: dict[str, Tracked] = {}
        for application in shared.store.list(APPLICATION):
            self._track(application)
        shared.store.subscribe(self._follow)
        shared.workloads.on_change(self._look_again)
        shared.controllers.on_start = self._find_again

    def pause(self) -> None:
        """The controller is down: nothing is noticed, nothing goes on."""
        self._shared.paused = True

    def resume(self) -> None:
        """It starts: every cluster is loaded anew, and what was missed is taken up."""
        self._shared.paused = False
        self._shared.controllers.forget()
        for tracked in tuple(self._tracked.values()):
            self._catch_up(tracked)

    def _find_again(self, controller: Controller) -> None:
        """One has started: it loads every cluster that has an Application, and looks at each."""
        for tracked in tuple(self._tracked.values()):
            application = self._shared.at_hand(tracked)
            spoke = None if application is None else self._shared.spoke(application)
            if spoke is not None and self._shared.controllers.owner(spoke) is controller:
                self._shared.controllers.load(spoke, partial(self._look_anew, tracked))

    def _look_anew(self, tracked: Tracked) -> None:
        self._catch_up(tracked)
        self._request(tracked, LIVE, _LIVE_BATCH_S)

    # What is noticed

    def _follow(self, event: Event) -> None:
        if event.resource is not APPLICATION:
            return
        if event.type == "DELETED":
            self._tracked.pop(event.object["metadata"]["uid"], None)
        elif event.type == "ADDED":
            self._track(event.object)
        elif tracked := self._tracked.get(event.object["metadata"]["uid"]):
            self._notice(tracked, event)

    def _track(self, application: Object) -> None:
        metadata = application["metadata"]
        addon = owner_of(application) or metadata["name"]
        spoke = self._shared.spoke(application)
        behaviour = self._shared.workloads.behaviour(
            addon=addon,
            spoke=spoke.name if spoke is not None else "",
            application=metadata["name"],
        )
        live = Live(_resource_name(application), behaviour)
        tracked = Tracked(metadata["uid"], metadata["namespace"], metadata["name"], live)
        self._tracked[tracked.uid] = tracked
        self._find(tracked, application)
        self._catch_up(tracked)
        self._shared.after(_RESYNC_S, tracked, self._resync)

    def _find(self, tracked: Tracked, application: Object) -> None:
        """What it has deployed before the hub began stands on its spoke."""
        history = parts(part(application, "status"), "history")
        if history:
            at = instant(history[-1]["deployedAt"])
            content = self._shared.commits.content(statuses.sources(part(application, "spec")))
            tracked.live.apply(content, first_at=at, last_at=at)
            tracked.wanted = content
            if (spoke := self._shared.spoke(application)) is not None and not spoke.parked:
                self._shared.controllers.load(spoke, lambda: None)

    def _catch_up(self, tracked: Tracked) -> None:
        application = self._shared.at_hand(tracked)
        if application is None:
            return
        if "deletionTimestamp" in application["metadata"]:
            self._removals.take_up(tracked)
        elif "operation" in application:
            self._operations.take_up(tracked)
        if _wants_refresh(application):
            self._request(tracked, THOROUGH, _NOTICED_S)
        self._look_forward(tracked)

    def _notice(self, tracked: Tracked, event: Event) -> None:
        before, after = event.before, event.object
        if before is None or self._shared.at_hand(tracked) is None:
            return
        old, new = before["metadata"], after["metadata"]
        if "deletionTimestamp" in new and "deletionTimestamp" not in old:
            self._removals.take_up(tracked)
        elif "operation" in after:  # new, or left over: every update puts it into the queue
            self._operations.take_up(tracked)
        changed = before.get("spec") is not after.get("spec")
        asked = old.get("annotations") is not new.get("annotations")
        if (changed or asked) and _wants_refresh(after):
            self._request(tracked, THOROUGH, _NOTICED_S)

    def _resync(self, tracked: Tracked) -> None:
        """The periodic look; it comes also while parked, and does nothing then."""
        if self._shared.application(tracked) is None:
            return
        self._shared.after(_RESYNC_S, tracked, self._resync)
        if self._shared.at_hand(tracked) is not None:
            self._catch_up(tracked)
            self._request(tracked, THOROUGH, (0.0, 0.1))

    def _look_again(self) -> None:
        for tracked in self._tracked.values():
            application = self._shared.application(tracked)
            if application is None:
                continue
            spoke = self._shared.spoke(application)
            tracked.live.behaviour = self._shared.workloads.behaviour(
                addon=owner_of(application) or tracked.name,
                spoke=spoke.name if spoke is not None else "",
                application=tracked.name,
            )
            if tracked.live.stands(self._shared.now()):
                self._request(tracked, LIVE, _LIVE_BATCH_S)

    def _look_forward(self, tracked: Tracked) -> None:
        """See to it that the next change on the spoke is noticed."""
        at = tracked.live.next_change_at(self._shared.now())
        if at is None or at == tracked.looks_at:
            return
        tracked.looks_at = at
        self._shared.agenda.at(at, lambda: self._look(tracked, at))

    def _look(self, tracked: Tracked, at: float) -> None:
        if tracked.looks_at != at:  # something sooner came up meanwhile
            return
        tracked.looks_at = None
        application = self._shared.at_hand(tracked)
        if application is None:
            return
        if self._shared.reachable(application):
            self._request(tracked, LIVE, _LIVE_BATCH_S)
        self._look_forward(tracked)

    def _look_now(self, tracked: Tracked) -> None:
        self._request(tracked, LIVE, _LIVE_BATCH_S)
        self._look_forward(tracked)

    # Refreshes

    def _refresh_after_operation(self, tracked: Tracked) -> None:
        self._request(tracked, THOROUGH, _AFTER_OPERATION_S)

    def _request(self, tracked: Tracked, level: int, span: tuple[float, float]) -> None:
        tracked.level = max(tracked.level, level)
        if not tracked.queued and not tracked.comparing:
            tracked.queued = True
            self._shared.after(span, tracked, self._begin_refresh)

    def _begin_refresh(self, tracked: Tracked) -> None:
        tracked.queued = False
        level, tracked.level = tracked.level, 0
        application = self._shared.at_hand(tracked)
        if application is None:
            return
        tracked.comparing = True
        began_at = self._shared.now()
        takes_s = self._shared.draw_s(_COMPARED_S, tracked, "compare")
        self._shared.run(
            Work.RESYNC,
            application,
            tracked,
            lambda: self._compare(tracked, level, began_at=began_at, takes_s=takes_s),
        )

    def _compare(self, tracked: Tracked, level: int, *, began_at: float, takes_s: float) -> None:
        if self._shared.at_hand(tracked) is None:
            tracked.comparing = False
            return
        self._shared.agenda.after(takes_s, lambda: self._compared(tracked, level, began_at))

    def _compared(self, tracked: Tracked, level: int, began_at: float) -> None:
        application = self._shared.at_hand(tracked)
        if application is None:
            tracked.comparing = False
            return
        resolve = level == THOROUGH or tracked.wanted is None
        if resolve:
            tracked.wanted = self._shared.commits.content(
                statuses.sources(part(application, "spec"))
            )
        found = compared(self._shared, tracked, application, at=began_at, resolve=resolve)
        sync = automated_sync(self._shared, tracked, application, found, at=began_at)
        follows_s = 0.0
        if sync.operation is not None:
            self._shared.write(application, {"operationState": None}, operation=sync.operation)
            follows_s = self._shared.draw_s(_STATUS_FOLLOWS_S, tracked, "status")
        if sync.error:
            found = replace(found, conditions=(*found.conditions, ("SyncError", sync.error)))
        if sync.later_s is not None:
            self._shared.agenda.after(sync.later_s, lambda: self._look_now(tracked))
        reconciled_at = began_at if level == THOROUGH and found.comparable else None
        self._shared.agenda.after(follows_s, lambda: self._tell(tracked, found, reconciled_at))

    def _tell(self, tracked: Tracked, found: Comparison, reconciled_at: float | None) -> None:
        tracked.comparing = False
        application = self._shared.at_hand(tracked)
        if application is None:
            return
        told = _told(application, found, self._shared.now())
        if reconciled_at is not None:
            told["reconciledAt"] = stamp(reconciled_at)
        self._shared.write(application, told, **_answered(application))
        self._look_forward(tracked)
        if tracked.level:
            self._request(tracked, tracked.level, _LIVE_BATCH_S)


def _resource_name(application: Object) -> str:
    """The name that its resources carry: its path's or chart's, else its own."""
    source = statuses.sources(part(application, "spec"))[0]
    told = str(source.get("chart") or source.get("path") or "")
    return told.rstrip("/").rpartition("/")[2] or str(application["metadata"]["name"])


def _wants_refresh(application: Object) -> bool:
    """Whether what was compared is not what is wanted now, or somebody asks."""
    if REFRESH in part(application, "metadata", "annotations"):
        return True
    status = part(application, "status")
    compared = part(status, "sync", "comparedTo")
    return "reconciledAt" not in status or compared != statuses.compared_to(
        part(application, "spec")
    )


def _told(application: Object, found: Comparison, now: float) -> dict[str, Any]:
    """The members of its status that a comparison sets."""
    status, spec = part(application, "status"), part(application, "spec")
    before = parts(status, "conditions")
    said = [statuses.condition(type_, why, before, now) for type_, why in found.conditions]
    told: dict[str, Any] = {
        "controllerNamespace": application["metadata"]["namespace"],
        "health": statuses.health_part(found.health, part(status, "health"), now),
        "conditions": said or None,
        "sync": with_parts(part(status, "sync"), status=found.sync),
    }
    if not found.comparable:
        return told
    revision = {} if found.revision is None else statuses.revision_part(spec, found.revision)
    compared_to = statuses.compared_to(spec)
    told["sync"] = {"status": found.sync, "comparedTo": compared_to, **revision}
    told["resources"] = found.resources or None
    told["resourceHealthSource"] = "appTree"
    if found.resources is not None:
        told["sourceType"] = _kind_of_source(spec)
    return told


def _kind_of_source(spec: Mapping[str, Any]) -> str:
    source = statuses.sources(spec)[0]
    return "Helm" if source.get("chart") or source.get("helm") else "Directory"


def _answered(application: Object) -> dict[str, Any]:
    """The wish to refresh goes with the answer."""
    metadata = application["metadata"]
    annotations = part(metadata, "annotations")
    if REFRESH not in annotations:
        return {}
    left = with_parts(annotations, **{REFRESH: None}) or None
    return {"metadata": with_parts(metadata, annotations=left)}
