from __future__ import annotations

import pytest

from watcher.cli.looks import LOOKS, foremost, look, plain, short
from watcher.decide import State
from watcher.serve import shapes


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_mark_of_one_column(state: State) -> None:
    mark, _ = look(state)
    assert (mark, LOOKS[state][0]) == (mark, mark)
    assert len(mark) == 1


def test_a_state_of_a_later_version_has_one_too() -> None:
    assert look("Frozen") == ("?", "")


def test_the_first_reason_is_told_that_says_more_than_the_state() -> None:
    deadline, ill = shapes.Reason("DeadlinePassed", "too late"), shapes.Reason("x", "it is ill")
    assert foremost((deadline, ill)) == "it is ill; too late"
    assert foremost((deadline,)) == "too late"
    assert foremost(()) == ""


def test_a_long_name_is_cut_and_no_other() -> None:
    assert short("x" * 63) == "x" * 63
    assert short("x" * 64) == "x" * 62 + "…"


def test_nothing_moves_the_cursor_or_turns_the_writing_round() -> None:
    assert plain("[b]a\x1b[2J\u202e\r\n\u200b").plain == "[b]a�[2J����"
