"""What does the application controller do with an operation, and what does it write meanwhile?

An operation is what `.operation` asks for: automated sync asks, or a person. A worker takes it up,
applies to the spoke, and tells in `status.operationState`.

Facts (Argo CD, controller/appcontroller.go, controller/sync.go; recorded in tests/captured/
streams):
- Running is written before anything is applied. When all is done, first the history is written,
  then, milliseconds later, Succeeded together with the end of `.operation`; sync and health still
  describe the time before, until the refresh that follows.
- A failed attempt keeps the phase Running, with a `finishedAt` and a message that names the next
  attempt: after 10, 20, 40 … seconds, five times, each preceded by a refresh. Then it is Failed.
- A sync of a part of the resources (healing) leaves no entry in the history.
- A closed sync window leaves it Running, with a message.
- A hook that never ends leaves it Running; sync and health may be perfect.

Elsewhere: who asks for it (applications.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from watcher.embedded_hub import statuses
from watcher.embedded_hub.controller import Shared, Tracked
from watcher.embedded_hub.heap import Work
from watcher.embedded_hub.objects import Object, with_parts
from watcher.embedded_hub.parts import part, parts
from watcher.embedded_hub.stamps import stamp

_TAKEN_UP_S = (0.004, 0.030)
_SYNC_S = (0.10, 1.30)
_SEEN_FIRST = (0.45, 0.85)
_SEEN_ALL_S = (-0.06, 0.11)
"""When, from the end of an operation, the controller sees all of it: often only after the refresh
that follows, which then finds a difference and heals it."""
_FAILS_S = (0.010, 0.025)
_TOLD_S = (0.005, 0.012)
_HOOK_SEEN_S = (0.30, 0.45)
_HOOK_TOLD_S = (1.8, 2.3)
_WINDOW_ASKED_AGAIN_S = (25.0, 35.0)

_FIRST_WAIT_S = 10.0
_LONGEST_WAIT_S = 180.0


class Operations:
    """The operation worker."""

    def __init__(
        self,
        shared: Shared,
        *,
        then_refresh: Callable[[Tracked], None],
        look_forward: Callable[[Tracked], None],
    ) -> None:
        self._shared = shared
        self._then_refresh = then_refresh
        """Called when an Application is to be compared."""
        self._look_forward = look_forward
        """Called when something on the spoke will change."""

    def take_up(self, tracked: Tracked) -> None:
        """There is an operation, new or left over; carry it out, unless that is being done."""
        if not tracked.operating:
            tracked.operating = True
            self._shared.after(_TAKEN_UP_S, tracked, self._begin)

    def _begin(self, tracked: Tracked) -> None:
        application = self._at_work(tracked)
        if application is None:
            return
        if _state(application).get("phase") != "Running":
            begun = statuses.running(application["operation"], self._shared.now())
            self._shared.write(application, {"operationState": begun})
        self._attempt(tracked)

    def _attempt(self, tracked: Tracked) -> None:
        application = self._at_work(tracked)
        if application is None:
            return
        if not self._shared.window_open:
            self._tell(application, message=statuses.BLOCKED)
            self._shared.after(_WINDOW_ASKED_AGAIN_S, tracked, self._attempt)
        elif _fault(tracked, reachable=self._shared.reachable(application)):
            self._shared.after(_FAILS_S, tracked, self._fail)
        else:
            self._shared.run(Work.SYNC, application, tracked, lambda: self._apply(tracked))

    def _apply(self, tracked: Tracked) -> None:
        application = self._at_work(tracked)
        if application is None:
            return
        live, now = tracked.live, self._shared.now()
        content = self._shared.commits.content(statuses.sources(part(application, "spec")))
        tracked.wanted = content
        takes_s = self._shared.draw_s(_SYNC_S, tracked, "sync")
        first = self._shared.draw_s(_SEEN_FIRST, tracked, "first seen")
        last_s = takes_s + self._shared.draw_s(_SEEN_ALL_S, tracked, "all seen")
        if live.behaviour.hook:
            seen_s = self._shared.draw_s(_HOOK_SEEN_S, tracked, "hook")
            live.apply(content, first_at=now + seen_s, last_at=now + seen_s)
            self._look_forward(tracked)
            self._shared.after(_HOOK_TOLD_S, tracked, self._wait_for_health)
            return
        before = live.content
        live.apply(content, first_at=now + takes_s * first, last_at=now + last_s)
        self._look_forward(tracked)
        done = "created" if before is None else "unchanged" if before == content else "configured"
        self._shared.agenda.after(takes_s, lambda: self._record(tracked, done))

    # An operation that succeeds

    def _record(self, tracked: Tracked, done: str) -> None:
        application = self._at_work(tracked)
        if application is None:
            return
        if not part(application, "operation", "sync").get("resources"):
            before = parts(part(application, "status"), "history")
            entries = statuses.history(before, _state(application), self._shared.now())
            self._shared.write(application, {"history": entries})
        told_s = self._shared.draw_s(_TOLD_S, tracked, "told")
        self._shared.agenda.after(told_s, lambda: self._succeed(tracked, done))

    def _succeed(self, tracked: Tracked, done: str) -> None:
        application = self._at_work(tracked)
        if application is None:
            return
        rows = statuses.applied_rows(tracked.live.ids(), _namespace(application), done=done)
        self._end(tracked, application, "Succeeded", message=statuses.SYNCED, rows=rows)

    def _end(
        self,
        tracked: Tracked,
        application: Object,
        phase: str,
        *,
        message: str,
        rows: list[Object],
    ) -> None:
        tracked.operating = False
        end = with_parts(
            _state(application),
            phase=phase,
            message=message,
            finishedAt=stamp(self._shared.now()),
            syncResult=_result(application, rows),
        )
        self._shared.write(application, {"operationState": end}, operation=None)
        self._then_refresh(tracked)

    # One that does not

    def _fail(self, tracked: Tracked) -> None:
        application = self._at_work(tracked)
        if application is None:
            return
        reachable = self._shared.reachable(application)
        why = _fault(tracked, reachable=reachable) or "sync aborted"
        rows = statuses.failed_rows(_namespace(application))
        attempts = _state(application).get("retryCount", 0)
        limit = part(application, "operation", "retry").get("limit", 0)
        if 0 <= limit <= attempts:
            said = f"{why} (retried {attempts} times)." if attempts else why
            self._end(tracked, application, "Failed", message=said, rows=rows)
            return
        wait_s = min(_FIRST_WAIT_S * 2**attempts, _LONGEST_WAIT_S)
        now = self._shared.now()
        self._tell(
            application,
            finishedAt=stamp(now),
            message=statuses.retrying(why, attempts + 1, now + wait_s),
            retryCount=attempts + 1,
            syncResult=_result(application, rows),
        )
        self._shared.agenda.after(wait_s, lambda: self._try_again(tracked))

    def _try_again(self, tracked: Tracked) -> None:
        if self._at_work(tracked) is not None:
            self._then_refresh(tracked)
            self._shared.after((0.06, 0.09), tracked, self._retry)

    def _retry(self, tracked: Tracked) -> None:
        application = self._at_work(tracked)
        if application is None:
            return
        attempt = _state(application).get("retryCount", 1)
        said = f"Retrying operation. Attempt #{attempt}"
        self._tell(application, finishedAt=None, message=said)
        self._attempt(tracked)

    # One that waits for a hook

    def _wait_for_health(self, tracked: Tracked) -> None:
        application = self._at_work(tracked)
        if application is None:
            return
        first = tracked.live.ids()[0]
        rows = statuses.applied_rows(tracked.live.ids(), _namespace(application), done="created")
        said = f"waiting for healthy state of {first.group}/{first.kind}/{first.name}"
        self._tell(application, message=said, syncResult=_result(application, rows))
        self._shared.after((0.02, 0.04), tracked, self._wait_for_hook)

    def _wait_for_hook(self, tracked: Tracked) -> None:
        application = self._at_work(tracked)
        if application is None:
            return
        namespace = _namespace(application)
        rows = statuses.applied_rows(
            tracked.live.ids(), namespace, done="created", phase="Succeeded"
        )
        rows.append(statuses.hook_row(namespace))
        said = "waiting for completion of hook batch/Job/hook"
        self._tell(application, message=said, syncResult=_result(application, rows))
        tracked.live.hook_at = self._shared.now() + 0.05
        self._look_forward(tracked)

    def _tell(self, application: Object, **told: Any) -> None:
        state = with_parts(_state(application), **told)
        self._shared.write(application, {"operationState": state})

    def _at_work(self, tracked: Tracked) -> Object | None:
        """The Application, while its operation is to go on; else it is laid down."""
        application = self._shared.at_hand(tracked)
        if application is None or "operation" not in application:
            tracked.operating = False
            return None
        return application


def _fault(tracked: Tracked, *, reachable: bool) -> str:
    """Why its sync cannot succeed; empty when it can."""
    if not reachable:
        return "ComparisonError: Failed to load live state: failed to get cluster info"
    if not tracked.live.behaviour.readable:
        return "ComparisonError: Failed to load target state: app path does not exist"
    return tracked.live.behaviour.sync_error


def _state(application: Object) -> Mapping[str, Any]:
    return part(application, "status", "operationState")


def _namespace(application: Object) -> str:
    return str(part(application, "spec", "destination").get("namespace", ""))


def _result(application: Object, rows: list[Object]) -> Object:
    revision = str(part(application, "operation", "sync").get("revision", ""))
    return statuses.sync_result(part(application, "spec"), revision, rows)
