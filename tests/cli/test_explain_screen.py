"""The screens are in `explain_screens/`; `--rewrite` writes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.explained import HOSTILE, ROLLOUT
from tests.cli.test_fleet_screen import printed
from watcher.cli.explain_screen import explain_screen

SCREENS = Path(__file__).parent / "explain_screens"


@pytest.mark.parametrize("width", [80, 160])
def test_a_tree_is_as_it_was_looked_at(width: int, request: pytest.FixtureRequest) -> None:
    file, made = SCREENS / f"rollout-{width}.txt", printed(explain_screen(ROLLOUT, ""), width)
    if request.config.getoption("--rewrite"):
        file.write_text(made)
    assert made == file.read_text()
    assert max(map(len, made.splitlines())) <= width


def test_of_one_tier_the_others_are_left_out() -> None:
    made = printed(explain_screen(ROLLOUT, "apps"), 120)
    assert "tier metrics is Degraded" in made
    assert "karpenter" not in made


def test_nothing_that_somebody_named_moves_the_cursor_and_long_names_are_cut() -> None:
    made = printed(explain_screen(HOSTILE, ""), 160).replace("\xa0", " ")  # of the tree itself
    assert "[bold]�[2J���[/]" in made
    assert all(char.isprintable() or char == "\n" for char in made)
    assert len(made) < 2000
