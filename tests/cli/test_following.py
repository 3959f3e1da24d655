from __future__ import annotations

import pytest

from tests.cli.askers import NoPause, away
from watcher.cli.following import following
from watcher.hub import HubError


async def test_answers_come_one_after_the_other_with_a_pause_between() -> None:
    clock, given = NoPause(), iter(range(10))

    async def ask() -> int:
        return next(given)

    found = []
    async for each in following(ask, every_s=3.0, clock=clock, unanswered=_nobody):
        found.append(each)
        if each == 2:
            break
    assert found == [0, 1, 2]
    assert clock.slept == [3.0, 3.0]


async def test_silence_at_first_is_an_end_and_later_it_is_told_once_for_each_reason() -> None:
    script: list[int | HubError] = [1, away(), away(), away("otherwise"), 2, away(), 3]
    told: list[str] = []

    async def ask() -> int:
        each = script.pop(0)
        if isinstance(each, HubError):
            raise each
        return each

    found = []
    async for each in following(
        ask, every_s=1.0, clock=NoPause(), unanswered=lambda error: told.append(error.what)
    ):
        found.append(each)
        if each == 3:
            break
    assert found == [1, 2, 3]
    assert told == ["nobody is there", "otherwise", "nobody is there"]
    script = [away()]
    with pytest.raises(HubError):
        await anext(following(ask, every_s=1.0, clock=NoPause(), unanswered=_nobody))


def _nobody(_: HubError) -> None:
    raise AssertionError("everybody answers")
