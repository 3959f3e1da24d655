"""What do the workers of Argo CD's application controller share?

Its way to the store, to the clock and to the spokes, and what it remembers of one Application
between two looks at it.

Facts (Argo CD, controller/appcontroller.go, canProcessApp): an Application is left alone, its
deletion too, while it or its spoke's Secret says `skip-reconcile`; what is queued meanwhile is
dropped, and nothing brings it back but the next event or resync. So it is while the controller that
has the spoke is down.

Elsewhere: which controller that is, and how long things take it (controllers.py); comparing
(applications.py), operations (operations.py), the spoke (live.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from watcher.embedded_hub.agenda import Agenda
from watcher.embedded_hub.chance import Chance
from watcher.embedded_hub.controllers import LOAD_S, Controllers
from watcher.embedded_hub.heap import Work
from watcher.embedded_hub.live import Live
from watcher.embedded_hub.objects import Object, with_parts
from watcher.embedded_hub.parts import NOTHING, part
from watcher.embedded_hub.repository import Commits, Content
from watcher.embedded_hub.resources import APPLICATION
from watcher.embedded_hub.spokes import SKIP_RECONCILE, DestinationError, Spoke, Spokes, truthy
from watcher.embedded_hub.store import Store
from watcher.embedded_hub.workloads import Workloads

USER = "system:serviceaccount:argocd:argocd-application-controller"
MANAGER = "argocd-application-controller"


@dataclass(slots=True)
class Tracked:
    """One Application, as the controller remembers it."""

    uid: str
    namespace: str
    name: str
    live: Live
    wanted: Content | None = None
    """What its sources rendered to when they were last resolved."""
    level: int = 0
    """How thorough the refresh is that waits; 0: none does."""
    queued: bool = False
    comparing: bool = False
    operating: bool = False
    """An operation is being carried out, or waits for its next attempt."""
    removing: bool = False
    looks_at: float | None = None
    """When the next change on the spoke will be seen."""
    draws: int = 0


class Shared:
    """What every worker is handed."""

    def __init__(
        self,
        *,
        store: Store,
        agenda: Agenda,
        chance: Chance,
        spokes: Spokes,
        workloads: Workloads,
        commits: Commits,
        controllers: Controllers,
    ) -> None:
        self.store = store
        self.agenda = agenda
        self.spokes = spokes
        self.workloads = workloads
        self.commits = commits
        self.controllers = controllers
        self.paused = False
        """All of them are down, whatever their Pods say."""
        self.window_open = True
        """Whether the project's sync windows let anything be synced."""
        self._chance = chance

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.agenda.clock.now()

    def application(self, tracked: Tracked) -> Object | None:
        """The Application as it is now; None where it is gone, or is another by now."""
        found = self.store.get(APPLICATION, tracked.namespace, tracked.name)
        return found if found is not None and found["metadata"]["uid"] == tracked.uid else None

    def at_hand(self, tracked: Tracked) -> Object | None:
        """The same, and None also where the controller must leave it alone."""
        application = self.application(tracked)
        if application is None or self.paused:
            return None
        annotations = part(application, "metadata", "annotations")
        spoke = self.spoke(application)
        left_alone = truthy(annotations.get(SKIP_RECONCILE)) or (spoke is not None and spoke.parked)
        if left_alone or not self.controllers.attended(spoke):
            return None
        return application

    def spoke(self, application: Object) -> Spoke | None:
        """Where it goes; None where its destination means no spoke."""
        try:
            return self.spokes.resolved(part(application, "spec", "destination"))
        except DestinationError:
            return None

    def reachable(self, application: Object) -> bool:
        """Whether its spoke's API server answers."""
        spoke = self.spoke(application)
        return spoke is not None and spoke.name not in self.workloads.unreachable

    def run(
        self, work: Work, application: Object, tracked: Tracked, act: Callable[[], None]
    ) -> None:
        """Call `act` when the controller has done `work` for it, or cannot any more."""

        def load_s() -> float:
            return self.draw_s(LOAD_S, tracked, "load")

        self.controllers.run(self.spoke(application), work, act, load_s=load_s)

    def write(
        self, application: Object, status: Mapping[str, Any] = NOTHING, **others: Any
    ) -> None:
        """Set these members of its status, and these parts of it; None takes one away.

        `application` is as the store has it now: the status and the operation are parts of the
        object like any other, for the CRD has no subresource.
        """
        merged = with_parts(part(application, "status"), **status)
        after = with_parts(application, **{"status": merged, **others})
        self.store.replace(APPLICATION, after, manager=MANAGER, user=USER)

    def draw_s(self, span: tuple[float, float], tracked: Tracked, what: str) -> float:
        """How long `what` takes this time."""
        tracked.draws += 1
        return self._chance.between(*span, what, tracked.namespace, tracked.name, tracked.draws)

    def after(
        self, span: tuple[float, float], tracked: Tracked, act: Callable[[Tracked], None]
    ) -> None:
        """Call `act` for it after a time drawn from `span`."""
        self.agenda.after(self.draw_s(span, tracked, act.__name__), lambda: act(tracked))
