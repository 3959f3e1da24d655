from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import HOUR, NOW
from tests.cli.desks import GRANTED, OPERATOR, Desk, standing_desk
from watcher.embedded_hub import routes
from watcher.embedded_hub.proxying import SERVICE
from watcher.embedded_hub.users import Rule
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


async def test_what_is_open_already_is_said_to_go_on(desk: Desk) -> None:
    done = await desk.type("hold", "prod-1")
    assert done.stdout.splitlines()[1:] == [
        "every tier of spoke prod-1 is on hold; that names 1 spoke now",
        "open already: 1 gate of it; no order closes one, so it goes on",
    ]


async def test_everything_is_held_also_where_no_watcher_answers(tmp_path: Path) -> None:
    async with standing_desk(tmp_path, watched=False) as unwatched:
        done = await unwatched.type("hold", "--all", "--why", "stop")
        assert done.exit_code == 0, done.stderr
        assert [each.target for each in unwatched.orders] == [Target(everything=True)]
        assert done.stdout.splitlines()[1:] == ["every tier of every spoke is on hold"]
        assert "so nobody says what is open already" in done.stderr


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


async def test_a_watcher_that_runs_apart_from_argo_cd_is_asked_there_and_ordered_here(
    desk: Desk,
) -> None:
    """The chart puts its Service beside it, and the orders beside the Secrets."""
    services = desk.hub.api.services
    here = routes.Target("get", SERVICE, "argocd", "http:gate-watcher:http", "proxy")
    services.offer("tools", "watcher", port="http", url=services.url(here))
    named = ("--service", "tools/watcher")
    desk.hub.api.grant(
        OPERATOR, *GRANTED, Rule(("get",), ("",), ("services/proxy",), namespaces=("tools",))
    )
    services.offer("argocd", "gate-watcher", port="http", url="http://127.0.0.1:1")
    done = await desk.type("hold", "prod-1/mesh", *named)
    assert done.exit_code == 0, done.stderr
    assert [each.target.tier for each in desk.orders] == ["mesh"]
