"""The GitOps Bridge's shapes, rendered."""

from __future__ import annotations

from tests.embedded_hub.telling import Told
from watcher.embedded_hub.gitops_bridge import GITOPS_BRIDGE


async def test_the_bridge_has_its_shapes_its_versions_and_its_hub() -> None:
    told = Told(GITOPS_BRIDGE, spokes=5)
    await told.run_to_its_end()
    named = {one["metadata"]["name"]: one for one in told.applications()}
    versions = {
        name: named[f"addon-{name}-karpenter"]["spec"]["source"]["targetRevision"]
        for name in ("hub", "staging-00", "prod-00")
    }
    assert versions == {"hub": "1.2.0", "staging-00": "1.3.0", "prod-00": "1.2.1"}
    assert {f"staging-00-{app}" for app in ("api", "jobs", "web")} <= named.keys()
    assert "hub-ingress-nginx" not in named  # shape C wants fleet_member: spoke
    assert "finalizers" not in named["addon-hub-karpenter"]["metadata"]
    await told.end()
