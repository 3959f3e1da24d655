"""The screens are in `explain_screens/`; `--rewrite` writes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.explained import HOSTILE, ROLLOUT, TEARDOWN
from tests.cli.test_fleet_screen import printed
from watcher.cli.explain_screen import explain_screen

SCREENS = Path(__file__).parent / "explain_screens"


SPOKES = {"rollout": ROLLOUT, "teardown": TEARDOWN}


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("name", SPOKES)
def test_a_tree_is_as_it_was_looked_at(
    name: str, width: int, request: pytest.FixtureRequest
) -> None:
    file = SCREENS / f"{name}-{width}.txt"
    made = printed(explain_screen(SPOKES[name], ""), width)
    if request.config.getoption("--rewrite"):
        file.write_text(made)
    assert made == file.read_text()
    assert max(map(len, made.splitlines())) <= width


def test_a_teardown_says_what_is_open_still_what_is_being_deleted_and_when_it_is_done() -> None:
    made = printed(explain_screen(TEARDOWN, ""), 160)
    assert "the gate is open; 1 Application left, none of them being deleted" in made
    assert "the gate is closed; 2 Applications left, 1 of them being deleted" in made
    assert "being deleted since 2026-11-24T11:42:07Z, Synced, Healthy" in made
    assert "none of its Applications is left: the teardown is done" in made


def test_of_one_tier_the_others_are_left_out() -> None:
    made = printed(explain_screen(ROLLOUT, "apps"), 120)
    assert "tier metrics is Degraded" in made
    assert "karpenter" not in made


def test_nothing_that_somebody_named_moves_the_cursor_and_long_names_are_cut() -> None:
    made = printed(explain_screen(HOSTILE, ""), 160).replace("\xa0", " ")  # of the tree itself
    assert "[bold]�[2J���[/]" in made
    assert all(char.isprintable() or char == "\n" for char in made)
    assert len(made) < 2000
