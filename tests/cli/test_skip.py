from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

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


async def test_who_said_yes_has_it_written(desk: Desk) -> None:
    done = await desk.type("skip", "prod-1/compute", "--yes", "--why", "it has no such nodes")
    assert done.exit_code == 0, done.stderr
    (order,) = desk.orders
    assert (order.command, order.target) == (
        Command.SKIP,
        Target("prod-1", "uid-prod-1", tier="compute"),
    )
