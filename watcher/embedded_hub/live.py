"""What of one Application stands on its spoke at some moment, as the controller sees it?

Everything here is a question with an instant in it: nothing happens by itself, and so a moment that
is looked at twice is the same twice.

Facts (Argo CD, controller/health.go, gitops-engine/pkg/sync; recorded in tests/captured/streams):
- Health is that of the worst resource that has one and is there; what is not there yet is passed
  over, so an Application is Healthy while its ConfigMaps are there and its Deployment is not.
- With none of its resources there it is Missing; a resource that is being deleted is Progressing.
- It is Synced when every resource is there and as it should be.
- The controller sees a change on the spoke some 20 to 400 ms after it was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from watcher.embedded_hub.repository import Content
from watcher.embedded_hub.workloads import Behaviour

NEVER = float("inf")

SyncStatus: TypeAlias = Literal["Synced", "OutOfSync", "Unknown"]


@dataclass(frozen=True, slots=True)
class ResourceId:
    """One resource on the spoke."""

    group: str
    kind: str
    name: str


UNKNOWN_KIND = ResourceId("example.invalid", "NoSuchKind", "x")
"""What an addon that fails to sync wants, and no spoke has."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the controller sees at one moment."""

    resources: tuple[tuple[ResourceId, SyncStatus], ...]
    sync: SyncStatus
    health: str
    hook: bool
    """Its hook has been started and is there."""


@dataclass(slots=True)
class Live:
    """The resources of one Application on its spoke; instants are when the controller sees it."""

    addon: str
    behaviour: Behaviour
    content: Content | None = None
    """What was applied last."""
    config_maps_at: float = NEVER
    deployment_at: float = NEVER
    content_at: float = NEVER
    """When what was applied last is seen."""
    rolled_out_at: float = NEVER
    hook_at: float = NEVER
    terminating_at: float = NEVER
    config_maps_gone_at: float = NEVER
    gone_at: float = NEVER
    _content_before: Content | None = None
    _rolled_out_before_at: float = NEVER

    def ids(self) -> tuple[ResourceId, ...]:
        """Every resource that there should be, hooks aside."""
        if self.behaviour.sync_error:
            return (UNKNOWN_KIND,)
        maps = [
            ResourceId("", "ConfigMap", f"{self.addon}-{at}")
            for at in range(self.behaviour.config_maps)
        ]
        deployment = [ResourceId("apps", "Deployment", self.addon)]
        return (*maps, *(deployment if self.behaviour.deployment else ()))

    def apply(self, content: Content, *, first_at: float, last_at: float) -> None:
        """A sync applies `content`; its first resource is seen at `first_at`, all at `last_at`."""
        before = self.content
        if content == before:
            return
        if before is None:
            self.config_maps_at, self.deployment_at = first_at, last_at
        if before is None or content[:2] != before[:2]:
            self._rolled_out_before_at = self.rolled_out_at
            self.rolled_out_at = last_at
        self._content_before = before or content
        self.content, self.content_at = content, last_at

    def remove(self, *, terminating_at: float, gone_at: float) -> None:
        """Everything is deleted; ConfigMaps go sooner than what waits for its Pods."""
        self.terminating_at = terminating_at
        self.config_maps_gone_at = terminating_at + (gone_at - terminating_at) * 0.75
        self.gone_at = gone_at

    def stands(self, at: float) -> bool:
        """Whether anything is there."""
        return self.config_maps_at <= at < self.gone_at

    def seen(self, at: float, wanted: Content | None) -> Seen:
        """What is seen at `at`, where `wanted` is the content that should be there."""
        content = self.content if self.content_at <= at else self._content_before
        current: SyncStatus = "Synced" if content == wanted else "OutOfSync"
        rows = [(one, current if self._has(one, at) else "OutOfSync") for one in self.ids()]
        synced = all(status == "Synced" for _, status in rows)
        return Seen(
            resources=tuple(rows),
            sync="Synced" if synced else "OutOfSync",
            health=self.health(at),
            hook=self.hook_at <= at,
        )

    def health(self, at: float) -> str:
        """The health of all that is there."""
        there = [one for one in self.ids() if self._has(one, at)]
        if not there:
            return "Missing" if self.ids() else "Healthy"
        if at >= self.terminating_at:
            return "Progressing"
        if all(one.kind != "Deployment" for one in there):
            return "Healthy"
        return self.behaviour.health_at(at - self._rollout_at(at))

    def _rollout_at(self, at: float) -> float:
        """When what runs at `at` was rolled out."""
        return self.rolled_out_at if self.rolled_out_at <= at else self._rolled_out_before_at

    def next_change_at(self, at: float) -> float | None:
        """The next moment at which something else is seen; None when there is none."""
        moments = [
            self.config_maps_at, self.deployment_at, self.content_at, self.hook_at,
            self.terminating_at, self.config_maps_gone_at, self.gone_at,
        ]  # fmt: skip
        rollout_at = self._rollout_at(at)
        if rollout_at <= at < self.terminating_at and self.behaviour.deployment:
            phase_s = self.behaviour.next_phase_s(at - rollout_at)
            moments.append(NEVER if phase_s is None else rollout_at + phase_s)
        return min((moment for moment in moments if at < moment < NEVER), default=None)

    def _has(self, one: ResourceId, at: float) -> bool:
        if one == UNKNOWN_KIND:
            return False
        if one.kind == "ConfigMap":
            return self.config_maps_at <= at < self.config_maps_gone_at
        return self.deployment_at <= at < self.gone_at
