"""Is a real controller with a real memory limit never killed, and does one that is come back?

The hub's controller must be a Pod with a memory limit that really kills, and `--kill-controller` a
command that ends its process once. With every gate closed the first of these tests runs, with every
gate open and the controller in its kill loop the second.

Says what it saw: how many spokes settled, and what the restart took.
"""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.realhub.conftest import TIERS, RealHub
from tests.realhub.program import Running, policy, running

pytestmark = pytest.mark.realhub
WITHIN_S, QUIET_S = 2400.0, 150.0
"""An idle controller collects every two minutes, and until then its shard may look full."""


async def test_a_fleet_fills_the_controller_without_a_kill_and_it_can_start_again(
    real_hub: RealHub, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    pod, command = await _limited(real_hub), request.config.getoption("--kill-controller")
    secrets = await real_hub.secrets()
    if command is None or any(_open(meta) for meta in secrets.values()):
        pytest.skip("needs --kill-controller, and cluster Secrets with every gate closed")
    before = _status(pod).restart_count
    file = policy(tmp_path, TIERS, soak="10s", memory=_memory(pod))
    async with asyncio.timeout(WITHIN_S), running(file, real_hub.kubeconfig) as watcher:
        await watcher.until(lambda it: bool(_settled(it)))
        await watcher.until_quiet(QUIET_S)
        settled = _settled(watcher)
        _say(request, f"{len(settled)} of {len(secrets)} spokes settled")
        assert _status(await real_hub.controller()).restart_count == before, "it was killed"
        begun = [name for name, meta in (await real_hub.secrets()).items() if _open(meta)]
        assert sorted(begun) == sorted(settled), "a begun spoke was not finished"
        await _killed(command)
        await _healthy_again(real_hub, before + 1)


async def test_a_controller_in_its_kill_loop_comes_back_and_nothing_is_deleted(
    real_hub: RealHub, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    pod, secrets = await _limited(real_hub), await real_hub.secrets()
    ended = _status(pod).last_state.terminated
    if ended is None or ended.reason != "OOMKilled" or not all(map(_open, secrets.values())):
        pytest.skip("needs a controller in its kill loop, with every gate open")
    before = {app["metadata"]["uid"] for app in await real_hub.applications()}
    file = policy(tmp_path, TIERS, soak="10s", memory=_memory(pod), recovery="park")
    async with asyncio.timeout(WITHIN_S), running(file, real_hub.kubeconfig) as watcher:
        await watcher.until(lambda it: bool(_settled(it)))
        await watcher.until_quiet(QUIET_S)
        restarts = _status(await real_hub.controller()).restart_count
        settled = len(_settled(watcher))
        _say(request, f"{settled} of {len(secrets)} spokes settled, {restarts} restarts")
    after = {app["metadata"]["uid"] for app in await real_hub.applications()}
    assert before <= after, "an Application was deleted"
    assert _status(await real_hub.controller()).state.running is not None


def _say(request: pytest.FixtureRequest, what: str) -> None:
    request.config.get_terminal_writer().line(f"\n{what}")


def _status(pod: Any) -> Any:
    return pod.status.container_statuses[0]


def _memory(pod: Any) -> dict[str, object]:
    (port,) = pod.spec.containers[0].ports
    return {"port": port.container_port, "scrapeEvery": "2s"}


def _open(meta: Any) -> bool:
    return any(key.startswith("gate-watcher.io/") for key in meta.labels or {})


def _settled(watcher: Running) -> list[str]:
    return [spoke for spoke in {spoke for spoke, _ in watcher.states} if _done(watcher, spoke)]


def _done(watcher: Running, spoke: str) -> bool:
    return all(watcher.states.get((spoke, tier)) == "Settled" for tier in TIERS)


async def _limited(hub: RealHub) -> Any:
    pod = await hub.controller()
    resources = pod.spec.containers[0].resources
    if not (resources and resources.limits and "memory" in resources.limits):
        pytest.skip("the hub's application controller has no memory limit")
    return pod


async def _killed(command: str) -> None:
    process = await asyncio.create_subprocess_exec(*shlex.split(command))
    assert await process.wait() == 0


async def _healthy_again(hub: RealHub, restarts: int) -> None:
    """Started once, it stays up, and every Application is compared anew and as it was."""
    while (status := _status(await hub.controller())).restart_count < restarts or not status.ready:
        await _a_moment()
    started_at = status.state.running.started_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    while not all(_healthy(app, started_at) for app in await hub.applications()):
        await _a_moment()
    assert _status(await hub.controller()).restart_count == restarts, "it did not stay up"


async def _a_moment() -> None:
    """A real hub tells nobody when it has come to rest, so it is asked again."""
    try:
        async with asyncio.timeout(1.0):
            await asyncio.Event().wait()
    except TimeoutError:
        return


def _healthy(app: dict[str, Any], since: str) -> bool:
    status = app.get("status", {})
    health: str = status.get("health", {}).get("status", "")
    reconciled_at: str = status.get("reconciledAt", "")
    return health == "Healthy" and reconciled_at >= since
