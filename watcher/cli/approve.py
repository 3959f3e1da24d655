"""Approves that a ring starts a tier.

Elsewhere: what a ring asks for before it starts one (decide/rings.py); what all orders have in
common (ordering.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import rich_click as click
from msgspec import Struct

from watcher.cli.agreeing import agreed
from watcher.cli.ending import FAILED, UNUSABLE, end
from watcher.cli.hub_flags import run
from watcher.cli.named import NamedGate, gates_in, say_gates
from watcher.cli.ordering import How, at_desk, order_flags, tell
from watcher.cli.targets import Meant, say_target
from watcher.cli.whom_to_ask import Asked
from watcher.decide.verdicts import State
from watcher.facts import Command, Target, many
from watcher.hub.ordering import Edit
from watcher.serve import shapes

_UNSETTLED = tuple(each for each in State if each not in (State.SETTLED, State.UNGATED))


@click.command()
@order_flags
def approve(*, meant: Meant, how: How) -> None:
    """Approve that a ring starts a tier; without any, say which orders stand.

    Name the ring and the tier: `gate-watcher approve --ring fleet --tier compute`. Only the
    approval that startWhen asks for is given: what else a ring waits for, it waits for all the
    same. With a spoke or labels in place of the ring only those gates are approved, and may open
    before the others. Once the ring has started the tier, an approval changes nothing.

    Shows what has settled in the ring before, what has not and why, and asks. Written with your own
    credentials: you need get and patch on the ConfigMap gate-watcher-orders in the watcher's
    namespace, and, to have looked up what you name, get on services/proxy. Ends with 1 where it was
    not written, with 2 where there is no such ring or tier.
    """
    if not run(_approve(meant, how)):
        sys.exit(FAILED)


class Start(Struct, frozen=True):
    """What there is to be seen before somebody approves that a ring starts a tier."""

    here: shapes.RingTier
    before: shapes.RingTier | None = None
    """The tier in the ring before."""
    unsettled: tuple[NamedGate, ...] = ()
    """The gates of the tier there that have not settled."""

    @property
    def needless(self) -> str:
        """Why there is nothing to approve; empty where there is."""
        here = self.here
        if here.started:
            return f"ring {here.ring} has started tier {here.tier}"
        if here.approved is None:
            return f"nobody is asked whether ring {here.ring} starts tier {here.tier}"
        return f"ring {here.ring} is approved for tier {here.tier}" if here.approved else ""

    def says(self) -> Iterator[str]:
        """All of it in words."""
        here, before = self.here, self.before
        gates = many(here.gates, "gate")
        yield f"ring {here.ring}, tier {here.tier}: {gates}, {here.waiting} may open"
        yield from (f"  {each.name}: {each.says}" for each in here.reasons)
        if before is None:
            yield "no ring comes before it"
            return
        apart = "".join(f", {number} {why}" for why, number in before.apart.items())
        yield (
            f"ring {before.ring} before it: {before.settled} of {before.gates} settled, "
            f"{here.needed} needed; {len(before.stalled) + before.forgiven} stalled{apart}"
        )
        yield from say_gates(self.unsettled)


async def _approve(meant: Meant, how: How) -> bool:
    async with at_desk(meant, how) as desk:
        target = desk.target
        if not target.tier or not (target.ring or target.spoke or target.selector):
            end(UNUSABLE, "an approval is of a tier in a ring; name both, with --ring and --tier")
        if desk.asked is not None:
            start = await _start(desk.asked, target)
            if start is None:
                gates = await gates_in(desk.asked, target, _UNSETTLED)
                how.say(f"not settled: {many(len(gates), 'gate')} of {say_target(target)}")
                how.say(*say_gates(gates))
            else:
                how.say(*start.says())
                if start.needless and not how.force:
                    how.say(f"{start.needless}; nothing was ordered")
                    return True
        if not agreed(f"Approve {say_target(target)}?", yes=how.yes):
            return False
        order = desk.order(Command.APPROVE, how)
        tell(how, await desk.write(lambda _: Edit((order,))))
    return True


async def _start(asked: Asked, target: Target) -> Start | None:
    """How it stands with a ring's start; None where not a whole ring is meant, or an empty one."""
    if target.spoke or target.selector:
        return None
    tiers = {
        (each.ring, each.tier): each for each in (await asked.get("/rings", shapes.Rings)).tiers
    }
    here = tiers.get((target.ring, target.tier))
    if here is None or here.before is None:
        return None if here is None else Start(here)
    there = Target(ring=here.before, tier=target.tier)
    unsettled = await gates_in(asked, there, _UNSETTLED)
    return Start(here, tiers.get((here.before, target.tier)), unsettled)
