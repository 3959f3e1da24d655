"""Is what a person is shown what happens, with a watcher that obeys?"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.daemon.standing import House, Run, standing, three_tiers
from watcher.cli import main
from watcher.daemon.tearing import look
from watcher.decide import State
from watcher.embedded_hub.resources import APPLICATION, CONFIG_MAP
from watcher.embedded_hub.users import ADMIN
from watcher.embedded_hub.workloads import Behaviour, Rule
from watcher.hub import connect
from watcher.policy import Policy, read_policy

SLOW = Rule(behaviour=Behaviour(phases=((0.0, "Healthy"),), removal_s=60.0), addon="addon-mesh")


async def teardown(house: House, *arguments: str) -> Result:
    """What came of a person's command."""
    kubeconfig = house.policy.parent / "kubeconfig-person"
    kubeconfig.write_text(house.hub.kubeconfig(ADMIN))
    where = ["--kubeconfig", str(kubeconfig), "--config", str(house.policy)]
    done = await asyncio.to_thread(
        CliRunner().invoke, main, ["teardown", "spoke-000", *arguments, *where]
    )
    assert done.exit_code == 0, done.output
    return done


def applications(house: House) -> set[str]:
    """Those that are there and stay, by name."""
    listed = house.hub.store.list(APPLICATION, "argocd")
    return {
        each["metadata"]["name"] for each in listed if "deletionTimestamp" not in each["metadata"]
    }


def shown(done: Result) -> list[tuple[list[str], set[str]]]:
    """Step by step the tiers, and the Applications that go."""
    steps: list[dict[str, Any]] = json.loads(done.stdout)["steps"]
    return [
        (step["tiers"], {each["name"].partition("/")[2] for each in step["applications"]})
        for step in steps
    ]


async def settled(house: House) -> Run:
    run = house.start()
    await house.until(lambda: run.all_are(State.SETTLED))
    return run


@pytest.mark.parametrize("tiers", [["apps"], ["apps", "mesh"], []], ids=str)
async def test_what_is_shown_goes_in_that_order_and_nothing_else(
    tmp_path: Path, tiers: list[str]
) -> None:
    async with standing(tmp_path, spokes=2) as house:
        run = await settled(house)
        before = applications(house)
        named = [word for tier in tiers for word in ("--tier", tier)]
        steps = shown(await teardown(house, *named, "--yes", "-o", "json"))
        gone = {name for _, names in steps for name in names}
        await house.until(lambda: len(house.closed) == len(steps))
        await house.pass_s(60.0)
        assert applications(house) == before - gone
        assert house.closed == [("spoke-000", tier) for each, _ in steps for tier in each]
        assert len(house.opened) == 6, "nothing opens again"
        await run.end()


async def test_stopped_in_the_middle_the_rest_stays_and_what_closed_opens_in_its_turn(
    tmp_path: Path,
) -> None:
    async with standing(tmp_path, spokes=1, scenario=three_tiers(SLOW)) as house:
        run = await settled(house)
        await teardown(house, "--yes")
        await house.until(lambda: len(house.closed) == 2)
        await house.pass_s(10.0)
        done = await teardown(house, "--stop")
        assert done.stdout.splitlines() == [
            "had not closed, and stays open: compute",
            "closed, and opens again in its turn, as any other gate: mesh, apps",
            "1 Application of mesh is being deleted still, which nothing can stop",
        ]
        await house.until(lambda: run.all_are(State.SETTLED))
        assert [tier for _, tier in house.closed] == ["apps", "mesh"]
        assert [tier for *_, tier in house.opened[3:]] == ["mesh", "apps"], "first what is below"
        assert applications(house) == {"spoke-000-compute", "spoke-000-mesh", "spoke-000-apps"}


async def test_nothing_opens_again_after_it_however_often_the_watcher_starts_anew(
    tmp_path: Path,
) -> None:
    async with standing(tmp_path, spokes=1) as house:
        run = await settled(house)
        await teardown(house, "--tier", "apps", "--yes")
        house.label(0, apps=None)  # a person is faster than the watcher
        for _ in range(2):
            await run.end()
            run = house.start()
            await house.pass_s(120.0)
            assert run.state("apps") is State.HELD
        assert len(house.opened) == 3
        assert applications(house) == {"spoke-000-compute", "spoke-000-mesh"}


async def test_what_the_hub_does_not_show_is_said_where_it_matters(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(house.hub.kubeconfig(ADMIN))
        policy = read_policy(house.policy.read_text(), file="policy")
        assert isinstance(policy, Policy)
        connection = await connect(str(kubeconfig), None)
        try:
            ground = await look(connection, policy, house.clock.now)
            assert (ground.removals, ground.unnamable) == (None, ""), "there is no guard C"
            assert ground.at == house.clock.now()
            assert ground.names.keys() == {"spoke-000", "secret/spoke-000"}
            named = {"metadata": {"name": "gate-watcher-removals", "namespace": "argocd"}}
            house.hub.store.create(CONFIG_MAP, {**named, "data": {"argocd.x": "y"}})
            ground = await look(connection, policy, house.clock.now)
            assert ground.removals is not None
            assert ground.removals.data == {"argocd.x": "y"}
        finally:
            await connection.close()
