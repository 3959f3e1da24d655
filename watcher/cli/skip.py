"""Orders that what depends on a gate may pass it by.

Elsewhere: what all orders have in common (ordering.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import rich_click as click

from watcher.cli.agreeing import agreed
from watcher.cli.ending import FAILED, complain, end
from watcher.cli.hub_flags import run
from watcher.cli.named import NamedGate, gates_in, say_gates
from watcher.cli.ordering import How, at_desk, order_flags, tell
from watcher.cli.targets import Meant, say_target
from watcher.decide.verdicts import PASSED, State
from watcher.facts import Command, Target, many
from watcher.hub.ordering import Edit

_NOT_PASSED = tuple(each for each in State if each not in PASSED)
_CLOSED = (State.WAITING, State.QUEUED, State.HELD)
"""Those that would open in their turn, at once or once nobody holds them."""


@click.command()
@order_flags
def skip(*, meant: Meant, how: How) -> None:
    """Have the gates that you name count as passed; without any, say which orders stand.

    As long as the order stands, a gate that it names and that has not settled is Skipped, and says
    so: the tiers that depend on it go on without it. It closes nothing, and a gate that settles is
    Settled all the same. A gate that is closed stays closed: it is not opened while the order
    stands. `gate-watcher release --order KEY` takes it away; then those that are closed open in
    their turn.

    Shows which gates have not settled, and asks. Written with your own credentials: you need get
    and patch on the ConfigMap gate-watcher-orders in the watcher's namespace, and, to have looked
    up what you name, get on services/proxy. Ends with 1 where all has passed already or it was
    not written, with 2 where there is no such gate.
    """
    if not run(_skip(meant, how)):
        sys.exit(FAILED)


async def _skip(meant: Meant, how: How) -> bool:
    async with at_desk(meant, how) as desk:
        what = say_target(desk.target)
        if desk.asked is not None:
            gates = await gates_in(desk.asked, desk.target, _NOT_PASSED)
            if not gates and not how.force:
                end(FAILED, f"all of {what} has passed already; nothing was ordered")
            how.say(f"not settled: {many(len(gates), 'gate')} of {what}", *say_gates(gates))
            how.say(*_kept_closed(gates, desk.target))
        if desk.target.everything:
            complain("this is every gate there is: while it stands no gate is opened")
        if not agreed("Let what depends on them pass them by?", yes=how.yes):
            return False
        order = desk.order(Command.SKIP, how)
        tell(how, await desk.write(lambda _: Edit((order,))))
    return True


def _kept_closed(gates: Sequence[NamedGate], target: Target) -> Iterator[str]:
    """What does not come about because of it."""
    closed = sum(each.gate.state in _CLOSED and each.gate.opened_at is None for each in gates)
    if closed:
        yield (f"closed: {closed} of them; what is closed is not opened while this stands")
    if not target.spoke:
        yield "spokes that come later are named, too: their gates are not opened either"
