from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from tests.daemon.standing import POLICY, three_tiers
from watcher.cli import main
from watcher.embedded_hub.clock import RunningClock
from watcher.embedded_hub.controllers import UNPACED, Setup
from watcher.embedded_hub.hub import EmbeddedHub
from watcher.embedded_hub.resources import CONFIG_MAP
from watcher.embedded_hub.scenario import CANARY
from watcher.embedded_hub.users import Rule, User

LIMITED = Setup(traits=dataclasses.replace(UNPACED, limit_bytes=2 * 2**30))
LOOKER = User(
    "looker",
    "a-token-of-the-embedded-hub",
    (
        Rule(("list",), ("", "argoproj.io"), ("*",)),
        Rule(("get",), ("",), ("configmaps",)),
    ),
)
NOBODY = User("nobody", "nobody-of-the-embedded-hub")


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[EmbeddedHub]:
    scenario = three_tiers(controllers=LIMITED)
    async with EmbeddedHub(scenario, spokes=6, clock=RunningClock()) as made:
        (tmp_path / "kubeconfig").write_text(made.kubeconfig())
        metadata = {"name": "gate-watcher-policy", "namespace": "argocd"}
        text = f"{POLICY}memory: {{port: {made.metrics_port}}}\n"
        made.store.create(CONFIG_MAP, {"metadata": metadata, "data": {"policy.yaml": text}})
        yield made


async def run(folder: Path, *arguments: str, width: int = 160) -> Result:
    given = ["--kubeconfig", str(folder / "kubeconfig"), *arguments]
    runner = CliRunner(env={"COLUMNS": str(width), "NO_COLOR": None, "FORCE_COLOR": None})
    return await asyncio.to_thread(runner.invoke, main, ["plan", *given])


def be(hub: EmbeddedHub, folder: Path, user: User) -> None:
    """Go on as this person."""
    hub.api.grant(user)
    (folder / "kubeconfig").write_text(hub.kubeconfig(user))


async def test_what_comes_next_is_said_without_a_watcher(hub: EmbeddedHub, tmp_path: Path) -> None:
    done = await run(tmp_path)
    assert done.exit_code == 0, done.output
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert lines[0].startswith("6 spokes, 18 gates  planned ")
    assert lines[0].endswith(" by configmap argocd/gate-watcher-policy")
    assert [line for line in lines if line and line[0].isupper()] == [
        "Now",
        "In line",
        "Waits for another tier",
    ]
    assert "    1 opens         compute    spoke-000" in lines
    assert any("1 to 5" in line and "the first cluster that this watcher" in line for line in lines)
    assert lines[1].startswith("not known: what a running watcher has learned of these shards; ")


async def test_nothing_is_written_and_no_credential_is_shown(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    done = await run(tmp_path, "-o", "json")
    assert {one.method for one in hub.api.requests} == {"GET"}
    assert not any("watch" in one.query for one in hub.api.requests)
    assert CANARY not in done.output


@pytest.mark.parametrize(("output", "read"), [("json", json.loads), ("yaml", yaml.safe_load)])
async def test_the_plan_can_be_had_for_programs(
    hub: EmbeddedHub, tmp_path: Path, output: str, read: Callable[[str], Any]
) -> None:
    done = await run(tmp_path, "-o", output, "--tier", "compute", "-l", "!ring")
    made = read(done.stdout)
    assert [each["spoke"] for each in made["now"]] == ["spoke-000"]
    assert [each["place"] for each in made["inLine"]] == [1, 2, 3, 4, 5]
    assert made["waits"] == []


async def test_who_may_not_look_at_memory_is_told_what_is_planned_instead(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    be(hub, tmp_path, LOOKER)
    done = await run(tmp_path, "-o", "json")
    made = json.loads(done.stdout)
    assert len(made["now"]) == 4
    first, second = made["unknown"]
    assert "kubectl auth can-i get pods --subresource=proxy -n argocd" in first
    assert second == (
        "how much memory the shards have left; planned as where there is no limit, 4 spokes at "
        "once on each"
    )


async def test_who_may_nothing_is_told_every_right_at_once(
    hub: EmbeddedHub, tmp_path: Path
) -> None:
    be(hub, tmp_path, NOBODY)
    done = await run(tmp_path)
    assert (done.exit_code, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert len(lines) == 7
    assert all(line.startswith("gate-watcher: you may not ") for line in lines[:-1])
    assert {one.path.rsplit("/", 1)[1] for one in hub.api.requests if one.method != "GET"} == {
        "selfsubjectaccessreviews"
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--spoke", "spoke-00"), "there is no spoke 'spoke-00' (did you mean 'spoke-00"),
        (("--tier", "computer"), "there is no tier 'computer' (did you mean 'compute'?)"),
        (("--ring", "canary"), "there is no ring 'canary'"),
        (("-l", "a in b"), "'a in b' is no label selector"),
        (("-n", "elsewhere"), "there is no configmap elsewhere/gate-watcher-policy; name the"),
        (("--config", "absent.yaml"), "absent.yaml:1: it cannot be read"),
    ],
)
async def test_what_there_is_not_is_refused(
    hub: EmbeddedHub, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = await run(tmp_path, *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"gate-watcher: {said}")


async def test_a_hub_that_is_away_ends_it_with_2(hub: EmbeddedHub, tmp_path: Path) -> None:
    await hub.api.go_away()
    done = await run(tmp_path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "check that the API server answers at" in done.stderr
