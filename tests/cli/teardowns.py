"""A hub on which there is something to tear down, and a person at its command line.

Three tiers, an addon in each, on four spokes whose gates are open; everything has been there for
hours and rests. Argo CD goes on as the test moves the hub's clock.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from tests.daemon.standing import POLICY, START, TIERS
from watcher.cli import main
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.errors import forbidden
from watcher.embedded_hub.hub import EmbeddedHub
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, CONFIG_MAP, SECRET
from watcher.embedded_hub.scenario import (
    Scenario,
    Story,
    Tier,
    create_set,
    create_spoke,
    gate,
    plain_set,
    settle,
    spoke_name,
    spoke_secret,
)
from watcher.embedded_hub.store import Write
from watcher.embedded_hub.users import ADMIN, User

REMOVALS = "gate-watcher-removals"
ORDERS = "gate-watcher-orders"
CONTROLLER = "system:serviceaccount:argocd:argocd-applicationset-controller"


def labelled(addon: str, **spec: Any) -> Object:
    """The ApplicationSet of an addon in the tier of its name, whose template names that tier."""
    made = plain_set(addon, {gate(addon): "open"}, **spec)
    metadata = {**made["spec"]["template"]["metadata"], "labels": {gate("tier"): addon}}
    template = {**made["spec"]["template"], "metadata": metadata}
    return {**made, "spec": {**made["spec"], "template": template}}


class Terminal(io.BytesIO):
    """What is typed at a terminal, and what happens elsewhere until then."""

    def __init__(self, typed: str, meanwhile: Callable[[], None]) -> None:
        super().__init__(f"{typed}\n".encode())
        self._meanwhile = meanwhile

    def isatty(self) -> bool:
        return True

    def read1(self, size: int | None = -1, /) -> bytes:
        self._meanwhile()
        return super().read1(-1 if size is None else size)


class Desk:
    """A hub, and a person who tears down."""

    def __init__(self, hub: EmbeddedHub, clock: HandClock, kubeconfig: Path, policy: Path) -> None:
        self.hub = hub
        self.clock = clock
        self.kubeconfig = kubeconfig
        self.policy = policy

    async def teardown(
        self,
        *arguments: str,
        typed: str | None = None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> Result:
        """What came of a teardown."""
        return await self.type("teardown", *arguments, typed=typed, meanwhile=meanwhile)

    async def release(self, *arguments: str) -> Result:
        """What came of a release, by a look at the hub itself."""
        return await self.type("release", *arguments, "--from-hub")

    async def type(
        self,
        *arguments: str,
        typed: str | None = None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> Result:
        """What came of it; `typed`: what a person at a terminal answers, and `meanwhile`: what
        happens on the hub until then.
        """
        loop = asyncio.get_running_loop()

        async def happen() -> None:
            meanwhile()

        def wait_for_it() -> None:
            asyncio.run_coroutine_threadsafe(happen(), loop).result()

        where = ["--kubeconfig", str(self.kubeconfig), "--config", str(self.policy)]
        whole = [*arguments, *where]
        answer = None if typed is None else Terminal(typed, wait_for_it)
        return await asyncio.to_thread(CliRunner().invoke, main, whole, input=answer)

    def annotation(self, number: int = 0) -> str | None:
        """The order as it stands on a spoke's Secret."""
        notes = self.secret(number)["metadata"].get("annotations") or {}
        said = notes.get(gate("teardown"))
        return None if said is None else str(said)

    def secret(self, number: int = 0) -> Object:
        found = self.hub.store.get(SECRET, "argocd", spoke_name(number))
        assert found is not None
        return found

    def patch(self, number: int = 0, **metadata: Mapping[str, str | None]) -> None:
        """Somebody writes labels or annotations of a spoke."""
        self.hub.store.patch(SECRET, "argocd", spoke_name(number), {"metadata": metadata})

    def patch_set(self, addon: str, spec: Mapping[str, Any]) -> None:
        """Somebody changes an ApplicationSet."""
        self.hub.store.patch(APPLICATION_SET, "argocd", f"addon-{addon}", {"spec": spec})

    def applications(self) -> set[str]:
        """Those that are there, by name."""
        return {each["metadata"]["name"] for each in self.hub.store.list(APPLICATION, "argocd")}

    def without_finalizers(self, name: str) -> None:
        """Somebody takes the finalizers off an Application; its ApplicationSet leaves it so."""
        self.hub.application_sets.pause()
        self.hub.store.patch(APPLICATION, "argocd", name, {"metadata": {"finalizers": None}})

    def orders(self) -> dict[str, str]:
        """What stands in the ConfigMap of orders."""
        found = self.hub.store.get(CONFIG_MAP, "argocd", ORDERS)
        return dict((found or {}).get("data") or {})

    def guard_c(self) -> None:
        """Guard C comes, with its ConfigMap; it refuses what it would on a real hub."""
        self.hub.store.create(CONFIG_MAP, {"metadata": {"name": REMOVALS, "namespace": "argocd"}})

        def guard(write: Write) -> None:
            if write.verb != "DELETE" or write.resource is not APPLICATION:
                return
            if write.user == CONTROLLER and f"argocd.{write.name}" not in self.named():
                raise forbidden(APPLICATION, write.name, "nobody has ordered its removal")

        self.hub.store.admit.append(guard)

    def named(self) -> dict[str, Any]:
        """What guard C lets go, and why."""
        found = self.hub.store.get(CONFIG_MAP, "argocd", REMOVALS)
        assert found is not None
        return {key: json.loads(text) for key, text in (found.get("data") or {}).items()}

    def kubeconfig_of(self, user: User, folder: Path) -> Path:
        path = folder / f"kubeconfig-{user.name}"
        path.write_text(self.hub.kubeconfig(user))
        return path


def everything_open(tiers: tuple[str, ...] = TIERS) -> Scenario:
    """Four spokes on which everything rests."""

    def lay(model: Model, spokes: int) -> Story:
        sets = [create_set(model, labelled(tier)) for tier in tiers]
        for number in range(spokes):
            labels = {gate(tier): "open" for tier in tiers}
            create_spoke(model, spoke_secret(spoke_name(number), labels))
        for each in sets:
            settle(model, each, hours_ago=3)
        return Story()

    return Scenario(name="all-open", says="", tiers=tuple(map(Tier, tiers)), lay=lay)


@asynccontextmanager
async def desk(folder: Path) -> AsyncIterator[Desk]:
    """A desk while a test runs."""
    kubeconfig, policy = folder / "kubeconfig", folder / "policy.yaml"
    policy.write_text(POLICY)
    clock = HandClock(START)
    async with EmbeddedHub(everything_open(), spokes=3, clock=clock) as hub:
        kubeconfig.write_text(hub.kubeconfig(ADMIN))
        hub.store.create(CONFIG_MAP, {"metadata": {"name": ORDERS, "namespace": "argocd"}})
        yield Desk(hub, clock, kubeconfig, policy)
