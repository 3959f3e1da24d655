from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.daemon.standing import three_tiers
from tests.hub.kubeconfigs import kubeconfig
from watcher.cli import main
from watcher.embedded_hub.clock import RunningClock
from watcher.embedded_hub.hub import EmbeddedHub
from watcher.embedded_hub.scenario import CANARY
from watcher.embedded_hub.users import User

HEAD = "apiVersion: config.gate-watcher.io/v1alpha1\nkind: GateWatcherConfiguration\n"
NOBODY = User("nobody", "nobody-of-the-embedded-hub")


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[EmbeddedHub]:
    async with EmbeddedHub(three_tiers(), spokes=2, clock=RunningClock()) as made:
        (tmp_path / "kubeconfig").write_text(made.kubeconfig())
        memory = f"memory: {{port: {made.metrics_port}}}\n"
        (tmp_path / "policy.yaml").write_text(HEAD + "tiers: [{name: compute}]\n" + memory)
        yield made


async def run(folder: Path, *arguments: str) -> Result:
    given = ["--kubeconfig", str(folder / "kubeconfig"), *arguments]
    return await asyncio.to_thread(CliRunner().invoke, main, ["check", *given])


async def test_before_the_installation_a_sound_hub_ends_it_with_0(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    done = await run(tmp_path, "--pre", "--config", str(tmp_path / "policy.yaml"))
    assert done.exit_code == 0, done.output
    assert "ok       lease            not there yet; it comes with the installation" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("0 faults")
    assert CANARY not in done.output


async def test_the_same_hub_is_faulty_once_it_should_be_there(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    policy = str(tmp_path / "policy.yaml")
    done = await run(tmp_path, "--config", policy, "--reach", "-o", "json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)["findings"]
    faulty = {each["check"] for each in found if each["level"] == "fault"}
    assert faulty == {"service-account", "rights", "lease", "ready"}
    assert CANARY not in done.output


async def test_who_may_nothing_is_told_each_right_and_no_fault_of_the_hubs(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    hub.api.grant(NOBODY)
    (tmp_path / "kubeconfig").write_text(hub.kubeconfig(NOBODY))
    done = await run(tmp_path)
    assert done.exit_code == 0, done.output
    for right in (
        "configmap argocd/gate-watcher-policy may not be read by you",
        "list pods in argocd",
        "list secrets in argocd",
        "read leases argocd/gate-watcher",
        "ask for the Role gate-watcher-viewer in argocd",
        "read serviceaccounts argocd/gate-watcher",
        "create localsubjectaccessreviews in argocd",
    ):
        assert right in done.stdout


async def test_another_namespace_and_account_are_looked_at_where_they_are_named(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    done = await run(tmp_path, "-n", "elsewhere", "--service-account", "opener")
    assert done.exit_code == 1
    assert "system:serviceaccount:elsewhere:opener is not there" in done.stdout
    assert "no Pod in elsewhere has the labels" in done.stdout


async def test_the_watchers_own_namespace_may_stand_before_its_account_or_its_service(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    for named in (("--service-account", "tools/gate-watcher"), ("--service", "tools/own")):
        done = await run(tmp_path, *named)
        assert "system:serviceaccount:tools:gate-watcher is not there" in done.stdout
        assert "kubectl -n tools get pods" in done.stdout
    both = await run(tmp_path, "--service-account", "tools/a", "--service", "others/b")
    assert (both.exit_code, both.stdout) == (2, "")


async def test_a_bad_policy_ends_it_before_anything_is_asked(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    (tmp_path / "policy.yaml").write_text("kind: Nothing\n")
    done = await run(tmp_path, "--config", str(tmp_path / "policy.yaml"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert hub.api.requests == []


def test_a_hub_that_is_not_there_or_does_not_know_us_ends_it_with_2(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path, "http://127.0.0.1:1")
    done = CliRunner().invoke(main, ["check", "--kubeconfig", file])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("gate-watcher: cannot read /version: ")


async def test_who_is_not_known_ends_it_with_2(hub: EmbeddedHub, tmp_path: Path) -> None:
    (tmp_path / "kubeconfig").write_text(hub.kubeconfig(User("x", "a-token-that-nobody-has")))
    done = await run(tmp_path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "401 Unauthorized" in done.stderr
