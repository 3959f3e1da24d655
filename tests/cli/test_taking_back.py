"""A person takes a teardown back by a release, as by `teardown --stop` (test_teardown.py)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cli import teardowns
from tests.cli.teardowns import ORDERS, Desk
from watcher.embedded_hub.faults import Answer, On
from watcher.embedded_hub.resources import CONFIG_MAP, SECRET
from watcher.embedded_hub.users import Rule, User

TORN = {"gate-watcher.io/teardown": "*"}
LOOKS = Rule(("get", "list"), ("*",), ("*",))
ORDERS_ALONE = Rule(("patch",), ("",), ("configmaps",), names=(ORDERS,))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with teardowns.desk(tmp_path) as made:
        made.patch(annotations=TORN)
        made.patch(labels={"gate-watcher.io/apps": None})
        yield made


def hold(desk: Desk) -> None:
    """Somebody has put the spoke on hold."""
    target = {
        "order": "hold",
        "target": {"spoke": "spoke-000"},
        "by": "a",
        "at": "2026-03-01T00:00Z",
    }
    desk.hub.store.patch(CONFIG_MAP, "argocd", ORDERS, {"data": {"hold-1": json.dumps(target)}})


def as_operator(desk: Desk, folder: Path) -> None:
    """Whoever types may look at everything, and write nothing but orders."""
    alice = User("alice", "operator-of-the-embedded-hub", (LOOKS, ORDERS_ALONE))
    desk.hub.api.users[alice.name] = alice
    desk.kubeconfig = desk.kubeconfig_of(alice, folder)


async def test_a_release_of_the_spoke_takes_it_back_as_stop_does(desk: Desk) -> None:
    done = await desk.release("spoke-000", "--yes")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "the teardown of spoke-000 is taken back:",
        "  had not closed, and stays open: compute, mesh",
        "  closed, and opens again in its turn, as any other gate: apps",
        "no longer torn down: compute, mesh, apps",
    ]
    assert (desk.annotation(), desk.orders()) == (None, {})


async def test_it_is_shown_first_and_asked(desk: Desk) -> None:
    done = await desk.release("spoke-000")
    assert done.exit_code == 2
    assert "say --yes" in done.stderr
    assert done.stdout.startswith("the teardown of spoke-000 is taken back:\n")
    assert desk.annotation() == "*"


async def test_a_hold_of_it_goes_too_and_a_program_gets_one_value(desk: Desk) -> None:
    hold(desk)
    done = await desk.release("spoke-000", "--yes", "-o", "json")
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["taken"], said["noLongerTorn"]) == (["hold-1"], ["compute", "mesh", "apps"])
    assert (desk.annotation(), desk.orders()) == (None, {})


async def test_of_one_tier_where_nothing_stands_on_the_rest(desk: Desk) -> None:
    wrong = await desk.release("spoke-000/apps", "--yes")
    assert wrong.exit_code == 2
    assert "compute, mesh would then close beneath apps" in wrong.stderr
    assert "nothing was ordered" in wrong.stderr
    assert desk.annotation() == "*"
    done = await desk.release("spoke-000/compute", "--yes")
    assert (done.exit_code, desk.annotation()) == (0, "mesh,apps")
    assert "  still to be torn down: mesh, apps\n" in done.stdout


async def test_where_no_spoke_is_named_it_stays(desk: Desk) -> None:
    done = await desk.release("--all", "--force", "--yes")
    assert done.exit_code == 0
    assert "what is torn down stays so; name the spoke to take that back:" in done.stdout
    assert (desk.annotation(), len(desk.orders())) == ("*", 1)


async def test_without_the_right_to_it_it_stays_and_the_rest_is_released(
    desk: Desk, tmp_path: Path
) -> None:
    hold(desk)
    as_operator(desk, tmp_path)
    done = await desk.release("spoke-000", "--yes")
    assert done.exit_code == 1
    assert done.stderr == (
        "gate-watcher: you may not patch secrets in argocd; ask for it until "
        "`kubectl auth can-i patch secrets -n argocd` says yes\n"
    )
    assert "so what is torn down stays so:\n  spoke-000/compute: Held: torn down" in done.stdout
    assert done.stdout.endswith("hold-1: taken away\n")
    assert (desk.annotation(), desk.orders()) == ("*", {})


async def test_with_no_right_and_nothing_else_nothing_is_ordered(
    desk: Desk, tmp_path: Path
) -> None:
    as_operator(desk, tmp_path)
    done = await desk.release("spoke-000", "--yes")
    assert done.exit_code == 1
    assert "nothing was ordered" in done.stderr
    assert desk.annotation() == "*"


async def test_where_the_hub_refuses_it_what_was_released_otherwise_is_told(desk: Desk) -> None:
    hold(desk)
    desk.hub.api.faults.plan(On(verb="patch", resource=SECRET), Answer(403))
    done = await desk.release("spoke-000", "--yes")
    assert done.exit_code == 1
    assert "the teardown of spoke-000 is not taken back: 403 Forbidden" in done.stderr
    assert done.stdout.endswith("hold-1: taken away\n")
    assert (desk.annotation(), desk.orders()) == ("*", {})


@pytest.mark.parametrize("verb", [["release", "--from-hub"], ["teardown", "--stop"]], ids=str)
async def test_where_somebody_else_was_faster_it_looks_again(desk: Desk, verb: list[str]) -> None:
    desk.hub.api.faults.plan(On(verb="patch", resource=SECRET), Answer(409))
    yes = ["--yes"] if verb[0] == "release" else []
    done = await desk.type(*verb, "spoke-000", *yes)
    assert (done.exit_code, desk.annotation()) == (0, None)
