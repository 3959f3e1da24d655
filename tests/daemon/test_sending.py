from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.builders import NOW, spoke
from tests.daemon.test_supervisor import House
from watcher.daemon.sending import ACTED_ON_S, LOOK_AFTER_S, STORM, STORM_S, Sender
from watcher.daemon.writes import Writes
from watcher.decide import PatchGates
from watcher.facts import Refusal, Spoke, Write
from watcher.hub import (
    Cause,
    Conflict,
    Gone,
    Metadata,
    Outcome,
    Patched,
    Refused,
    Replaced,
    Throttled,
    Unknown,
    Unsent,
)
from watcher.hub.errors import ReadFailed


def patch(name: str, *, urgent: bool = False, decided_on: int = 7) -> PatchGates:
    return PatchGates(
        spoke=f"uid-{name}",
        namespace="argocd",
        secret=f"cluster-{name}",
        resource_version=str(decided_on),
        labels={"gate-watcher.io/compute": "open"},
        annotations={},
        opens=("compute",),
        urgent=urgent,
    )


class Office:
    """A sender, and a hub that answers as it is told; without being told, that all went well."""

    def __init__(self) -> None:
        self.house = House()
        self.clock = self.house.clock
        self.store: dict[str, Spoke] = {}
        self.sent: list[tuple[float, str]] = []
        self.answers: dict[str, Outcome] = {}
        self.looks: list[tuple[float, str]] = []
        self.found: list[Metadata | Exception | None] = []
        self.told: list[tuple[str, Outcome]] = []
        self.wakes = 0
        self.leads = True
        self.hold_answers = asyncio.Event()
        self.hold_answers.set()
        self.writes = Writes(
            held=self.store.get, touched=lambda _: None, carried_out=lambda _: None
        )
        self.sender = Sender(
            patch=self._patch,
            look=self._look,
            permitted=lambda: self.leads,
            writes=self.writes,
            supervisor=self.house.supervisor,
            own_time=self.clock,
            hub_time=self.clock,
            wake=self._wake,
            told=lambda each, outcome: self.told.append((each.spoke, outcome)),
        )
        for name in "abcdefgh":
            self.show(name, "7")

    def show(self, name: str, resource_version: str) -> None:
        """The store shows this version of the Secret."""
        made = spoke(name, resource_version=resource_version)
        self.store[made.uid] = made
        self.writes.shown(made.uid)

    @property
    def names(self) -> list[str]:
        """Which spokes were patched."""
        return [uid.removeprefix("uid-") for _, uid in self.sent]

    async def give(self, *patches: PatchGates, s: float = 0.0) -> None:
        """A decision with these patches, and so many seconds."""
        self.sender.take(patches)
        await self.clock.advance(s)

    async def _patch(self, given: PatchGates) -> Outcome:
        self.sent.append((self.clock.now() - NOW, given.spoke))
        await self.hold_answers.wait()
        return self.answers.get(given.spoke, Patched("8"))

    async def _look(self, given: PatchGates) -> Metadata | None:
        self.looks.append((self.clock.now() - NOW, given.spoke))
        found = self.found.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    def _wake(self) -> None:
        self.wakes += 1


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = Office()
    made.house.supervisor.keep("sending", made.sender.run)
    await made.clock.advance(0.0)
    yield made
    await made.house.supervisor.cancel_all()


def shows(name: str, resource_version: str) -> Metadata:
    return Metadata("argocd", f"cluster-{name}", f"uid-{name}", resource_version)


async def test_patches_go_in_the_order_of_the_decision_ten_a_second(office: Office) -> None:
    await office.give(patch("a"), patch("b"), patch("c"), s=0.25)
    assert [(round(at, 3), uid) for at, uid in office.sent] == [
        (0.0, "uid-a"),
        (0.1, "uid-b"),
        (0.2, "uid-c"),
    ]


async def test_urgent_ones_have_a_pace_of_their_own(office: Office) -> None:
    await office.give(patch("a", urgent=True), patch("b", urgent=True), patch("c"), s=0.03)
    assert office.names == ["a", "b", "c"]


async def test_a_write_is_outstanding_before_the_request_leaves(office: Office) -> None:
    office.hold_answers.clear()
    await office.give(patch("a"))
    assert office.writes.hand_out()["uid-a"] == Write(frozenset({"compute"}), NOW, None)
    office.hold_answers.set()
    await office.clock.advance(0.0)
    assert office.writes.hand_out()["uid-a"].resource_version == "8"
    office.show("a", "8")
    assert office.writes.hand_out() == {}


async def test_the_next_decision_takes_the_place_of_what_was_not_sent(office: Office) -> None:
    await office.give(patch("a"), patch("b"), s=0.05)
    await office.give(patch("c"), s=1.0)
    assert office.names == ["a", "c"]


async def test_an_empty_decision_takes_everything_back(office: Office) -> None:
    await office.give(patch("a"), patch("b"))
    await office.give(s=1.0)
    assert office.names == ["a"]


async def test_a_decision_that_is_old_is_asked_for_again_and_not_acted_on(office: Office) -> None:
    office.answers["uid-a"] = Throttled(5.0)
    await office.give(patch("a"))
    await office.give(patch("b"), s=4.9)
    assert (office.names, office.wakes) == (["a"], 0)
    assert ACTED_ON_S < 4.9
    await office.clock.advance(0.2)
    assert (office.names, office.wakes) == (["a"], 1)
    await office.give(patch("b"))
    assert office.names == ["a", "b"]


async def test_a_spoke_with_a_write_outstanding_is_not_patched_again(office: Office) -> None:
    await office.give(patch("a"), s=0.5)
    await office.give(patch("a"), patch("b"), s=0.5)
    assert office.names == ["a", "b"]


async def test_without_the_permit_nothing_is_sent(office: Office) -> None:
    office.leads = False
    await office.give(patch("a"), s=0.5)
    assert office.sent == []
    office.leads = True
    await office.clock.advance(0.5)
    assert office.sent == [], "what was decided for somebody else is not sent later"
    await office.give(patch("a"))
    assert office.names == ["a"]


async def test_a_busy_hub_is_asked_half_as_often_and_not_before_it_says(office: Office) -> None:
    office.answers["uid-a"] = Throttled(7.0)
    await office.give(patch("a"), patch("b"), s=1.0)
    assert office.names == ["a"], "what was queued is decided again"
    assert office.writes.hand_out() == {}
    await office.clock.advance(6.1)
    await office.give(patch("b"), patch("c"), s=0.15)
    assert office.names == ["a", "b"]
    await office.clock.advance(0.1)
    assert office.names == ["a", "b", "c"]


async def test_a_refusal_is_kept_for_a_minute_or_as_long_as_the_hub_says(office: Office) -> None:
    office.answers |= {"uid-a": Refused(403, "no"), "uid-b": Refused(403, "no", 90.0)}
    await office.give(patch("a"), patch("b"), s=0.1)
    assert office.writes.hand_out() == {}
    assert office.writes.refusals() == {
        "uid-a": Refusal(403, "no", NOW, NOW + 60.0),
        "uid-b": Refusal(403, "no", NOW + 0.1, NOW + 90.1),
    }


async def test_after_a_conflict_it_looks_at_once_what_the_store_must_reach(office: Office) -> None:
    office.answers["uid-a"] = Conflict()
    office.found = [shows("a", "12")]
    await office.give(patch("a"))
    assert office.looks == [(0.0, "uid-a")]
    assert office.writes.hand_out()["uid-a"].resource_version == "12"
    office.show("a", "12")
    assert office.writes.hand_out() == {}


async def test_who_is_overtaken_all_the_time_waits_and_says_so(office: Office) -> None:
    office.answers["uid-a"] = Conflict()
    for version in range(8, 8 + STORM):
        office.found.append(shows("a", str(version)))
        await office.give(patch("a", decided_on=version - 1), s=0.2)
        office.show("a", str(version))
    assert len(office.sent) == STORM, "each decided on what the store then showed"
    assert len(office.looks) == STORM - 1
    (refusal,) = office.writes.refusals().values()
    assert (refusal.status, refusal.retry_at - refusal.at) == (409, STORM_S)
    assert office.writes.hand_out() == {}


async def test_a_patch_that_went_through_ends_the_count_of_conflicts(office: Office) -> None:
    for version in range(8, 8 + 2 * STORM):
        office.answers["uid-a"] = Conflict() if version % 2 else Patched(str(version))
        office.found.append(shows("a", str(version)))
        await office.give(patch("a", decided_on=version - 1), s=0.2)
        office.show("a", str(version))
    assert len(office.sent) == 2 * STORM
    assert office.writes.refusals() == {}


async def test_a_lost_answer_is_looked_for_after_the_watch_had_its_time(office: Office) -> None:
    office.answers["uid-a"] = Unknown("no whole answer came in time")
    office.found = [shows("a", "7")]
    await office.give(patch("a"), s=LOOK_AFTER_S - 0.1)
    assert office.looks == []
    assert office.writes.hand_out()["uid-a"].resource_version is None
    await office.clock.advance(0.2)
    assert office.looks == [(LOOK_AFTER_S, "uid-a")]
    assert office.writes.hand_out() == {}, "it still shows what was decided on: not carried out"


async def test_a_look_that_fails_is_tried_again(office: Office) -> None:
    office.answers["uid-a"] = Unknown("lost")
    office.found = [ReadFailed(Cause.LOST, what="nothing came", where="it"), shows("a", "7")]
    await office.give(patch("a"), s=2 * LOOK_AFTER_S)
    assert len(office.looks) == 2
    assert office.writes.hand_out() == {}


async def test_a_look_that_dies_is_tried_again(office: Office) -> None:
    office.answers["uid-a"] = Unknown("lost")
    office.found = [ArithmeticError("odd"), shows("a", "7")]
    await office.give(patch("a"), s=3 * LOOK_AFTER_S)
    assert office.house.died == ["look"]
    assert len(office.looks) == 2
    assert office.writes.hand_out() == {}


async def test_nothing_is_looked_for_once_the_watch_has_told(office: Office) -> None:
    office.answers["uid-a"] = Unknown("lost")
    await office.give(patch("a"))
    office.show("a", "8")
    assert office.writes.hand_out() == {}
    await office.clock.advance(2 * LOOK_AFTER_S)
    assert office.looks == []


@pytest.mark.parametrize("outcome", [Gone(), Replaced()])
async def test_a_secret_that_is_gone_waits_for_the_store_to_lose_it(
    office: Office, outcome: Outcome
) -> None:
    office.answers["uid-a"] = outcome
    await office.give(patch("a"), s=60.0)
    assert office.writes.hand_out().keys() == {"uid-a"}
    del office.store["uid-a"]
    office.writes.shown("uid-a")
    assert office.writes.hand_out() == {}


@pytest.mark.parametrize("outcome", [Unsent("no connection"), Unknown("lost")])
async def test_a_hub_that_carries_nothing_out_is_asked_ever_more_seldom(
    office: Office, outcome: Outcome
) -> None:
    office.answers = dict.fromkeys(office.store, outcome)
    for _ in range(150):
        for name in "abcdefgh":
            office.show(name, "7")
        await office.give(*map(patch, "abcdefgh"), s=0.1)
    assert [round(at) for at, _ in office.sent] == [0, 1, 3, 7]
    office.answers.clear()
    for _ in range(100):
        await office.give(*map(patch, "abcdefgh"), s=0.1)
    assert set(office.names) == set("abcdefgh")


@pytest.mark.parametrize("error", [ArithmeticError("odd"), asyncio.CancelledError()], ids=repr)
async def test_a_request_that_dies_counts_as_one_without_an_answer(
    office: Office, error: BaseException
) -> None:
    async def dies(_: PatchGates) -> Outcome:
        raise error

    office.sender._patch = dies
    office.found = [shows("b", "7")]
    await office.give(patch("a"), patch("b"), s=0.1)
    assert office.house.died == ["patch", "patch"]
    assert office.writes.hand_out()["uid-a"].resource_version is None
    office.show("a", "8")
    assert office.writes.hand_out().keys() == {"uid-b"}
    await office.clock.advance(LOOK_AFTER_S)
    assert [uid for _, uid in office.looks] == ["uid-b"]
    assert office.writes.hand_out() == {}, "it still shows what was decided on: not carried out"


async def test_nothing_is_looked_for_after_a_request_that_was_cancelled(office: Office) -> None:
    office.hold_answers.clear()
    await office.give(patch("a"))
    (request,) = office.sender._sends
    await office.house.supervisor.cancel([request])
    assert office.house.died == []
    assert office.writes.hand_out()["uid-a"].resource_version is None
    await office.clock.advance(2 * LOOK_AFTER_S)
    assert office.looks == []


async def test_at_the_end_answers_are_awaited_and_nothing_more_is_sent(office: Office) -> None:
    office.hold_answers.clear()
    await office.give(patch("a"), patch("b"))
    async with asyncio.TaskGroup() as group:
        stopping = group.create_task(office.sender.stop(within_s=3.0))
        await office.give(patch("c"), s=0.5)
        assert not stopping.done()
        office.hold_answers.set()
    assert office.names == ["a"]
    assert office.told == [("uid-a", Patched("8"))]


async def test_an_answer_that_does_not_come_is_not_waited_for_longer(office: Office) -> None:
    office.hold_answers.clear()
    await office.give(patch("a"))
    await office.sender.stop(within_s=0.01)
    assert office.told == []
