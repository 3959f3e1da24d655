"""What is said of a shard?

Its memory as people read it: what stands on it, what is in progress, how much more fits, and what
would help. All bytes are as they count against the limit, except those that say that they are of
live heap.

Elsewhere: how they are worked out (rooms.py, capacity.py); the reasons of gates (reasons.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from watcher.decide.reasons import Binds, Reason
from watcher.facts import Instant


class Remedy(StrEnum):
    """What people can do for a full shard."""

    SOFT_LIMIT = "GOMEMLIMIT"
    LIMIT = "limit"
    SHARD = "shard"


class Help(Struct, frozen=True):
    """One thing that would help, and by how much."""

    remedy: Remedy
    bytes: float
    """The value to set; of another shard, its limit."""
    spokes: int
    """How many more spokes would fit."""


class Shard(Struct, frozen=True):
    """One application controller."""

    name: str
    """Its number, or its Pod's name where it has none."""
    pod: str
    """The Pod's namespace/name."""
    stops: tuple[Reason, ...] = ()
    """Why nothing is admitted on it, whatever it would take."""
    resident_bytes: float | None = None
    """As it says itself; None where there is no reading to believe."""
    live_bytes: float | None = None
    """Live heap, as the last collection left it."""
    used_bytes: float | None = None
    """What stands on it, by the predictor."""
    reserved_bytes: float | None = None
    """What its periodic resync, and what is in progress on it, may take on top."""
    restart_bytes: float | None = None
    """What starting again with all that is open on it would take at its peak."""
    filled_to_bytes: float | None = None
    """Up to where it is filled: the high mark's share of `limit_bytes`."""
    limit_bytes: float | None = None
    """What binds: GOMEMLIMIT against live heap where there is one, else the memory limit."""
    pod_limit_bytes: float | None = None
    """The memory limit; None: none is known, and a fixed number of spokes is in progress."""
    soft_limit_bytes: float | None = None
    """GOMEMLIMIT; None where there is none, which is a finding."""
    collecting: float | None = None
    """The share of its CPU that it spent collecting of late."""
    spokes: int = 0
    """On it with something open or running, parked ones aside."""
    loading: int = 0
    """Of these, whose cluster is being loaded."""
    later: int = 0
    """Of these, with a later gate in progress."""
    parked: int = 0
    recovery: tuple[Reason, ...] = ()
    """What its parked spokes wait for, or why nothing can be parked on it."""
    waiting: int = 0
    """Closed spokes that wait for it with a gate that may open."""
    fits: int | None = None
    """How many more spokes fit; None where that is not known."""
    binds: Binds | None = None
    """Which capacity would be used up first."""
    survives_restart: bool | None = None
    """Whether it could start again with all that is open on it."""
    helps: tuple[Help, ...] = ()
    """What would help those that wait, the first thing to do first."""
    kills: int = 0
    """How often it was killed for its memory, as far as this process saw."""
    killed_at: Instant | None = None
    errors: Mapping[str, float] = {}
    """The predictor's own error, by what it predicts."""
