"""Does a candidate ask and write as the law says, whatever becomes of its requests?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.hub.exchanges import exchange
from tests.hub.kubeconfigs import connected
from tests.hub.running import running, until
from tests.hub.wire_server import Asked, wire_server
from watcher.embedded_hub.clock import HandClock
from watcher.hub.electing import Candidate, Sends
from watcher.hub.errors import Cause, RenewFailed
from watcher.hub.lease import Record, encode_lease, read_lease
from watcher.hub.requests import Request
from watcher.hub.timeouts import Timeouts
from watcher.hub.wire import Status

NOT_FOUND = Status(404, "NotFound")


class LeaseApi:
    """One lease, as an API server keeps it."""

    def __init__(self) -> None:
        self.record: Record | None = None
        self._version = 0

    def put(self, record: Record) -> Record:
        self._version += 1
        uid = record.uid or f"uid-{self._version}"
        self.record = replace(record, uid=uid, resource_version=str(self._version))
        return self.record

    def carry_out(self, request: Request) -> bytes:
        if request.method == "GET":
            if self.record is None:
                raise refused(NOT_FOUND)
            return _shown(self.record)
        wanted = json.loads(request.body or b"")
        meta = {"uid": "", "resourceVersion": "", **wanted["metadata"]}
        if request.method == "POST" and self.record is not None:
            raise refused(Status(409, "AlreadyExists"))
        if request.method == "PUT" and self.record is None:
            raise refused(NOT_FOUND)
        if self.record is not None and self.record.resource_version != meta["resourceVersion"]:
            raise refused(Status(409, "Conflict"))
        return _shown(self.put(read_lease(json.dumps({**wanted, "metadata": meta}).encode())))


class Wire:
    """One candidate's way to it."""

    def __init__(self, api: LeaseApi) -> None:
        self.timeouts = Timeouts()
        self.api = api
        self.asked: list[str] = []
        self.faults: list[RenewFailed] = []
        """How the next requests fail."""
        self.late = False
        """Whether those that fail are carried out all the same."""
        self.answers = asyncio.Event()
        self.answers.set()

    async def send(self, request: Request, *, within_s: float) -> bytes:
        self.asked.append(request.method)
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None and not self.late:
            raise fault
        answer = self.api.carry_out(request)
        await self.answers.wait()
        if fault is not None:
            raise fault
        return answer


def _shown(record: Record) -> bytes:
    return encode_lease(record, namespace="argocd", name="gate-watcher", wall_now=0.0)


def refused(status: Status) -> RenewFailed:
    return RenewFailed(Cause.REFUSED, what=str(status), where="lease", status=status)


def lost() -> RenewFailed:
    return RenewFailed(Cause.LOST, what="no answer came", where="lease")


def candidate(
    wire: Sends,
    clock: HandClock,
    me: str = "a",
    *,
    roll: float = 0.0,
    told: Callable[[], None] = lambda: None,
) -> Candidate:
    return Candidate(
        wire,
        namespace="argocd",
        name="gate-watcher",
        me=me,
        clock=clock,
        roll=lambda: roll,
        told=told,
    )


@dataclass
class Led:
    """A hub on which `a` leads."""

    api: LeaseApi
    clock: HandClock
    wire: Wire
    leader: Candidate

    @property
    def record(self) -> Record:
        assert self.api.record is not None
        return self.api.record

    def other(self, me: str) -> Candidate:
        return candidate(Wire(self.api), self.clock, me)


@asynccontextmanager
async def led() -> AsyncIterator[Led]:
    """It leads as long as the block lasts."""
    api, clock = LeaseApi(), HandClock(1000.0)
    wire = Wire(api)
    leader = candidate(wire, clock)
    async with running(leader.run()):
        await clock.advance(20.0)
        assert leader.permitted()
        wire.asked.clear()
        yield Led(api, clock, wire, leader)


async def test_on_a_new_hub_one_leads_after_the_duration() -> None:
    clock = HandClock(1000.0)
    one = candidate(Wire(LeaseApi()), clock)
    async with running(one.run()):
        await clock.advance(14.0)
        assert not one.permitted()
        assert one.holder == "a"
        await clock.advance(2.0)
        assert one.permitted()


async def test_a_leader_renews_every_two_seconds_with_one_request() -> None:
    async with led() as hub:
        await hub.clock.advance(60.0)
        assert hub.wire.asked == ["PUT"] * 30
        assert hub.leader.permitted()


async def test_of_three_one_leads_and_the_next_follows_when_it_is_cut_off() -> None:
    async with led() as hub:
        others = [hub.other("b"), hub.other("c")]
        async with running(*(each.run() for each in others)):
            await hub.clock.advance(60.0)
            assert [each.permitted() for each in (hub.leader, *others)] == [True, False, False]
            assert [each.holder for each in others] == ["a", "a"]
            hub.wire.faults = [lost()] * 100
            history = []
            for _ in range(190):
                await hub.clock.advance(0.1)
                history.append([each.permitted() for each in (hub.leader, *others)].count(True))
            assert max(history) == 1
            assert history[-1] == 1
            assert not hub.leader.permitted()
            assert hub.record.transitions == 1


async def test_a_released_lease_is_taken_in_the_next_round() -> None:
    async with led() as hub:
        other = hub.other("b")
    async with running(other.run()):
        await hub.clock.advance(2.0)
        await hub.leader.release()
        assert not hub.leader.permitted()
        assert (hub.record.holder, hub.record.duration_s) == ("", 1)
        await hub.clock.advance(2.0)
        assert other.permitted()


async def test_a_release_that_finds_a_renewal_of_ours_looks_again() -> None:
    async with led() as hub:
        pass
    hub.api.put(hub.record)  # a renewal whose answer never came
    await hub.leader.release()
    assert hub.record.holder == ""


async def test_what_is_another_s_is_not_released() -> None:
    async with led() as hub:
        pass
    hub.api.put(replace(hub.record, holder="b"))
    await hub.leader.release()
    assert hub.record.holder == "b"


async def test_a_candidate_that_never_led_releases_nothing() -> None:
    wire = Wire(LeaseApi())
    await candidate(wire, HandClock(1000.0)).release()
    assert wire.asked == []


async def test_a_release_that_fails_is_said_and_ends_the_permit_all_the_same() -> None:
    async with led() as hub:
        pass
    hub.wire.faults = [lost()]
    await hub.leader.release()
    assert not hub.leader.permitted()
    assert "no answer came" in hub.leader.trouble


@pytest.mark.parametrize("carried_out", [True, False])
async def test_a_renewal_without_an_answer_is_followed_by_a_look(carried_out: bool) -> None:
    async with led() as hub:
        hub.wire.faults, hub.wire.late = [lost()], carried_out
        await hub.clock.advance(2.0)
        assert hub.leader.trouble == "cannot renew lease: no answer came"
        assert hub.leader.permitted()
        await hub.clock.advance(2.0)
        assert hub.wire.asked == ["PUT", "GET", "PUT"]
        assert hub.leader.trouble == ""
        await hub.clock.advance(9.0)
        assert hub.leader.permitted()


async def test_the_permit_counts_from_the_sending_not_from_the_answer() -> None:
    async with led() as hub:
        hub.wire.answers.clear()
        await hub.clock.advance(2.0)  # a renewal was sent, and is not answered …
        await hub.clock.advance(4.0)
        hub.wire.faults = [lost()] * 100
        hub.wire.answers.set()  # … until four seconds later
        await hub.clock.advance(5.9)
        assert hub.leader.permitted()
        await hub.clock.advance(0.2)
        assert not hub.leader.permitted()


async def test_a_lease_that_was_deleted_is_made_anew_without_a_gap() -> None:
    async with led() as hub:
        for _ in range(3):
            hub.api.record = None
            for _ in range(100):
                await hub.clock.advance(0.1)
                assert hub.leader.permitted()
        assert hub.record.holder == "a"


@pytest.mark.parametrize("holder", ["stranger", ""])
async def test_a_lease_that_somebody_gave_away_is_left_and_taken_back_later(holder: str) -> None:
    async with led() as hub:
        hub.api.put(replace(hub.record, holder=holder))
        await hub.clock.advance(2.0)
        assert not hub.leader.permitted()
        assert hub.leader.holder == holder
        await hub.clock.advance(17.0)
        assert hub.leader.permitted()


async def test_a_lease_that_somebody_labelled_stays_ours_with_its_label() -> None:
    async with led() as hub:
        hub.api.put(replace(hub.record, labels={"team": "platform"}))
        await hub.clock.advance(4.0)
        assert hub.leader.permitted()
        assert hub.record.labels == {"team": "platform"}


@pytest.mark.parametrize(
    "fault",
    [
        refused(Status(403, "Forbidden", "leases is forbidden")),
        refused(Status(404)),
        refused(Status(500)),
        lost(),
        RenewFailed(Cause.UNREADABLE, what="it is no lease", where="lease"),
    ],
    ids=["403", "404 of a proxy", "500", "lost", "unreadable"],
)
async def test_without_an_answer_nobody_leads_and_it_is_said(fault: RenewFailed) -> None:
    wire, clock = Wire(LeaseApi()), HandClock(1000.0)
    wire.faults = [fault] * 1000
    one = candidate(wire, clock)
    async with running(one.run()):
        await clock.advance(60.0)
        assert not one.permitted()
        assert one.trouble == str(fault)
        assert len(wire.asked) <= 31
        wire.faults = []
        await clock.advance(20.0)
        assert one.permitted()
        assert one.trouble == ""


async def test_who_leads_is_told_when_it_changes() -> None:
    told: list[tuple[str, bool]] = []
    api, clock = LeaseApi(), HandClock(1000.0)
    one = candidate(Wire(api), clock, told=lambda: told.append((one.holder, one.permitted())))
    async with running(one.run()):
        await clock.advance(20.0)
        assert api.record is not None
        api.put(replace(api.record, holder="b"))
        await clock.advance(4.0)
    assert told == [("a", False), ("a", True), ("b", False)]


async def test_rounds_are_drawn_apart() -> None:
    wire, clock = Wire(LeaseApi()), HandClock(1000.0)
    async with running(candidate(wire, clock, roll=0.5).run()):
        await clock.advance(2.19)
        assert wire.asked == ["GET", "POST"]
        await clock.advance(0.02)
        assert wire.asked == ["GET", "POST", "GET"]


async def test_what_a_real_api_server_answers_is_understood(tmp_path: Path) -> None:
    """Created by another just before us, left to us, taken from us by force."""
    found = exchange("get-absent").http
    puts = iter([exchange("lease-create").http, exchange("lease-update-conflict").http])
    asked: list[Asked] = []

    async def answer(this: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal found
        asked.append(this)
        match this.method:
            case "GET":
                writer.write(found)
            case "POST":
                found = exchange("lease-create").http
                writer.write(exchange("lease-create-again").http)
            case _:
                writer.write(next(puts))

    clock = HandClock(1_800_000_000.0)
    async with wire_server(answer) as server, connected(tmp_path, server.url) as connection:
        one = candidate(connection, clock)
        async with running(one.run()):
            await until(lambda: len(asked) == 2 and clock.next_wake_at() is not None)
            await clock.advance(2.0)
            await until(lambda: len(asked) == 3 and clock.next_wake_at() is not None)
            await clock.advance(15.0)
            while not one.permitted():
                await until(lambda: clock.next_wake_at() is not None)
                await clock.advance(2.0)
            found = exchange("lease-update").http
            await until(lambda: clock.next_wake_at() is not None)
            await clock.advance(2.0)
            await until(lambda: one.holder == "b")
            assert not one.permitted()
    recorded = exchange("lease-create").request
    assert asked[1].path == recorded["path"]
    assert asked[1].query == {"fieldManager": "gate-watcher"}
    assert asked[1].headers["content-type"] == "application/json"
    put = next(each for each in asked if each.method == "PUT")
    assert put.path == exchange("lease-update").request["path"]
    assert json.loads(put.body)["metadata"]["resourceVersion"] == "654"
