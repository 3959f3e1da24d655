"""Orders that what depends on a gate may pass it by.

Elsewhere: what all orders have in common (ordering.py).
"""

from __future__ import annotations

import sys

import rich_click as click

from watcher.cli.agreeing import agreed
from watcher.cli.ending import FAILED
from watcher.cli.hub_flags import run
from watcher.cli.named import gates_in
from watcher.cli.ordering import How, at_desk, order_flags, say_gates, tell
from watcher.cli.targets import Meant, say_target
from watcher.decide.verdicts import PASSED, State
from watcher.facts import Command, many
from watcher.hub.ordering import Edit

_NOT_PASSED = tuple(each for each in State if each not in PASSED)


@click.command()
@order_flags
def skip(*, meant: Meant, how: How) -> None:
    """Have the gates that you name count as passed; without any, say which orders stand.

    As long as the order stands, a gate that it names and that has not settled is Skipped, and says
    so: the tiers that depend on it go on without it. It opens nothing and closes nothing, and a
    gate that settles is Settled all the same. `gate-watcher release --order KEY` takes it away.

    Shows which gates have not settled, and asks. Written with your own credentials: you need get
    and patch on the ConfigMap gate-watcher-orders in the watcher's namespace, and, to have looked
    up what you name, get on services/proxy. Ends with 1 where it was not written, with 2 where
    there is no such gate.
    """
    if not run(_skip(meant, how)):
        sys.exit(FAILED)


async def _skip(meant: Meant, how: How) -> bool:
    async with at_desk(meant, how) as desk:
        if desk.asked is not None:
            gates = await gates_in(desk.asked, desk.target, _NOT_PASSED)
            what = f"{many(len(gates), 'gate')} of {say_target(desk.target)}"
            how.say(f"not settled: {what}", *say_gates(gates))
        if not agreed("Let what depends on them pass them by?", yes=how.yes):
            return False
        order = desk.order(Command.SKIP, how)
        tell(how, await desk.write(lambda _: Edit((order,))))
    return True
