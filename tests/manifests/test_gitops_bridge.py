"""Does the GitOps Bridge install the watcher on the hub, only there, and keep gates?"""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from tests.embedded_hub.small_hub import small_hub
from tests.manifests.tools import MANIFESTS
from watcher.cli import main
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, SECRET
from watcher.embedded_hub.scenario import spoke_secret

FOLDER = MANIFESTS / "gitops-bridge"
ADDON = FOLDER / "gate-watcher-addon.yaml"
TERRAFORM = (FOLDER / "hub.tf").read_text()
CHART = yaml.safe_load((MANIFESTS / "chart/Chart.yaml").read_text())
BRIDGE = {
    "addons_repo_url": "https://git.example.com/addons.git",
    "addons_repo_revision": "main",
    "addons_repo_basepath": "gitops/",
}


async def applications(**labels: str) -> list[dict[str, Any]]:
    """What is generated on a hub whose own Secret carries these labels, and a spoke's none."""
    async with small_hub() as hub:
        hub.store.create(APPLICATION_SET, yaml.safe_load(ADDON.read_text()))
        hub.store.create(SECRET, spoke_secret("hub", labels, annotations=BRIDGE))
        hub.store.create(SECRET, spoke_secret("spoke", {"enable_gate_watcher": "false"}))
        await hub.clock.advance(30.0)
        return list(hub.store.list(APPLICATION))


async def test_the_label_installs_it_on_the_hub() -> None:
    (made,) = await applications(enable_gate_watcher="true")
    assert made["metadata"]["name"] == "addon-hub-gate-watcher"
    assert made["spec"]["destination"] == {"name": "hub", "namespace": "argocd"}
    values, chart = made["spec"]["sources"]
    assert values == {
        "repoURL": BRIDGE["addons_repo_url"],
        "targetRevision": BRIDGE["addons_repo_revision"],
        "ref": "addons",
    }
    assert (chart["chart"], chart["targetRevision"]) == (CHART["name"], CHART["version"])
    assert chart["helm"]["valueFiles"] == [
        "$addons/gitops/environments/default/addons/gate-watcher/values.yaml",
        "$addons/gitops/clusters/hub/addons/gate-watcher/values.yaml",
    ]


async def test_nothing_is_installed_without_the_label() -> None:
    assert await applications() == []


def test_our_own_lint_has_nothing_against_it() -> None:
    said = CliRunner().invoke(main, ["lint", str(ADDON), "--fail-on", "warning"])
    assert said.exit_code == 0, said.output
    assert "0 errors, 0 warnings" in said.output


@pytest.mark.parametrize(
    ("what", "kept", "left_to_terraform"),
    [
        ("labels", ["gate-watcher.io/compute"], ["enable_karpenter", "a.gate-watcher.io/x"]),
        (
            "annotations",
            [
                "gate-watcher.io/opened",
                "gate-watcher.io/teardown",
                "gate-watcher.io/parked",
                "argocd.argoproj.io/skip-reconcile",
            ],
            ["addons_repo_url", "argocd.argoproj.io/skip-reconcile-not"],
        ),
    ],
)
def test_terraform_keeps_its_hands_off_what_the_watcher_writes(
    what: str, kept: list[str], left_to_terraform: list[str]
) -> None:
    (listed,) = re.findall(rf"ignore_{what} = \[(.*?)\]", TERRAFORM, re.DOTALL)
    patterns = [yaml.safe_load(each) for each in re.findall(r'"[^"]*"', listed)]
    assert all(any(re.search(each, key) for each in patterns) for key in kept)
    assert not any(re.search(each, key) for each in patterns for key in left_to_terraform)
