"""What is a hub, but for its HTTP?

The store, and around it all that moves by itself: Argo CD's two controllers, the spokes' workloads,
and the judge who looks on. Nothing here knows a socket; hub.py puts one in front.

Elsewhere: how many application controllers there are, what each may take, and whether it is up
(controllers.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from watcher.embedded_hub.agenda import Agenda
from watcher.embedded_hub.application_sets import ApplicationSets
from watcher.embedded_hub.applications import Applications
from watcher.embedded_hub.chance import Chance
from watcher.embedded_hub.clock import Clock
from watcher.embedded_hub.controller import Shared
from watcher.embedded_hub.controllers import Controllers, Setup
from watcher.embedded_hub.judge import Judge
from watcher.embedded_hub.repository import Commits
from watcher.embedded_hub.resources import APP_PROJECT
from watcher.embedded_hub.spokes import Spokes
from watcher.embedded_hub.store import Store
from watcher.embedded_hub.workloads import Rule, Workloads


class Model:
    """A hub that runs on `clock`. The same seed and the same doings give the same run."""

    def __init__(
        self,
        clock: Clock,
        *,
        seed: int = 0,
        rules: Iterable[Rule] = (),
        namespace: str = "argocd",
        prefix: str = "gate-watcher.io/",
        controllers: Setup = Setup(),  # noqa: B008  # it is frozen
    ) -> None:
        self.clock = clock
        self.namespace = namespace
        self.store = Store(clock, seed=seed)
        self.agenda = Agenda(clock)
        self.chance = Chance(seed)
        self.spokes = Spokes(self.store, namespace)
        self.workloads = Workloads(self.chance, rules)
        self.commits = Commits(seed)
        self.application_sets = ApplicationSets(self.store, self.agenda, self.chance, self.spokes)
        self.controllers = Controllers(
            self.store, self.agenda, self.chance, self.spokes, controllers
        )
        self.shared = Shared(
            store=self.store,
            agenda=self.agenda,
            chance=self.chance,
            spokes=self.spokes,
            workloads=self.workloads,
            commits=self.commits,
            controllers=self.controllers,
        )
        self.applications = Applications(self.shared)
        self.judge = Judge(self.store, self.application_sets, prefix=prefix)
        self.store.create(APP_PROJECT, {"metadata": {"name": "default", "namespace": namespace}})

    def start(self) -> None:
        """Let things happen. Needs a running loop."""
        self.agenda.start()

    async def stop(self) -> None:
        """End. Raises what went wrong in this room while it ran."""
        await self.agenda.stop()
        if self.agenda.failures:
            raise ExceptionGroup("the embedded hub failed", self.agenda.failures)
