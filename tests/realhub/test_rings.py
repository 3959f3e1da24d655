"""Do rings, windows and orders hold in a rollout on a real hub, and is nothing deleted by it?

Over three spokes that can be reached, on a hub without Applications, with what three of its
ApplicationSets install, under a prefix of its own; all that is its own goes at the end. Each gate
opens on one spoke of the canary and on two of the fleet, and the watcher is started anew meanwhile.

Elsewhere: the rights with which orders are given (test_orders.py).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.realhub.conftest import NAMESPACE, RealHub
from tests.realhub.guarded import MERGE, Stage, collection, standing
from tests.realhub.ordered import (
    CLOCK,
    ORDERS,
    Person,
    becomes,
    connected,
    eventually,
    free_lease,
    free_port,
    policy,
    witness,
)
from tests.realhub.program import running
from watcher.facts import Command, Order, Target, instant
from watcher.hub.ordering import Edit, write_orders
from watcher.policy import Gates

pytestmark = pytest.mark.realhub

WITHIN_S = 120.0

MINE = Gates(prefix="orders.example.com")
TIERS = ("first", "second")
MEMBER, RING = "orders-member", "orders-ring"
BAKE_S, SHUT_S, DEADLINE_S = 6, 20, 11
SYNCED = {"automated": {"prune": True, "selfHeal": True}}


def rollout_policy(folder: Path, opens_at: float) -> Path:
    """The canary, then the fleet, of which nothing opens before then."""
    shut_at = (opens_at - 60.0) // 60.0 * 60.0  # a schedule has whole minutes, and so many at least
    minute, hour = int(shut_at // 60 % 60), int(shut_at // 3600 % 24)
    return policy(
        folder,
        gates={"prefix": MINE.prefix},
        tiers=[
            {"name": "first", "soak": "2s"},
            {"name": "second", "soak": "2s", "deadline": f"{DEADLINE_S}s"},
        ],
        rings=[
            {"name": "canary", "selector": f"{RING}=canary"},
            {"name": "fleet", "startWhen": {"bake": f"{BAKE_S}s", "approval": True}},
        ],
        windows=[
            {
                "name": "freeze",
                "kind": "deny",
                "schedule": f"{minute} {hour} * * *",
                "duration": f"{opens_at - shut_at:.0f}s",
                "rings": ["fleet"],
            }
        ],
    )


def addon(name: str, tier: str, like: dict[str, Any], **only: str) -> dict[str, Any]:
    """Installs in this tier what that ApplicationSet of the hub does; `only`: where."""
    labels = {MEMBER: "true", MINE.key(tier): "open", **only}
    template = like["spec"]["template"]["spec"]
    meta = {
        "name": f"{{{{.name}}}}-orders-{name}",
        "labels": {MINE.tier_key: tier},
        "finalizers": ["resources-finalizer.argocd.argoproj.io"],
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": f"orders-{name}", "namespace": NAMESPACE},
        "spec": {
            **like["spec"],
            "generators": [{"clusters": {"selector": {"matchLabels": labels}}}],
            "template": {"metadata": meta, "spec": {**template, "syncPolicy": SYNCED}},
        },
    }


def by_hand(addon: dict[str, Any]) -> dict[str, Any]:
    """The same, which nobody syncs: it never becomes healthy."""
    made: dict[str, Any] = deepcopy(addon)
    del made["spec"]["template"]["spec"]["syncPolicy"]
    return made


class Ground:
    """Three spokes of the hub, and the addons of two tiers for them."""

    def __init__(
        self, hub: RealHub, ask: Stage, spokes: tuple[str, ...], stuck: dict[str, Any]
    ) -> None:
        self._hub = hub
        self._ask = ask
        self.spokes = spokes
        self._stuck = stuck

    async def mend_and_retry(self, target: Target) -> None:
        """What is not synced is, from here on, and is given its time anew before it has settled."""
        path, body = f"{collection(self._stuck)}/orders-stuck", {"spec": self._stuck["spec"]}
        async with connected(self._hub.kubeconfig) as hub:
            await self._ask.must(200, method="PATCH", path=path, body=body, content_type=MERGE)
            order = Order("retry-it", Command.RETRY, target, "a test", CLOCK.now())
            await write_orders(hub, NAMESPACE, lambda _: Edit((order,)), now=order.at)


@asynccontextmanager
async def ground(hub: RealHub) -> AsyncIterator[Ground]:
    secrets, sets = await hub.secrets(), await hub.application_sets()
    spokes = sorted(secrets)[:3]
    if len(spokes) < 3 or len(sets) < 3 or await hub.applications():
        pytest.skip("needs three spokes without Applications, and three gated ApplicationSets")
    first, second, third = sets[:3]
    stuck = addon("stuck", "second", third, **{RING: "canary"})
    addons = [addon("first", "first", first), addon("second", "second", second), by_hand(stuck)]
    orders = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": ORDERS}}
    await hub.controller()
    async with standing(hub, NAMESPACE, made=[*addons, orders]) as ask:
        await free_lease(ask)
        try:
            for at, spoke in enumerate(spokes):
                await hub.label(secrets[spoke].name, RING, "fleet" if at else "canary")
                await hub.label(secrets[spoke].name, MEMBER, "true")
            yield Ground(hub, ask, tuple(spokes), stuck)
        finally:
            for each in addons:
                await ask("DELETE", f"{collection(each)}/{each['metadata']['name']}")
            await _remove_applications(hub, ask)
            for spoke in spokes:
                path = f"{ask.secrets}/{secrets[spoke].name}"
                labels = dict.fromkeys((RING, MEMBER, *map(MINE.key, TIERS)))
                body = {"metadata": {"labels": labels, "annotations": {MINE.opened_key: None}}}
                await ask.must(200, method="PATCH", path=path, body=body, content_type=MERGE)


async def _remove_applications(hub: RealHub, ask: Stage) -> None:
    """All that is installed goes with them; a hub without a garbage collector keeps them."""

    async def none_left() -> bool:
        left = [
            each["metadata"]["name"]
            for each in await hub.applications()
            if MINE.tier_key in each["metadata"].get("labels", {})
        ]
        for each in left:
            await ask("DELETE", f"{ask.applications}/{each}")
        return not left

    await eventually(none_left)


async def test_rings_open_in_turn_and_orders_steer_them(real_hub: RealHub, tmp_path: Path) -> None:
    port = free_port()
    listens = f"--listen=127.0.0.1:{port}"
    person = Person(real_hub.kubeconfig, f"--server=http://127.0.0.1:{port}")
    async with asyncio.timeout(WITHIN_S), ground(real_hub) as it:
        canary, one, other = it.spokes
        opens_at = float(round(CLOCK.now() + SHUT_S))
        file = rollout_policy(tmp_path, opens_at)
        async with witness(real_hub, f"{MINE.prefix}/") as seen:
            async with running(file, real_hub.kubeconfig, listens) as watcher:
                await watcher.until(becomes(canary, "first", "Progressing"))
                await person.orders("approve", "--ring=fleet", "--tier=first")
                await person.orders("hold", other)
                await watcher.until(becomes(canary, "first", "Settled"))
                waits_for = await person.asks("explain", f"{one}/first")
                assert "RingBakes" in waits_for and "WindowClosed" in waits_for
                await watcher.until(becomes(one, "first", "Settled"))
                assert watcher.states[other, "first"] == "Held"
                await person.does("release", other)
                await watcher.until(becomes(other, "first", "Progressing"))
                await watcher.until(becomes(canary, "second", "Stalled"))
            async with running(file, real_hub.kubeconfig, listens) as watcher:
                await watcher.until(becomes(other, "first", "Settled"))
                waits_for = await person.asks("explain", f"{other}/second")
                assert "RingWaits" in waits_for and "ApprovalMissing" in waits_for
                skip = await person.orders("skip", f"{canary}/second")
                await person.orders("approve", "--ring=fleet", "--tier=second")
                for spoke in (one, other):
                    await watcher.until(becomes(spoke, "second", "Settled"))
                assert watcher.states[canary, "second"] == "Skipped"
                await person.does("release", f"--order={skip}")
                await watcher.until(becomes(canary, "second", "Stalled"))
                await it.mend_and_retry(Target(spoke=canary, tier="second"))
                await watcher.until(becomes(canary, "second", "Progressing"))
                await watcher.until(becomes(canary, "second", "Settled"))
            await eventually(seen.everything(gates=6, applications=7))
        secrets = await real_hub.secrets()
        name = {each: secrets[each].name for each in it.spokes}
        assert seen.opened[:4] == [
            (name[canary], "first"),
            (name[canary], "second"),
            (name[one], "first"),
            (name[other], "first"),
        ]
        assert set(seen.opened[4:]) == {(name[one], "second"), (name[other], "second")}
        assert (seen.closed, seen.went) == ([], [])
        opened_at = instant(json.loads(secrets[one].annotations[MINE.opened_key])["first"])
        assert opened_at is not None and opened_at >= opens_at
