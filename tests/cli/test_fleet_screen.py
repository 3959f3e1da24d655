"""The screens are in `screens/`, at 80 and at 160 columns; `--rewrite` writes them anew."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from tests.cli.fleets import FULL, KILLED, ORDERED, UNLIMITED, UNREAD, fleet, shard, waiting
from watcher.cli.fleet_screen import fleet_screen
from watcher.serve import shapes

SCREENS = Path(__file__).parent / "screens"

FLEETS = {
    "rollout": fleet(),
    "settled": fleet(
        gates={"Settled": 24, "Ungated": 12},
        tiers=(
            shapes.Tier("compute", (), {"Settled": 12}),
            shapes.Tier("metrics", ("compute",), {"Settled": 12}),
            shapes.Tier("security", ("compute",), {"Ungated": 12}),
        ),
        waiting=(),
        shards=(shard(loading=0, later=0, waiting=0, reserved_bytes=0),),
    ),
    "full": fleet(shards=(FULL,)),
    "troubled": fleet(
        stops=(shapes.Reason("Stale", "nothing heard of secrets since 2026-11-24T12:00:00Z"),),
        troubles=("nothing was heard of secrets for 120 s",),
        shards=(KILLED, UNLIMITED, UNREAD),
    ),
    "ordered": ORDERED,
    "empty": fleet(spokes=0, gates={}, tiers=(), waiting=(), shards=(), leader=""),
    "many-reasons": fleet(
        waiting=tuple(
            waiting("compute", "Degraded", number, f"reason number {number}")
            for number in range(1, 16)
        )
    ),
}


def shown(given: shapes.Fleet, width: int) -> str:
    return printed(fleet_screen(given, width=width, unled="in a dry run"), width)


def printed(drawn: RenderableType, width: int) -> str:
    """On a screen so wide, without colours."""
    stream = io.StringIO()
    Console(file=stream, width=width, color_system=None).print(drawn)
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


def test_what_is_stalled_is_said_to_be_late() -> None:
    ill = waiting("compute", "Stalled", 1, "argocd/x is Degraded")
    assert "past its deadline: argocd/x is Degraded" in shown(fleet(waiting=(ill,)), 160)


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("name", FLEETS)
def test_a_screen_is_as_it_was_looked_at(
    name: str, width: int, request: pytest.FixtureRequest
) -> None:
    file, made = SCREENS / f"{name}-{width}.txt", shown(FLEETS[name], width)
    if request.config.getoption("--rewrite"):
        file.write_text(made)
    assert made == file.read_text()
    assert max(map(len, made.splitlines())) <= width


def test_every_screen_there_is_is_looked_at() -> None:
    named = {f"{name}-{width}.txt" for name in FLEETS for width in (80, 160)}
    assert {file.name for file in SCREENS.iterdir()} == named


def test_nothing_that_somebody_named_moves_the_cursor_or_is_taken_for_markup() -> None:
    evil = "[bold]\x1b[2J\u202e\r\n[/]"
    given = fleet(
        leader=evil,
        tiers=(shapes.Tier(evil, (), {"Settled": 1}),),
        stops=(shapes.Reason(evil, evil),),
        troubles=(evil,),
        waiting=(shapes.Waiting(evil, "Queued", shapes.Reason("Some", evil), True, 1, (evil,)),),
        shards=(shard(name=evil, killed_at=evil, kills=1, stops=(shapes.Reason("x", evil),)),),
    )
    made = shown(given, 160)
    assert "[bold]�[2J���[/]" in made
    assert all(char.isprintable() or char == "\n" for char in made)


def test_what_a_later_version_names_is_shown_too() -> None:
    odd = fleet(
        waiting=(waiting("compute", "Frozen", 2, "it is winter"),),
        shards=(shard(binds="disk"),),
    )
    made = shown(odd, 160)
    assert "? Frozen" in made
    assert "9 more spokes fit; 4 spokes wait for it" in made
