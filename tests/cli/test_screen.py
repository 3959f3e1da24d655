from __future__ import annotations

import io

from rich.console import Console

from tests.builders import NOW, application, application_set, policy, snapshot, spoke
from watcher.cli.screen import screen
from watcher.decide import Decision, decide, say
from watcher.decide.reasons import ApplicationsMissing, Opens
from watcher.facts import Spoke

SETS = [application_set("x", "compute"), application_set("y", "mesh")]


def decision(*spokes: Spoke) -> Decision:
    apps = [application("x", "settled")]
    return decide(snapshot(spokes, SETS, apps), policy("compute", "mesh"), NOW)


def lines(
    given: Decision | None, *, height: int = 40, width: int = 120, notes: tuple[str, ...] = ()
) -> list[str]:
    stream = io.StringIO()
    console = Console(file=stream, width=width, height=height, color_system=None)
    console.print(screen(given, now=NOW, height=height, notes=notes))
    return stream.getvalue().splitlines()


SETTLED = spoke("settled", opened={"compute": NOW - 3000.0})
BEGUN = spoke("begun", opened={"compute": NOW})


def row(shown: list[str], name: str) -> str:
    (found,) = [line for line in shown if line.startswith(name)]
    return found


def test_each_spoke_is_a_row_with_its_gates_and_the_first_reason() -> None:
    shown = lines(decision(SETTLED, BEGUN))
    assert "◐ Progressing │ · Waiting" in row(shown, "begun")
    assert f"compute: {say(ApplicationsMissing('argocd/x', 1, 0))}" in row(shown, "begun")
    assert "● Settled" in row(shown, "settled")
    assert f"mesh: {say(Opens())}" in row(shown, "settled")


def test_below_are_the_time_and_how_many_gates_have_each_state() -> None:
    shown = lines(decision(SETTLED, BEGUN))
    assert shown[-1].split("  ")[:5] == [
        "2026-03-02T09:00:00Z",
        "· Waiting 1",
        "○ Queued 1",
        "◐ Progressing 1",
        "● Settled 1",
    ]


def test_where_not_all_fit_those_come_first_in_which_something_happens() -> None:
    quiet = [spoke(f"quiet-{number:02d}") for number in range(30)]
    shown = lines(decision(*quiet, spoke("z", opened={"compute": NOW})), height=12)
    assert len(shown) <= 12
    assert "Progressing" in row(shown, "z")
    assert "and 25 more" in row(shown, "and ")


def test_the_last_lines_of_the_log_stand_under_it() -> None:
    shown = lines(decision(BEGUN), notes=("one line", "another " * 100))
    assert shown[-2].rstrip() == "one line"
    assert shown[-1].startswith("another another")
    assert shown[-1].endswith("…")


def test_nothing_that_a_name_holds_moves_the_cursor() -> None:
    evil = spoke("evil", name="[bold]\x1b[2Jevil\n\u202e")
    shown = lines(decision(evil))
    assert any(line.startswith("[bold]�[2Jevil��") for line in shown)


def test_before_anything_is_known_it_says_so() -> None:
    assert lines(None) == ["nothing is known of the hub yet"]
