"""Does each alert fire in a real Prometheus, when what it is for really happens?

Takes some minutes of real time, so it runs only when it is asked for:
`tests/run prometheus --live`.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.daemon.standing import HEAD
from tests.prometheus.running import Prometheus, prometheus
from tests.prometheus.test_alerts import NAMED
from watcher.daemon import LogFormat, LogLevel, Settings, Times, logger, watch
from watcher.daemon.clock import SystemClock
from watcher.embedded_hub.clock import RunningClock
from watcher.embedded_hub.controllers import Setup
from watcher.embedded_hub.errors import forbidden
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
from watcher.embedded_hub.store import Write
from watcher.embedded_hub.workloads import Rule, never_healthy, takes

SPOKES = 6
PARKED = {
    "argocd.argoproj.io/skip-reconcile": "true",
    "gate-watcher.io/parked": "2027-01-15T07:59:00Z",
}
TIMES = "soak: 2s, deadline: 8s"
TIERS = f"tiers: [{{name: compute, {TIMES}}}, {{name: mesh, {TIMES}}}]"


def _lay(model: Model, spokes: int) -> Story:
    for tier in ("compute", "mesh"):
        create_set(model, plain_set(tier, {gate(tier): "open"}))
    for number in range(spokes):
        create_spoke(model, spoke_secret(spoke_name(number), {}))
    return Story()


SCENARIO = Scenario(
    name="alerts",
    says="",
    tiers=(Tier("compute"), Tier("mesh")),
    lay=_lay,
    rules=(
        Rule(behaviour=takes(1.0)),
        Rule(addon="addon-mesh", behaviour=never_healthy()),
        Rule(addon="addon-late", behaviour=takes(30.0)),
    ),
    controllers=Setup(),
)


class Live:
    """A hub and a watcher of it in real time."""

    def __init__(self, hub: EmbeddedHub, folder: Path) -> None:
        self.hub = hub
        self.stop = asyncio.Event()
        self.served: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.policy = folder / "policy.yaml"
        self.kubeconfig = folder / "kubeconfig"
        self.kubeconfig.write_text(hub.kubeconfig())
        self.rule()
        hub.store.create(
            LEASE,
            {
                "metadata": {"name": "gate-watcher", "namespace": "argocd"},
                "spec": {"holderIdentity": "", "leaseDurationSeconds": 1},
            },
        )

    def rule(self, **memory: object) -> None:
        """Write the policy, with this about memory."""
        section = {
            "port": self.hub.metrics_port,
            "staleAfter": "10s",
            "scrapeEvery": "2s",
            **memory,
        }
        pacing = "pacing: {withoutLimit: 20}"
        self.policy.write_text(f"{HEAD}{TIERS}\n{pacing}\nmemory: {json.dumps(section)}\n")

    async def watch(self) -> None:
        """Run the watcher until `stop`."""
        clock = SystemClock()
        log = logger(io.StringIO(), log_format=LogFormat.JSON, level=LogLevel.INFO, now=clock.now)
        await watch(
            Settings(config=self.policy, listen=("127.0.0.1", 0), kubeconfig=str(self.kubeconfig)),
            times=Times(clock, clock),
            log=log,
            stop=self.stop,
            decided=lambda _: None,
            served=self.served.set_result,
        )

    def annotate(self, spoke: int, annotations: Mapping[str, str]) -> None:
        """Somebody writes annotations of a spoke."""
        changed = {"metadata": {"annotations": dict(annotations)}}
        self.hub.store.patch(SECRET, "argocd", spoke_name(spoke), changed)

    def label(self, spoke: int, value: str | None) -> None:
        """Somebody writes the label of the first gate."""
        labels = {gate("compute"): value}
        self.hub.store.patch(SECRET, "argocd", spoke_name(spoke), {"metadata": {"labels": labels}})


@asynccontextmanager
async def live(folder: Path) -> AsyncIterator[Live]:
    async with (
        EmbeddedHub(SCENARIO, spokes=SPOKES, clock=RunningClock()) as hub,
        asyncio.TaskGroup() as tasks,
    ):
        house = Live(hub, folder)
        running = tasks.create_task(house.watch())
        try:
            yield house
        finally:
            house.stop.set()
            await running


async def test_every_alert_fires_for_real(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--live"):
        pytest.skip("takes minutes: tests/run prometheus --live")
    async with live(tmp_path) as house:
        url = await house.served
        async with prometheus(tmp_path, url.removeprefix("http://")) as seen:
            await everything_goes_wrong(house, seen)
    said = [text for each in seen.fired.values() for text in each.values()]
    assert set(NAMED) - seen.fired.keys() == set()
    assert [text for text in said if "<no value>" in text or "<error" in text] == []


async def everything_goes_wrong(house: Live, seen: Prometheus) -> None:
    """One after the other, and each is waited for."""
    await seen.fires("GuardMissing", "TierStalled", within_s=60)

    house.label(0, None)
    await seen.fires("GateLost", within_s=30)

    create_set(house.hub, plain_set("late", {gate("compute"): "open"}))
    await seen.fires("UngatedRush", within_s=30)

    house.annotate(1, {"gate-watcher.io/teardown": "mesh"})
    house.annotate(2, PARKED)
    await seen.fires("HeldTooLong", "SpokeParkedTooLong", within_s=30)

    house.hub.store.admit.append(refuse)
    for number in range(SPOKES, 2 * SPOKES):
        create_spoke(house.hub, spoke_secret(spoke_name(number), {}))
    await seen.fires("PatchErrors", "GateBlocked", within_s=60)
    house.hub.store.admit.remove(refuse)

    house.rule(limit="100Mi")
    await seen.fires("ShardMemoryHigh", within_s=60)
    house.hub.controllers.all[0].heap.killed_at = SystemClock().now()
    await seen.fires("ShardKilled", within_s=60)

    house.rule(limit="100Mi", port=1)
    await seen.fires("MemoryDataStale", within_s=60)
    house.hub.controllers.scale(0)
    await seen.fires("AdmissionStopped", within_s=60)
    house.policy.write_text("tiers: 7\n")
    await seen.fires("ConfigReloadFailed", within_s=30)

    await house.hub.api.go_away()
    await seen.fires("NoLeader", "WatchStale", within_s=120)

    house.stop.set()
    await seen.fires("Down", within_s=30)


def refuse(write: Write) -> None:
    """A policy of the hub's that lets the watcher write no Secret."""
    if write.resource is SECRET and write.manager == "gate-watcher":
        raise forbidden(SECRET, write.name, "a policy says no")
