"""What does a turn hand to the next?

Never the only record of anything that a person would miss after a restart: what is carried is
what was seen when, and what was worked out already.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from msgspec import Struct

from watcher.decide.context import Context
from watcher.decide.grouping import Place
from watcher.decide.judgement import Judgement
from watcher.decide.kills import Kills
from watcher.decide.measured import Measured
from watcher.decide.ordered import InForce
from watcher.decide.plans import Plan
from watcher.decide.rollup import Rollup
from watcher.decide.roster import Roster
from watcher.decide.sites import Sites
from watcher.decide.tallies import Tallies
from watcher.facts import ApplicationSet, Instant, Spoke

TYPICAL_S = 60.0
"""How long a spoke is in progress at a time, until this hub has shown it: a minute, as measured."""


class ShardsKnown(Struct, frozen=True):
    """What is known of the shards."""

    sites: Sites = Sites()
    measured: Mapping[str, Measured] = {}
    """By the Pod's namespace/name."""
    kills: Mapping[str, Kills] = {}
    """By the same."""
    typical_s: float = TYPICAL_S
    """How long a spoke is in progress at a time."""


class Carried(Struct, frozen=True):
    """Handed back in the next snapshot."""

    judgements: Mapping[str, Judgement] = {}
    """By the spoke's UID."""
    context: Context | None = None
    application_sets: Mapping[str, ApplicationSet] = {}
    spokes: Mapping[str, Spoke] = {}
    roster: Roster | None = None
    rollup: Rollup | None = None
    shards: ShardsKnown = ShardsKnown()
    plans: Mapping[str, Plan] = {}
    """What is being parked, by the Pod's namespace/name."""
    orders: InForce = InForce()
    """The orders in force."""
    disconnected: Set[str] = frozenset()
    """The addresses of clusters that their controllers cannot reach."""
    tallies: Tallies | None = None
    """How far each tier is in each ring, by `judgements`."""
    nowhere: frozenset[Place] = frozenset()
    """Places of Applications that belong to no spoke."""
    as_of: Instant = float("-inf")
    """The moment for which everything was known."""
