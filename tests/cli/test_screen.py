from __future__ import annotations

import io

from msgspec.structs import replace
from rich.console import Console

from tests.builders import NOW, application, application_set, policy, snapshot, spoke
from watcher.cli.screen import screen
from watcher.decide import Decision, decide, say
from watcher.decide.reasons import ApplicationsMissing, Opens
from watcher.decide.shards import Shard
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


MIB = 2.0**20
FULL = Shard(
    "0",
    "argocd/controller-0",
    used_bytes=310 * MIB,
    reserved_bytes=150 * MIB,
    filled_to_bytes=765 * MIB,
    limit_bytes=900 * MIB,
    spokes=8,
    loading=3,
    later=1,
    fits=9,
)


def with_shards(*shards: Shard) -> Decision:
    return replace(decision(BEGUN), shards={each.pod: each for each in shards})


def test_each_shard_with_a_limit_is_a_line() -> None:
    unlimited = Shard("1", "argocd/controller-1", used_bytes=300 * MIB)
    unread = Shard("2", "argocd/controller-2", limit_bytes=900 * MIB, spokes=2)
    killed = replace(FULL, name="3", pod="argocd/controller-3", kills=2, fits=None)
    shown = [line.rstrip() for line in lines(with_shards(FULL, unlimited, unread, killed))]
    assert shown[-3:] == [
        "shard 0  ███████▓▓▓░░░░░░░│░░  310 MiB + 150 MiB set aside of 900 MiB; 4 of 8 spokes in "
        "progress; 9 more fit",
        "shard 2  what it takes of 900 MiB is not known; 0 of 2 spokes in progress",
        "shard 3  ███████▓▓▓░░░░░░░│░░  310 MiB + 150 MiB set aside of 900 MiB; 4 of 8 spokes in "
        "progress; killed 2 times",
    ]


def test_shards_take_their_lines_from_the_spokes_and_not_too_many() -> None:
    many = [replace(FULL, name=str(at), pod=f"argocd/controller-{at}") for at in range(9)]
    quiet = [spoke(f"quiet-{number:02d}") for number in range(30)]
    given = replace(decision(*quiet), shards={each.pod: each for each in many})
    shown = lines(given, height=20)
    assert len(shown) <= 20
    assert sum(line.startswith("shard ") for line in shown) == 4
    assert all(len(line) <= 60 for line in lines(with_shards(FULL), width=60))
