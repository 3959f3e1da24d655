"""Is a real hub adopted in every shape of the manual, and does its Argo CD delete nothing by it?

For a hub without ApplicationSets. What its Applications install does not matter here, so nothing of
them needs to be reachable: no cluster, and no Git, in whose place a list stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from kubernetes_asyncio import client

from tests.hub.brown_field import POLICY, SHAPES, WANTED, sets
from tests.realhub.conftest import NAMESPACE, RealHub
from watcher.adopt import Plan
from watcher.daemon import SystemClock
from watcher.hub import connect
from watcher.hub.adopting import Adoption
from watcher.policy import Policy, read_policy

pytestmark = pytest.mark.realhub
GROUP = ("argoproj.io", "v1alpha1", NAMESPACE)
SPOKES = tuple(f"adopted-{number}" for number in range(3))
BY_GIT: dict[str, list[dict[str, Any]]] = {
    "addons-e": [{"path": {"basename": "api"}}, {"path": {"basename": "jobs"}}],
    "addons-g": [{"feature": "x", "phase": "one"}],
    "addons-i-rebuilt": [{"cluster_name": name} for name in SPOKES],
}
WITHIN_S = 300.0
QUIET_S = 10.0


async def test_every_shape_is_adopted_and_no_application_goes(real_hub: RealHub) -> None:
    async with asyncio.timeout(WITHIN_S), brown_field(real_hub) as before:
        left = await _adopted(real_hub)
        assert left.is_done
        assert sum(each.gated for each in left.assigned) == len(SHAPES)
        await asyncio.sleep(QUIET_S)  # noqa: TID251  (a real hub has its own time)
        assert await _living(real_hub) == before
        labels = {name: meta.labels for name, meta in (await real_hub.secrets()).items()}
        assert labels[SPOKES[0]]["gate-watcher.io/first"] == "open"
        assert "gate-watcher.io/first" not in labels[SPOKES[-1]]


async def _adopted(hub: RealHub) -> Plan:
    policy = read_policy(POLICY, file="policy")
    assert isinstance(policy, Policy)
    connection = await connect(str(hub.kubeconfig), None)
    try:
        adoption = Adoption(connection, policy, namespace=NAMESPACE, clock=SystemClock())
        return await adoption.carry_out(WANTED)
    finally:
        await connection.close()


@asynccontextmanager
async def brown_field(hub: RealHub) -> AsyncIterator[dict[str, str]]:
    """Addons of every shape on all spokes but the last, and their Applications; all of it goes at
    the end.
    """
    if await hub.application_sets():
        pytest.skip(f"the hub's namespace {NAMESPACE} has ApplicationSets")
    core, custom = client.CoreV1Api(hub.api), client.CustomObjectsApi(hub.api)
    try:
        secret: Any
        for secret in _secrets():
            await core.create_namespaced_secret(NAMESPACE, secret)
        for body in sets(SHAPES):
            made = {
                **body,
                "spec": _without_git(body["spec"], BY_GIT.get(body["metadata"]["name"])),
            }
            await custom.create_namespaced_custom_object(
                *GROUP, "applicationsets", made, field_manager="kubectl-create"
            )
        yield await _all_there(hub)
    finally:
        for body in sets(SHAPES):
            name = body["metadata"]["name"]
            await custom.delete_namespaced_custom_object(*GROUP, "applicationsets", name)
        await _remove_applications(hub)
        for name in ("in-cluster", *SPOKES):
            await core.delete_namespaced_secret(name, NAMESPACE)


async def _remove_applications(hub: RealHub) -> None:
    """A hub without a controller manager collects no garbage, and nothing of them was installed."""
    custom = client.CustomObjectsApi(hub.api)
    merge: Any = {"_content_type": "application/merge-patch+json"}
    for name in (await _living(hub)).values():
        bare = {"metadata": {"finalizers": None}}
        await custom.patch_namespaced_custom_object(*GROUP, "applications", name, bare, **merge)
        try:
            await custom.delete_namespaced_custom_object(*GROUP, "applications", name)
        except client.ApiException as error:
            if error.status != 404:
                raise


async def _all_there(hub: RealHub) -> dict[str, str]:
    """The Applications, once no more of them come."""
    found: dict[str, str] = {}
    while not found or len(found) != len(now := await _living(hub)):
        found = await _living(hub)
        await asyncio.sleep(QUIET_S)  # noqa: TID251  (as above)
    return now


async def _living(hub: RealHub) -> dict[str, str]:
    """UID to name of the Applications that do not go."""
    return {
        each["metadata"]["uid"]: each["metadata"]["name"]
        for each in await hub.applications()
        if "deletionTimestamp" not in each["metadata"]
    }


def _secrets() -> Iterator[dict[str, Any]]:
    wants = {"enable_x": "true", "fleet_member": "spoke"}
    for number, name in enumerate(("in-cluster", *SPOKES)):
        hub = name == "in-cluster"
        server = "https://kubernetes.default.svc" if hub else f"https://{name}.example.invalid"
        labels = {
            "argocd.argoproj.io/secret-type": "cluster",
            "cluster_name": name,
            "environment": ("x", "staging")[number % 2],
            **({} if hub or name == SPOKES[-1] else wants),
        }
        yield {
            "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels},
            "stringData": {"name": name, "server": server, "config": "{}"},
        }


def _without_git(part: Any, elements: list[dict[str, Any]] | None) -> Any:
    """The generators with a list in place of Git; its `selector` goes with it."""
    if isinstance(part, list):
        return [_without_git(each, elements) for each in part]
    if not isinstance(part, dict):
        return part
    if "git" in part:
        return {"list": {"elements": elements}}
    return {key: _without_git(each, elements) for key, each in part.items()}
