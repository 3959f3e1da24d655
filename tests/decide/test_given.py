from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.builders import NOW, application_set, order, policy, snapshot, spoke
from watcher.decide import decide
from watcher.decide.given import GivenOrder, say_order
from watcher.facts import BadOrder, Command, Order, Orders, Target, Through


def test_every_order_is_shown_with_what_it_names_also_one_that_is_none() -> None:
    hold = order(Command.HOLD, key="b", spoke="a")
    over = order(Command.SKIP, key="c", until=NOW - 1)
    orders = Orders("argocd", "o", orders=(over, hold), bad=(BadOrder("a", "no order"),))
    hub = snapshot([spoke("a"), spoke("b")], [application_set("x", "crds")])
    decision = decide(replace(hub, orders=orders), policy("crds"), NOW)
    assert decision.orders == (
        GivenOrder("a", None, "no order"),
        GivenOrder("b", hold, in_force=True, spokes=1),
        GivenOrder("c", over),
    )


@pytest.mark.parametrize(
    ("released", "overruled"),
    [
        ({}, True),
        ({"tier": "crds"}, True),
        ({"spoke": "a"}, False),
        ({"spoke": "a", "until": NOW - 1}, False),
    ],
    ids=str,
)
def test_a_hold_is_overruled_where_a_newer_release_decides_of_all_it_names(
    released: dict[str, Any], overruled: bool
) -> None:
    hold = order(Command.HOLD, key="hold", at=NOW - 60)
    release = order(Command.RELEASE, key="release", at=NOW - 30, **released)
    hub = snapshot([spoke("a"), spoke("b")], [application_set("x", "crds")])
    orders = Orders("argocd", "o", orders=(hold, release))
    given = decide(replace(hub, orders=orders), policy("crds"), NOW).orders
    assert given[0] == GivenOrder("hold", hold, in_force=True, spokes=2, overruled=overruled)
    assert not given[1].overruled


def test_of_two_holds_neither_is_overruled() -> None:
    holds = [order(Command.HOLD, key=f"hold-{at}", at=NOW - at) for at in (60, 30)]
    hub = snapshot([spoke("a")], [application_set("x", "crds")], orders=holds)
    assert not any(each.overruled for each in decide(hub, policy("crds"), NOW).orders)


def test_an_order_of_a_tier_that_there_is_not_names_nothing() -> None:
    slip = order(Command.HOLD, key="hold", tier="crdz")
    hub = snapshot([spoke("a")], [application_set("x", "crds")])
    decision = decide(replace(hub, orders=Orders(orders=(slip,))), policy("crds"), NOW)
    assert decision.orders == (GivenOrder("hold", slip, in_force=True, spokes=0),)


def test_what_a_release_lets_through_is_said() -> None:
    release = order(Command.RELEASE, tier="mesh", through=frozenset({Through.WINDOW, Through.RING}))
    assert say_order(release) == "release tier mesh through ring and window by alice"


def test_an_order_is_said_on_one_line() -> None:
    every = Order("k", Command.HOLD, Target(everything=True), "", NOW)
    assert say_order(every) == "hold everything by nobody knows who"
    full = order(
        Command.RELEASE,
        ring="fleet",
        tier="compute",
        selector="env=prod",
        spoke="a",
        until=NOW,
        why="mended\nat \u202elast",
    )
    assert say_order(full) == (
        "release spoke a, tier compute, ring fleet, labels env=prod by alice "
        "until 2026-03-02T09:00:00Z: mended at \ufffdlast"
    )
