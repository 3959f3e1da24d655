"""Who orders on a real hub, with which rights, and what is seen of it there?

Elsewhere: what becomes of the orders (test_orders.py, test_rings.py).
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from kubernetes_asyncio import client, watch

from tests.realhub.conftest import NAMESPACE, SPOKES, RealHub
from tests.realhub.guarded import MERGE, Stage
from tests.realhub.program import Running
from watcher.daemon import SystemClock
from watcher.hub import Connection, connect

CLOCK = SystemClock()
ORDERS = "gate-watcher-orders"
_PROGRAM = (sys.executable, "-c", "from watcher.cli import main; main()")


def policy(folder: Path, **keys: Any) -> Path:
    """A policy of these keys, with budgets that nobody waits for."""
    path = folder / "policy.yaml"
    head = {
        "apiVersion": "config.gate-watcher.io/v1alpha1",
        "kind": "GateWatcherConfiguration",
        "budgets": {"spokesInProgress": 50},
        "pacing": {"withoutLimit": 50},
    }
    path.write_text(yaml.safe_dump(head | keys))
    return path


async def eventually(look: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it is so: a hub tells nobody."""
    while not await look():
        await CLOCK.sleep(0.2)


def becomes(spoke: str, tier: str, state: str) -> Callable[[Running], bool]:
    """Whether the gate has come to this state."""
    return lambda it: it.states.get((spoke, tier)) == state


class Person:
    """Somebody at the command line, who acts as the kubeconfig says."""

    def __init__(self, kubeconfig: Path, *flags: str) -> None:
        self.kubeconfig = kubeconfig
        self._flags = flags

    async def says(self, verb: str, *arguments: str) -> tuple[int, str, str]:
        """How `gate-watcher` ended, its answer, and what else it said."""
        hub = f"--kubeconfig={self.kubeconfig}"
        process = await asyncio.create_subprocess_exec(
            *_PROGRAM,
            verb,
            *arguments,
            hub,
            *self._flags,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        answer, said = await process.communicate()
        assert process.returncode is not None
        return process.returncode, answer.decode(), said.decode()

    async def asks(self, verb: str, *arguments: str) -> str:
        """The answer, as JSON; fails where it did not end well."""
        ended, answer, said = await self.says(verb, *arguments, "--output=json")
        assert ended == 0, said
        return answer

    async def does(self, verb: str, *arguments: str) -> str:
        """The same, of what takes an order."""
        return await self.asks(verb, *arguments, "--why=a test", "--yes")

    async def orders(self, verb: str, *arguments: str) -> str:
        """The key of the order that was written."""
        (given,) = json.loads(await self.does(verb, *arguments))["given"]
        return str(given["key"])


async def account(ask: Stage, name: str, folder: Path, hub: RealHub) -> Path:
    """A kubeconfig of this ServiceAccount, with a token of its own."""
    inside = f"/api/v1/namespaces/{ask.of.namespace}/serviceaccounts"
    made = {"metadata": {"name": name}}
    await ask.must(201, 409, method="POST", path=inside, body=made)
    asked: Any = {"spec": {"expirationSeconds": 3600}}
    answer = await client.CoreV1Api(hub.api).create_namespaced_service_account_token(
        name, ask.of.namespace, asked
    )
    config = yaml.safe_load(hub.kubeconfig.read_text())
    (context,) = (
        each["context"] for each in config["contexts"] if each["name"] == config["current-context"]
    )
    context["user"] = name
    config["users"] = [{"name": name, "user": {"token": answer.status.token}}]
    path = folder / f"{name}.kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return path


@asynccontextmanager
async def connected(kubeconfig: Path) -> AsyncIterator[Connection]:
    """The hub, as whose kubeconfig it is."""
    connection = await connect(str(kubeconfig), None)
    try:
        yield connection
    finally:
        await connection.close()


async def free_lease(ask: Stage) -> None:
    """As a leader leaves it that ended in order, so that nobody waits until one has run out."""
    path = f"/apis/coordination.k8s.io/v1/namespaces/{ask.of.namespace}/leases"
    spec = {"holderIdentity": "", "leaseDurationSeconds": 1}
    lease = {"metadata": {"name": "gate-watcher"}, "spec": spec}
    await ask.must(201, 409, method="POST", path=path, body=lease)
    freed = {"method": "PATCH", "path": f"{path}/gate-watcher", "body": {"spec": spec}}
    await ask.must(200, **freed, content_type=MERGE)


def reached_at() -> str:
    """An address of this machine, where no API server takes it for its own loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as it:
        it.connect(("192.0.2.1", 9))  # nothing is sent
        return str(it.getsockname()[0])


def free_port() -> int:
    with socket.socket() as it:
        it.bind(("", 0))
        return int(it.getsockname()[1])


class Witness:
    """Saw every gate that opened, in turn, and every Application that was told to go."""

    def __init__(self, hub: RealHub, prefix: str) -> None:
        self._hub = hub
        self._prefix = prefix
        self.opened: list[tuple[str, str]] = []
        """Secret and tier."""
        self.closed: list[tuple[str, str]] = []
        self.went: list[str] = []
        self.living: set[str] = set()

    def everything(self, *, gates: int, applications: int) -> Callable[[], Awaitable[bool]]:
        """Whether so much was seen."""

        async def seen() -> bool:
            return (len(self.opened), len(self.living)) == (gates, applications)

        return seen

    async def secrets(self) -> None:
        listed = client.CoreV1Api(self._hub.api).list_namespaced_secret
        async for said in _events(partial(listed, NAMESPACE, label_selector=SPOKES)):
            meta = said["metadata"]
            labels = meta.get("labels", {})
            now = {
                (meta["name"], key.removeprefix(self._prefix))
                for key, value in labels.items()
                if key.startswith(self._prefix) and value == "open"
            }
            before = {each for each in self.opened if each[0] == meta["name"]} - set(self.closed)
            self.closed += sorted(before - now)
            self.opened += sorted(now - before)

    async def applications(self) -> None:
        listed = client.CustomObjectsApi(self._hub.api).list_namespaced_custom_object
        of = ("argoproj.io", "v1alpha1", NAMESPACE, "applications")
        async for said in _events(partial(listed, *of, label_selector=f"{self._prefix}tier")):
            meta = said["metadata"]
            self.living.add(meta["name"])
            if said["gone"] or "deletionTimestamp" in meta:
                self.went.append(meta["name"])


async def _events(listed: Callable[..., Any]) -> AsyncIterator[dict[str, Any]]:
    """Whatever becomes of what is there, or comes, from now on."""
    answer = await (await listed(_preload_content=False)).json()
    version = answer["metadata"]["resourceVersion"]
    async with watch.Watch() as stream:
        async for event in stream.stream(listed, resource_version=version):
            yield {**event["raw_object"], "gone": event["type"] == "DELETED"}


@asynccontextmanager
async def witness(hub: RealHub, prefix: str) -> AsyncIterator[Witness]:
    it = Witness(hub, prefix)
    async with asyncio.TaskGroup() as tasks:
        seeing = [tasks.create_task(it.secrets()), tasks.create_task(it.applications())]
        try:
            yield it
        finally:
            for each in seeing:
                each.cancel()
