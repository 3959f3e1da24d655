"""The command, run against a hub whose addons run already."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.daemon.standing import HEAD
from tests.hub.brown_field import POLICY, Adopter, adopter, brown_field
from watcher.cli.adopt import adopt
from watcher.embedded_hub.faults import Answer, On
from watcher.embedded_hub.resources import APPLICATION_SET, CONFIG_MAP, SECRET


class Desk:
    """A hub with one addon on two of its three spokes, and a person at a terminal."""

    def __init__(self, one: Adopter, folder: Path) -> None:
        self.one = one
        self.folder = folder
        (folder / "tiers.yaml").write_text("addons-c: second\n")
        (folder / "p.yaml").write_text(POLICY)
        self.tiers = ("--tiers", str(folder / "tiers.yaml"))
        self.apply = ("--apply", "--config", str(folder / "p.yaml"), *self.tiers)

    async def adopt(self, *arguments: str) -> Result:
        """What came of it."""
        whole = [*arguments, "--kubeconfig", str(self.folder / "adopter")]
        return await asyncio.to_thread(CliRunner().invoke, adopt, whole)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with adopter(tmp_path, brown_field(("c",))) as one:
        yield Desk(one, tmp_path)


async def test_without_apply_it_says_everything_and_writes_nothing(desk: Desk) -> None:
    before = desk.one.house.hub.store.revision
    done = await desk.adopt(*desk.tiers)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "First: open the gates of what runs, on 2 spokes" in done.stdout
    assert "kubectl -n argocd patch applicationset addons-c --type=json" in done.stdout
    assert desk.one.house.hub.store.revision == before


async def test_with_apply_it_does_each_step_and_says_so(desk: Desk) -> None:
    """Over two seconds: it waits for Argo CD after the selector, and looks what came of it."""
    done = await desk.adopt(*desk.apply, "--yes")
    assert (done.exit_code, done.stderr) == (0, "")
    said = done.stdout.splitlines()
    assert [line.partition(" (")[0] for line in said if line.startswith("opened ")] == [
        "opened spoke-000: second",
        "opened spoke-001: second",
    ]
    assert "ApplicationSet argocd/addons-c asks for the gate of second now" in said
    assert said[-1].endswith(": 1 addon behind their gates, nothing is left to be done")
    again = await desk.adopt(*desk.apply)
    assert again.exit_code == 0


async def test_what_is_kept_elsewhere_ends_it_with_1(desk: Desk) -> None:
    note = {"argocd.argoproj.io/tracking-id": "addons:x"}
    desk.one.house.hub.store.patch(
        APPLICATION_SET, "argocd", "addons-c", {"metadata": {"annotations": note}}
    )
    done = await desk.adopt(*desk.apply, "--yes")
    assert done.exit_code == 1
    assert "kept by Application addons: change it there" in done.stdout
    assert done.stdout.endswith(
        "Change what is left where it is kept, let Argo CD apply it, and run this again.\n"
    )


async def test_what_the_hub_refuses_ends_it_with_1(desk: Desk) -> None:
    desk.one.house.hub.api.faults.plan(On(verb="patch", resource=SECRET), Answer(403))
    done = await desk.adopt(*desk.apply, "--yes")
    assert done.exit_code == 1
    assert done.stderr.startswith("gate-watcher: the hub refuses the patch of argocd/spoke-000: ")


async def test_for_programs_it_is_one_document(desk: Desk) -> None:
    done = await desk.adopt(*desk.tiers, "-o", "json")
    said = json.loads(done.stdout)
    assert [each["spoke"] for each in said["openings"]] == ["spoke-000", "spoke-001"]
    assert said["gatings"][0]["patch"][0]["op"] == "add"
    assert said["done"] is False


def policy_on_hub(desk: Desk, *tiers: str) -> None:
    """A watcher's policy stands on the hub."""
    text = HEAD + "tiers:\n" + "".join(f"  - {{name: {each}}}\n" for each in tiers)
    named = {"name": "gate-watcher-policy", "namespace": "argocd"}
    desk.one.house.hub.store.create(CONFIG_MAP, {"metadata": named, "data": {"policy.yaml": text}})


async def test_without_a_policy_it_goes_by_the_one_on_the_hub(desk: Desk) -> None:
    policy_on_hub(desk, "third", "second", "first")
    done = await desk.adopt(*desk.tiers)
    assert (done.exit_code, done.stderr) == (0, "")
    said = done.stdout.splitlines()
    assert said[0] == "By the policy on the hub, configmap argocd/gate-watcher-policy"
    assert "Tiers" in said
    assert "The policy" not in "".join(said[1:])


async def test_one_of_which_no_tier_is_needed_keeps_nothing_from_being_proposed(
    desk: Desk,
) -> None:
    policy_on_hub(desk, "compute", "metrics")
    done = await desk.adopt(*desk.tiers)
    assert done.exit_code == 0
    assert "The policy that this needs" in done.stdout


async def test_a_policy_on_the_hub_that_is_none_is_said(desk: Desk) -> None:
    policy_on_hub(desk, "a", "a")
    done = await desk.adopt(*desk.tiers)
    assert done.exit_code == 0
    assert "so a policy is proposed" in done.stderr
    assert "The policy that this needs" in done.stdout


async def test_nobody_is_asked_where_there_is_no_terminal(desk: Desk) -> None:
    done = await desk.adopt(*desk.apply)
    assert done.exit_code == 2
    assert "say --yes" in done.stderr
    assert desk.one.steps == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("addons-d: second\n", ":1: addons-d: there is no such ApplicationSet; is it addons-c?"),
        ("- a\n", ":1: it is a list, and no mapping"),
    ],
)
async def test_a_file_of_tiers_that_is_none_ends_it_with_2(
    desk: Desk, text: str, said: str
) -> None:
    (desk.folder / "tiers.yaml").write_text(text)
    done = await desk.adopt(*desk.tiers)
    assert done.exit_code == 2
    assert said in done.stderr


def test_what_cannot_be_meant_is_refused(tmp_path: Path) -> None:
    policy = tmp_path / "p.yaml"
    policy.write_text("tiers: []\n")
    for arguments in (
        ["--apply"],
        ["--apply", "--dry-run", "--config", str(policy)],
        ["--config", str(policy)],
        ["--kubeconfig", str(tmp_path / "absent")],
    ):
        assert CliRunner().invoke(adopt, arguments).exit_code == 2
