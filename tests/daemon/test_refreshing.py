from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.builders import NOW
from tests.daemon.test_supervisor import House
from watcher.daemon.refreshing import AGAIN_S, Refresher
from watcher.decide import Refresh
from watcher.hub import Conflict, Gone, Outcome, Patched, Refused, Throttled, Unknown, Unsent


def wish(name: str, unparked_at: float = NOW) -> Refresh:
    return Refresh("argocd", name, f"uid-{name}", unparked_at)


class Desk:
    """A refresher, and a hub that answers as it is told; without being told, that all went well."""

    def __init__(self) -> None:
        self.house = House()
        self.clock = self.house.clock
        self.leads = True
        self.sent: list[tuple[float, str]] = []
        self.answers: dict[str, Outcome] = {}
        self.told: list[tuple[str, Outcome]] = []
        self.refresher = Refresher(
            ask=self._ask,
            permitted=lambda: self.leads,
            own_time=self.clock,
            told=lambda each, outcome: self.told.append((each.name, outcome)),
        )

    @property
    def names(self) -> list[str]:
        """What was asked for."""
        return [name for _, name in self.sent]

    async def give(self, *wanted: Refresh, s: float = 0.0) -> None:
        """A decision that wants these, and so many seconds."""
        self.refresher.take(wanted)
        await self.clock.advance(s)

    async def _ask(self, each: Refresh) -> Outcome:
        self.sent.append((self.clock.now() - NOW, each.name))
        return self.answers.get(each.name, Patched("8"))


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    made.house.supervisor.keep("refreshing", made.refresher.run)
    yield made
    await made.house.supervisor.cancel_all()


async def test_each_is_asked_for_once_however_often_it_is_wanted(desk: Desk) -> None:
    for _ in range(3):
        await desk.give(wish("a"), wish("b"), s=1.0)
    assert desk.names == ["a", "b"]
    assert desk.told == [("a", Patched("8")), ("b", Patched("8"))]


async def test_it_is_asked_for_again_after_its_spoke_came_back_another_time(desk: Desk) -> None:
    await desk.give(wish("a"), s=1.0)
    await desk.give(s=1.0)
    await desk.give(wish("a", NOW + 60), s=1.0)
    assert desk.names == ["a", "a"]


async def test_they_go_no_faster_than_patches(desk: Desk) -> None:
    await desk.give(*(wish(str(number)) for number in range(30)), s=1.0)
    assert 10 <= len(desk.sent) <= 11


async def test_what_is_no_longer_wanted_is_not_asked_for(desk: Desk) -> None:
    await desk.give(*(wish(str(number)) for number in range(30)), s=0.5)
    already = len(desk.sent)
    await desk.give(wish("0"), s=5.0)
    assert len(desk.sent) == already


async def test_nothing_is_asked_for_without_the_permit(desk: Desk) -> None:
    desk.leads = False
    await desk.give(wish("a"), s=1.0)
    assert desk.names == []
    desk.leads = True
    await desk.give(wish("a"), s=1.0)
    assert desk.names == ["a"]


@pytest.mark.parametrize(
    "outcome", [Gone(), Conflict(), Refused(403, "no right"), Unknown("lost")], ids=repr
)
async def test_what_did_not_come_about_is_left_to_the_periodic_resync(
    desk: Desk, outcome: Outcome
) -> None:
    desk.answers["a"] = outcome
    await desk.give(wish("a"), wish("b"), s=1.0)
    await desk.give(wish("a"), s=60.0)
    assert desk.names == ["a", "b"]


@pytest.mark.parametrize("outcome", [Throttled(2.0), Unsent("away")], ids=repr)
async def test_what_certainly_never_came_about_is_asked_for_again_later(
    desk: Desk, outcome: Outcome
) -> None:
    desk.answers["a"] = outcome
    await desk.give(wish("a"), s=AGAIN_S - 0.5)
    assert desk.names == ["a"]
    desk.answers.clear()
    await desk.clock.advance(1.0)
    assert desk.names == ["a", "a"]
