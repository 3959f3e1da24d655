from __future__ import annotations

import asyncio

from tests.builders import NOW
from watcher.decide.changes import SpokeLeft
from watcher.serve.news import KEPT, News


def left(*numbers: int) -> tuple[SpokeLeft, ...]:
    return tuple(SpokeLeft(f"uid-{number}", str(number)) for number in numbers)


def test_the_latest_come_first_and_their_numbers_go_on() -> None:
    news = News()
    news.take(left(1, 2), NOW)
    news.take(left(3), NOW + 1.0)
    assert [(each.number, each.at) for each in news.after(0, 9)] == [
        (3, NOW + 1.0),
        (2, NOW),
        (1, NOW),
    ]
    assert [each.number for each in news.after(1, 9)] == [3, 2]
    assert [each.number for each in news.after(0, 2)] == [3, 2]
    assert news.after(3, 9) == news.after(99, 9) == []


def test_no_more_are_kept_than_can_be_read_and_it_is_said_from_when_on() -> None:
    news = News()
    assert (news.began, news.since) == (None, None)
    news.take((), NOW)
    news.take(left(*range(KEPT)), NOW + 1.0)
    assert (news.since, news.number) == (NOW, KEPT)
    news.take(left(*range(2 * KEPT)), NOW + 2.0)
    assert (news.began, news.since, news.number) == (NOW, NOW + 2.0, 3 * KEPT)
    assert [each.number for each in news.after(0, 3 * KEPT)] == list(range(3 * KEPT, 2 * KEPT, -1))


async def test_whoever_waits_hears_of_the_next_decision_and_not_of_the_last() -> None:
    news = News()
    news.take((), NOW)
    waiting = asyncio.ensure_future(news.wait())  # noqa: TID251  (the test's own)
    await asyncio.wait({waiting}, timeout=0)
    assert not waiting.done()
    news.take((), NOW)
    await waiting
