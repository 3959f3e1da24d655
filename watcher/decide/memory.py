"""What of one gate is remembered while this process runs?

After a restart the annotation and the Applications' own stamps stand in for it.

Elsewhere: what is looked at, and when (seen.py).
"""

from __future__ import annotations

from msgspec import Struct

from watcher.facts import Instant


class Seen(Struct, frozen=True):
    """What was seen of one gate while this process ran."""

    open_at: Instant
    """When it was first seen open."""
    applications: frozenset[str] = frozenset()
    """UIDs of its Applications when last looked at, where their number is unknown."""
    changed_at: Instant | None = None
    """When these last came or went."""
    gone: bool = False
    """Whether its label was gone when last looked at."""
    reopened_at: Instant | None = None
    """When it was seen open again after that."""
    short: bool = False
    """Whether an Application that it must have was absent when last looked at."""
    short_at: Instant | None = None
    """When one went absent that had been there, or was asked for anew."""
    parked: bool = False
    """Whether its spoke was parked when last looked at."""
    unparked_at: Instant | None = None
    """When its spoke was last seen no longer parked."""
