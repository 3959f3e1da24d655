"""What follows once an order is taken away?

For somebody who is about to: what it kept closed opens in its turn, what it let through is let
through no more, and which gates that is about as far as a watcher says.

Elsewhere: what an order does while it stands (decide/ordered.py, decide/rings.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from watcher.cli.ending import Slip
from watcher.cli.named import OPEN, NamedGate, gates_in, say_gates
from watcher.cli.whom_to_ask import Asked
from watcher.decide.reasons import OnHold
from watcher.decide.verdicts import State
from watcher.facts import Command, Order, Through, instant, many
from watcher.hub import HubError


def undone(order: Order) -> str:
    """What is otherwise without it, in words."""
    match order.command:
        case Command.HOLD:
            return "then what it holds opens in its turn, unless another hold names it"
        case Command.SKIP:
            return (
                "then what it has skipped is waited for again, and what of it is closed opens in "
                "its turn"
            )
        case Command.RELEASE:
            return f"then {'; '.join(_no_longer_released(order))}"
        case Command.APPROVE:
            return "then a ring that has not started waits for an approval again"
        case Command.RETRY:
            return "then the deadline counts as before, and what is past it is stalled"
        case _:
            assert_never(order.command)


def _no_longer_released(order: Order) -> Iterator[str]:
    yield "an older hold that names the same holds again"
    if order.forgives:
        yield "what it forgives counts against its ring again, where it is still stalled"
    if Through.RING in order.through:
        yield (
            "the ring counts as started by the gates that it let through, and the others of the "
            "tier wait for no turn any more"
        )
    if Through.WINDOW in order.through:
        yield "a window that is shut keeps it closed again"
    if Through.DELETIONS in order.through:
        yield "the rules about what Argo CD would delete keep it closed again"


async def concerned(asked: Asked, order: Order) -> tuple[NamedGate, ...]:
    """The gates of which that is so; none where nobody says."""
    try:
        match order.command:
            case Command.HOLD:
                seen = await gates_in(asked, order.target, (State.HELD,))
                return tuple(each for each in seen if _is_on_hold(each))
            case Command.SKIP:
                seen = await gates_in(asked, order.target, (State.SKIPPED,))
                return tuple(each for each in seen if each.gate.opened_at is None)
            case Command.RELEASE if Through.RING in order.through:
                seen = await gates_in(asked, order.target, OPEN)
                return tuple(each for each in seen if _opened_since(each, order))
            case _:
                return ()
    except (HubError, Slip):
        return ()


_CONCERNED = {
    Command.HOLD: ("is held now", "are held now"),
    Command.SKIP: ("is skipped and closed now", "are skipped and closed now"),
    Command.RELEASE: (
        "was let through the turn of its ring",
        "were let through the turn of their ring",
    ),
}
"""Of one gate, and of several."""


async def what_follows(asked: Asked, order: Order) -> list[str]:
    """What follows, and then the gates of which it is so."""
    gates = await concerned(asked, order)
    if not gates:
        return [undone(order)]
    one, several = _CONCERNED[order.command]
    which = one if len(gates) == 1 else several
    return [undone(order), f"{many(len(gates), 'gate')} {which}:", *say_gates(gates)]


def _is_on_hold(each: NamedGate) -> bool:
    return any(reason.name == OnHold.__name__ for reason in each.gate.reasons)


def _opened_since(each: NamedGate, order: Order) -> bool:
    opened_at = instant(each.gate.opened_at)
    return opened_at is not None and opened_at >= order.at
