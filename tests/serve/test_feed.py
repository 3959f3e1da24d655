from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.builders import NOW, snapshot, spoke
from tests.serve.test_shown import POLICY, SETS, begun
from watcher.decide import decide
from watcher.decide.changes import changes
from watcher.facts import Spoke
from watcher.serve import Decided, Report
from watcher.serve.feed import BEGIN_ANEW, Feed
from watcher.serve.news import News
from watcher.serve.refused import Refused


class Clock:
    """Time stands still, but for those who wait."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def feed(report: Callable[[], Report]) -> Feed:
    return Feed(report, News(), Clock())


class House:
    """A feed of what is decided."""

    def __init__(self, *spokes: Spoke) -> None:
        self.report = Report(None, leading=True, lease="gate-watcher", leader="me")
        self.news = News()
        self.clock = Clock()
        self.feed = Feed(lambda: self.report, self.news, self.clock)
        self.decides(*spokes)

    def decides(self, *spokes: Spoke) -> None:
        before = self.report.decided
        carried = None if before is None else before.decision.carried
        after = decide(snapshot(spokes, SETS, carried=carried), POLICY, NOW)
        self.report = Report(Decided(after, POLICY, NOW), leading=True, lease="gate-watcher")
        told = changes(None if before is None else before.decision, after)
        self.news.take(told, NOW)

    async def grid(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(await self.feed.grid())
        return said

    async def after(self, cursor: str) -> tuple[list[dict[str, Any]], str]:
        """The frames behind it."""
        told, cursor = await self.feed.after(cursor)
        events = [each.split("\n") for each in told.decode().split("\n\n") if each]
        assert all(lines[0].startswith("id: ") for lines in events)
        return [json.loads(lines[1].removeprefix("data: ")) for lines in events], cursor


def names(rows: list[list[Any]]) -> list[str]:
    return [row[0] for row in rows]


async def test_everything_at_once() -> None:
    said = await House(begun("a"), spoke("b")).grid()
    assert names(said["spokes"]) == ["a", "b"]
    assert said["fleet"]["spokes"] == 2
    assert said["changes"][0]["after"] == "Stalled"
    assert [len(row[1]) for row in said["spokes"]] == [2, 2]


async def test_then_only_what_is_another() -> None:
    house = House(begun("a"), spoke("b"))
    cursor = (await house.grid())["cursor"]
    house.decides(begun("a"), begun("b"))
    (frame,), after = await house.after(cursor)
    assert names(frame["spokes"]) == ["b"]
    assert (frame["gone"], frame["cursor"]) == ([], after)
    assert "gates" in frame["fleet"]
    assert "spokes" not in frame["fleet"], "there are as many"
    assert [each["spoke"] for each in frame["changes"]] == ["b"]


async def test_frames_on_top_of_a_grid_are_the_next_grid() -> None:
    house = House(begun("a"), spoke("b"))
    first = await house.grid()
    rows, fleet, cursor = {row[0]: row for row in first["spokes"]}, first["fleet"], first["cursor"]
    for spokes in ([begun("a"), begun("b")], [begun("b"), spoke("c")], [spoke("c")]):
        house.decides(*spokes)
        (frame,), cursor = await house.after(cursor)
        rows = {name: row for name, row in rows.items() if name not in frame["gone"]}
        rows |= {row[0]: row for row in frame["spokes"]}
        fleet |= frame["fleet"]
    last = await house.grid()
    assert sorted(rows.values()) == sorted(last["spokes"])
    assert (fleet, cursor) == (last["fleet"], last["cursor"])


async def test_a_reader_that_was_away_gets_all_that_it_missed_at_once() -> None:
    house = House(spoke("a"))
    start = (await house.grid())["cursor"]
    cursor = start
    for number in range(3):
        house.decides(spoke("a"), spoke(f"b{number}"))
        _, cursor = await house.after(cursor)
    frames, after = await house.after(start)
    assert [names(frame["spokes"]) for frame in frames] == [["b0"], ["b1"], ["b2"]]
    assert after == cursor


async def test_one_that_was_away_too_long_or_comes_from_elsewhere_begins_anew() -> None:
    house = House(spoke("a"))
    start = cursor = (await house.grid())["cursor"]
    for number in range(40):
        house.decides(spoke("a"), spoke(f"b{number}"))
        _, cursor = await house.after(cursor)
    for strange in (start, "", "1-1", "x", f"{cursor}0", f"{cursor}x", cursor.split("-")[0]):
        assert (await house.feed.after(strange))[0] is BEGIN_ANEW


async def test_whoever_waits_is_told_together_by_one_frame() -> None:
    house = House(spoke("a"))
    cursor = (await house.grid())["cursor"]
    async with asyncio.TaskGroup() as tasks:
        readers = [tasks.create_task(house.feed.after(cursor)) for _ in range(5)]
        await asyncio.wait(readers, timeout=0)
        house.decides(begun("a"))
    told = {reader.result() for reader in readers}
    assert len(told) == 1
    ((frame, after),) = told
    assert (frame.count(b"data: "), after) == (1, cursor.replace("-0", "-1"))


async def test_a_grid_is_to_be_had_while_others_wait_for_news() -> None:
    house = House(spoke("a"))
    first = await house.grid()
    waiting = asyncio.ensure_future(house.feed.after(first["cursor"]))  # noqa: TID251
    await asyncio.wait({waiting}, timeout=0)
    assert await house.grid() == first
    waiting.cancel()


async def test_a_grid_is_made_anew_only_when_the_last_frame_has_had_its_time() -> None:
    house = House(spoke("a"))
    first = await house.grid()
    house.decides(spoke("a"), spoke("b"))
    assert await house.grid() == first, "the stream brings the rest"
    house.clock.at += 0.5
    assert names((await house.grid())["spokes"]) == ["a", "b"]


async def test_between_two_frames_is_nine_times_what_one_takes() -> None:
    house = House(spoke("a"))
    cursor = (await house.grid())["cursor"]
    house.decides(begun("a"))
    _, cursor = await house.after(cursor)
    assert house.clock.slept[-1] == pytest.approx(0.4), "and no less than this"


async def test_a_replica_that_leads_no_longer_says_so() -> None:
    house = House(spoke("a"))
    cursor = (await house.grid())["cursor"]
    waiting = asyncio.ensure_future(house.feed.after(cursor))  # noqa: TID251  (the test's own)
    await asyncio.wait({waiting}, timeout=0)
    house.report = Report(None, leading=False, lease="gate-watcher", leader="pod-2")
    house.news.take((), NOW)
    with pytest.raises(Refused, match="pod-2 leads"):
        await waiting
    with pytest.raises(Refused, match="pod-2 leads"):
        await house.feed.grid()
