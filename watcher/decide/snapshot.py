"""What does a decision rest on?

What the stores held when the turn began, and what the turn before carried. Whoever makes one keeps
the objects' identity: an object that did not change is the same object in the next snapshot, so
that a verdict can be kept with what it was worked out from.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from watcher.decide.carried import Carried
from watcher.decide.grouping import Groups, Place
from watcher.facts import (
    ApplicationSet,
    Guards,
    Kind,
    Orders,
    Pod,
    Readings,
    Refusal,
    Source,
    Spoke,
    Write,
)


class Touched(Struct, frozen=True):
    """What may have changed since the turn whose `carried` the snapshot holds."""

    spokes: frozenset[str] = frozenset()
    """UIDs of Secrets that changed, or of which a write or a refusal did."""
    places: frozenset[Place] = frozenset()
    """Where an Application came, went or changed."""


class Snapshot(Struct, frozen=True):
    """Everything that a decision may rest on."""

    spokes: Mapping[str, Spoke]
    """By UID."""
    application_sets: Mapping[str, ApplicationSet]
    """By namespace/name."""
    applications: Groups
    """By place (grouping.py)."""
    sources: Mapping[Kind, Source]
    writes: Mapping[str, Write] = {}
    """Our own patches that the store has not shown yet, by the spoke's UID."""
    refusals: Mapping[str, Refusal] = {}
    """By the spoke's UID."""
    guards: Guards = {}
    """How each guard stands; unknown where nothing is said of it."""
    orders: Orders = Orders()
    """What people ordered; empty where their ConfigMap is not there."""
    pods: Mapping[str, Pod] = {}
    """Those of the application controllers, by namespace/name."""
    readings: Mapping[str, Readings] = {}
    """What they said of their memory, by the Pod's namespace/name. Each reading is handed over in
    one snapshot; the last one of a Pod also in those that follow, until there is another."""
    carried: Carried = Carried()
    touched: Touched | None = None
    """None: everything may have changed."""
