"""What becomes of an ordinary removal: under guards A and B, and under C and D besides?

An addon that is switched off, a version in the Application's name, a spoke that is taken down in
order, a Secret that is destroyed as Terraform destroys it. The hub's own ApplicationSet controller
is what deletes, so all this happens in Argo CD's namespace, under a prefix of its own. Its
Applications leave their workloads (preserveResourcesOnDeletion), since nobody listens at the
spokes' addresses: what Argo CD does to workloads is told in the manual, not here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.realhub.conftest import NAMESPACE, RealHub
from tests.realhub.guarded import MERGE, SOMEBODY, Stage, secret, standing, until
from tests.realhub.program import policy, running
from watcher.facts import Guard
from watcher.policy import Gates

pytestmark = pytest.mark.realhub

GATES = Gates(prefix="removals.example.com")
TIERS = ("first", "second")
SPOKES = ("removals-a", "removals-b")
APPLICATIONS = {f"{spoke}-{tier}" for spoke in SPOKES for tier in TIERS}
_OF_FIRST = {f"{spoke}-first" for spoke in SPOKES}
WITHIN_S = 60.0
REFUSED = "DeleteApplicationError"
LENIENT = (Guard.A, Guard.B)
STRICT = (Guard.A, Guard.B, Guard.C, Guard.D)


def enabled(tier: str) -> str:
    return f"enable_removals_{tier}"


def application_set(tier: str, name: str = "") -> dict[str, Any]:
    labels = {enabled(tier): "true", GATES.key(tier): "open"}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": f"removals-{tier}"},
        "spec": {
            "goTemplate": True,
            "generators": [{"clusters": {"selector": {"matchLabels": labels}}}],
            "syncPolicy": {"preserveResourcesOnDeletion": True},
            "template": {
                "metadata": {
                    "name": name or "{{.name}}-" + tier,
                    "labels": {GATES.tier_key: tier},
                },
                "spec": {
                    "project": "default",
                    "source": {"repoURL": "https://127.0.0.1:1/addons.git", "path": tier},
                    "destination": {"server": "{{.server}}", "namespace": tier},
                },
            },
        },
    }


def spoke(name: str, port: int) -> dict[str, Any]:
    labels = {"argocd.argoproj.io/secret-type": "cluster"}
    for tier in TIERS:
        labels |= {enabled(tier): "true", GATES.key(tier): "open"}
    made = secret(name, labels=labels)
    made["stringData"]["server"] = f"https://127.0.0.1:{port}"
    return made


class Ground:
    """Two spokes with two tiers each, all gates open, each with its Application."""

    def __init__(self, hub: RealHub, ask: Stage) -> None:
        self.hub = hub
        self.ask = ask
        self.sets = self.ask.applications.removesuffix("applications") + "applicationsets"
        self.gone: list[str] = []
        """The Applications of the start that live no more, in the order in which they went."""

    async def names(self) -> set[str]:
        """Those of the Applications here that live."""
        found = {
            each["metadata"]["name"]
            for each in await self.hub.applications()
            if GATES.tier_key in each["metadata"].get("labels", {})
            and "deletionTimestamp" not in each["metadata"]
        }
        self.gone += sorted(APPLICATIONS - found - set(self.gone))
        return found

    async def gates(self, spoke: str) -> set[str]:
        """The tiers whose gates are open there."""
        labels = (await self.hub.secrets())[spoke].labels
        return {tier for tier in TIERS if labels.get(GATES.key(tier)) == "open"}

    async def patch(self, path: str, body: Any) -> None:
        await self.ask.must(
            200, method="PATCH", path=path, body=body, content_type=MERGE, user=SOMEBODY
        )

    async def switch_off(self, spoke: str, tier: str) -> None:
        labels = {enabled(tier): "false"}
        await self.patch(f"{self.ask.secrets}/{spoke}", {"metadata": {"labels": labels}})

    async def rename(self, tier: str, name: str) -> None:
        await self.patch(
            f"{self.sets}/removals-{tier}", {"spec": application_set(tier, name)["spec"]}
        )

    async def annotate(self, spoke: str, teardown: str) -> None:
        annotations = {GATES.teardown_key: teardown}
        await self.patch(f"{self.ask.secrets}/{spoke}", {"metadata": {"annotations": annotations}})

    async def name(self, *applications: str) -> None:
        """As the manual tells it: into the ConfigMap, and the ApplicationSets are to look again."""
        names = {f"{NAMESPACE}.{each}": "by a test" for each in applications}
        await self.patch(self.ask.removals, {"data": names})
        again = {"annotations": {"argocd.argoproj.io/application-set-refresh": "true"}}
        for tier in TIERS:
            await self.patch(f"{self.sets}/removals-{tier}", {"metadata": again})

    async def destroy(self, spoke: str) -> tuple[int, str]:
        """The Secret, by the one request that is in a `terraform destroy`."""
        return await self.ask("DELETE", f"{self.ask.secrets}/{spoke}", user=SOMEBODY)

    async def error(self, tier: str) -> str:
        """What the tier's ApplicationSet reports as its error; empty where there is none."""
        for each in await self.hub.application_sets():
            if each["metadata"]["name"] == f"removals-{tier}":
                for condition in each.get("status", {}).get("conditions", []):
                    if condition["type"] == "ErrorOccurred" and condition["status"] == "True":
                        return f"{condition['reason']}: {condition['message']}"
        return ""

    async def becomes(self, *names: str) -> None:
        """Wait until just these live."""
        await eventually(self.names, set(names))

    async def refuses(self, tier: str, application: str) -> None:
        """Wait until the tier's ApplicationSet says that it may not delete this one."""
        async with asyncio.timeout(WITHIN_S):
            while f"{NAMESPACE}.{application} " not in (said := await self.error(tier)):
                pass
        assert said.startswith(REFUSED) and "gate-watcher-removals" in said

    async def sees_the_controller(self) -> None:
        """Skip where the hub's ApplicationSet controller has another account than guard C goes by:
        it is had to delete an Application that is of no use.
        """
        canary = application_set("canary", "removals-canary")
        elements = [{"server": "https://127.0.0.1:1"}]
        canary["spec"]["generators"] = [{"list": {"elements": elements}}]
        await self.ask.must(201, method="POST", path=self.sets, body=canary)
        await self.becomes(*APPLICATIONS, "removals-canary")
        elements.clear()
        await self.patch(f"{self.sets}/removals-canary", {"spec": canary["spec"]})
        async with asyncio.timeout(WITHIN_S):
            while not await self.error("canary"):
                if await self.names() == APPLICATIONS:
                    pytest.skip(f"this hub's controller does not act as {self.ask.controller}")
        await self.clear("canary")

    async def would_delete(self) -> str:
        """What the controller would be refused with, as far as its name tells."""
        path = f"{self.ask.applications}/removals-a-first"
        return await self.ask.refusal("DELETE", path, user=self.ask.controller)

    async def clear(self, *tiers: str) -> None:
        """These ApplicationSets with their Applications, which a hub without a garbage collector
        would keep.
        """
        for tier in tiers:
            await self.ask("DELETE", f"{self.sets}/removals-{tier}")
        for each in await self.hub.applications():
            meta = each["metadata"]
            if meta.get("labels", {}).get(GATES.tier_key) in tiers:
                await self.ask("DELETE", f"{self.ask.applications}/{meta['name']}")


async def eventually(look: Callable[[], Awaitable[Any]], wanted: Any) -> None:
    seen = None
    try:
        async with asyncio.timeout(WITHIN_S):
            while (seen := await look()) != wanted:
                pass
    except TimeoutError:
        assert seen == wanted


@asynccontextmanager
async def ground(hub: RealHub, *guards: Guard) -> AsyncIterator[Ground]:
    spokes = [spoke(name, port) for port, name in enumerate(SPOKES, 1)]
    made = [*spokes, *(application_set(tier) for tier in TIERS)]
    async with standing(hub, NAMESPACE, *guards, gates=GATES, made=made) as ask:
        it = Ground(hub, ask)
        try:
            await it.becomes(*APPLICATIONS)
            loss = {"labels": {GATES.key("first"): None}}
            await until(lambda: ask.patch(f"{ask.secrets}/{SPOKES[0]}", loss), refused="denied")
            if Guard.C in guards:
                await until(it.would_delete, refused="nobody has ordered")
                await it.sees_the_controller()
            yield it
        finally:
            await it.clear(*TIERS, "canary")


def watched(folder: Path) -> Path:
    return policy(folder, TIERS, soak="2s", gates={"prefix": GATES.prefix})


async def test_a_and_b_let_an_addon_go_that_is_switched_off(real_hub: RealHub) -> None:
    async with ground(real_hub, *LENIENT) as it:
        await it.switch_off("removals-a", "second")
        await it.becomes(*APPLICATIONS - {"removals-a-second"})
        assert await it.gates("removals-a") == set(TIERS)


async def test_c_keeps_an_addon_that_is_switched_off_until_it_is_named(real_hub: RealHub) -> None:
    async with ground(real_hub, *STRICT) as it:
        await it.switch_off("removals-a", "second")
        await it.refuses("second", "removals-a-second")
        await it.switch_off("removals-b", "first")
        await it.refuses("first", "removals-b-first")
        assert await it.names() == APPLICATIONS
        await it.name("removals-a-second")
        await it.becomes(*APPLICATIONS - {"removals-a-second"})
        await eventually(lambda: it.error("second"), "")
        await it.name("removals-b-first")
        await it.becomes("removals-a-first", "removals-b-second")


async def test_a_and_b_let_a_version_in_the_name_replace_every_application(
    real_hub: RealHub,
) -> None:
    async with ground(real_hub, *LENIENT) as it:
        await it.rename("second", "{{.name}}-second-v2")
        await it.becomes(*_OF_FIRST, "removals-a-second-v2", "removals-b-second-v2")


async def test_c_keeps_the_old_application_beside_the_new_until_it_is_named(
    real_hub: RealHub,
) -> None:
    async with ground(real_hub, *STRICT) as it:
        await it.rename("second", "{{.name}}-second-v2")
        await it.refuses("second", "removals-a-second")
        await it.becomes(*APPLICATIONS, "removals-a-second-v2", "removals-b-second-v2")
        await it.name("removals-a-second", "removals-b-second")
        await it.becomes(*_OF_FIRST, "removals-a-second-v2", "removals-b-second-v2")
        await eventually(lambda: it.error("second"), "")


async def test_a_and_b_let_a_secret_be_destroyed_with_all_that_is_on_its_spoke(
    real_hub: RealHub,
) -> None:
    async with ground(real_hub, *LENIENT) as it:
        assert await it.destroy("removals-a") == (200, "")
        await it.becomes("removals-b-first", "removals-b-second")


async def test_a_and_b_let_a_spoke_go_by_a_teardown_deepest_tier_first(
    real_hub: RealHub, tmp_path: Path
) -> None:
    async with ground(real_hub, *LENIENT) as it, running(watched(tmp_path), real_hub.kubeconfig):
        await it.annotate("removals-a", "*")
        await it.becomes("removals-b-first", "removals-b-second")
        assert await it.gates("removals-a") == set()
        assert it.gone == ["removals-a-second", "removals-a-first"]
        assert await it.destroy("removals-a") == (200, "")


async def test_d_keeps_a_spoke_until_a_teardown_and_c_each_application_until_it_is_named(
    real_hub: RealHub, tmp_path: Path
) -> None:
    async with ground(real_hub, *STRICT) as it, running(watched(tmp_path), real_hub.kubeconfig):
        code, said = await it.destroy("removals-a")
        assert code == 403 and f"annotate the Secret first with {GATES.teardown_key}=*" in said
        await it.annotate("removals-a", "*")
        await it.refuses("second", "removals-a-second")
        assert (await it.names(), await it.gates("removals-a")) == (APPLICATIONS, {"first"})
        await it.name("removals-a-second", "removals-a-first")
        await it.becomes("removals-b-first", "removals-b-second")
        assert it.gone == ["removals-a-second", "removals-a-first"]
        assert await it.destroy("removals-a") == (200, "")
        assert [await it.error(tier) for tier in TIERS] == ["", ""]
