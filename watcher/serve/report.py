"""What is there to be shown?

Values that the daemon gives whenever somebody asks; this room makes text of them and knows nothing
of where they come from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from watcher.facts import Guards, Instant
from watcher.policy import Policy

if TYPE_CHECKING:
    from watcher.decide import Decision


class Stream(Struct, frozen=True):
    """How one watched kind fares, over all its namespaces."""

    resource: str
    heard_at: Instant | None
    lists: int
    """Complete lists that were taken."""
    namespaces: int
    """In so many namespaces it is watched, each on a stream of its own."""
    opened: int
    """Streams that were opened."""
    failures: int
    """Requests of it that failed."""
    drifted: int
    """Objects that the ten-minute comparison found to have been missed."""
    rewinds: int
    """How often the hub's history was found to have gone back."""
    unreadable: int
    """Objects held now of which something cannot be read."""

    @property
    def restarts(self) -> int:
        """How often a stream was opened again."""
        return max(0, self.opened - self.namespaces)


class Decided(Struct, frozen=True):
    """A decision, and what it rests on."""

    decision: Decision
    policy: Policy
    at: Instant


class Report(Struct, frozen=True):
    """Everything that is shown."""

    decided: Decided | None
    """The last one; None before the first, and where its gates are not this replica's to show."""
    leading: bool
    """Whether this replica may write."""
    lease: str
    """The name of the lease that decides it; empty where none is needed."""
    leader: str = ""
    """Who holds the lease, as far as is known."""
    leader_at: str = ""
    """The IP address where that one may be asked; empty where none is known, or it is this one."""
    streams: tuple[Stream, ...] = ()
    guards: Guards = {}
    """How each guard stands, as last read."""
    not_alive: tuple[str, ...] = ()
    """Why this process must be started anew."""
    not_ready: tuple[str, ...] = ()
    """What is stale or missing, in words."""
    unknown: tuple[str, ...] = ()
    """What is not known besides, in words, and is no reason to be asked less: another process would
    know no more of it."""

    @property
    def troubles(self) -> tuple[str, ...]:
        """All that is not known."""
        return (*self.not_ready, *self.unknown)
