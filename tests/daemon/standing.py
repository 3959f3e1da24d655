"""A hub and watchers of it, on one clock that is moved by hand.

The sockets between them are real, so the clock is moved on only once nothing more comes over them:
no request, no write, no turn and no line of a log for many turns of the loop. All ends of all
sockets are in this loop, and loopback delivers at once, so nothing is under way unseen.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from watcher.daemon import LogFormat, LogLevel, Settings, Times, logger, watch
from watcher.decide import Decision, Gate, State
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.controllers import Setup
from watcher.embedded_hub.http import Request
from watcher.embedded_hub.hub import EmbeddedHub
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.resources import LEASE, SECRET
from watcher.embedded_hub.scenario import (
    Scenario,
    Story,
    Tier,
    create_set,
    create_spoke,
    gate,
    plain_set,
    spoke_name,
    spoke_secret,
)
from watcher.embedded_hub.store import Event
from watcher.embedded_hub.users import ADMIN, User
from watcher.embedded_hub.workloads import Rule, takes

START = 1_800_000_000.0
ANY_PORT = ("127.0.0.1", 0)
TIERS = ("compute", "mesh", "apps")
HEAD = "apiVersion: config.gate-watcher.io/v1alpha1\nkind: GateWatcherConfiguration\n"
POLICY = HEAD + "tiers: [{name: compute}, {name: mesh}, {name: apps}]\n"

_QUIET_TURNS = 30
"""Of the loop; a request and its answer take about ten. Every test with sockets pays for them."""


def three_tiers(*rules: Rule, controllers: Setup | None = None) -> Scenario:
    """One addon in each of three tiers, healthy twenty seconds after it was synced."""

    def lay(model: Model, spokes: int) -> Story:
        for tier in TIERS:
            create_set(model, plain_set(tier, {gate(tier): "open"}))
        for number in range(spokes):
            create_spoke(model, spoke_secret(spoke_name(number), {}))
        return Story()

    return Scenario(
        name="three-tiers",
        says="",
        tiers=tuple(map(Tier, TIERS)),
        lay=lay,
        rules=(Rule(behaviour=takes(20.0)), *rules),
        controllers=controllers or Setup(),
    )


class Run:
    """One watcher, and all that it shows."""

    def __init__(self, house: House, settings: Settings) -> None:
        self.stream = io.StringIO()
        self.stop = asyncio.Event()
        self.decisions = 0
        self.decision: Decision | None = None
        self.told: Callable[[], None] = lambda: None
        """Called at each decision; what it raises, the watcher's turn raises."""
        self._house = house
        log = logger(
            self.stream, log_format=LogFormat.JSON, level=LogLevel.DEBUG, now=house.clock.now
        )
        self.task = house.tasks.create_task(
            watch(
                settings,
                times=Times(house.clock, house.clock),
                log=log,
                stop=self.stop,
                decided=self._decided,
            )
        )

    def _decided(self, decision: Decision) -> None:
        self.decisions += 1
        self.decision = decision
        self.told()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What was logged."""
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The lines that say this."""
        return [line for line in self.lines if line["event"] == event]

    def state(self, tier: str, spoke: int = 0) -> State | None:
        """The state of one gate, as last decided."""
        secret = self._house.hub.store.get(SECRET, "argocd", spoke_name(spoke))
        if self.decision is None or secret is None:
            return None
        verdict = self.decision.verdicts.get(Gate(secret["metadata"]["uid"], tier))
        return None if verdict is None else verdict.state

    def all_are(self, state: State) -> bool:
        """Whether every gate has this state."""
        verdicts = list(self.decision.verdicts.values()) if self.decision is not None else []
        return bool(verdicts) and all(each.state is state for each in verdicts)

    async def get(self, path: str) -> tuple[int, str]:
        """What the watcher's port answers."""
        (said,) = self.logged("watches")
        async with (
            aiohttp.ClientSession(said["page"]) as session,
            session.get(path) as answer,
        ):
            return answer.status, await answer.text()

    async def metric(self, series: str) -> float | None:
        """The value of one series; None where there is none."""
        _, text = await self.get("/metrics")
        found = [line for line in text.splitlines() if line.startswith(f"{series} ")]
        return float(found[0].rpartition(" ")[2]) if found else None

    async def end(self) -> None:
        """Tell it to stop, and wait until it has."""
        self.stop.set()
        await self._house.until(self.task.done)
        await self.task


class House:
    """The hub, its clock, and the files that watchers are started with."""

    def __init__(
        self, hub: EmbeddedHub, clock: HandClock, folder: Path, tasks: asyncio.TaskGroup
    ) -> None:
        self.hub = hub
        self.clock = clock
        self.tasks = tasks
        self.policy = folder / "policy.yaml"
        self.policy.write_text(POLICY + self.memory())
        self.runs: list[Run] = []
        self.opened: list[tuple[float, str, str]] = []
        """When which spoke's gate of which tier was opened, in order."""
        self.closed: list[tuple[str, str]] = []
        self._folder = folder
        self._counted = 0
        self._asked: list[Request] = []
        """The requests among the first `_counted` that have no answer yet."""
        hub.store.subscribe(self._follow)

    def memory(self, **keys: object) -> str:
        """The section of a policy by which the controllers' metrics are found, and more of it."""
        section = {"port": self.hub.metrics_port, **keys}
        return f"memory: {json.dumps(section)}\n"

    def start(
        self,
        *,
        dry_run: bool = False,
        user: User = ADMIN,
        listen: tuple[str, int] = ANY_PORT,
        pod_ip: str = "",
    ) -> Run:
        """Start a watcher as `user`."""
        kubeconfig = self._folder / f"kubeconfig-{len(self.runs)}"
        kubeconfig.write_text(self.hub.kubeconfig(user))
        run = Run(
            self,
            Settings(
                config=self.policy,
                listen=listen,
                kubeconfig=str(kubeconfig),
                dry_run=dry_run,
                pod_ip=pod_ip,
            ),
        )
        self.runs.append(run)
        return run

    def release_lease(self) -> None:
        """As a leader leaves it that ended in order: whoever comes may take it at once."""
        metadata = {"name": "gate-watcher", "namespace": "argocd"}
        spec = {"holderIdentity": "", "leaseDurationSeconds": 1}
        self.hub.store.create(LEASE, {"metadata": metadata, "spec": spec})

    def patches(self) -> list[str]:
        """The Secrets that anybody asked to patch, in order."""
        asked = [one for one in self.hub.api.requests if one.verb == "patch"]
        return [str(one.name) for one in asked if one.resource is SECRET]

    def label(self, spoke: int, **tiers: str | None) -> None:
        """Somebody writes gate labels of a spoke; None takes one away."""
        labels = {gate(tier): value for tier, value in tiers.items()}
        self.hub.store.patch(SECRET, "argocd", spoke_name(spoke), {"metadata": {"labels": labels}})

    async def until(self, ready: Callable[[], bool], *, within_s: float = 900.0) -> None:
        """Let everything go on until `ready`; fails once so much of the hub's time has passed."""
        ends_at = self.clock.now() + within_s
        while not ready():
            await self._quiet(ready)
            if ready():
                return
            wakes_at = self.clock.next_wake_at()
            if wakes_at is None or wakes_at > ends_at:
                raise AssertionError(f"not within {within_s:g} s of the hub's time")
            await self.clock.advance(max(0.0, wakes_at - self.clock.now()))

    async def pass_s(self, seconds: float) -> None:
        """Let so much of the hub's time pass."""
        ends_at = self.clock.now() + seconds
        async with asyncio.TaskGroup() as group:
            group.create_task(self.clock.sleep(seconds))
            await self.until(lambda: self.clock.now() >= ends_at, within_s=seconds + 1.0)

    async def _quiet(self, ready: Callable[[], bool]) -> None:
        before, turns = self._activity(), 0
        while turns < _QUIET_TURNS:
            await _turn_of_the_loop()
            now = self._activity()
            if now == before:
                turns += 1
                continue
            if ready():  # it may be dear, and changes with what goes on only
                return
            before, turns = now, 0

    def _activity(self) -> tuple[int, ...]:
        self._asked += self.hub.api.requests[self._counted :]
        self._counted = len(self.hub.api.requests)
        self._asked = [one for one in self._asked if one.status is None]
        return (
            self._counted,
            len(self._asked),
            len(self.hub.metrics.asked),
            self.hub.store.revision,
            sum(run.decisions for run in self.runs),
            sum(run.stream.tell() for run in self.runs),
            sum(run.task.done() for run in self.runs),
        )

    def _follow(self, event: Event) -> None:
        if event.resource is not SECRET or event.before is None:
            return
        name = event.object["metadata"]["name"]
        before, after = _gates(event.before), _gates(event.object)
        self.opened += [(self.clock.now(), name, tier) for tier in after if tier not in before]
        self.closed += [(name, tier) for tier in before if tier not in after]


@asynccontextmanager
async def standing(
    folder: Path, *, spokes: int = 2, scenario: Scenario | None = None, released: bool = True
) -> AsyncIterator[House]:
    """A hub that stands while a test runs; its judge has nothing to say at the end.

    `released`: whether a lease is there that anybody may take at once.
    """
    clock = HandClock(START)
    async with (
        EmbeddedHub(scenario or three_tiers(), spokes=spokes, clock=clock) as hub,
        asyncio.TaskGroup() as tasks,
    ):
        house = House(hub, clock, folder, tasks)
        if released:
            house.release_lease()
        try:
            yield house
        finally:
            for run in house.runs:
                if not run.task.done():
                    await run.end()
        assert hub.judge.violations == []


def _gates(secret: Mapping[str, Any]) -> set[str]:
    labels = secret["metadata"].get("labels") or {}
    return {tier for tier in TIERS if labels.get(gate(tier)) == "open"}


async def _turn_of_the_loop() -> None:
    loop = asyncio.get_running_loop()
    turned = loop.create_future()
    loop.call_soon(turned.set_result, None)
    await turned
