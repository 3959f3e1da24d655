"""Does the program live and die as a process should?"""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from tests.process.programs import World, world

pytestmark = pytest.mark.process


async def half_way(made: World) -> None:
    """The first tier is open on every spoke, the last on none."""
    await made.until(lambda: ("spoke-001", "mesh") in made.opened, within_s=30.0)


async def test_sigterm_in_mid_rollout_ends_it_in_order_within_five_seconds(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        made.release_lease()
        program = await made.start()
        await made.until(lambda: bool(made.opened), within_s=20.0)
        assert made.holder()
        assert await program.end(within_s=5.0) == 0
        assert made.holder() == "", "the lease was released"
        assert program.lines[-1]["event"] == "has stopped"
        patches = [one.at for one in made.hub.api.requests if one.verb == "patch"]
        release = made.hub.api.requests[-1]
        assert (release.verb, release.name) == ("update", "gate-watcher")
        assert release.at >= max(patches)


async def test_ctrl_c_ends_it_in_order_too(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        made.release_lease()
        program = await made.start()
        await program.until_said("leads now")
        assert await program.end(signal.SIGINT, within_s=5.0) == 0
        assert made.holder() == ""


async def test_sigterm_while_the_hub_does_not_answer_ends_it_all_the_same(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        made.release_lease()
        program = await made.start()
        await program.until_said("leads now")
        await made.hub.api.go_away()
        assert await program.end(within_s=5.0) == 0
        await made.hub.api.come_back()


async def test_sigterm_while_an_exec_plugin_hangs_ends_it_all_the_same(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        with made.hanging_plugin(tmp_path) as asked:
            program = await made.start()
            await asyncio.wait_for(asked.wait(), 20.0)
            assert await program.end(within_s=5.0) == 0
    assert [line["event"] for line in program.lines] == ["has stopped"]


async def test_killed_in_mid_rollout_and_started_again_it_carries_on(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        made.release_lease()
        first = await made.start()
        await half_way(made)
        assert await first.end(signal.SIGKILL) == -signal.SIGKILL
        opened = list(made.opened)
        made.free_lease()
        second = await made.start()
        await second.until_said("leads now", within_s=30.0)
        await made.until(made.all_open, within_s=30.0)
        assert made.opened[: len(opened)] == opened
        assert len(made.opened) == 6, "none was opened twice"
        assert made.in_order()
        assert not second.said("gate is Stalled")
        assert not second.said("gate is Lost")
        assert await second.end() == 0


async def test_of_two_replicas_one_is_killed_and_the_other_takes_over(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        made.release_lease()
        first = await made.start()
        await first.until_said("leads now")
        second = await made.start()
        await second.until_said("watches")
        await half_way(made)
        before = made.holder()
        assert await first.end(signal.SIGKILL) == -signal.SIGKILL
        killed_at = made.hub.clock.now()
        await made.until(lambda: made.holder() not in (before, ""), within_s=30.0)
        assert made.hub.clock.now() - killed_at < 20.0, "duration, one retry, and some"
        await made.until(made.all_open, within_s=30.0)
        assert len(made.opened) == 6
        assert made.in_order()
        assert await second.end() == 0


async def test_a_hub_that_goes_away_and_comes_back_finds_it_waiting(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        made.release_lease()
        program = await made.start()
        await made.until(lambda: bool(made.opened), within_s=20.0)
        await made.hub.api.go_away()
        await program.until_said("hub does not answer")
        await made.hub.api.come_back()
        await program.until_said("hub answers again", within_s=60.0)
        await made.until(made.all_open, within_s=60.0)
        assert made.in_order()
        assert await program.end() == 0


async def test_a_hub_that_is_not_there_is_waited_for_and_said(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        made.release_lease()
        await made.hub.api.go_away()
        program = await made.start()
        await program.until_said("hub cannot be used yet")
        (line,) = [each for each in program.lines if each["event"] == "hub cannot be used yet"]
        assert f"check that the API server answers at {made.hub.url}" in line["because"]
        await made.hub.api.come_back()
        await made.until(made.all_open, within_s=60.0)
        await program.until_said("hub can be used now", within_s=30.0)
        assert await program.end() == 0
