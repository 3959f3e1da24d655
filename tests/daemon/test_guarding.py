"""Are guards read, believed no longer than until the next reading, and told of when they change?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.daemon.standing import POLICY, House, Run, standing
from watcher.decide import say
from watcher.embedded_hub.faults import Answer, On
from watcher.embedded_hub.resources import ADMISSION_BINDING, ADMISSION_POLICY, LEASE
from watcher.embedded_hub.users import ADMIN
from watcher.facts import Guard
from watcher.guards import GROUP, Shape, shape, shipped
from watcher.policy import Gates, Polarity, Policy

BLOCKED = Policy((), Gates(polarity=Polarity.BLOCK))


def install(house: House, *guards: Guard, of: Shape | None = None) -> None:
    every = shipped(of or shape(Policy(()), ADMIN.name))
    for guard in guards:
        house.hub.store.create(ADMISSION_POLICY, every[guard].policy)
        house.hub.store.create(ADMISSION_BINDING, every[guard].binding)


def remove(house: House, guard: Guard) -> None:
    name = shipped(shape(Policy(()), ADMIN.name))[guard].name
    house.hub.store.delete(ADMISSION_BINDING, "", name)


def said(run: Run) -> list[tuple[str, str, str]]:
    return [
        (line["guard"], line["event"].removeprefix("guard is "), line["level"])
        for line in run.lines
        if line["event"].startswith("guard is ")
    ]


def refuse_policies(house: House) -> Any:
    return house.hub.api.faults.plan(On(path=f"/apis/{GROUP}", times=None), Answer(403))


async def test_what_was_shipped_is_said_shown_and_measured(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        install(house, Guard.A, Guard.B, Guard.E)
        run = house.start()
        await house.until(lambda: len(said(run)) == 5)
        assert said(run) == [
            ("A", "in force", "info"),
            ("B", "in force", "info"),
            ("C", "not in force", "debug"),
            ("D", "not in force", "debug"),
            ("E", "in force", "info"),
        ]
        await house.until(lambda: run.decisions > 0 and run.state("compute") is not None)
        status, text = await run.get("/readyz")
        assert status == 200
        assert "- guard A is in force\n" in text
        assert "- guard C is not in force: " in text
        assert await run.metric('gate_watcher_guard_in_force{guard="E"}') == 1
        assert await run.metric('gate_watcher_guard_in_force{guard="D"}') == 0


async def test_a_guard_that_goes_is_a_warning_and_one_that_comes_is_said(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        install(house, Guard.A)
        run = house.start(dry_run=True)
        await house.until(lambda: len(said(run)) == 5)
        remove(house, Guard.A)
        install(house, Guard.E)
        await house.pass_s(70.0)
        assert said(run)[5:] == [("A", "not in force", "warning"), ("E", "in force", "info")]
        await house.pass_s(120.0)
        assert len(said(run)) == 7, "what does not change is no news"


async def test_an_optional_guard_that_is_there_and_does_nothing_is_a_warning(
    tmp_path: Path,
) -> None:
    async with standing(tmp_path, spokes=1) as house:
        every = shipped(shape(Policy(()), ADMIN.name))
        house.hub.store.create(ADMISSION_POLICY, every[Guard.C].policy)
        run = house.start(dry_run=True)
        await house.until(lambda: len(said(run)) == 5)
        assert said(run)[2:4] == [("C", "not in force", "warning"), ("D", "not in force", "debug")]


async def test_what_cannot_be_read_any_more_is_unknown_and_measured_as_nothing(
    tmp_path: Path,
) -> None:
    async with standing(tmp_path, spokes=1) as house:
        install(house, Guard.A)
        run = house.start()
        await house.until(lambda: len(said(run)) == 5)
        await house.until(lambda: run.decisions > 0 and run.state("compute") is not None)
        assert await run.metric('gate_watcher_guard_in_force{guard="A"}') == 1
        refused = refuse_policies(house)
        await house.pass_s(70.0)
        assert said(run)[5] == ("A", "unknown", "warning")
        assert await run.metric('gate_watcher_guard_in_force{guard="A"}') is None
        refused.cancel()
        await house.pass_s(70.0)
        assert ("A", "in force", "info") in said(run)[6:]


async def test_under_polarity_block_gates_open_once_the_guard_is_in_force(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        house.policy.write_text(POLICY + "gates: {polarity: block}\n")
        run = house.start(dry_run=True)
        await house.until(lambda: len(said(run)) == 5)
        assert said(run)[0] == ("A", "not in force", "warning")
        await house.pass_s(30.0)
        assert run.decision is not None
        (stops,) = run.decision.stops
        assert "open-gates-stay-open.argocd.gate-watcher.io is not on the hub" in say(stops)
        install(house, Guard.A, of=shape(BLOCKED, ADMIN.name))
        await house.pass_s(70.0)
        assert run.logged("no longer holds admission back")[-1]["reason"] == "GuardNotInForce"


async def test_no_request_is_made_that_a_guard_would_refuse(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        run = house.start(dry_run=True)
        await house.pass_s(130.0)
        assert len(said(run)) == 5
        asked = [
            one
            for one in house.hub.api.requests
            if one.resource in (ADMISSION_POLICY, ADMISSION_BINDING)
        ]
        assert {one.method for one in asked} == {"GET"}
        assert len(asked) == 3 * 5, "one reading a minute; a policy that is not there is enough"
        assert house.hub.store.get(LEASE, "argocd", "gate-watcher") is not None
