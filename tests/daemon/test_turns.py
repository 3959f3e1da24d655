from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from tests.builders import (
    NOW,
    application,
    application_set,
    controller,
    policy,
    settled_since,
    sources,
    spoke,
)
from tests.daemon.test_supervisor import House
from watcher.daemon.holdings import Holdings
from watcher.daemon.turns import Turn, Turns
from watcher.decide import Carried, Decision, Snapshot
from watcher.decide.changes import GateChanged
from watcher.hub import Change
from watcher.policy import Policy

POLICY = policy("compute", "mesh")


class Desk:
    """A hub in values, and what turns made of it."""

    def __init__(self) -> None:
        self.house = House()
        self.holdings = Holdings()
        self.acted: list[Decision] = []
        self.turns_made: list[Turn] = []
        self.faults: list[Exception] = []
        self.turns = Turns(
            self,
            supervisor=self.house.supervisor,
            hub_time=self.house.clock,
            own_time=self.house.clock,
        )
        self.holdings.take_application_sets(
            [Change(None, application_set(tier, tier)) for tier in ("compute", "mesh")]
        )
        self.holdings.take_pods([Change(None, controller())])

    def policy(self) -> Policy:
        return POLICY

    def snapshot(self, carried: Carried) -> Snapshot:
        if self.faults:
            raise self.faults.pop()
        return self.holdings.snapshot(
            sources=sources(self.house.clock.now()),
            writes={},
            refusals={},
            guards={},
            carried=carried,
        )

    def act(self, decision: Decision) -> None:
        self.acted.append(decision)

    def said(self, turn: Turn) -> None:
        self.turns_made.append(turn)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.house.supervisor.keep("turns", self.turns.run)
        await self.house.clock.advance(0.0)
        yield
        await self.house.supervisor.cancel_all()


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_nothing_is_decided_while_nothing_changes(desk: Desk) -> None:
    async with desk.running():
        await desk.house.clock.advance(30.0)
        assert len(desk.acted) == 1


async def test_any_number_of_changes_make_one_turn(desk: Desk) -> None:
    async with desk.running():
        for name in "abc":
            desk.holdings.take_spokes([Change(None, spoke(name))])
            desk.turns.wake()
        await desk.house.clock.advance(0.0)
        assert len(desk.acted) == 2
        assert len(desk.acted[-1].spokes) == 3


async def test_a_turn_is_made_when_time_alone_changes_the_answer(desk: Desk) -> None:
    opened = spoke("a", opened={"compute": NOW - 5.0})
    desk.holdings.take_spokes([Change(None, opened)])
    desk.holdings.take_applications([Change(None, settled_since(NOW - 4.0, "compute"))])
    async with desk.running():
        assert desk.acted[-1].wake_at == NOW + 6.0
        await desk.house.clock.advance(5.9)
        assert len(desk.acted) == 1
        await desk.house.clock.advance(0.1)
        assert [each.opens for each in desk.acted[-1].patches] == [("mesh",)]


async def test_an_alarm_that_was_overtaken_does_not_ring(desk: Desk) -> None:
    async with desk.running():
        assert desk.acted[-1].wake_at is not None
        desk.turns.wake()
        await desk.house.clock.advance(0.0)
        waiting = [task for task in asyncio.all_tasks() if task.get_name() == "alarm"]
        assert len(waiting) == 1


async def test_changes_are_told_from_one_turn_to_the_next(desk: Desk) -> None:
    async with desk.running():
        desk.holdings.take_spokes([Change(None, spoke("a"))])
        desk.turns.wake()
        await desk.house.clock.advance(0.0)
        told = [each for each in desk.turns_made[-1].changes if isinstance(each, GateChanged)]
        assert [each.gate.tier for each in told] == ["compute", "mesh"]


async def test_told_anew_it_speaks_as_after_a_start(desk: Desk) -> None:
    lost = replace(spoke("a", opened={"compute": NOW - 60.0}), labels={})
    desk.holdings.take_spokes([Change(None, lost)])
    desk.holdings.take_applications([Change(None, application("compute"))])
    async with desk.running():
        for wake in (desk.turns.wake, desk.turns.tell_anew):
            before = len(desk.turns_made)
            wake()
            await desk.house.clock.advance(0.0)
            assert len(desk.turns_made) == before + 1
        quiet, anew = desk.turns_made[-2:]
        assert quiet.changes == ()
        assert [str(each.after) for each in anew.changes if isinstance(each, GateChanged)] == [
            "Lost"
        ]


async def test_a_turn_that_dies_is_logged_and_the_next_one_starts_from_scratch(desk: Desk) -> None:
    async with desk.running():
        desk.faults.append(ArithmeticError("odd"))
        desk.turns.wake()
        await desk.house.clock.advance(0.0)
        assert desk.house.died == ["turns"]
        desk.holdings.take_spokes([Change(None, spoke("a"))])
        await desk.house.clock.advance(1.0)
        assert list(desk.acted[-1].spokes) == ["uid-a"]
