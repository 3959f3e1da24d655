from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import HOUR, NOW
from tests.cli.desks import Desk, standing_desk
from watcher.facts import Command, Target


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with standing_desk(tmp_path) as made:
        yield made


async def test_a_hold_is_given_by_who_asks_without_a_question(desk: Desk) -> None:
    done = await desk.type("hold", "prod-1/mesh", "--why", "a look\nat it", "--until", "1h")
    assert done.exit_code == 0, done.stderr
    (order,) = desk.orders
    assert (order.command, order.target) == (
        Command.HOLD,
        Target("prod-1", "uid-prod-1", tier="mesh"),
    )
    assert (order.by, order.why) == ("alice", "a look at it")
    assert (order.at, order.until) == (NOW, NOW + HOUR)
    assert done.stdout.splitlines() == [
        f"{order.key}: hold spoke prod-1, tier mesh by alice until 2026-03-02T10:00:00Z: a look "
        "at it",
        "tier mesh of spoke prod-1 is on hold; that names 1 spoke now",
    ]


async def test_labels_are_held_by_their_values(desk: Desk) -> None:
    done = await desk.type("hold", "-l", "env=prod,ring!=canary")
    assert done.exit_code == 0, done.stderr
    assert [each.target for each in desk.orders] == [Target(selector="env=prod,ring!=canary")]
    assert "that names 1 spoke now" in done.stdout


async def test_everything_can_be_held(desk: Desk) -> None:
    assert (await desk.type("hold", "--all")).exit_code == 0
    assert [each.target for each in desk.orders] == [Target(everything=True)]


async def test_a_second_hold_takes_the_place_of_none(desk: Desk) -> None:
    await desk.type("hold", "prod-1")
    await desk.type("hold", "prod-1")
    first, second = desk.orders
    assert first.target == second.target
    assert abs(first.at - second.at) == 1.0, "the later one is newer, though one second saw both"


async def test_a_program_gets_what_was_written(desk: Desk) -> None:
    said = await desk.said("hold", "--ring", "fleet", "--why", "x")
    (order,) = desk.orders
    (told,) = said["given"]
    assert (told["key"], told["order"], told["by"], told["why"]) == (
        order.key,
        "hold",
        "alice",
        "x",
    )
    assert (told["target"]["ring"], told["target"]["everything"]) == ("fleet", False)
    assert (told["at"], told["until"], told["spokes"]) == ("2026-03-02T09:00:00Z", None, None)
    assert (said["taken"], said["expired"]) == ([], [])
