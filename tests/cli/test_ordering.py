"""Given to `hold`, which asks nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import HOUR, NOW, order
from tests.cli.desks import NAME, Desk, standing_desk
from watcher.embedded_hub.resources import CONFIG_MAP
from watcher.facts import Command, Target


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with standing_desk(tmp_path) as made:
        yield made


@pytest.fixture
async def unwatched(tmp_path: Path) -> AsyncIterator[Desk]:
    """No watcher answers."""
    async with standing_desk(tmp_path, watched=False) as made:
        yield made


HOLD = order(Command.HOLD, key="hold-1", tier="mesh", why="a look")


async def test_what_there_is_not_is_refused_with_what_is_near(desk: Desk) -> None:
    done = await desk.type("hold", "prod-3")
    assert (done.exit_code, done.stdout, desk.data) == (2, "", {})
    assert done.stderr.splitlines() == [
        "gate-watcher: there is no spoke 'prod-3' (did you mean 'prod-2'?)",
        "gate-watcher: where that is no slip, and is to come yet: --force orders it all the same",
    ]


async def test_it_can_be_ordered_of_what_may_come(desk: Desk) -> None:
    done = await desk.type("hold", "prod-3", "--tier", "later", "--force")
    assert done.exit_code == 0
    assert "there is no tier 'later'" in done.stderr
    assert [each.target for each in desk.orders] == [Target(spoke="prod-3", tier="later")]


async def test_without_a_watcher_nothing_is_ordered(unwatched: Desk) -> None:
    done = await unwatched.type("hold", "prod-1")
    assert (done.exit_code, done.stdout, unwatched.data) == (1, "", {})
    assert done.stderr.startswith("gate-watcher: cannot ask service argocd/gate-watcher: 404")
    assert "with --from-hub, or say --force" in done.stderr


async def test_without_a_watcher_it_can_be_ordered_all_the_same(unwatched: Desk) -> None:
    done = await unwatched.type("hold", "prod-1", "--tier", "mesh", "--force")
    assert done.exit_code == 0
    assert [each.target for each in unwatched.orders] == [Target(spoke="prod-1", tier="mesh")]


async def test_but_not_of_what_may_be_a_spoke_or_a_gate(unwatched: Desk) -> None:
    done = await unwatched.type("hold", "prod-1/mesh", "--force")
    assert (done.exit_code, unwatched.data) == (2, {})
    assert "name it with --spoke and --tier" in done.stderr


async def test_what_has_expired_goes_with_it(desk: Desk) -> None:
    desk.put(order(Command.SKIP, key="over", until=NOW - 1.0), HOLD)
    said = await desk.said("hold", "prod-1")
    assert said["expired"] == ["over"]
    assert "over" not in desk.data


async def test_an_order_that_could_not_be_read_again_is_not_given(desk: Desk) -> None:
    done = await desk.type("hold", "prod-1", "--why", "x" * 70_000)
    assert (done.exit_code, desk.data) == (2, {})
    assert "this would be no order" in done.stderr


@pytest.mark.parametrize("verb", ["hold", "skip"])
async def test_a_moment_that_is_over_is_refused_before_anything_is_asked(
    desk: Desk, verb: str
) -> None:
    done = await desk.type(verb, "prod-1", "--until", "2020-01-01T00:00:00Z")
    assert (done.exit_code, done.stdout, desk.data) == (2, "", {})
    assert "over already" in done.stderr


async def test_a_hold_is_newer_than_all_before_it_and_no_order_is_of_another_day(
    desk: Desk,
) -> None:
    ahead = order(Command.RELEASE, key="a", at=NOW + 30.0)
    some_day = order(Command.RELEASE, key="b", at=NOW + 48 * HOUR)
    desk.put(ahead, some_day)
    await desk.type("hold", "prod-1")
    (new,) = (each for each in desk.orders if each.command is Command.HOLD)
    assert new.at == NOW + 31.0


async def test_without_the_config_map_it_is_said_how_to_make_it(desk: Desk) -> None:
    desk.hub.store.delete(CONFIG_MAP, "argocd", NAME)
    done = await desk.type("hold", "prod-1")
    assert done.exit_code == 1
    assert f"kubectl -n argocd create configmap {NAME}" in done.stderr


@pytest.mark.parametrize("verb", ["hold", "release", "approve", "skip", "retry"])
async def test_without_a_gate_each_verb_says_which_orders_stand(desk: Desk, verb: str) -> None:
    desk.knows(HOLD)
    done = await desk.type(verb)
    assert (done.exit_code, done.stderr, desk.data) == (0, "", {})
    head, line = done.stdout.splitlines()
    assert head.split() == ["KEY", "ORDER", "GATES", "IN", "FORCE", "BY", "GIVEN", "UNTIL", "WHY"]
    assert " ".join(line.split()) == (
        "hold-1 hold all/mesh yes, 3 spokes alice 2026-03-02T09:00:00Z - a look"
    )


@pytest.mark.parametrize(
    "flag", [["--why", "x"], ["--until", "1h"], ["--yes"], ["--force"]], ids=str
)
async def test_who_forgot_to_name_the_gates_is_told_so(desk: Desk, flag: list[str]) -> None:
    done = await desk.type("hold", *flag)
    assert (done.exit_code, done.stdout, desk.data) == (2, "", {})
    assert "name the gates" in done.stderr


async def test_of_an_order_that_names_nothing_it_is_said_why(desk: Desk) -> None:
    desk.knows(HOLD, order(Command.HOLD, key="by-hand", spoke="prod-3", tier="mehs"))
    done = await desk.type("release")
    assert done.exit_code == 0, done.stderr
    *_, why = done.stdout.splitlines()
    assert why == (
        "by-hand names nothing: there is no tier 'mehs' (did you mean 'mesh'?); there is no spoke "
        "'prod-3' (did you mean 'prod-2'?)"
    )


async def test_a_program_gets_them_too(desk: Desk) -> None:
    desk.knows(HOLD)
    (told,) = (await desk.said("release"))["orders"]
    assert (told["key"], told["order"], told["inForce"], told["spokes"]) == (
        "hold-1",
        "hold",
        True,
        3,
    )


async def test_without_a_watcher_what_stands_on_the_hub_is_said(unwatched: Desk) -> None:
    unwatched.put(HOLD, bad="no order")
    done = await unwatched.type("release")
    assert done.exit_code == 0
    assert "this is what stands on the hub" in done.stderr
    _, hold, bad = done.stdout.splitlines()
    assert hold.startswith("hold-1")
    assert bad.startswith("bad: it cannot be read")
