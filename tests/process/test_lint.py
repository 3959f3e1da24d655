"""Does lint, as a process of its own, judge files, a stream and a hub?"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lint.written import EXAMPLES
from tests.process.programs import START
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.hub import EmbeddedHub
from watcher.embedded_hub.resources import APPLICATION_SET, CONFIG_MAP
from watcher.embedded_hub.scenario import CANARY
from watcher.embedded_hub.scenarios import SCENARIOS

pytestmark = pytest.mark.process

TIERS = ("compute", "metrics", "security", "platform")
POLICY = "apiVersion: config.gate-watcher.io/v1alpha1\nkind: GateWatcherConfiguration\ntiers: "
POLICY += f"[{', '.join(f'{{name: {tier}}}' for tier in TIERS)}]\n"


def ended(*arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", START, "lint", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_files_and_a_stream_are_judged_alike() -> None:
    text = (EXAMPLES / "GW010-bad.yaml").read_text()
    from_file, from_stream = ended(EXAMPLES / "GW010-bad.yaml"), ended("-", stdin=text)
    assert from_file.returncode == from_stream.returncode == 1
    said = from_file.stdout.replace(f"{EXAMPLES}/GW010-bad.yaml", "stdin")
    assert said == from_stream.stdout


async def on_hub(hub: EmbeddedHub, folder: Path, *arguments: str) -> tuple[int, Any, str]:
    """Exit code, the JSON, and all that was written."""
    (folder / "kubeconfig").write_text(hub.kubeconfig())
    (folder / "policy.yaml").write_text(POLICY)
    given = ["--kubeconfig", str(folder / "kubeconfig"), "--config", str(folder / "policy.yaml")]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", START, "lint", "-o", "json", *given, *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert process.returncode is not None
    text = out.decode() + err.decode()
    return process.returncode, json.loads(out) if out else None, text


async def test_a_hub_of_the_gitops_bridge_is_judged_whole(tmp_path: Path) -> None:
    scenario = SCENARIOS["gitops-bridge"]
    async with EmbeddedHub(scenario, spokes=3, clock=HandClock(1_800_000_000.0)) as hub:
        code, said, text = await on_hub(hub, tmp_path)
        assert code == 0, text
        assert said["read"] == {"applicationSets": 7, "clusterSecrets": 3, "applications": 0}
        (skipped,) = said["skipped"]
        assert skipped["needs"] == "the ConfigMap argocd-cmd-params-cm"
        costs = {
            each["object"]: each["code"] for each in said["findings"] if "GW02" in each["code"]
        }
        assert costs["ApplicationSet argocd/addon-karpenter"] == "GW021"
        assert costs["ApplicationSet argocd/addon-workloads"] == "GW020"
        assert len(costs) == 7
        assert CANARY not in text


async def test_the_controllers_own_policy_is_read_from_the_hub(tmp_path: Path) -> None:
    scenario = SCENARIOS["gitops-bridge"]
    async with EmbeddedHub(scenario, spokes=1, clock=HandClock(1_800_000_000.0)) as hub:
        metadata = {"name": "argocd-cmd-params-cm", "namespace": "argocd"}
        data = {"applicationsetcontroller.policy": "create-update"}
        hub.store.create(CONFIG_MAP, {"metadata": metadata, "data": data})
        _, said, text = await on_hub(hub, tmp_path)
        costs = {each["code"] for each in said["findings"] if "GW02" in each["code"]}
        assert costs == {"GW022"}, text
        assert said["skipped"] == []


async def test_what_is_wrong_on_a_hub_is_found_there(tmp_path: Path) -> None:
    scenario = SCENARIOS["gitops-bridge"]
    async with EmbeddedHub(scenario, spokes=3, clock=HandClock(1_800_000_000.0)) as hub:
        stored = hub.store.get(APPLICATION_SET, "argocd", "addon-ingress-nginx")
        assert stored is not None
        labels = {"fleet_member": "spoke", "gate-watcher.io/plattform": "open"}
        generators = [{"clusters": {"selector": {"matchLabels": labels}}}]
        wrong = {**stored, "spec": {**stored["spec"], "generators": generators}}
        hub.store.replace(APPLICATION_SET, wrong)
        code, said, text = await on_hub(hub, tmp_path, "--from-hub", "-n", "argocd")
        assert code == 1, text
        (found,) = [each for each in said["findings"] if each["severity"] == "error"]
        assert (found["code"], found["object"]) == (
            "GW013",
            "ApplicationSet argocd/addon-ingress-nginx",
        )


async def test_a_hub_that_refuses_ends_it_with_2(tmp_path: Path) -> None:
    scenario = SCENARIOS["gitops-bridge"]
    async with EmbeddedHub(scenario, spokes=1, clock=HandClock(1_800_000_000.0)) as hub:
        code, said, text = await on_hub(hub, tmp_path, "-n", "elsewhere")
        assert (code, said["read"]["applicationSets"]) == (0, 0), text
    code, said, text = await on_hub(hub, tmp_path)
    assert code == 2
    assert said is None
    assert "gate-watcher: cannot list applicationsets in argocd:" in text
