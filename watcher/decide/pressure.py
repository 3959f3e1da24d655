"""Is a shard pressed for memory, and has it cooled down since?

It is pressed where it took more than the high mark although nothing was admitted that should have
brought it there, where it was killed, where it spends its time collecting, or where it was just
started and loads everything that is open on it. Then it is given nothing until it has been under
the low mark for the cool-down.

Resident memory is not asked: it stays up for minutes after a peak that is over (Go gives memory
back slowly), so it would hold a shard back for what is no longer there.

Elsewhere: what a shard takes (rooms.py); what is done about one that is killed again and again
(recovery.py).
"""

from __future__ import annotations

from msgspec import Struct

from watcher.decide.reasons import Pressure
from watcher.facts import Instant


class Pressed(Struct, frozen=True):
    """A shard that is cooling down."""

    pressure: Pressure
    at: Instant
    """When it was pressed last."""
    under_since: Instant | None = None
    """Since when it has been under the low mark; None while it is not."""

    def until(self, cool_down_s: float) -> Instant | None:
        """When it will have cooled down; None while it is not under the low mark."""
        if self.under_since is None:
            return None
        return max(self.under_since, self.at) + cool_down_s


class Look(Struct, frozen=True):
    """What is looked at, each in bytes as they count against the limit."""

    at: Instant
    took_bytes: float
    """What the last collection left would come to."""
    stands_bytes: float
    """What stands, without what is only in passing."""
    high_bytes: float
    low_bytes: float
    started_at: Instant | None = None
    """When its process began, where this is the first look at it: it loads everything that is open
    on it at once."""
    crawls: bool = False
    """Whether it spends too much of its CPU collecting."""


def pressed(
    before: Pressed | None, look: Look | None, *, killed_at: Instant | None, cool_down_s: float
) -> Pressed | None:
    """The pressure after this look; None for `look`: nothing new is known but the last kill."""
    now = _newly(before, look, killed_at, cool_down_s)
    if now is None or look is None:
        return now
    if look.stands_bytes >= look.low_bytes or look.crawls:
        return Pressed(now.pressure, now.at)
    since = look.at if now.under_since is None else now.under_since
    under = Pressed(now.pressure, now.at, since)
    until = under.until(cool_down_s)
    return None if until is not None and look.at >= until else under


def _newly(
    before: Pressed | None, look: Look | None, killed_at: Instant | None, cool_down_s: float
) -> Pressed | None:
    """Whatever happens anew begins the cooling anew."""
    if killed_at is not None and (before is None or killed_at > before.at):
        return Pressed(Pressure.KILLED, killed_at)
    if look is None:
        return before
    if look.took_bytes >= look.high_bytes:
        return Pressed(Pressure.HIGH, look.at)
    if look.crawls:
        return Pressed(Pressure.COLLECTING, look.at)
    if look.started_at is None or look.at >= look.started_at + cool_down_s:
        return before
    return Pressed(Pressure.STARTED, look.started_at)
