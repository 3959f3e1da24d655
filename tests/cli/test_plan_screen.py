"""The screens are in `plan_screens/`, at 80 and at 160 columns; `--rewrite` writes them anew."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.console import Console

from tests.cli.hubs import held, rollout, torn, troubled, unlisted
from watcher.cli.plan_screen import plan_screen
from watcher.cli.planned import Act, Group, Next, Plan, planned
from watcher.serve import Decided
from watcher.serve.shapes import Reason

SCREENS = Path(__file__).parent / "plan_screens"


def plan(hub: Decided, **fields: object) -> Plan:
    made = planned(hub, policy_from="configmap argocd/gate-watcher-policy")
    return replace(made, **fields)


EVIL = "[bold]\x1b[2J\u202e\r\n[/]"
SAYS = Reason(EVIL, EVIL)

PLANS = {
    "thousand": plan(rollout(of=1000, settled=10, begun=2)),
    "settled": plan(rollout(of=6, settled=6, begun=0)),
    "held": plan(held()),
    "troubled": plan(troubled()),
    "torn": plan(torn()),
    "stopped": plan(unlisted()),
    "unknown": plan(
        rollout(of=8, settled=2, begun=4),
        unknown=(
            "the controllers' memory was not looked at: you may not get pods/proxy in argocd",
        ),
    ),
    "returns": plan(
        rollout(of=2, settled=2, begun=0),
        now=(
            Act("spoke-000", None, "unparks", ahead=False),
            Act("spoke-001", None, "parks", ahead=True),
        ),
        in_line=(Next(1, "spoke-002", None, None, (Reason("SpokeReturns", "one at a time"),)),),
    ),
    "many-reasons": plan(
        rollout(of=2, settled=2, begun=0),
        in_line=tuple(
            Next(place, f"spoke-{place:03d}", "compute", None, (Reason("Some", f"it is {why}"),))
            for place, why in enumerate("abcabcdefghijkl", 1)
        ),
    ),
}


def shown(given: Plan, width: int) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, color_system=None).print(plan_screen(given, width=width))
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("name", PLANS)
def test_a_screen_is_as_it_was_looked_at(
    name: str, width: int, request: pytest.FixtureRequest
) -> None:
    file, made = SCREENS / f"{name}-{width}.txt", shown(PLANS[name], width)
    if request.config.getoption("--rewrite"):
        file.write_text(made)
    assert made == file.read_text()
    assert max(map(len, made.splitlines())) <= width


def test_every_screen_there_is_is_looked_at() -> None:
    named = {f"{name}-{width}.txt" for name in PLANS for width in (80, 160)}
    assert {file.name for file in SCREENS.iterdir()} == named


def test_a_thousand_spokes_fit_on_a_screen() -> None:
    assert shown(PLANS["thousand"], 80).count("\n") <= 30


def test_where_all_else_has_passed_a_teardown_that_is_done_is_no_work() -> None:
    made = shown(plan(torn(), under_way=(), waits=(), needs_somebody=(), stops=()), 80)
    assert made.rstrip().endswith("Nothing is to be done: every other gate has passed.")


def test_nothing_that_somebody_named_moves_the_cursor_or_is_taken_for_markup() -> None:
    group = Group(EVIL, "Queued", (SAYS,), True, (EVIL,))
    given = plan(
        rollout(of=1, settled=1, begun=0),
        policy_from=EVIL,
        stops=(SAYS,),
        unknown=(EVIL,),
        now=(Act(EVIL, EVIL, "opens", ahead=True, reasons=(SAYS,)),),
        in_line=(Next(1, EVIL, EVIL, None, (SAYS,)),),
        kept_back=(group,),
    )
    made = shown(given, 160)
    assert "[bold]" in made
    assert all(char.isprintable() for char in made if char != "\n")
