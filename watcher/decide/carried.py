"""What does a turn hand to the next?

Never the only record of anything that a person would miss after a restart: what is carried is
what was seen when, and what was worked out already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from watcher.facts import Instant

if TYPE_CHECKING:
    from watcher.decide.context import Context
    from watcher.decide.grouping import Place
    from watcher.decide.judgement import Judgement
    from watcher.decide.rollup import Rollup
    from watcher.decide.roster import Roster
    from watcher.facts import ApplicationSet, Spoke


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


class Carried(Struct, frozen=True):
    """Handed back in the next snapshot."""

    judgements: Mapping[str, Judgement] = {}
    """By the spoke's UID."""
    context: Context | None = None
    application_sets: Mapping[str, ApplicationSet] = {}
    spokes: Mapping[str, Spoke] = {}
    roster: Roster | None = None
    rollup: Rollup | None = None
    nowhere: frozenset[Place] = frozenset()
    """Places of Applications that belong to no spoke."""
    as_of: Instant = float("-inf")
    """The moment for which everything was known."""
