"""Do people's orders reach a watcher on a real hub, with just the rights that are shipped?

In a namespace of its own, where no Argo CD looks. The API server must reach this machine, since
what a person asks of the watcher goes through its proxy.

Elsewhere: what orders do in a rollout (test_rings.py).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from kubernetes_asyncio import client

from tests.manifests.tools import MANIFESTS, documents
from tests.realhub.conftest import RealHub
from tests.realhub.guarded import MERGE, Stage, secret, standing
from tests.realhub.ordered import (
    CLOCK,
    ORDERS,
    Person,
    account,
    becomes,
    connected,
    free_lease,
    free_port,
    policy,
    reached_at,
)
from tests.realhub.program import Running, running
from watcher.facts import Command, Order, Orders, Target, order_text
from watcher.hub import Connection, HubError, requests
from watcher.hub.ordering import Edit, orders_now, write_orders
from watcher.hub.requests import Resource
from watcher.policy import Gates

pytestmark = pytest.mark.realhub

WITHIN_S = 120.0

ELSEWHERE = "orders-elsewhere"
GATES = Gates()
PERSON = "alice"
ADDON = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "ApplicationSet",
    "metadata": {"name": "addon"},
    "spec": {
        "generators": [{"clusters": {"selector": {"matchLabels": {GATES.key("only"): "open"}}}}],
        "template": {
            "metadata": {"name": "{{name}}-addon"},
            "spec": {
                "project": "default",
                "source": {"repoURL": "https://git.example.com/x.git", "path": "x"},
                "destination": {"server": "{{server}}", "namespace": "x"},
            },
        },
    },
}


def shipped() -> Iterator[dict[str, Any]]:
    """Every Role with its binding, and the operator's and the viewer's bound to the person."""
    text = (MANIFESTS / "namespace-install/install.yaml").read_text()
    for each in documents(text):
        if each["kind"] == "RoleBinding":
            for subject in each["subjects"]:
                subject["namespace"] = ELSEWHERE
        if each["kind"] in ("Role", "RoleBinding"):
            yield each
    for role in ("gate-watcher-operator", "gate-watcher-viewer"):
        yield {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": f"{PERSON}-{role}"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role},
            "subjects": [{"kind": "ServiceAccount", "name": PERSON, "namespace": ELSEWHERE}],
        }


def service(port: int) -> Iterator[dict[str, Any]]:
    """What leads the API server's proxy to the watcher, here on this machine. It asks for a Pod
    with the address, and a Pod there is on a hub without nodes, too.
    """
    meta = {"name": "gate-watcher"}
    yield {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta,
        "spec": {"ports": [{"name": "http", "port": 8090, "targetPort": port}]},
    }
    yield {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta,
        "spec": {"containers": [{"name": "gate-watcher", "image": "gate-watcher"}]},
    }
    address = {"ip": reached_at(), "targetRef": {"kind": "Pod", "namespace": ELSEWHERE, **meta}}
    yield {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": meta,
        "subsets": [{"addresses": [address], "ports": [{"name": "http", "port": port}]}],
    }


class Room:
    """The namespace, the watcher there, and the person."""

    def __init__(self, hub: RealHub, ask: Stage, watcher: Path, person: Person) -> None:
        self.hub = hub
        self.ask = ask
        self.watcher = watcher
        self.person = person
        self.config_maps = f"/api/v1/namespaces/{ELSEWHERE}/configmaps"

    async def make(self, **data: str) -> None:
        """The ConfigMap."""
        body = {"metadata": {"name": ORDERS}, "data": data}
        await self.ask.must(201, method="POST", path=self.config_maps, body=body)

    async def remove(self) -> None:
        await self.ask.must(200, method="DELETE", path=f"{self.config_maps}/{ORDERS}")

    async def held(self) -> Orders:
        async with connected(self.person.kubeconfig) as hub:
            return await orders_now(hub, ELSEWHERE)

    async def join(self, name: str) -> None:
        """A spoke whose gate is closed."""
        labels = {"argocd.argoproj.io/secret-type": "cluster"}
        await self.ask.must(
            201, method="POST", path=self.ask.secrets, body=secret(name, labels=labels)
        )

    async def refuses(self, who: Path, plural: str) -> bool:
        """Whether a list of all of these here is refused to the owner of this kubeconfig."""
        async with connected(who) as hub:
            request = requests.list_page(Resource("/api/v1", plural, "List"), ELSEWHERE)
            try:
                await hub.send(request, within_s=WITHIN_S)
            except HubError as error:
                return error.code == 403
        return False

    async def is_open(self, name: str) -> bool:
        read = client.CoreV1Api(self.hub.api).read_namespaced_secret
        return GATES.key("only") in ((await read(name, ELSEWHERE)).metadata.labels or {})


@asynccontextmanager
async def room(hub: RealHub, folder: Path) -> AsyncIterator[tuple[Room, Running]]:
    port = free_port()
    made = [*shipped(), *service(port), ADDON]
    async with standing(hub, ELSEWHERE, made=made) as ask:
        await free_lease(ask)
        watcher = await account(ask, "gate-watcher", folder, hub)
        person = Person(await account(ask, PERSON, folder, hub), f"--namespace={ELSEWHERE}")
        it = Room(hub, ask, watcher, person)
        file = policy(folder, tiers=[{"name": "only"}])
        pod = await hub.controller(ELSEWHERE)
        at = {"status": {"podIP": reached_at(), "podIPs": [{"ip": reached_at()}]}}
        await client.CoreV1Api(hub.api).patch_namespaced_pod_status("gate-watcher", ELSEWHERE, at)
        address = (f"--namespace={ELSEWHERE}", f"--listen=0.0.0.0:{port}")
        try:
            async with running(file, watcher, *address) as program:
                yield it, program
        finally:
            await ask("DELETE", f"{it.config_maps}/{ORDERS}")
            await ask("DELETE", ask.secrets)
            await ask("DELETE", f"/api/v1/namespaces/{ELSEWHERE}/pods/{pod.metadata.name}")


async def test_orders_reach_a_watcher_with_the_rights_that_are_shipped(
    real_hub: RealHub, tmp_path: Path
) -> None:
    async with asyncio.timeout(WITHIN_S), room(real_hub, tmp_path) as (it, watcher):
        for who, where in ((it.watcher, "configmaps"), (it.person.kubeconfig, "secrets")):
            assert await it.refuses(who, where), "the rights are wider than those that are shipped"
        await it.join("before")
        await watcher.until(becomes("before", "only", "Progressing"))
        assert await it.is_open("before"), "without the ConfigMap nobody ordered anything"

        ended, _, said = await it.person.says("hold", "--all", "--why=too early", "--yes")
        assert ended == 1 and f"create configmap {ORDERS}" in said

        await it.make()
        held = await it.person.orders("hold", "--all", "--until=6s")
        await it.join("held")
        await watcher.until(becomes("held", "only", "Held"))
        (order,) = (await it.held()).orders
        assert (order.key, order.by) == (held, f"system:serviceaccount:{ELSEWHERE}:{PERSON}")
        assert not await it.is_open("held")
        await watcher.until(becomes("held", "only", "Progressing"))
        assert order.until is not None and CLOCK.now() >= order.until

        await _patch_by_hand(it, oops='{"order": "hold", "target": {"everyhting": true}}')
        await _eight_at_once(it)
        await it.join("held-again")
        await watcher.until(becomes("held-again", "only", "Held"))
        ended, said, _ = await it.person.says("hold")
        assert ended == 0 and "oops" in said and "everyhting" in said, said

        await it.remove()
        await watcher.until(becomes("held-again", "only", "Progressing"))
        every = Order("hold-x", Command.HOLD, Target(everything=True), "admin", CLOCK.now())
        await it.make(**{every.key: order_text(every)})
        await watcher.until(lambda it: _heard(it, every.key))
        await it.join("held-anew")
        await watcher.until(becomes("held-anew", "only", "Held"))


def _heard(it: Running, key: str) -> bool:
    return any(key in json.dumps(line) for line in it.lines)


async def _patch_by_hand(it: Room, **data: str) -> None:
    """As `kubectl patch` does."""
    path = f"{it.config_maps}/{ORDERS}"
    body = {"data": data}
    await it.ask.must(200, method="PATCH", path=path, body=body, content_type=MERGE)


async def _eight_at_once(it: Room) -> None:
    """Eight hold everything at the same moment, and none is lost; what has expired goes."""
    now, every = CLOCK.now(), Target(everything=True)
    orders = [Order(f"hold-{n}", Command.HOLD, every, "x", now) for n in range(8)]

    async def write(hub: Connection, order: Order) -> None:
        await write_orders(hub, ELSEWHERE, lambda _: Edit((order,)), now=now)

    async with connected(it.person.kubeconfig) as one, connected(it.person.kubeconfig) as other:
        await asyncio.gather(*(write(*each) for each in zip(cycle((one, other)), orders)))
    held = await it.held()
    assert {each.key for each in held.orders} == {each.key for each in orders}
    assert [each.key for each in held.bad] == ["oops"]
