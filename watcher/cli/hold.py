"""Orders that gates stay closed.

Elsewhere: letting them go on (release.py); what all orders have in common (ordering.py).
"""

from __future__ import annotations

import rich_click as click

from watcher.cli.hub_flags import run
from watcher.cli.named import count_spokes
from watcher.cli.ordering import How, at_desk, order_flags, tell
from watcher.cli.targets import Meant, say_target
from watcher.facts import Command, many
from watcher.hub.ordering import Edit


@click.command()
@order_flags
def hold(*, meant: Meant, how: How) -> None:
    """Let no gate of those that you name open; without any, say which orders stand.

    What is open stays open and goes on: no order closes a gate. A gate whose loss would have Argo
    CD delete something is opened all the same. The hold stands until its --until, or until somebody
    takes it away with `gate-watcher release`. Nobody is asked whether it be done: a hold does no
    harm.

    Written with your own credentials: you need get and patch on the ConfigMap gate-watcher-orders
    in the watcher's namespace, and, to have looked up what you name, get on services/proxy. Ends
    with 1 where it could not be written, with 2 where there is no such gate.
    """
    run(_hold(meant, how))


async def _hold(meant: Meant, how: How) -> None:
    async with at_desk(meant, how) as desk:
        order = desk.order(Command.HOLD, how)
        tell(how, await desk.write(lambda _: Edit((order,))))
        if desk.asked is not None and how.output is None:
            spokes = many(await count_spokes(desk.asked, desk.target), "spoke")
            how.say(f"{say_target(desk.target)} is on hold; that names {spokes} now")
