"""Do gates open in order on a real hub, and does its Argo CD delete nothing by it?"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.realhub.conftest import NAMESPACE, TIERS, RealHub
from tests.realhub.program import Running, policy, running
from watcher.facts import instant

pytestmark = pytest.mark.realhub
SOAK_S = 3.0
WITHIN_S = 900.0


async def test_gates_open_in_order_a_kill_changes_nothing_and_a_lost_label_comes_back(
    real_hub: RealHub, tmp_path: Path
) -> None:
    spokes = await _closed_spokes(real_hub)
    await real_hub.controller()
    file = policy(tmp_path, TIERS, soak=f"{SOAK_S:.0f}s", budgets={"spokesInProgress": 4})
    async with asyncio.timeout(WITHIN_S):
        async with running(file, real_hub.kubeconfig) as first:
            await first.until(lambda it: len(_settled(it)) >= len(spokes))
            first.process.kill()
        at_kill, uids = await _opened(real_hub), await _uids(real_hub)
        async with running(file, real_hub.kubeconfig) as second:
            await second.until(lambda it: all_finished(it, spokes))
            opened = await _opened(real_hub)
            await _lose(real_hub, second, (spokes[0], TIERS[-1]))
    for spoke, times in at_kill.items():
        assert times.items() <= opened[spoke].items(), "a gate was opened twice"
    for spoke, times in opened.items():
        assert list(times) and sorted(times, key=times.__getitem__) == _in_order(times), spoke
    _each_tier_after_the_one_before(opened, await real_hub.applications(), but=spokes[0])
    kept = {uid for uid, name in uids.items() if not name.startswith(f"{spokes[0]}-")}
    assert kept <= (await _uids(real_hub)).keys(), "an Application was deleted"


def all_finished(it: Running, spokes: list[str]) -> bool:
    """Every spoke's last gate has settled, and so all before it. What settles while nobody leads is
    in no log: the first was killed before it opened any of these.
    """
    return all(it.states.get((spoke, TIERS[-1])) == "Settled" for spoke in spokes)


def _settled(it: Running) -> list[tuple[str, str]]:
    return [gate for gate, state in it.states.items() if state == "Settled"]


async def _closed_spokes(hub: RealHub) -> list[str]:
    secrets = await hub.secrets()
    closed = [
        name
        for name, meta in secrets.items()
        if not any(key.startswith("gate-watcher.io/") for key in meta.labels or {})
    ]
    if not closed or len(closed) != len(secrets):
        pytest.skip(
            f"the hub's namespace {NAMESPACE} has {len(secrets)} cluster Secrets, {len(closed)} "
            "of them with every gate closed; all must be, and at least one"
        )
    return sorted(closed)


async def _opened(hub: RealHub) -> dict[str, dict[str, str]]:
    return {
        spoke: json.loads((meta.annotations or {}).get("gate-watcher.io/opened", "{}"))
        for spoke, meta in (await hub.secrets()).items()
    }


async def _uids(hub: RealHub) -> dict[str, str]:
    return {each["metadata"]["uid"]: each["metadata"]["name"] for each in await hub.applications()}


async def _lose(hub: RealHub, watcher: Running, gate: tuple[str, str]) -> None:
    """Someone removes an open gate's label: Argo CD deletes at once, and it all comes back."""
    spoke, tier = gate
    secret = (await hub.secrets())[spoke].name
    await hub.label(secret, f"gate-watcher.io/{tier}", None)
    await watcher.until(lambda it: it.states.get(gate) == "Lost")
    await watcher.until(lambda it: it.states.get(gate) == "Settled")


def _in_order(times: dict[str, str]) -> list[str]:
    return [tier for tier in TIERS if tier in times]


def _each_tier_after_the_one_before(
    opened: dict[str, dict[str, str]], apps: list[dict[str, Any]], *, but: str
) -> None:
    """By Argo CD's own stamps: whole seconds, hence the one second."""
    for app in apps:
        spoke, tier = app["metadata"]["namespace"], _tier(app)
        spoke = app["spec"]["destination"].get("namespace") or spoke
        following = TIERS[TIERS.index(tier) + 1 :][:1]
        if spoke == but or not following:
            continue
        deployed = instant(app["status"]["history"][0]["deployedAt"])
        next_at = instant(opened[spoke][following[0]])
        assert deployed is not None and next_at is not None
        assert next_at >= deployed + SOAK_S - 1, (app["metadata"]["name"], tier)


def _tier(app: dict[str, Any]) -> str:
    """By the name of the ApplicationSet that owns it, as the harness makes them."""
    addons = {
        "compute": ("karpenter", "vpc-cni"),
        "metrics": ("metrics-server",),
        "security": ("cert-manager", "external-secrets"),
        "platform": ("keda", "argo-rollouts", "ingress-nginx"),
    }
    owner = app["metadata"]["ownerReferences"][0]["name"].removeprefix("addon-")
    return next(tier for tier, names in addons.items() if owner in names)
