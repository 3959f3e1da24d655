"""The screens are in `spokes_screens/`; `--rewrite` writes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.explained import EVIL
from tests.cli.test_fleet_screen import printed
from watcher.cli.choosing import Chosen
from watcher.cli.spokes_screen import spokes_screen
from watcher.serve import shapes

SCREENS = Path(__file__).parent / "spokes_screens"


def spoke(name: str, ring: str = "fleet", **states: str) -> shapes.Spoke:
    gates = tuple(
        shapes.Gate(
            tier, state, () if state == "Settled" else (shapes.Reason("x", f"{tier}: why"),)
        )
        for tier, state in states.items()
    )
    return shapes.Spoke(name, "argocd", name, gates, ring=ring)


SPOKES = (
    spoke("prod-eu-1", compute="Settled", metrics="Settled", apps="Settled"),
    spoke("prod-eu-2", compute="Settled", metrics="Progressing", apps="Waiting"),
    spoke("prod-us-1", "canary", compute="Settled", metrics="Settled", apps="Stalled"),
    spoke("prod-us-2", "canary", compute="Lost", metrics="Degraded", apps="Stalled"),
)
PAGE = shapes.Spokes(SPOKES, matching=7, next="prod-us-2")


@pytest.mark.parametrize("width", [80, 160])
def test_rows_are_as_they_were_looked_at(width: int, request: pytest.FixtureRequest) -> None:
    file, made = SCREENS / f"some-{width}.txt", printed(spokes_screen(PAGE, Chosen()), width)
    if request.config.getoption("--rewrite"):
        file.write_text(made)
    assert made == file.read_text()
    assert max(map(len, made.splitlines())) <= width


def test_of_the_gates_that_were_asked_for_the_one_is_shown_that_most_needs_a_person() -> None:
    (line,) = rows(Chosen(tiers=("metrics", "apps")), SPOKES[3])
    assert "apps ✗ Stalled" in line
    assert "apps: why; 1 more such gate" in line
    (line,) = rows(Chosen(states=("Degraded",)), SPOKES[3])
    assert "metrics ◒ Degraded" in line
    assert "0/3" in line, "whatever was asked for"


def rows(chosen: Chosen, *spokes: shapes.Spoke) -> list[str]:
    made = printed(spokes_screen(shapes.Spokes(spokes, len(spokes)), chosen), 160)
    return made.splitlines()[4:]


def test_none_is_said_in_a_word() -> None:
    assert printed(spokes_screen(shapes.Spokes((), 0), Chosen()), 80) == "0 spokes\n"


def test_nothing_that_somebody_named_moves_the_cursor_and_long_names_are_cut() -> None:
    evil = spoke(EVIL + "x" * 2000, EVIL, **{EVIL: EVIL})
    made = printed(spokes_screen(shapes.Spokes((evil,), 1), Chosen()), 160)
    assert all(char.isprintable() or char == "\n" for char in made)
    assert len(made) < 1500
