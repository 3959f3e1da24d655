"""Does what the controllers say of their memory reach decisions, and does what fails there hold up
nothing else?
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.daemon.standing import POLICY, Run, standing, three_tiers
from tests.daemon.test_checking import GRANTED
from tests.daemon.test_watcher import READER, in_order, well
from watcher.decide import State
from watcher.decide.shards import Shard
from watcher.decide.words import name
from watcher.embedded_hub.controllers import UNPACED, Setup
from watcher.embedded_hub.faults import Answer, Endless, Hold, Lie, LoseAnswer, On, RequestFault
from watcher.embedded_hub.users import WATCHER, Rule

LIMITED = Setup(traits=replace(UNPACED, limit_bytes=2 << 30))
TWO = Setup(replicas=2, traits=LIMITED.traits)
ALWAYS = On(times=None)

WRITES = (
    *(rule for rule in GRANTED if rule.resources != ("pods",)),
    Rule(("patch",), ("",), ("secrets",)),
    Rule(("get", "create", "update"), ("coordination.k8s.io",), ("leases",)),
    Rule(("create", "patch"), ("events.k8s.io",), ("events",)),
)
"""All that a watcher needs but the Pods."""


def shards(run: Run) -> dict[str, Shard]:
    """What was last decided of each, by its name."""
    decision = run.decision
    return {} if decision is None else {each.name: each for each in decision.shards.values()}


def known(run: Run, shard: str = "0") -> bool:
    """Whether there is a reading of a shard to believe."""
    return shard in shards(run) and shards(run)[shard].live_bytes is not None


def waits_for(run: Run, tier: str = "compute") -> set[str]:
    """The reasons of the gates of a tier, by name."""
    verdicts = [] if run.decision is None else run.decision.verdicts.items()
    return {name(why) for gate, each in verdicts if gate.tier == tier for why in each.reasons}


def troubles(run: Run) -> list[str]:
    return [line["because"].partition(": ")[2] for line in run.logged("memory cannot be read")]


async def test_a_hub_with_a_limit_is_admitted_by_what_its_controller_says(tmp_path: Path) -> None:
    async with standing(tmp_path, scenario=three_tiers(controllers=LIMITED)) as house:
        run = house.start()
        await house.until(lambda: run.all_are(State.SETTLED))
        shard = shards(run)["0"]
        assert shard.pod_limit_bytes == 2 << 30
        assert shard.spokes == 2
        assert shard.stops == ()
        assert known(run)
        assert troubles(run) == []
        in_order(house)
        well(run)


async def test_each_controller_is_asked_every_five_seconds_and_only_by_who_leads(
    tmp_path: Path,
) -> None:
    async with standing(tmp_path, spokes=0, scenario=three_tiers(controllers=TWO)) as house:
        leader = house.start()
        house.hub.api.users[READER.name] = READER
        house.start(user=READER)
        await house.until(lambda: known(leader, "0") and known(leader, "1"))
        before = len(house.hub.metrics.asked)
        await house.pass_s(60.0)
        asked = house.hub.metrics.asked[before:]
        assert len(asked) == pytest.approx(24, abs=2)
        assert asked.count("127.0.0.1") == pytest.approx(12, abs=1)


async def test_a_dry_run_asks_too(tmp_path: Path) -> None:
    async with standing(tmp_path, scenario=three_tiers(controllers=LIMITED)) as house:
        run = house.start(dry_run=True)
        await house.until(lambda: known(run))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Answer(500), "it answers 500"),
        (Answer(200, body=b"<html>\n"), "it shows nothing of an application controller's memory"),
        (LoseAnswer(), "the connection broke (ServerDisconnectedError)"),
        (Lie("go_gc_heap_live_bytes", "NaN"), "go_gc_heap_live_bytes: not a number from 0 to 2^64"),
        (Endless(b"go_info 1"), "more than 33554432 bytes came"),
    ],
)
async def test_a_shard_that_says_nothing_of_use_gets_nothing_until_it_does(
    tmp_path: Path, fault: RequestFault, said: str
) -> None:
    async with standing(tmp_path, scenario=three_tiers(controllers=LIMITED)) as house:
        house.hub.metrics.faults.plan(ALWAYS, fault)
        run = house.start()
        await house.until(lambda: troubles(run) == [said])
        await house.pass_s(20.0)
        assert house.opened == []
        assert not known(run)
        assert await run.get("/livez") == (200, "alive\n")
        assert (await run.get("/readyz"))[0] == 200
        house.hub.metrics.faults.clear()
        await house.until(lambda: run.all_are(State.SETTLED))
        assert len(run.logged("memory can be read again")) == 1
        well(run)


async def test_a_shard_that_hangs_holds_up_no_other_and_not_the_end(tmp_path: Path) -> None:
    scenario = three_tiers(controllers=TWO)
    async with standing(tmp_path, spokes=8, scenario=scenario) as house:
        house.hub.metrics.faults.plan(On(path="127.0.0.2/", times=None), Hold())
        run = house.start()
        await house.until(lambda: known(run, "0"))
        await house.pass_s(60.0)
        assert not known(run, "1")
        asked = house.hub.metrics.asked
        assert asked.count("127.0.0.1") > 10 > asked.count("127.0.0.2"), "it is waited for"
        await run.end()
        well(run)


async def test_without_a_limit_nothing_waits_for_a_reading(tmp_path: Path) -> None:
    async with standing(tmp_path) as house:
        house.hub.metrics.faults.plan(ALWAYS, Answer(500))
        run = house.start()
        await house.until(lambda: run.all_are(State.SETTLED))
        assert troubles(run) == ["it answers 500"]


async def test_pods_that_may_not_be_read_are_said_and_hold_up_no_more_than_memory(
    tmp_path: Path,
) -> None:
    async with standing(tmp_path, scenario=three_tiers(controllers=LIMITED)) as house:
        house.hub.api.grant(WATCHER, *WRITES)
        house.label(0, compute="open")
        run = house.start(user=WATCHER)
        await house.until(lambda: run.state("compute") is State.SETTLED)
        await house.until(lambda: bool(run.logged("rights are missing")))
        (line,) = run.logged("rights are missing")
        assert line["rights"] == ["list pods in argocd", "watch pods in argocd"]
        assert [each["about"] for each in run.logged("hub does not answer")] == ["pods in argocd"]
        assert (await run.get("/readyz"))[0] == 200
        assert "PodsUnknown" in waits_for(run, "mesh")
        opened = len(house.opened)
        house.label(0, compute=None)
        await house.until(lambda: len(house.opened) > opened)
        assert house.opened[-1][2] == "compute", "a lost gate does not wait for memory"
        house.hub.api.grant(WATCHER, *WRITES, *GRANTED)
        await house.until(lambda: run.all_are(State.SETTLED))
        well(run)


async def test_another_port_is_asked_at_once(tmp_path: Path) -> None:
    async with standing(tmp_path, scenario=three_tiers(controllers=LIMITED)) as house:
        right = house.policy.read_text()
        house.policy.write_text(POLICY + house.memory(port=1, scrapeEvery="1h", staleAfter="2h"))
        run = house.start()
        await house.until(lambda: troubles(run) == ["Connection refused"])
        house.policy.write_text(right)
        began = house.clock.now()
        await house.until(lambda: known(run))
        assert house.clock.now() - began <= 5.0, "not after the hour that was in force"


async def test_a_controller_that_was_killed_is_read_again_once_it_is_up(tmp_path: Path) -> None:
    async with standing(tmp_path, scenario=three_tiers(controllers=LIMITED)) as house:
        run = house.start()
        await house.until(lambda: run.all_are(State.SETTLED))
        house.hub.controllers.kill(0)
        await house.pass_s(1.0)
        await house.until(lambda: house.hub.controllers.all[0].up)
        asked = len(house.hub.metrics.asked)
        await house.until(lambda: len(house.hub.metrics.asked) > asked)
        await house.pass_s(60.0)
        assert known(run)
        assert run.all_are(State.SETTLED)
        well(run)


async def test_a_controller_that_is_scaled_away_is_no_shard_any_more(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=0, scenario=three_tiers(controllers=TWO)) as house:
        run = house.start()
        await house.until(lambda: known(run, "0") and known(run, "1"))
        house.hub.controllers.scale(1)
        await house.until(lambda: set(shards(run)) == {"0"})
        well(run)
