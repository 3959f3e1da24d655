from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.cli.desks import Desk, standing_desk
from watcher.cli.approve import Start
from watcher.facts import Command, Target
from watcher.serve import shapes

HERE = shapes.RingTier(
    ring="fleet",
    tier="compute",
    started=False,
    before="canary",
    needed=4,
    gates=12,
    settled=0,
    apart={},
    waiting=9,
    stalled=(),
    forgiven=0,
    approved=False,
    reasons=(shapes.Reason("ApprovalMissing", "nobody has approved it"),),
)
BEFORE = replace(
    HERE, ring="canary", before=None, gates=6, settled=3, apart={"held": 1}, stalled=("a",)
)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with standing_desk(tmp_path) as made:
        yield made


def test_what_has_settled_what_has_not_and_what_is_asked_for_is_said() -> None:
    assert list(Start(HERE, BEFORE).says()) == [
        "ring fleet, tier compute: 12 gates, 9 may open",
        "  ApprovalMissing: nobody has approved it",
        "ring canary before it: 3 of 6 settled, 4 needed; 1 stalled, 1 held",
    ]
    assert list(Start(HERE).says())[-1] == "no ring comes before it"


@pytest.mark.parametrize(
    ("here", "why"),
    [
        (HERE, ""),
        (replace(HERE, started=True), "ring fleet has started tier compute"),
        (replace(HERE, approved=True), "ring fleet is approved for tier compute"),
        (replace(HERE, approved=None), "nobody is asked whether ring fleet starts tier compute"),
    ],
)
def test_where_there_is_nothing_to_approve_it_is_said(here: shapes.RingTier, why: str) -> None:
    assert Start(here).needless == why


async def test_it_is_shown_before_anything_is_asked(desk: Desk) -> None:
    done = await desk.type("approve", "--ring", "fleet", "--tier", "compute")
    assert (done.exit_code, desk.data) == (2, {}), "nobody can be asked here"
    lines = done.stdout.splitlines()
    assert lines[0] == "ring fleet, tier compute: 2 gates, 2 may open"
    assert lines[1].startswith("  RingWaits: ")
    assert lines[2].startswith("  ApprovalMissing: ")
    assert lines[3] == "ring canary before it: 0 of 1 settled, 1 needed; 1 stalled"
    assert lines[4].startswith("  prod-1/compute: Stalled: ")


async def test_who_said_yes_has_it_written(desk: Desk) -> None:
    done = await desk.type("approve", "--ring", "fleet", "--tier", "compute", "--yes")
    assert done.exit_code == 0, done.stderr
    (order,) = desk.orders
    assert (order.command, order.target) == (Command.APPROVE, Target(ring="fleet", tier="compute"))


async def test_what_is_not_asked_for_is_not_written(desk: Desk) -> None:
    done = await desk.type("approve", "--ring", "canary", "--tier", "compute", "--yes")
    assert (done.exit_code, desk.data) == (0, {})
    assert done.stdout.endswith("ring canary has started tier compute; nothing was ordered\n")
    forced = await desk.type("approve", "--ring", "canary", "--tier", "compute", "--yes", "--force")
    assert (forced.exit_code, len(desk.orders)) == (0, 1)


async def test_gates_can_be_approved_alone(desk: Desk) -> None:
    done = await desk.type("approve", "prod-2/compute", "--yes")
    assert done.exit_code == 0, done.stderr
    head, gate, *_ = done.stdout.splitlines()
    assert head == "not settled: 1 gate of tier compute of spoke prod-2"
    assert gate.startswith("  prod-2/compute: Queued: ")
    assert [each.target for each in desk.orders] == [Target("prod-2", "uid-prod-2", tier="compute")]


@pytest.mark.parametrize("given", [["--ring", "fleet"], ["--tier", "compute"], ["--all"]], ids=str)
async def test_a_tier_in_a_ring_is_to_be_named(desk: Desk, given: list[str]) -> None:
    done = await desk.type("approve", *given, "--yes")
    assert (done.exit_code, desk.data) == (2, {})
    assert "name both, with --ring and --tier" in done.stderr
