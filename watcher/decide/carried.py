"""What does a turn hand to the next?

Never the only record of anything that a person would miss after a restart: what is carried is
what was seen when, and what was worked out already.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from watcher.decide.context import Context
from watcher.decide.grouping import Place
from watcher.decide.judgement import Judgement
from watcher.decide.rollup import Rollup
from watcher.decide.roster import Roster
from watcher.facts import ApplicationSet, Instant, Spoke


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
