"""How does an Application that is being deleted go?

Facts (Argo CD, controller/appcontroller.go, finalizeApplicationDeletion; recorded in
tests/captured/streams/gate-lost-and-reopened and teardown-in-order):
- With the resources finalizer its resources are deleted first, which shows as Progressing, then
  OutOfSync, then Missing, within half a second where nothing holds them; then the finalizer goes,
  and with it the Application. Without the finalizer it is gone at once, and its spoke untouched.
- A destination that means no spoke lets it go at once, and leaves the resources where they are; a
  spoke out of reach holds it, with a DeletionError.
- Nothing of that happens while it or its spoke is parked.
"""

from __future__ import annotations

from collections.abc import Callable

from watcher.embedded_hub import statuses
from watcher.embedded_hub.controller import Shared, Tracked
from watcher.embedded_hub.objects import with_parts
from watcher.embedded_hub.selection import RESOURCES_FINALIZER

_BEGINS_S = (0.060, 0.120)
_LET_GO_S = (0.015, 0.040)
_LET_GO_AFTER_RESOURCES_S = (0.13, 0.20)
_TRIED_AGAIN_S = (25.0, 35.0)


class Removals:
    """The worker that deletes; `look` is called when there is something to see on the spoke."""

    def __init__(self, shared: Shared, look: Callable[[Tracked], None]) -> None:
        self._shared = shared
        self._look = look

    def take_up(self, tracked: Tracked) -> None:
        """It is being deleted; see to it, unless that is being done."""
        if not tracked.removing:
            tracked.removing = True
            self._shared.after(_BEGINS_S, tracked, self._remove)

    def _remove(self, tracked: Tracked) -> None:
        application = self._shared.at_hand(tracked)
        if application is None:
            tracked.removing = False
            return
        live, now = tracked.live, self._shared.now()
        if self._shared.spoke(application) is None or not live.stands(now):
            self._shared.after(_LET_GO_S, tracked, self._let_go)
        elif not self._shared.reachable(application):
            why = "failed to get cluster info: connection refused"
            said = [statuses.condition("DeletionError", why, (), now)]
            self._shared.write(application, {"conditions": said})
            self._shared.after(_TRIED_AGAIN_S, tracked, self._remove)
        else:
            gone_s = live.behaviour.removal_s
            live.remove(terminating_at=now, gone_at=now + gone_s)
            self._look(tracked)
            told_s = self._shared.draw_s(_LET_GO_AFTER_RESOURCES_S, tracked, "gone")
            self._shared.agenda.after(gone_s + told_s, lambda: self._let_go(tracked))

    def _let_go(self, tracked: Tracked) -> None:
        tracked.removing = False
        application = self._shared.at_hand(tracked)
        if application is None:
            return
        metadata = application["metadata"]
        finalizers = metadata.get("finalizers") or ()
        kept = [one for one in finalizers if not one.startswith(RESOURCES_FINALIZER)]
        self._shared.write(application, metadata=with_parts(metadata, finalizers=kept or None))
