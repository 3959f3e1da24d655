"""Does a real API server take all that is installed, as it is?

As dry runs with unknown fields refused: nothing is installed, but for empty namespaces where they
are missing. The Pod is judged by Pod Security itself, in a namespace that enforces `restricted`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.manifests.test_chart import VALUES, rendered
from tests.manifests.test_installs import COMPONENTS, FOREIGN, INSTALLS
from tests.manifests.tools import MANIFESTS, built, documents
from tests.realhub.conftest import RealHub
from tests.realhub.guarded import Stage, collection
from watcher.guards import shape
from watcher.policy import Policy

pytestmark = pytest.mark.realhub

APPLY = "application/apply-patch+yaml"
HOW = (("fieldManager", "a-test"), ("fieldValidation", "Strict"), ("force", "true"))
RESTRICTED = "manifests-restricted"


def stage(hub: RealHub) -> Stage:
    return Stage(hub.api, shape(Policy(())))


async def refused(ask: Stage, objects: list[dict[str, Any]]) -> dict[str, str]:
    """By kind and name, what is not taken, and why. Of kinds that Kubernetes has not, such as a
    ServiceMonitor, nothing is asked.
    """
    found = {}
    for namespace in {each["metadata"].get("namespace", "argocd") for each in objects}:
        body = {"metadata": {"name": namespace}}
        await ask.must(201, 409, method="POST", path="/api/v1/namespaces", body=body)
    for each in objects:
        if each["apiVersion"].startswith(FOREIGN):
            continue
        name = each["metadata"]["name"]
        code, said = await ask(
            "PATCH",
            f"{collection(each)}/{name}",
            each,
            content_type=APPLY,
            query=HOW,
            tried=True,
        )
        if code not in (200, 201):
            found[f"{each['kind']} {name}"] = said
    return found


@pytest.mark.parametrize("name", INSTALLS)
async def test_it_takes_the_rendered_file(real_hub: RealHub, name: str) -> None:
    text = (MANIFESTS / name / "install.yaml").read_text()
    assert await refused(stage(real_hub), list(documents(text))) == {}


async def test_it_takes_every_component_together(real_hub: RealHub, tmp_path: Path) -> None:
    meta = {"name": "argocd-cm", "namespace": "argocd"}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta}
    objects = built(tmp_path, "cluster-install", COMPONENTS, argocd_cm=config)
    assert await refused(stage(real_hub), objects) == {}


@pytest.mark.parametrize("values", [path.name.removesuffix("-values.yaml") for path in VALUES])
async def test_it_takes_what_the_chart_makes(real_hub: RealHub, values: str) -> None:
    assert await refused(stage(real_hub), rendered(values)) == {}


async def test_the_addon_of_the_gitops_bridge_is_an_application_set(real_hub: RealHub) -> None:
    text = (MANIFESTS / "gitops-bridge/gate-watcher-addon.yaml").read_text()
    assert await refused(stage(real_hub), list(documents(text))) == {}


@pytest.mark.parametrize("name", INSTALLS)
async def test_pod_security_calls_its_pod_restricted(real_hub: RealHub, name: str) -> None:
    ask = stage(real_hub)
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    namespace = {"metadata": {"name": RESTRICTED, "labels": labels}}
    await ask.must(201, 409, method="POST", path="/api/v1/namespaces", body=namespace)
    account = {"metadata": {"name": "gate-watcher"}}
    inside = f"/api/v1/namespaces/{RESTRICTED}"
    await ask.must(201, 409, method="POST", path=f"{inside}/serviceaccounts", body=account)
    text = (MANIFESTS / name / "install.yaml").read_text()
    (deployment,) = (each for each in yaml.safe_load_all(text) if each["kind"] == "Deployment")
    template = deployment["spec"]["template"]
    pod = {"metadata": {"name": "gate-watcher"}, "spec": template["spec"]}
    assert await ask("POST", f"{inside}/pods", pod, tried=True) == (201, "")
    loose = {**template["spec"], "hostNetwork": True}
    code, said = await ask("POST", f"{inside}/pods", {**pod, "spec": loose}, tried=True)
    assert code == 403 and "PodSecurity" in said, "it would be refused otherwise"
