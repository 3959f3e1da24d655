"""A namespace of a real hub with guards in force, and what they are tried on.

Elsewhere: what each guard refuses (test_guards.py); what becomes of ordinary removals under them
(test_removals.py).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from kubernetes_asyncio import client

from tests.realhub.conftest import RealHub
from watcher.facts import Guard
from watcher.guards import Component, Shape, objects, service_account, shipped
from watcher.policy import Gates

SOMEBODY = "somebody"
IN_FORCE_WITHIN_S = 20.0
MERGE = "application/merge-patch+json"
GATES = Gates()


class Stage:
    """A namespace in which guards are tried: asks the API server as anybody, with every right."""

    def __init__(self, api: client.ApiClient, of: Shape) -> None:
        self._api = api
        self.of = of
        self.watcher = of.account
        self.controller = service_account(of.namespace, "argocd-applicationset-controller")
        self.secrets = f"/api/v1/namespaces/{of.namespace}/secrets"
        self.removals = f"/api/v1/namespaces/{of.namespace}/configmaps/gate-watcher-removals"
        self.applications = f"/apis/argoproj.io/v1alpha1/namespaces/{of.namespace}/applications"

    async def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        user: str | None = None,
        content_type: str = "application/json",
        query: Iterable[tuple[str, str]] = (),
        tried: bool = False,
    ) -> tuple[int, str]:
        """The answer's code and, of a Status, its message; `tried`: as a dry run."""
        headers = {"Accept": "application/json", "Content-Type": content_type}
        if user is not None:
            headers |= {"Impersonate-User": user, "Impersonate-Group": "system:masters"}
        answer = await self._api.call_api(
            path,
            method,
            query_params=[*query, *([("dryRun", "All")] if tried else [])],
            header_params=headers,
            body=body,
            auth_settings=["BearerToken"],
            _preload_content=False,
        )
        return answer.status, str(json.loads(await answer.read()).get("message", ""))

    async def must(self, *codes: int, **request: Any) -> None:
        code, said = await self(**request)
        assert code in codes, said

    async def patch(
        self, path: str, metadata: Mapping[str, Any], *, user: str = SOMEBODY, **rest: Any
    ) -> str:
        """What a merge patch is refused with; empty where it is not."""
        body = {"metadata": metadata, **rest}
        return await self.refusal("PATCH", path, body, user=user, content_type=MERGE)

    async def refusal(self, method: str, path: str, body: Any = None, **how: Any) -> str:
        code, said = await self(method, path, body, tried=True, **how)
        if code in (200, 201):
            return ""
        assert "ValidatingAdmissionPolicy" in said, (code, said)
        return said


def secret(name: str, *, labels: Mapping[str, str], **annotations: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "labels": dict(labels),
            "annotations": {f"gate-watcher.io/{key}": value for key, value in annotations.items()},
        },
        "stringData": {"name": name, "server": f"https://{name}.example.com", "config": "{}"},
    }


def application(name: str, **metadata: Any) -> dict[str, Any]:
    source = {"repoURL": "https://git.example.com/x.git", "path": "x"}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, **metadata},
        "spec": {
            "project": "absent",
            "source": source,
            "destination": {"server": "https://absent.example.com", "namespace": "x"},
        },
    }


@asynccontextmanager
async def standing(
    hub: RealHub,
    namespace: str,
    *guards: Guard,
    gates: Gates = GATES,
    parks: bool = False,
    made: Iterable[dict[str, Any]] = (),
) -> AsyncIterator[Stage]:
    """These guards, and what they are tried on, in a namespace."""
    account = service_account(namespace, "gate-watcher")
    of = Shape(gates, namespace, (namespace,), account, parks=parks)
    ask = Stage(hub.api, of)
    those = [{**each, "metadata": {**each["metadata"], "namespace": namespace}} for each in made]
    for component in Component:
        if set(component.guards) & set(guards):
            those += [each for documents in objects(component, of).values() for each in documents]
    if Guard.C in guards:
        await keep_parameters(ask)
    body = {"metadata": {"name": namespace}}
    await ask.must(201, 409, method="POST", path="/api/v1/namespaces", body=body)
    try:
        for each in those:
            await ask.must(201, method="POST", path=collection(each), body=each)
        yield ask
    finally:
        for each in reversed(those):
            path = f"{collection(each)}/{each['metadata']['name']}"
            await ask("DELETE", path)
        for each in those:  # the guards go while the last deletions may still be guarded
            path = f"{collection(each)}/{each['metadata']['name']}"
            async with asyncio.timeout(IN_FORCE_WITHIN_S):
                while (await ask("DELETE", path))[0] != 404:
                    pass


async def keep_parameters(ask: Stage) -> None:
    """Leave a guard C behind, bound where nothing is: an API server does not read ConfigMaps for
    policies again once the last binding that wanted one is gone (kubernetes/kubernetes#130887).
    """
    nowhere = "guards-nowhere"
    of = Shape(GATES, nowhere, (nowhere,), service_account(nowhere, "gate-watcher"))
    kept = shipped(of)[Guard.C]
    for each in (kept.policy, kept.binding):
        await ask.must(201, 409, method="POST", path=collection(each), body=each)


def collection(document: Mapping[str, Any]) -> str:
    version, kind = document["apiVersion"], document["kind"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    namespace = document["metadata"].get("namespace")
    where = f"/namespaces/{namespace}" if namespace else ""
    plural = kind.lower()[:-1] + "ies" if kind.endswith("y") else kind.lower().rstrip("s") + "s"
    return f"{root}{where}/{plural}"


async def until(tried: Callable[[], Awaitable[str]], *, refused: str) -> None:
    """Wait until this is refused with these words: a guard, or what it reads, takes a moment."""
    async with asyncio.timeout(IN_FORCE_WITHIN_S):
        while refused not in await tried():
            pass
