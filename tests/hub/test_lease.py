"""Are two never permitted together, and is there always one in the end?"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.hub.exchanges import exchange
from watcher.hub.lease import (
    Elector,
    LeaseTimes,
    Record,
    encode_lease,
    micro_time,
    read_lease,
    release,
)

TIMES = LeaseTimes()


def record(holder: str = "other", *, version: int = 1, duration_s: int = 15) -> Record:
    return Record(uid="u", resource_version=str(version), holder=holder, duration_s=duration_s)


def leader(*, sent_at: float = 100.0) -> Elector:
    return Elector("me").took(record("me"), sent_at=sent_at, now=sent_at + 0.5)


def test_a_leader_is_permitted_until_the_deadline_counted_from_the_sending() -> None:
    assert leader(sent_at=100.0).permitted(109.9)
    assert not leader(sent_at=100.0).permitted(110.0)


def test_nobody_is_permitted_before_a_write_of_his_own() -> None:
    assert not Elector("me").permitted(0.0)
    assert not Elector("me").looked(record("me"), 100.0).permitted(100.0)


def test_another_s_record_is_taken_only_after_it_was_seen_unchanged_for_its_duration() -> None:
    seen = Elector("me").looked(record(), 100.0)
    assert not seen.may_take(114.9)
    assert seen.looked(record(), 110.0).may_take(115.0)
    assert not seen.looked(record(version=2), 110.0).may_take(124.9)


@pytest.mark.parametrize(
    ("duration_s", "waits_s"), [(0, 15), (-5, 15), (1, 15), (15, 15), (30, 30), (2**31 - 1, 60)]
)
def test_what_a_record_claims_to_last_is_believed_within_limits(
    duration_s: int, waits_s: float
) -> None:
    seen = Elector("me").looked(record(duration_s=duration_s), 100.0)
    assert not seen.may_take(100.0 + waits_s - 0.1)
    assert seen.may_take(100.0 + waits_s)


def test_a_released_record_is_taken_at_once() -> None:
    assert Elector("me").looked(release(record()), 100.0).may_take(100.0)


def test_a_record_whose_holder_somebody_erased_is_not_taken_at_once() -> None:
    for duration_s in (0, 15):
        erased = record("", duration_s=duration_s)
        assert not Elector("me").looked(erased, 100.0).may_take(114.9)


def test_our_own_name_gives_no_right_to_one_who_did_not_lead() -> None:
    """It may be an answer that was lost, but also a restored or an edited record."""
    seen = Elector("me").looked(record("me"), 100.0)
    assert not seen.may_take(114.9)
    assert seen.may_take(115.0)


def test_a_leader_whose_record_was_touched_renews_and_keeps_its_permit() -> None:
    touched = leader().looked(record("me", version=9), 103.0)
    assert touched.permitted(103.0)
    assert touched.may_take(103.0)


@pytest.mark.parametrize("holder", ["other", ""])
def test_a_leader_that_sees_another_name_stops_at_once(holder: str) -> None:
    lost = leader().looked(record(holder, version=9), 103.0)
    assert not lost.permitted(103.0)
    assert not lost.may_take(103.0)


def test_a_leader_whose_record_was_deleted_keeps_its_permit_until_its_deadline() -> None:
    gone = leader().looked(None, 103.0)
    assert gone.permitted(109.0)
    assert not gone.may_take(103.0)  # there is nothing to take: it is created
    again = gone.created(record("me", version=20), 103.5)
    assert again.may_take(104.0)


def test_creating_gives_no_right() -> None:
    made = Elector("me").looked(None, 100.0).created(record("me"), 100.5)
    assert not made.permitted(100.5)
    assert not made.may_take(115.0)
    assert made.may_take(115.5)


def test_after_a_failed_write_one_looks_first() -> None:
    assert leader().sure
    assert not leader().unsure().sure
    assert leader().unsure().permitted(105.0)


def test_who_resigns_is_permitted_nothing() -> None:
    assert not leader().resigned().permitted(100.5)


def test_a_claim_keeps_what_others_wrote_beside_it() -> None:
    before = replace(record(), labels={"a": "b"}, annotations={"c": "d"}, transitions=4)
    claim = Elector("me").looked(before, 100.0).claim(1_800_000_000.0)
    assert claim == replace(
        before,
        holder="me",
        transitions=5,
        acquired="2027-01-15T08:00:00.000000Z",
    )


def test_a_renewal_changes_neither_the_count_nor_when_it_was_taken() -> None:
    held = replace(record("me"), transitions=4, acquired="2026-11-24T08:00:00.000000Z")
    claim = Elector("me").looked(held, 100.0).claim(1_800_000_000.0)
    assert (claim.transitions, claim.acquired) == (4, "2026-11-24T08:00:00.000000Z")


def test_a_captured_lease_is_read_and_written_back() -> None:
    body = exchange("lease-create").body
    read = read_lease(body)
    assert read == Record(
        uid="13ce4187-68f0-4302-b666-da30743a4a71",
        resource_version="654",
        holder="a",
        duration_s=15,
        transitions=0,
        acquired="2026-11-24T08:00:00.000000Z",
    )
    written = encode_lease(read, namespace="argocd", name="gate-watcher", wall_now=1.5)
    spec = json.loads(body)["spec"]
    assert json.loads(written)["spec"] == {**spec, "renewTime": "1970-01-01T00:00:01.500000Z"}
    assert read_lease(written) == read


def test_a_lease_to_create_names_no_version() -> None:
    claim = Elector("me").claim(1_800_000_000.0)
    body = encode_lease(claim, namespace="argocd", name="gate-watcher", wall_now=1_800_000_000.0)
    assert json.loads(body) == {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "gate-watcher", "namespace": "argocd"},
        "spec": {
            "holderIdentity": "me",
            "leaseDurationSeconds": 15,
            "acquireTime": "2027-01-15T08:00:00.000000Z",
            "renewTime": "2027-01-15T08:00:00.000000Z",
            "leaseTransitions": 0,
        },
    }


@pytest.mark.parametrize("spec", ["null", "{}", '{"holderIdentity":null,"renewTime":"nonsense"}'])
def test_a_lease_may_say_nothing(spec: str) -> None:
    body = '{"kind":"Lease","metadata":{"uid":"u","resourceVersion":"7"},"spec":' + spec + "}"
    assert read_lease(body.encode()) == Record("u", "7")


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b'{"kind":"Lease","metadata":{}}'])
def test_what_is_no_lease_is_none(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_lease(body)


def test_times_are_written_as_kubernetes_does() -> None:
    assert micro_time(1_800_000_000.25) == "2027-01-15T08:00:00.250000Z"


# Two electors on a hub that delays, loses and forgets, each with a clock of its own.

Call: TypeAlias = tuple[Literal["look", "create", "update"], Record | None]


@dataclass
class Api:
    """The API server's side of one lease."""

    record: Record | None = None
    version: int = 0
    uid: int = 0

    def carry_out(self, call: Call) -> Record | Literal["conflict"] | None:
        match call:
            case ("look", _):
                return self.record
            case ("create", wanted):
                if self.record is not None:
                    return "conflict"
                self.uid += 1
                return self.put(wanted, uid=f"uid-{self.uid}")
            case (_, wanted):
                now = self.record
                assert wanted is not None
                if now is None or (now.uid, now.resource_version) != (
                    wanted.uid,
                    wanted.resource_version,
                ):
                    return "conflict"
                return self.put(wanted, uid=now.uid)

    def put(self, wanted: Record | None, *, uid: str) -> Record:
        assert wanted is not None
        self.version += 1
        self.record = replace(wanted, uid=uid, resource_version=str(self.version))
        return self.record

    def edit(self, what: str) -> None:
        """What a person, or a restored backup, does to it; anything but forge a release."""
        if self.record is None:
            return
        match what:
            case "delete":
                self.record = None
            case "touch":
                self.put(self.record, uid=self.record.uid)
            case "erase":
                self.put(replace(self.record, holder="", duration_s=15), uid=self.record.uid)
            case "shorten":
                self.put(replace(self.record, duration_s=2), uid=self.record.uid)
            case holder:
                self.put(replace(self.record, holder=holder), uid=self.record.uid)


@dataclass
class Process:
    """An elector as electing.py drives it, one call on the wire at a time."""

    elector: Elector
    rate: float
    call: Call | None = None
    sent_at: float = 0.0
    answer: Record | Literal["conflict", "unanswered"] | None = "unanswered"
    late: list[Call] = field(default_factory=list)

    def clock(self, real: float) -> float:
        return real * self.rate

    def begin(self, real: float) -> None:
        if self.call is not None:
            return
        elector, now = self.elector, self.clock(real)
        self.sent_at, self.answer = now, "unanswered"
        if elector.sure:
            self.call = ("update", elector.claim(0.0))
        else:
            self.call = ("look", None)

    def receive(self, real: float) -> None:
        if self.call is None or self.answer == "unanswered":
            return
        (kind, _), answer, now = self.call, self.answer, self.clock(real)
        self.call = None
        if answer == "conflict":
            self.elector = self.elector.unsure()
        elif kind == "look":
            assert not isinstance(answer, str)
            self.elector = self.elector.looked(answer, now)
            self.write(now)
        elif kind == "create":
            assert isinstance(answer, Record)
            self.elector = self.elector.created(answer, now)
        else:
            assert isinstance(answer, Record)
            self.elector = self.elector.took(answer, sent_at=self.sent_at, now=now)

    def write(self, now: float) -> None:
        elector = self.elector
        self.sent_at, self.answer = now, "unanswered"
        if elector.seen is None:
            self.call = ("create", elector.claim(0.0))
        elif elector.may_take(now):
            self.call = ("update", elector.claim(0.0))

    def lose(self) -> None:
        """No answer: what was not carried out yet may be, at any later time."""
        if self.call is not None and self.answer == "unanswered":
            self.late.append(self.call)
        self.call = None
        self.elector = self.elector.unsure()


@dataclass
class World:
    api: Api
    processes: list[Process]
    real: float = 0.0

    def do(self, what: str, who: int, seconds: float) -> None:
        process = self.processes[who]
        match what:
            case "pass":
                self.real += seconds
            case "begin":
                process.begin(self.real)
            case "carry out":
                if process.call is not None and process.answer == "unanswered":
                    process.answer = self.api.carry_out(process.call)
            case "receive":
                process.receive(self.real)
            case "round":
                for step in ("begin", "carry out", "receive", "carry out", "receive"):
                    self.do(step, who, 0.0)
            case "cut off":  # carried out, but the answers never come
                for step in ("begin", "carry out", "lose"):
                    self.do(step, who, 0.0)
            case "hang":  # not carried out yet
                self.do("begin", who, 0.0)
                self.do("lose", who, 0.0)
            case "slow":  # carried out now, answered when it goes on
                self.do("begin", who, 0.0)
                self.do("carry out", who, 0.0)
            case "finish":
                for step in ("receive", "carry out", "receive"):
                    self.do(step, who, 0.0)
            case "lose":
                process.lose()
            case "late":
                if process.late:
                    self.api.carry_out(process.late.pop(0))
            case "release":
                self.release(process)
            case edit:
                self.api.edit(edit)

    def release(self, process: Process) -> None:
        elector = process.elector
        process.elector = elector.resigned()
        if elector.sent_at is not None and elector.seen is not None and process.call is None:
            self.api.carry_out(("update", release(elector.seen)))

    def permitted(self) -> list[str]:
        return [
            each.elector.me
            for each in self.processes
            if each.elector.permitted(each.clock(self.real))
        ]


steps = st.tuples(
    st.sampled_from(
        ["pass"] * 4
        + ["round"] * 4
        + ["begin", "carry out", "receive", "lose", "late", "release"]
        + ["delete", "touch", "erase", "shorten", "stranger", "a", "b"]
    ),
    st.integers(0, 2),
    st.sampled_from([0.1, 1.0, 2.0, 5.0, 14.0, 16.0]),
)


def world(rates: tuple[float, float, float]) -> World:
    electors = [Elector(name) for name in "abc"]
    return World(Api(), [Process(*each) for each in zip(electors, rates, strict=True)])


@settings(max_examples=600)
@given(
    st.lists(steps, max_size=120),
    st.tuples(*[st.sampled_from([0.9, 1.0, 1.2])] * 3),
)
def test_never_are_two_permitted_together(
    story: list[tuple[str, int, float]], rates: tuple[float, float, float]
) -> None:
    """Clocks run up to a third apart; requests hang, get lost, arrive late; people edit."""
    electing = world(rates)
    for what, who, seconds in story:
        electing.do(what, who, seconds)
        assert len(electing.permitted()) <= 1


habits = st.sampled_from(
    ["round"] * 6 + ["nothing", "nothing", "cut off", "hang", "slow", "finish", "late"]
)
edits = st.sampled_from(
    ["nothing"] * 12 + ["delete", "touch", "erase", "shorten", "stranger", "a", "b"]
)


@settings(max_examples=1000)
@given(
    st.lists(st.tuples(st.integers(1, 8), habits, habits, edits), max_size=20),
    st.tuples(*[st.sampled_from([0.9, 1.0, 1.2])] * 2, st.just(1.0)),
    st.sampled_from([0, 5, 12, 12]),
)
def test_never_are_two_permitted_together_while_they_take_turns(
    story: list[tuple[int, str, str, str]], rates: tuple[float, float, float], rounds: int
) -> None:
    """The same, where each goes on for a while with what it does: this reaches further."""
    electing = world(rates)
    for _ in range(rounds):
        electing.do("pass", 0, TIMES.retry_s)
        electing.do("round", 0, 0.0)
    for times, first, second, edit in story:
        for who, what in ((0, first), (1, second)) * times:
            electing.do("pass", 0, TIMES.retry_s / 2)
            electing.do(what, who, 0.0)
            assert len(electing.permitted()) <= 1
        electing.do(edit, 0, 0.0)


@given(st.lists(steps, max_size=60))
def test_when_faults_stop_one_leads_and_goes_on_leading(
    story: list[tuple[str, int, float]],
) -> None:
    electing = world((1.0, 1.0, 1.0))
    for what, who, seconds in story:
        electing.do(what, who, seconds)
    for process in electing.processes:
        process.call = None
        process.elector = process.elector.unsure()
    leaders: list[list[str]] = []
    for _ in range(60):
        electing.do("pass", 0, TIMES.retry_s)
        for who in range(3):
            electing.do("round", who, 0.0)
        leaders.append(electing.permitted())
    settled = leaders[-1]
    assert len(settled) == 1
    after_s = TIMES.longest_s if "stranger" in str(story) else TIMES.duration_s + TIMES.retry_s
    assert all(each == settled for each in leaders[int(after_s / TIMES.retry_s) + 1 :])


def test_a_leader_that_is_killed_is_followed_within_the_duration_and_a_round() -> None:
    electing = world((1.0, 1.0, 1.0))
    for _ in range(20):
        electing.do("pass", 0, TIMES.retry_s)
        for who in range(3):
            electing.do("round", who, 0.0)
    assert electing.permitted() == ["a"]
    for _ in range(int((TIMES.duration_s + TIMES.retry_s) / TIMES.retry_s) + 1):
        electing.do("pass", 0, TIMES.retry_s)
        for who in (1, 2):
            electing.do("round", who, 0.0)
    assert electing.permitted() == ["b"]
