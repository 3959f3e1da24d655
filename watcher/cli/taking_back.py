"""How is a teardown taken back?

The one way of it, for `teardown --stop` and for `release`: what is taken back is worked out anew at
each look, as the watcher may have closed more of it meanwhile.

Elsewhere: what that comes to (tearing.py); its words (teardown_screen.py); the look, and what is
written (daemon/tearing.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from msgspec import Struct

from watcher.cli import teardown_screen
from watcher.cli.ending import Slip
from watcher.cli.tearing import Stop
from watcher.daemon import tearing
from watcher.daemon.clock import SystemClock
from watcher.daemon.tearing import Ground
from watcher.guards import REMOVALS
from watcher.hub import Conflict, Connection, Outcome, Patched
from watcher.policy import Policy

Wanted: TypeAlias = Callable[[Ground], tuple[str, Stop]]
"""The spoke's UID, and what is taken back there. Raises `Slip` where there is no such thing."""

TRIES = 5
"""A Secret that somebody else writes in the same moment is looked at again so often."""


class Back(Struct, frozen=True):
    """What is taken back, by one look at the hub."""

    ground: Ground
    uid: str
    made: Stop

    @property
    def spoke(self) -> str:
        """Its name."""
        return self.ground.spoke(self.uid).name

    @property
    def is_nothing(self) -> bool:
        """Whether nothing of it is ordered."""
        return self.made.annotation == self.made.before and not self.made.unnamed

    def said(self) -> Iterator[str]:
        """How far it had got, line by line."""
        place = f"{self.ground.policy.namespace}/{REMOVALS}"
        return teardown_screen.stopped(self.made, self.spoke, place)


async def looked(connection: Connection, policy: Policy) -> Ground:
    """What a teardown rests on, now."""
    return await tearing.look(connection, policy, SystemClock().now)


async def back(connection: Connection, policy: Policy, wanted: Wanted) -> Back:
    """What would be taken back now; raises `Slip` where it cannot be."""
    ground = await looked(connection, policy)
    uid, made = wanted(ground)
    if made.refused:
        raise Slip(*made.refused)
    return Back(ground, uid, made)


async def take_back(connection: Connection, policy: Policy, wanted: Wanted) -> tuple[Outcome, Back]:
    """Takes it back, and what that came to; raises `Slip` where it cannot be."""
    for _ in range(TRIES):
        found = await back(connection, policy, wanted)
        outcome = await _written(connection, found)
        if not isinstance(outcome, Conflict):
            break
    return outcome, found


async def _written(connection: Connection, found: Back) -> Outcome:
    """First the annotation: what it names no longer closes no more."""
    ground, made = found.ground, found.made
    outcome: Outcome = Patched("")
    if made.annotation != made.before:
        outcome = await tearing.annotate(connection, ground.spoke(found.uid), made.annotation)
    if made.unnamed and ground.removals is not None and isinstance(outcome, Patched):
        names = dict.fromkeys(made.unnamed)
        outcome = await tearing.name(connection, ground, ground.removals, names)
    return outcome
