from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import NOW, order
from tests.cli.desks import Desk, standing_desk
from watcher.cli.retry import instead
from watcher.facts import Command, Orders, Target

GATE = Target("prod-1", "uid-prod-1", tier="compute")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with standing_desk(tmp_path) as made:
        yield made


async def test_a_stalled_gate_gets_its_time_anew_from_now(desk: Desk) -> None:
    done = await desk.type("retry", "prod-1/compute")
    assert done.exit_code == 0, done.stderr
    (order,) = desk.orders
    assert (order.command, order.target, order.at) == (Command.RETRY, GATE, NOW)
    assert done.stdout.startswith("  prod-1/compute: Stalled: ")


async def test_where_nothing_is_stalled_nothing_is_ordered(desk: Desk) -> None:
    done = await desk.type("retry", "prod-2")
    assert (done.exit_code, desk.data) == (1, {})
    assert "no gate of every tier of spoke prod-2 is stalled" in done.stderr
    assert (await desk.type("retry", "prod-2", "--force")).exit_code == 0


def test_it_takes_the_place_of_one_that_names_the_same() -> None:
    new = order(Command.RETRY, key="new", spoke="prod-1", tier="compute")
    held = Orders(
        orders=(
            order(Command.RETRY, key="old", spoke="prod-1", tier="compute"),
            order(Command.RETRY, key="wider", spoke="prod-1"),
            order(Command.HOLD, key="hold", spoke="prod-1", tier="compute"),
        )
    )
    assert instead(held, new).take == {"old"}
    assert instead(held, new).put == (new,)
