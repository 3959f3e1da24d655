"""The lane against a real hub: `tests/run realhub --kubeconfig FILE`.

The hub must be one that may be played with: real API server, Argo CD's own controllers, cluster
Secrets whose gates are all closed, and ApplicationSets gated by the tiers below. Where no
kubeconfig is given, or the hub is not such a one, the lane is skipped and says why. What guard C
refuses is seen only where the ApplicationSet controller acts as its own service account.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kubernetes_asyncio import client, config

TIERS = ("compute", "metrics", "security", "platform")
NAMESPACE = "argocd"
SPOKES = "argocd.argoproj.io/secret-type=cluster"
CONTROLLERS = "app.kubernetes.io/name=argocd-application-controller"
_CONTAINER = "argocd-application-controller"
_STAND_IN: Any = {
    "metadata": {
        "name": f"{_CONTAINER}-0",
        "labels": {"app.kubernetes.io/name": "argocd-application-controller"},
    },
    "spec": {"containers": [{"name": _CONTAINER, "image": "argocd"}]},
}
_RUNS = {
    "name": _CONTAINER,
    "image": "argocd",
    "imageID": "argocd",
    "ready": True,
    "restartCount": 0,
    "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
}


@dataclass
class RealHub:
    """A real hub, asked through the plain client: it judges ours."""

    kubeconfig: Path
    api: client.ApiClient

    async def secrets(self) -> dict[str, Any]:
        """Spoke name to its Secret's metadata."""
        listed = await client.CoreV1Api(self.api).list_namespaced_secret(
            NAMESPACE, label_selector=SPOKES
        )
        return {
            base64.b64decode(each.data["name"]).decode(): each.metadata for each in listed.items
        }

    async def applications(self) -> list[dict[str, Any]]:
        return await self._listed("applications")

    async def application_sets(self) -> list[dict[str, Any]]:
        return await self._listed("applicationsets")

    async def _listed(self, plural: str) -> list[dict[str, Any]]:
        listed = await client.CustomObjectsApi(self.api).list_namespaced_custom_object(
            "argoproj.io", "v1alpha1", NAMESPACE, plural
        )
        items: list[dict[str, Any]] = listed["items"]
        return items

    async def controller(self, namespace: str = NAMESPACE) -> Any:
        """The Pod of its one application controller; one is made where its controller is a plain
        process, which the watcher would look for in vain.
        """
        core = client.CoreV1Api(self.api)
        found = (await core.list_namespaced_pod(namespace, label_selector=CONTROLLERS)).items
        if not found:
            await core.create_namespaced_pod(namespace, _STAND_IN)
            status = {"status": {"phase": "Running", "containerStatuses": [_RUNS]}}
            name = _STAND_IN["metadata"]["name"]
            return await core.patch_namespaced_pod_status(name, namespace, status)
        assert len(found) == 1, "the lane is for a hub with one application controller"
        return found[0]

    async def label(self, secret: str, key: str, value: str | None) -> None:
        await client.CoreV1Api(self.api).patch_namespaced_secret(
            secret, NAMESPACE, {"metadata": {"labels": {key: value}}}
        )


@pytest.fixture
async def real_hub(request: pytest.FixtureRequest) -> AsyncIterator[RealHub]:
    given = request.config.getoption("--kubeconfig")
    if given is None:
        pytest.skip("no real hub: none was given with --kubeconfig FILE")
    configuration = client.Configuration()
    await config.load_kube_config(config_file=given, client_configuration=configuration)
    async with client.ApiClient(configuration) as api:
        yield RealHub(Path(given), api)
