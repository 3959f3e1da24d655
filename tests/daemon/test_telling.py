from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

import pytest

from tests.builders import NOW, order
from tests.daemon.test_supervisor import House
from watcher.daemon.telling import AGAIN_S, MOST_WAITING, SERIES_S, Teller
from watcher.decide import Gate, State
from watcher.decide.changes import Change, GateChanged, Named, OrderGiven
from watcher.facts import Command
from watcher.hub import Cause, Told
from watcher.hub.errors import TellFailed
from watcher.hub.telling import event_name


def change(
    spoke: str = "a", before: State = State.QUEUED, after: State = State.PROGRESSING
) -> GateChanged:
    return GateChanged(Gate(spoke, "mesh"), spoke, "argocd", f"cluster-{spoke}", before, after, ())


LOST = change("z", State.SETTLED, State.LOST)


class Desk:
    """A teller, and a hub that writes Events as long as `writes`."""

    def __init__(self) -> None:
        self.house = House()
        self.clock = self.house.clock
        self.leads = True
        self.writes = True
        self.sent: list[tuple[float, Told]] = []
        self.counts: Counter[str] = Counter()
        self.teller = Teller(
            tell=self._tell,
            permitted=lambda: self.leads,
            own_time=self.clock,
            hub_time=self.clock,
            log=self.house.log,
            counted=lambda result: self.counts.update([result]),
        )

    @property
    def told(self) -> list[tuple[str, str, int]]:
        """Which spoke, what, and for which time, in order."""
        return [
            (each.notice.gate.spoke, each.notice.news.value, each.count) for _, each in self.sent
        ]

    async def give(self, *changes: Change, s: float = 0.0) -> None:
        """A turn that came to this, and so many seconds."""
        self.teller.take(changes)
        await self.clock.advance(s)

    async def _tell(self, told: Told) -> None:
        if not self.writes:
            raise TellFailed(Cause.REFUSED, what="no", where="event argocd/x")
        self.sent.append((self.clock.now() - NOW, told))


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    made.house.supervisor.keep("telling", made.teller.run)
    yield made
    await made.house.supervisor.cancel_all()


async def test_what_is_news_is_told(desk: Desk) -> None:
    await desk.give(change(), change("b", State.SETTLED, State.PROGRESSING), s=1.0)
    assert desk.told == [("a", "GateOpened", 1)]
    assert desk.counts == {"written": 1}


async def test_bad_news_goes_first_and_a_few_go_a_second(desk: Desk) -> None:
    await desk.give(*(change(f"s{number}") for number in range(20)), LOST, s=2.0)
    assert desk.told[0] == ("z", "GateLost", 1)
    assert 9 <= len(desk.told) <= 11


async def test_what_happens_again_soon_is_counted_in_one(desk: Desk) -> None:
    for _ in range(3):
        await desk.give(change(), s=60.0)
    assert [count for _, _, count in desk.told] == [1, 2, 3]
    assert {each.first_at for _, each in desk.sent} == {desk.sent[0][1].first_at}
    await desk.give(s=SERIES_S)
    await desk.give(change(), s=1.0)
    assert desk.told[-1] == ("a", "GateOpened", 1)


async def test_what_happens_again_before_it_was_written_is_written_once(desk: Desk) -> None:
    desk.teller.take([LOST])
    await desk.give(LOST, LOST, s=5.0)
    assert desk.told == [("z", "GateLost", 3)]


async def test_what_finds_too_many_before_it_is_dropped(desk: Desk) -> None:
    await desk.give(*(change(f"s{number}") for number in range(MOST_WAITING + 7)))
    assert desk.counts["dropped"] == 7


async def test_that_none_can_be_written_is_said_once_and_then_the_hub_is_left_alone(
    desk: Desk,
) -> None:
    desk.writes = False
    await desk.give(*(change(f"s{number}") for number in range(9)), s=2.5 * AGAIN_S)
    assert desk.counts == {"failed": 3}
    (line,) = desk.house.lines
    assert (line["level"], line["event"]) == ("warning", "events cannot be written")
    desk.writes = True
    await desk.give(s=AGAIN_S)
    assert desk.house.lines[-1]["event"] == "events are written again"
    assert len(desk.sent) == 6, "what failed is not tried again"


async def test_who_does_not_lead_tells_nothing_later_either(desk: Desk) -> None:
    desk.leads = False
    await desk.give(change(), s=5.0)
    desk.leads = True
    await desk.give(change("b"), s=5.0)
    assert desk.told == [("b", "GateOpened", 1)]


async def test_two_orders_of_one_gate_are_two_events(desk: Desk) -> None:
    here = Named("a", "argocd", "cluster-a")
    held = [order(Command.HOLD, key=key, spoke="a", tier="mesh") for key in ("hold-1", "hold-2")]
    await desk.give(*(OrderGiven(each, here) for each in held), s=1.0)
    assert desk.told == [("a", "OrderGiven", 1)] * 2
    assert len({event_name(told) for _, told in desk.sent}) == 2
