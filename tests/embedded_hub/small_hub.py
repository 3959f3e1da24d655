"""A hub without HTTP, on a clock moved by hand, and a record of what its Applications showed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, SECRET
from watcher.embedded_hub.scenario import gate, plain_set, spoke_secret
from watcher.embedded_hub.store import Event
from watcher.embedded_hub.workloads import Behaviour, Rule

START = 1_800_000_000.0


class Look(NamedTuple):
    """What the watcher could see of an Application at one moment."""

    operation: bool
    phase: str | None
    finished: bool
    retries: int | None
    sync: str
    health: str | None
    reconciled: bool
    history: int
    conditions: tuple[str, ...]
    deleting: bool


def look(application: Mapping[str, Any]) -> Look:
    status = application.get("status") or {}
    state = status.get("operationState") or {}
    return Look(
        operation="operation" in application,
        phase=state.get("phase"),
        finished="finishedAt" in state,
        retries=state.get("retryCount"),
        sync=(status.get("sync") or {}).get("status", ""),
        health=(status.get("health") or {}).get("status"),
        reconciled="reconciledAt" in status,
        history=len(status.get("history") or ()),
        conditions=tuple(one["type"] for one in status.get("conditions") or ()),
        deleting="deletionTimestamp" in application["metadata"],
    )


def distinct(looks: list[Look]) -> tuple[Look, ...]:
    """One after the other, each that differs from the one before."""
    return tuple(one for at, one in enumerate(looks) if at == 0 or one != looks[at - 1])


class SmallHub(Model):
    """A model on a hand-moved clock that remembers every state of every Application."""

    clock: HandClock

    def __init__(self, *, seed: int = 0, **behaviours: Behaviour) -> None:
        rules = [Rule(addon=f"addon-{name}", behaviour=one) for name, one in behaviours.items()]
        super().__init__(HandClock(START), seed=seed, rules=rules)
        self.states: dict[str, list[Object]] = {}
        self.store.subscribe(self._remember)

    def _remember(self, event: Event) -> None:
        if event.resource is APPLICATION:
            self.states.setdefault(event.object["metadata"]["name"], []).append(event.object)

    def looks(self, name: str) -> tuple[Look, ...]:
        return distinct([look(state) for state in self.states[name]])

    def application(self, name: str) -> Object:
        found = self.store.get(APPLICATION, self.namespace, name)
        assert found is not None, f"{name} is not there"
        return found

    def names(self) -> list[str]:
        return [one["metadata"]["name"] for one in self.store.list(APPLICATION)]

    def add_set(self, addon: str, *, tier: str = "tier-a", **spec: Any) -> Object:
        wanted = plain_set(addon, {gate(tier): "open"}, **spec)
        return self.store.create(APPLICATION_SET, wanted)

    def change_set(self, addon: str, merge: Mapping[str, Any]) -> None:
        self.store.patch(APPLICATION_SET, self.namespace, f"addon-{addon}", merge)

    def add_spoke(self, name: str = "a", *open_tiers: str, **labels: str) -> None:
        gates = {gate(tier): "open" for tier in open_tiers}
        self.store.create(SECRET, spoke_secret(name, {**gates, **labels}))

    def label(self, spoke: str, *, manager: str = "", **tiers: str | None) -> None:
        labels = {gate(tier.replace("_", "-")): value for tier, value in tiers.items()}
        patch = {"metadata": {"labels": labels}}
        self.store.patch(SECRET, self.namespace, spoke, patch, manager=manager)

    def annotate_spoke(self, spoke: str, key: str, value: str | None) -> None:
        patch = {"metadata": {"annotations": {key: value}}}
        self.store.patch(SECRET, self.namespace, spoke, patch)

    def annotate(self, application: str, key: str, value: str | None) -> None:
        patch = {"metadata": {"annotations": {key: value}}}
        self.store.patch(APPLICATION, self.namespace, application, patch)

    async def until(self, ready: Callable[[], bool], *, within_s: float, step_s: float) -> float:
        """Move on until `ready`; the answer is how long that took."""
        passed_s = 0.0
        while not ready():
            assert passed_s < within_s, f"not within {within_s:g} s"
            await self.clock.advance(step_s)
            passed_s += step_s
        return passed_s


@asynccontextmanager
async def small_hub(*, seed: int = 0, **behaviours: Behaviour) -> AsyncIterator[SmallHub]:
    hub = SmallHub(seed=seed, **behaviours)
    hub.start()
    try:
        yield hub
    finally:
        await hub.stop()
    assert hub.judge.violations == []
