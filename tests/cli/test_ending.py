from __future__ import annotations

import pytest

from watcher.cli.ending import FAILED, end


def test_each_problem_is_a_line_and_nothing_in_it_moves_the_cursor(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        end(FAILED, "one\x1b[2J\u202e", ValueError("two\nlines"))
    assert ended.value.code == FAILED
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["gate-watcher: one�[2J�", "gate-watcher: two�lines"]
