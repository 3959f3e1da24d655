"""A hub without HTTP starts, runs and ends."""

from __future__ import annotations

import pytest

from tests.embedded_hub.small_hub import START
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.resources import APP_PROJECT, APPLICATION, APPLICATION_SET, SECRET
from watcher.embedded_hub.scenario import plain_set, spoke_secret


async def test_nothing_moves_before_the_start() -> None:
    clock = HandClock(START)
    model = Model(clock)
    model.store.create(SECRET, spoke_secret("a", {"on": "true"}))
    model.store.create(APPLICATION_SET, plain_set("x", {"on": "true"}))
    await clock.advance(10.0)
    assert model.store.list(APPLICATION) == []
    model.start()
    await clock.advance(10.0)
    assert len(model.store.list(APPLICATION)) == 1
    await model.stop()


async def test_there_is_a_project_for_addons() -> None:
    assert Model(HandClock(START)).store.get(APP_PROJECT, "argocd", "default") is not None


async def test_a_fault_of_its_own_is_raised_at_the_end() -> None:
    clock = HandClock(START)
    model = Model(clock)
    model.start()

    def fail() -> None:
        raise KeyError("a bug")

    model.agenda.after(1.0, fail)
    await clock.advance(5.0)
    with pytest.raises(ExceptionGroup, match="the embedded hub failed"):
        await model.stop()
