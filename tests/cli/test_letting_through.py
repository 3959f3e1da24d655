from __future__ import annotations

from watcher.cli.letting_through import let_through
from watcher.cli.named import NamedGate
from watcher.facts import Through
from watcher.serve import shapes


def closed(spoke: str, *reasons: str) -> NamedGate:
    gate = shapes.Gate("mesh", "Queued", tuple(shapes.Reason(each, f"{each}!") for each in reasons))
    return NamedGate(spoke, f"uid-{spoke}", gate)


def test_each_rule_is_said_with_the_gates_that_wait_for_it() -> None:
    gates = (closed("a", "RingWaits", "WindowClosed"), closed("b", "RingBakes"), closed("c", "x"))
    assert list(let_through(gates, (Through.WINDOW, Through.RING))) == [
        "they are let through the turn of their ring; 2 gates wait for that now",
        "  a/mesh: Queued: RingWaits!",
        "  b/mesh: Queued: RingBakes!",
        "they are let through a window that is shut; 1 gate waits for that now",
        "  a/mesh: Queued: RingWaits!",
        "and so is 1 other closed gate of it, once that comes so far",
        "for as long as it stands they do not start the tier for the others of their ring",
    ]


def test_where_none_waits_that_is_said() -> None:
    assert list(let_through((), (Through.DELETIONS,))) == [
        "they are let through the two rules about what Argo CD would delete; none waits for that "
        "now"
    ]


def test_without_a_rule_there_is_nothing_to_say() -> None:
    assert list(let_through((), ())) == []
