"""Do people's orders reach the gates, and does their end?"""

from __future__ import annotations

from pathlib import Path

from tests.builders import order
from tests.daemon.standing import START, House, Run, standing
from watcher.decide import State
from watcher.embedded_hub.resources import CONFIG_MAP
from watcher.facts import Command, Order, order_text

NAME = "gate-watcher-orders"


def write(house: House, *orders: Order, **texts: str | None) -> None:
    """Somebody writes into the ConfigMap; it is made where it is not there."""
    data = {**{each.key: order_text(each) for each in orders}, **texts}
    if house.hub.store.get(CONFIG_MAP, "argocd", NAME) is None:
        metadata = {"name": NAME, "namespace": "argocd"}
        house.hub.store.create(CONFIG_MAP, {"metadata": metadata})
    house.hub.store.patch(CONFIG_MAP, "argocd", NAME, {"data": data})


def hold(key: str = "hold", *, until: float | None = None) -> Order:
    return order(Command.HOLD, key=key, at=START, until=until, tier="mesh")


def stands(run: Run) -> list[tuple[str, bool]]:
    """Every order, and whether it is in force."""
    assert run.decision is not None
    return [(each.key, each.in_force) for each in run.decision.orders]


async def test_a_hold_that_comes_and_goes(tmp_path: Path) -> None:
    async with standing(tmp_path) as house:
        write(house, hold(), bad="no order")
        run = house.start()
        await house.until(lambda: run.state("compute") is State.SETTLED)
        assert run.state("mesh") is State.HELD
        assert stands(run) == [("bad", False), ("hold", True)]
        assert await run.metric('gate_watcher_unreadable_objects{resource="configmaps"}') == 1.0
        write(house, hold=None)
        await house.until(lambda: run.all_are(State.SETTLED))


async def test_a_hold_that_ends_by_itself(tmp_path: Path) -> None:
    async with standing(tmp_path) as house:
        write(house, hold(until=START + 120.0))
        run = house.start()
        await house.until(lambda: run.state("mesh") is State.HELD)
        assert [tier for _, _, tier in house.opened] == ["compute"] * len(house.opened)
        await house.until(lambda: run.state("mesh") is State.PROGRESSING)
        assert min(at for at, _, tier in house.opened if tier == "mesh") >= START + 120.0


async def test_orders_that_nobody_wrote_yet_hold_nothing_up_and_are_heard_of_when_they_come(
    tmp_path: Path,
) -> None:
    async with standing(tmp_path) as house:
        run = house.start()
        await house.until(lambda: run.state("compute") is State.PROGRESSING)
        write(house, hold())
        await house.until(lambda: run.state("mesh") is State.HELD)
        house.hub.store.delete(CONFIG_MAP, "argocd", NAME)
        await house.until(lambda: run.all_are(State.SETTLED))
