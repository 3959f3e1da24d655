from __future__ import annotations

from typing import Any

from tests.builders import HOUR, NOW, order
from watcher.cli.standing import given, say_standing, weighed
from watcher.facts import BadOrder, Command, Orders, Through
from watcher.serve import shapes

HOLD = order(Command.HOLD, key="hold-1", spoke="prod-1", tier="compute", why="a look")
RELEASE = order(
    Command.RELEASE,
    key="release-1",
    ring="fleet",
    selector="env=prod",
    until=NOW + HOUR,
    through=frozenset(Through),
)


def standing(*bad: BadOrder) -> shapes.Orders:
    return given(Orders("argocd", "orders", "uid-o", "1", (HOLD, RELEASE), bad), NOW)


def test_a_line_for_each_order_and_below_what_is_none() -> None:
    bad = BadOrder("by-hand", "it cannot be read: it is no JSON")
    assert [line.split("   ")[0] for line in say_standing(standing(bad))] == [
        "KEY",
        "hold-1",
        "release-1",
        "by-hand: it cannot be read: it is no JSON",
    ]


def test_a_line_says_what_of_which_gates_by_whom_until_when_and_why() -> None:
    _, hold, release = (line.split() for line in say_standing(standing()))
    assert " ".join(hold) == "hold-1 hold prod-1/compute yes alice 2026-03-02T09:00:00Z - a look"
    assert "2026-03-02T10:00:00Z" in release
    assert "through deletions through ring through window" in " ".join(release)
    assert "ring=fleet env=prod" in " ".join(release)


def test_without_any_it_is_said() -> None:
    assert say_standing(shapes.Orders(())) == ("no orders stand",)


def test_only_what_is_none_has_no_table() -> None:
    bad = given(Orders(bad=(BadOrder("x", "it is no text"),)), NOW)
    assert say_standing(bad) == ("x: it is no text",)


def test_what_is_over_or_not_yet_is_not_in_force() -> None:
    over = order(Command.HOLD, key="a", until=NOW)
    soon = order(Command.HOLD, key="b", at=NOW + 59.0)
    later = order(Command.HOLD, key="c", at=NOW + HOUR)
    orders = given(Orders(orders=(over, soon, later)), NOW).orders
    assert [each.in_force for each in orders] == [False, True, False]


def test_how_many_spokes_are_named_is_told_where_the_watcher_knows() -> None:
    everything = shapes.Target(everything=True)
    made = shapes.Order("x", "hold", everything, in_force=True, spokes=7)
    nothing = shapes.Order("y", "hold", everything, in_force=True, spokes=0)
    over = shapes.Order("z", "hold", everything, in_force=True, spokes=7, overruled=True)
    _, *lines = say_standing(shapes.Orders((made, nothing, over)))
    assert [line.split("   ")[3].strip() for line in lines] == [
        "yes, 7 spokes",
        "names nothing",
        "overruled, 7 spokes",
    ]


def shown(command: str, at: str, **fields: Any) -> shapes.Order:
    key, in_force = f"{command}-{at}", fields.pop("in_force", True)
    return shapes.Order(key, command, shapes.Target(**fields), at=at, in_force=in_force)


def test_those_come_first_that_stop_most_and_the_newest_of_them() -> None:
    begun = shapes.RingTier(
        "fleet", "mesh", True, None, 0, 2, 1, {}, 0, (), 0, approved=True, reasons=()
    )
    broken = shapes.Order("bad", problem="it is no JSON")
    wanted = (
        shown("release", "09:00", everything=True),
        shown("hold", "08:00", everything=True),
        shown("hold", "10:00", ring="fleet"),
        shown("hold", "07:00", tier="mesh"),
        broken,
        shown("skip", "12:00", spoke="a"),
        shown("retry", "11:00", spoke="a"),
        shown("approve", "13:00", ring="fleet", tier="compute"),
        shown("approve", "14:00", ring="fleet", tier="mesh"),
        shown("hold", "15:00", everything=True, in_force=False),
    )
    assert tuple(weighed(sorted(wanted, key=lambda each: each.key), (begun,))) == wanted
