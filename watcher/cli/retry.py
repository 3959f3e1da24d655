"""Orders that stalled gates get their time anew.

Elsewhere: what all orders have in common (ordering.py).
"""

from __future__ import annotations

import rich_click as click

from watcher.cli.ending import FAILED, end
from watcher.cli.hub_flags import run
from watcher.cli.named import gates_in, say_gates
from watcher.cli.ordering import How, at_desk, order_flags, tell
from watcher.cli.targets import Meant, same, say_target
from watcher.decide.verdicts import State
from watcher.facts import Command, Order, Orders
from watcher.hub.ordering import Edit


@click.command()
@order_flags
def retry(*, meant: Meant, how: How) -> None:
    """Give the stalled gates that you name their time anew; without any, say which orders stand.

    The deadline of a gate that never settled counts from now, so it is not stalled any more until
    that has passed, and no more counts against its ring. Nothing is done on the spoke: mend first
    what kept the gate from settling. A retry takes the place of one before that names the same.

    Nobody is asked whether it be done. Written with your own credentials: you need get and patch on
    the ConfigMap gate-watcher-orders in the watcher's namespace, and, to have looked up what you
    name, get on services/proxy. Ends with 1 where no such gate is stalled, or it could not be
    written, with 2 where there is no such gate.
    """
    run(_retry(meant, how))


async def _retry(meant: Meant, how: How) -> None:
    async with at_desk(meant, how) as desk:
        if desk.asked is not None:
            stalled = await gates_in(desk.asked, desk.target, (State.STALLED,))
            if not stalled and not how.force:
                end(FAILED, f"no gate of {say_target(desk.target)} is stalled; nothing was ordered")
            how.say(*say_gates(stalled))
        order = desk.order(Command.RETRY, how)
        tell(how, await desk.write(lambda held: instead(held, order)))


def instead(held: Orders, order: Order) -> Edit:
    """The retry in place of those that name the same: of them the last one counts."""
    before = (
        each.key
        for each in held.orders
        if each.command is Command.RETRY and same(each.target, order.target)
    )
    return Edit((order,), frozenset(before))
