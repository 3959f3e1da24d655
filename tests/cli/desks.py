"""A hub with its ConfigMap of orders, a watcher behind its proxy, and somebody who types.

The hub is the embedded one, and what the watcher answers is the site that it really serves, of a
fleet that a test makes up; only nobody decides anew after an order.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from msgspec.structs import replace

from tests.builders import HOUR, NOW, application_set, policy, snapshot, spoke
from tests.daemon.standing import three_tiers
from tests.serve.test_feed import feed
from watcher.cli import main
from watcher.decide import decide
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.hub import EmbeddedHub
from watcher.embedded_hub.resources import CONFIG_MAP
from watcher.embedded_hub.users import Rule, User
from watcher.facts import Order, Orders, Spoke, order, order_text, selector
from watcher.policy import Ring, StartWhen
from watcher.serve import Decided, Report
from watcher.serve.meters import Meters
from watcher.serve.site import serve, site

NO_ORDERS = Orders()
NAME = "gate-watcher-orders"
OPERATOR = User("alice", "operator-of-the-embedded-hub")
GRANTED = (
    Rule(("get", "patch"), ("",), ("configmaps",), names=(NAME,), namespaces=("argocd",)),
    Rule(("get",), ("",), ("services/proxy",), names=("http:gate-watcher:http",)),
)
POLICY = policy(
    "compute",
    "mesh",
    rings=(
        Ring("canary", selector("ring=canary")),
        Ring("fleet", start=StartWhen(approval=True)),
    ),
)
LONG_AGO = NOW - 2 * HOUR
FLEET = (
    spoke("prod-1", labels={"ring": "canary", "env": "prod"}, opened={"compute": LONG_AGO}),
    spoke("prod-2", labels={"env": "prod"}),
    spoke("a/b"),
)
"""The gate of compute on prod-1 is stalled, since no Application came behind it."""


class Desk:
    """Somebody with an operator's rights."""

    def __init__(self, hub: EmbeddedHub, kubeconfig: Path, report: Report) -> None:
        self.hub = hub
        self._kubeconfig = kubeconfig
        self._report = report

    @property
    def data(self) -> dict[str, str]:
        """What stands in the ConfigMap."""
        held = self.hub.store.get(CONFIG_MAP, "argocd", NAME)
        return dict((held or {}).get("data") or {})

    @property
    def orders(self) -> list[Order]:
        """The orders that stand there."""
        read = (order(key, text) for key, text in sorted(self.data.items()))
        return [each for each in read if isinstance(each, Order)]

    def put(self, *orders: Order, **texts: str) -> None:
        """Somebody else writes them."""
        data = {**{each.key: order_text(each) for each in orders}, **texts}
        self.hub.store.patch(CONFIG_MAP, "argocd", NAME, {"data": data})

    def knows(self, *orders: Order) -> None:
        """The watcher has heard of these."""
        self._report = report(Orders("argocd", NAME, "uid-o", "1", orders))

    def sees(self, *fleet: Spoke) -> None:
        """The watcher has these spokes."""
        self._report = report(fleet=fleet)

    def report(self) -> Report:
        """What the watcher knows now."""
        return self._report

    async def type(self, *arguments: str) -> Result:
        """What came of it, where nobody can be asked."""
        whole = [*arguments, "--kubeconfig", str(self._kubeconfig)]
        return await asyncio.to_thread(CliRunner().invoke, main, whole)

    async def said(self, *arguments: str) -> Any:
        """What it gives to programs; it succeeds."""
        done = await self.type(*arguments, "-o", "json")
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)


def report(given: Orders = NO_ORDERS, fleet: Iterable[Spoke] = FLEET) -> Report:
    """What a watcher says."""
    sets = [application_set("x", "compute"), application_set("y", "mesh")]
    made = replace(snapshot(fleet, sets), orders=given)
    decision = decide(made, POLICY, NOW)
    return Report(Decided(decision, POLICY, NOW), leading=True, lease="gate-watcher")


@asynccontextmanager
async def standing_desk(folder: Path, *, watched: bool = True) -> AsyncIterator[Desk]:
    """A desk; `watched`: whether a watcher answers."""
    async with EmbeddedHub(three_tiers(), spokes=0, clock=HandClock(NOW)) as hub:
        hub.store.create(CONFIG_MAP, {"metadata": {"name": NAME, "namespace": "argocd"}})
        hub.api.grant(OPERATOR, *GRANTED)
        kubeconfig = folder / "kubeconfig"
        kubeconfig.write_text(hub.kubeconfig(OPERATOR))
        desk = Desk(hub, kubeconfig, report())
        made = site(desk.report, Meters("1.2.3"), feed(desk.report))
        served = await serve(made, host="127.0.0.1", port=0)
        if watched:
            hub.api.services.offer("argocd", "gate-watcher", port="http", url=served.url)
        try:
            yield desk
        finally:
            await served.close()
