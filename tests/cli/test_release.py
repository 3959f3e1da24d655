from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import NOW, order, spoke
from tests.cli.desks import LONG_AGO, Desk, standing_desk
from tests.hub.running import until
from watcher.cli.release import moves
from watcher.embedded_hub.faults import Hold, On
from watcher.embedded_hub.resources import CONFIG_MAP
from watcher.facts import Command, Forgiven, Order, Orders, Target, Through

STALLED = Forgiven("uid-prod-1", "prod-1", "compute")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with standing_desk(tmp_path) as made:
        yield made


def hold(key: str, **target: str) -> Order:
    return order(Command.HOLD, key=key, at=NOW - 60.0, **target)


def test_a_hold_of_the_same_is_told_from_those_that_name_some_of_it() -> None:
    exact, wider = hold("a", spoke="prod-1", tier="mesh"), hold("b", tier="mesh")
    labelled = hold("c", selector="env=prod")
    others = (
        hold("d", spoke="prod-2"),
        hold("e", spoke="prod-1", tier="compute"),
        order(Command.HOLD, key="f", until=NOW),
        order(Command.SKIP, key="g"),
    )
    found = moves(Orders(orders=(exact, wider, labelled, *others)), exact.target, NOW)
    assert (found.exact, found.beside) == ((exact,), (wider, labelled))


def test_a_hold_that_names_a_spoke_by_its_name_or_its_uid_is_in_the_way() -> None:
    renamed, by_hand = hold("a", spoke="old", uid="u1"), hold("b", spoke="prod-1")
    another = hold("c", spoke="prod-1", uid="u2")
    held = Orders(orders=(renamed, by_hand, another, hold("d", spoke="x", uid="u3")))
    found = moves(held, Target("prod-1", "u1"), NOW)
    assert (found.exact, found.beside) == ((renamed, by_hand), (another,))


async def test_a_hold_of_the_same_is_taken_away_and_nothing_written(desk: Desk) -> None:
    desk.put(hold("hold-1", spoke="prod-2"))
    done = await desk.type("release", "prod-2", "--yes")
    assert (done.exit_code, desk.data) == (0, {})
    assert done.stdout.splitlines() == [
        "is taken away: hold-1: hold spoke prod-2 by alice",
        "hold-1: taken away",
    ]


async def test_without_a_yes_it_is_only_shown(desk: Desk) -> None:
    desk.put(hold("hold-1", spoke="prod-2"))
    done = await desk.type("release", "prod-2")
    assert (done.exit_code, list(desk.data)) == (2, ["hold-1"])
    assert done.stdout == "is taken away: hold-1: hold spoke prod-2 by alice\n"


async def test_over_a_wider_hold_a_release_is_written_that_is_newer(desk: Desk) -> None:
    desk.put(order(Command.HOLD, key="hold-all", at=NOW))
    done = await desk.type("release", "prod-2", "--yes", "--why", "it is well")
    assert done.exit_code == 0, done.stderr
    assert "names some of it, too: hold-all: hold everything by alice" in done.stdout
    held, new = desk.orders
    assert held.key == "hold-all"
    assert (new.command, new.target, new.why) == (
        Command.RELEASE,
        Target("prod-2", "uid-prod-2"),
        "it is well",
    )
    assert new.at > held.at


async def test_what_is_stalled_is_forgiven_and_named(desk: Desk) -> None:
    done = await desk.type("release", "--ring", "canary", "--yes")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith(
        "forgiven, as far as they are stalled now: 1 gate\n  prod-1/compute: Stalled: "
    )
    (new,) = desk.orders
    assert (new.target, new.forgives) == (Target(ring="canary"), (STALLED,))


async def test_so_many_are_forgiven_in_orders_of_which_each_can_be_read(desk: Desk) -> None:
    names = [f"prod-{number}-{'x' * 200}" for number in range(150)]
    desk.sees(*(spoke(name, opened={"compute": LONG_AGO}) for name in names))
    done = await desk.type("release", "--tier", "compute", "--through", "window", "--yes")
    assert done.exit_code == 0, done.stderr
    orders = desk.orders
    assert {each.target for each in orders} == {Target(tier="compute")}
    assert sorted(one.spoke for each in orders for one in each.forgives) == sorted(names)
    assert [Through.WINDOW in each.through for each in orders].count(True) == 1


async def test_where_somebody_orders_meanwhile_nothing_is_released(desk: Desk) -> None:
    desk.put(hold("hold-1", spoke="prod-2"))
    late = Hold()
    second = desk.hub.api.faults.plan(On(verb="get", resource=CONFIG_MAP, nth=2), late)
    async with asyncio.TaskGroup() as group:
        typed = group.create_task(desk.type("release", "prod-2", "--yes"))
        await until(lambda: second.hits == 1)
        desk.put(hold("hold-2", spoke="prod-2"))
        late.release()
    assert typed.result().exit_code == 1
    assert "the holds on it have changed meanwhile" in typed.result().stderr
    assert sorted(desk.data) == ["hold-1", "hold-2"]


async def test_it_lets_through_what_it_is_told_to(desk: Desk) -> None:
    flags = ("--through", "window", "--through", "ring")
    done = await desk.type("release", "prod-2/mesh", *flags, "--yes")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines()[:3] == [
        "they are let through the turn of their ring; none waits for that now",
        "they are let through a window that is shut; none waits for that now",
        "and so is 1 other closed gate of it, once that comes so far",
    ]
    (new,) = desk.orders
    assert new.through == {Through.WINDOW, Through.RING}
    assert new.forgives == ()


async def test_a_teardown_stays_where_one_may_not_even_look_what_it_takes(desk: Desk) -> None:
    desk.sees(spoke("prod-1", teardown="*"))
    desk.put(hold("hold-1", spoke="prod-1"))
    done = await desk.type("release", "prod-1", "--yes")
    assert (done.exit_code, desk.data) == (1, {})
    assert "you may not patch secrets in argocd" in done.stderr
    assert "so what is torn down stays so:\n  prod-1/compute: Held: torn down" in done.stdout


async def test_where_there_is_nothing_to_release_nothing_is_written(desk: Desk) -> None:
    desk.put(hold("hold-1", spoke="prod-1"))
    done = await desk.type("release", "prod-2", "--yes")
    assert (done.exit_code, list(desk.data)) == (1, ["hold-1"])
    assert "no hold names every tier of spoke prod-2, and none of it is stalled" in done.stderr
    assert (await desk.type("release", "prod-2", "--yes", "--force")).exit_code == 0
    assert len(desk.orders) == 2


async def test_orders_are_taken_away_by_their_keys_and_what_is_none_too(desk: Desk) -> None:
    desk.put(order(Command.SKIP, key="skip-1", spoke="prod-1"), hold("b"), bad="no order")
    done = await desk.type("release", "--order", "skip-1", "--order", "bad", "--yes")
    assert (done.exit_code, list(desk.data)) == (0, ["b"])
    first, second, *_ = done.stdout.splitlines()
    assert first.startswith("is taken away: bad: it cannot be read: ")
    assert second == "is taken away: skip-1: skip spoke prod-1 by alice"


async def test_what_follows_is_said_before_it_is_asked(desk: Desk) -> None:
    skip = order(Command.SKIP, key="skip-1", spoke="prod-2")
    desk.put(skip)
    desk.knows(skip)
    done = await desk.type("release", "--order", "skip-1")
    assert (done.exit_code, list(desk.data)) == (2, ["skip-1"]), "nobody can be asked here"
    _, follows, head, *gates = done.stdout.splitlines()
    assert "what of it is closed opens in its turn" in follows
    assert head == "  2 gates are skipped and closed now:"
    assert [each.split(":")[0].strip() for each in gates] == ["prod-2/compute", "prod-2/mesh"]


async def test_a_key_that_there_is_not_is_said_with_what_is_near(desk: Desk) -> None:
    desk.put(hold("hold-1"))
    done = await desk.type("release", "--order", "hold-2", "--yes")
    assert (done.exit_code, list(desk.data)) == (2, ["hold-1"])
    assert done.stderr == "gate-watcher: there is no order 'hold-2' (did you mean 'hold-1'?)\n"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["prod-1", "--order", "x"], "leave the gates out"),
        (["--order", "x", "--through", "ring"], "leave the gates out"),
        (["--through", "ring"], "say which gates"),
        (["prod-1", "--through", "ring", "--until", "1h"], "leave --until out"),
    ],
    ids=str,
)
async def test_what_makes_no_sense_together_is_refused(
    desk: Desk, arguments: list[str], why: str
) -> None:
    done = await desk.type("release", *arguments, "--yes")
    assert done.exit_code == 2
    assert why in done.stderr
