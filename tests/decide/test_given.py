from __future__ import annotations

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
