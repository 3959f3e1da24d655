"""Orders that gates stay closed.

Elsewhere: letting them go on (release.py); what all orders have in common (ordering.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import rich_click as click

from watcher.cli.ending import complain
from watcher.cli.hub_flags import run
from watcher.cli.named import OPEN, count_spokes, gates_in
from watcher.cli.ordering import Desk, How, at_desk, at_desk_for_everything, order_flags, tell
from watcher.cli.targets import Meant, say_target
from watcher.facts import Command, many
from watcher.hub import HubError
from watcher.hub.ordering import Edit


@click.command()
@order_flags
def hold(*, meant: Meant, how: How) -> None:
    """Let no gate of those that you name open; without any, say which orders stand.

    What is open stays open and goes on: no order closes a gate. A gate whose loss would have Argo
    CD delete something is opened all the same. The hold stands until its --until, or until somebody
    takes it away with `gate-watcher release`. Nobody is asked whether it be done: a hold does no
    harm. With --all it is written whether or not a watcher answers.

    Written with your own credentials: you need get and patch on the ConfigMap gate-watcher-orders
    in the watcher's namespace, and, to have looked up what you name, get on services/proxy. Ends
    with 1 where it could not be written, with 2 where there is no such gate.
    """
    run(_hold(meant, how))


async def _hold(meant: Meant, how: How) -> None:
    there = at_desk_for_everything(how) if meant.everything else at_desk(meant, how)
    async with there as desk:
        order = desk.order(Command.HOLD, how)
        tell(how, await desk.write(lambda _: Edit((order,))))
        if how.output is not None:
            return
        held = f"{say_target(desk.target)} is on hold"
        try:
            how.say(*[each async for each in _said(held, desk)])
        except HubError as error:
            how.say(held)
            complain(f"{error}; so nobody says what is open already")


async def _said(held: str, desk: Desk) -> AsyncIterator[str]:
    if desk.asked is None:
        yield held
        return
    spokes = many(await count_spokes(desk.asked, desk.target), "spoke")
    yield f"{held}; that names {spokes} now"
    if is_open := len(await gates_in(desk.asked, desk.target, OPEN)):
        goes = "it goes" if is_open == 1 else "they go"
        yield f"open already: {many(is_open, 'gate')} of it; no order closes one, so {goes} on"
