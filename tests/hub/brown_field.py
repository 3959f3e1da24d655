"""An embedded hub whose addons run already, in every shape of the manual, and who adopts it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from tests.adopt.brown import shape
from tests.daemon.standing import HEAD, House, standing
from watcher.adopt import Plan
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.judge import Judge
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, SECRET
from watcher.embedded_hub.scenario import (
    Scenario,
    Story,
    Tier,
    create_set,
    create_spoke,
    spoke_name,
    spoke_secret,
)
from watcher.embedded_hub.spokes import IN_CLUSTER_SERVER
from watcher.embedded_hub.store import Event
from watcher.embedded_hub.workloads import Rule, takes
from watcher.facts import instant
from watcher.hub import connect
from watcher.hub.adopting import Adoption
from watcher.hub.documents import documents
from watcher.policy import Policy, read_policy

SHAPES = ("a", "b", "c", "e", "g", "h", "d", "i-rebuilt", "siblings", "helm-charts")
TIERS = {
    "first": ("a", "b", "helm-charts"),
    "second": ("c", "e", "d"),
    "third": ("g", "h", "i-rebuilt", "siblings"),
}
WANTED: dict[str, str | None] = {
    f"addons-{name}": tier for tier, names in TIERS.items() for name in names
}
POLICY = (
    HEAD
    + "tiers:\n"
    + "".join(f"  - {{name: {tier}, optional: true, accept: [Empty]}}\n" for tier in TIERS)
)
FILES = {
    **{f"workloads/{name}/values.yaml": "a: b\n" for name in ("api", "jobs")},
    "addons/one/addon.yaml": "type: addon\nfeature: x\nphase: one\n",
    **{f"clusters/{spoke_name(n)}.yaml": f"cluster_name: {spoke_name(n)}\n" for n in range(3)},
}


def sets(names: Iterable[str]) -> list[dict[str, Any]]:
    """The ApplicationSets of these shapes, `addons-SHAPE` each."""
    made = []
    for name in names:
        text = shape(name).replace("addons-x", f"addons-{name}").replace("-x'", f"-{name}'")
        (found,), _ = documents(text.encode(), file=name)
        body = msgspec.json.decode(found.body)
        body["spec"].pop("strategy", None)
        body["metadata"].pop("labels", None)
        made.append(body)
    return made


def brown_field(names: Iterable[str] = SHAPES, *, hub: bool = True) -> Scenario:
    """Addons of these shapes, on all spokes but the last one; `hub`: whether the hub itself has a
    Secret.
    """

    def lay(model: Model, spokes: int) -> Story:
        for wanted in sets(names):
            create_set(model, wanted)
        if hub:
            create_spoke(model, spoke_secret("hub", {"environment": "x"}, server=IN_CLUSTER_SERVER))
        for number in range(spokes):
            name = spoke_name(number)
            wants = {"enable_x": "true", "fleet_member": "spoke"} if number < spokes - 1 else {}
            labels = {"cluster_name": name, "environment": ("staging", "x")[number % 2], **wants}
            notes = {"workload_repo_url": "https://git.example.invalid/w.git"}
            create_spoke(model, spoke_secret(name, labels, annotations=notes))
        return Story()

    return Scenario(
        name="brown-field-shapes",
        says="",
        tiers=tuple(map(Tier, TIERS)),
        lay=lay,
        rules=(Rule(behaviour=takes(5.0)),),
        files=FILES,
    )


class Adopter:
    """Somebody who adopts the hub, and all that is seen of it meanwhile."""

    def __init__(self, house: House, judge: Judge) -> None:
        self.house = house
        self.steps: list[str] = []
        self.gone: list[str] = []
        self.behind_s = 0.0
        """How far the machine's clock is behind the hub's."""
        self.told: Callable[[], object] = lambda: None
        """Happens once, right after the first step."""
        self.judge = judge
        """Judges what a person's command writes, as the hub's own judges the watcher."""
        self._kubeconfig = house.policy.parent / "adopter"
        self._kubeconfig.write_text(house.hub.kubeconfig())
        house.policy.write_text(POLICY + house.memory())
        house.hub.store.subscribe(self._follow)

    async def plan(self) -> Plan:
        """What is left to be done."""
        return await self._with(lambda one: self._planned(one))

    async def adopt(self) -> Plan:
        """Do it, and give what is left."""
        return await self._with(lambda one: one.carry_out(WANTED))

    def applications(self) -> set[str]:
        """Those that there are."""
        return {one["metadata"]["name"] for one in self.house.hub.store.list(APPLICATION)}

    def all_well(self) -> bool:
        """Whether every Application is there and rests."""
        there = self.house.hub.store.list(APPLICATION)
        return bool(there) and all(
            (one.get("status") or {}).get("health", {}).get("status") == "Healthy"
            and (one.get("status") or {}).get("sync", {}).get("status") == "Synced"
            and "operation" not in one
            for one in there
        )

    async def _planned(self, adoption: Adoption) -> Plan:
        return adoption.plan(await adoption.look(), WANTED)

    async def _with(self, does: Callable[[Adoption], Any]) -> Plan:
        connection = await connect(str(self._kubeconfig), None)
        try:
            adoption = Adoption(
                connection,
                self.policy(),
                namespace="argocd",
                clock=_Driven(self.house, self.behind_s),
                told=self._told,
            )
            made: Plan = await does(adoption)
            return made
        finally:
            await connection.close()

    def opened_on(self, secret: str) -> dict[str, float]:
        """When the gates of a spoke opened, by its annotation; only those that are open."""
        found = self.house.hub.store.get(SECRET, "argocd", secret)
        assert found is not None
        text = found["metadata"]["annotations"]["gate-watcher.io/opened"]
        times = {tier: instant(at) or 0.0 for tier, at in json.loads(text).items()}
        labels = found["metadata"]["labels"]
        assert all(labels[f"gate-watcher.io/{tier}"] == "open" for tier in times)
        return times

    def register(self, name: str, *, server: str) -> None:
        """Somebody registers a cluster."""
        secret = spoke_secret(name, {}, server=server)
        self.house.hub.store.create(SECRET, secret, manager="kubectl-create")

    def orphan(self, name: str, *, of: str, on: str) -> None:
        """An Application that its ApplicationSet does not generate."""
        store = self.house.hub.store
        owner = store.get(APPLICATION_SET, "argocd", of)
        assert owner is not None
        reference = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "ApplicationSet",
            "name": of,
            "uid": owner["metadata"]["uid"],
            "controller": True,
        }
        metadata = {"name": name, "namespace": "argocd", "ownerReferences": [reference]}
        spec = {"project": "default", "destination": {"name": on, "namespace": "x"}}
        spec["source"] = {"repoURL": "https://x.invalid", "path": "x", "targetRevision": "HEAD"}
        store.create(APPLICATION, {"metadata": metadata, "spec": spec})

    def _told(self, step: object) -> None:
        self.steps.append(type(step).__name__)
        self.told()
        self.told = lambda: None

    def policy(self) -> Policy:
        """The policy of the hub."""
        read = read_policy(POLICY, file="policy")
        assert isinstance(read, Policy)
        return read

    def _follow(self, event: Event) -> None:
        if event.resource is APPLICATION and (
            event.type == "DELETED" or event.object["metadata"].get("deletionTimestamp")
        ):
            self.gone.append(event.object["metadata"]["name"])


class _Driven:
    """The clock of a machine that is so far behind the hub; waiting lets the hub go on."""

    def __init__(self, house: House, behind_s: float) -> None:
        self._house = house
        self._clock: HandClock = house.clock
        self._behind_s = behind_s

    def now(self) -> float:
        return self._clock.now() - self._behind_s

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._house.pass_s(seconds)


@asynccontextmanager
async def adopter(
    folder: Path, scenario: Scenario | None = None, *, spokes: int = 3
) -> AsyncIterator[Adopter]:
    """A hub whose addons have settled, hours ago by its clock."""
    async with standing(folder, spokes=spokes, scenario=scenario or brown_field()) as house:
        controller = house.hub.application_sets
        judge = Judge(house.hub.store, controller, manager="gate-watcher-cli")
        made = Adopter(house, judge)
        await house.until(made.all_well)
        await house.pass_s(600.0)
        yield made
        assert made.gone == []
        assert judge.violations == []
