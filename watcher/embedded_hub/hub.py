"""How is a hub had in one process?

    async with EmbeddedHub(SCENARIOS["fleet"], spokes=20, seed=7, clock=RunningClock(60)) as hub:
        ...  # hub.url, hub.kubeconfig(), hub.store, hub.workloads, hub.controllers, hub.judge

A model of Argo CD and its spokes (model.py) with the Kubernetes API in front of it (http.py), and a
story that is told on it (scenarios.py). With a clock that is moved by hand the same seed tells the
same story each time, but for what comes in over HTTP.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from watcher.embedded_hub.clock import Clock
from watcher.embedded_hub.http import EmbeddedApi
from watcher.embedded_hub.metrics_server import MetricsServer
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.parts import part
from watcher.embedded_hub.resources import APPLICATION
from watcher.embedded_hub.scenario import PREFIX, Scenario, Story
from watcher.embedded_hub.users import ADMIN, User


class EmbeddedHub(Model):
    """A hub that can be reached. Ends by raising whatever went wrong in its own rooms."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        spokes: int,
        clock: Clock,
        seed: int = 0,
        wire: Clock | None = None,
        controllers_at_most: int = 1,
    ) -> None:
        """`wire`: what the streams to clients live by, where that is not the hub's clock.
        `controllers_at_most`: how many may be scaled to, where that is more than there are.
        """
        setup = scenario.controllers.of(spokes)
        super().__init__(clock, seed=seed, rules=scenario.rules, controllers=setup)
        self.scenario = scenario
        self.api = EmbeddedApi(self.store, clock, wire=wire)
        self.judge.requests = self.api.requests
        addresses = max(setup.replicas, controllers_at_most)
        self.metrics = MetricsServer(self, wire=wire or clock, addresses=addresses)
        self.application_sets.files = scenario.files
        self._spokes_at_start = spokes
        self._story = Story(over=False)

    @property
    def url(self) -> str:
        """Where it is; empty before the start."""
        return self.api.url

    def kubeconfig(self, user: User = ADMIN) -> str:
        """A kubeconfig for `user`, as YAML."""
        return self.api.kubeconfig(user, self.namespace)

    @property
    def metrics_port(self) -> int:
        """Where each controller serves its metrics, at its Pod's IP; 0 before the start."""
        return self.metrics.port

    @property
    def story_over(self) -> bool:
        """Whether the scenario will do nothing more to the hub."""
        return self._story.over

    async def open(self, port: int = 0) -> None:
        """Lay the scenario out and serve; port 0 takes a free one."""
        self._story = self.scenario.lay(self, self._spokes_at_start)
        self.start()
        await self.metrics.start()
        await self.api.start(port=port)

    async def close(self) -> None:
        """Stop serving, and everything else."""
        await self.metrics.stop()
        await self.api.stop()
        await self.stop()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def settled_spokes(self) -> list[str]:
        """The names of the spokes with an open gate all of whose Applications are well.

        As somebody looks at it from outside: each is Synced and Healthy, and no operation is there.
        """
        unwell: set[str] = set()
        for application in self.store.list(APPLICATION, self.namespace):
            spoke = self.shared.spoke(application)
            if spoke is not None and not _well(application):
                unwell.add(spoke.uid)
        return [
            spoke.name
            for spoke in self.spokes.all()
            if spoke.uid not in unwell and any(key.startswith(PREFIX) for key in spoke.labels)
        ]


def _well(application: dict[str, Any]) -> bool:
    synced = part(application, "status", "sync").get("status") == "Synced"
    healthy = part(application, "status", "health").get("status") == "Healthy"
    return synced and healthy and "operation" not in application
