from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import order
from tests.cli.desks import Desk, standing_desk
from watcher.facts import Command, Target


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with standing_desk(tmp_path) as made:
        yield made


async def test_what_has_not_settled_is_shown_before_anything_is_asked(desk: Desk) -> None:
    done = await desk.type("skip", "prod-1/compute")
    assert (done.exit_code, desk.data) == (2, {}), "nobody can be asked here"
    head, gate = done.stdout.splitlines()
    assert head == "not settled: 1 gate of tier compute of spoke prod-1"
    assert gate.startswith("  prod-1/compute: Stalled: ")
    assert "no gate is opened" not in done.stderr


async def test_what_is_closed_is_said_to_stay_so(desk: Desk) -> None:
    done = await desk.type("skip", "prod-2", "--yes")
    assert done.exit_code == 0, done.stderr
    assert "closed: 2 of them; what is closed is not opened while this stands" in done.stdout
    later = await desk.type("skip", "--tier", "mesh", "--yes")
    assert "spokes that come later are named, too" in later.stdout


async def test_what_is_held_is_closed_as_well(desk: Desk) -> None:
    desk.knows(order(Command.HOLD, key="hold-1", spoke="prod-2"))
    done = await desk.type("skip", "prod-2", "--yes")
    assert "closed: 2 of them" in done.stdout


async def test_everything_is_not_skipped_without_a_warning(desk: Desk) -> None:
    done = await desk.type("skip", "--all", "--yes")
    assert done.exit_code == 0, done.stderr
    assert "this is every gate there is: while it stands no gate is opened" in done.stderr


async def test_where_all_has_passed_nothing_is_asked_or_ordered(desk: Desk) -> None:
    desk.knows(order(Command.SKIP, key="skip-1", spoke="prod-1"))
    done = await desk.type("skip", "prod-1")
    assert (done.exit_code, desk.data) == (1, {})
    said = "all of every tier of spoke prod-1 has passed already; nothing was ordered"
    assert done.stderr == f"gate-watcher: {said}\n"
    assert (await desk.type("skip", "prod-1", "--yes", "--force")).exit_code == 0


async def test_who_said_yes_has_it_written(desk: Desk) -> None:
    done = await desk.type("skip", "prod-1/compute", "--yes", "--why", "it has no such nodes")
    assert done.exit_code == 0, done.stderr
    (given,) = desk.orders
    assert (given.command, given.target) == (
        Command.SKIP,
        Target("prod-1", "uid-prod-1", tier="compute"),
    )
