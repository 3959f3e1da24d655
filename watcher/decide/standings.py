"""As what can a gate count in its ring?

A ring starts a tier by how far the ring before is, and stops by how much is stalled: so each gate
counts as settled, as stalled, or as neither yet. What a person holds, what is parked, what is out
of reach and what is left alone for its own trouble is counted apart: nobody waits for it for ever.

Elsewhere: which gate counts as what (counted.py); the counting (tallies.py); what follows from it
(rings.py).
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from watcher.facts import Instant


class Counts(StrEnum):
    """As what a gate counts."""

    SETTLED = "settled"
    STALLED = "stalled"
    REST = "rest"
    """On its way, or not open yet."""
    HELD = "held"
    """A person holds it, has torn it down, or has it skipped."""
    PARKED = "parked"
    """Argo CD ignores the spoke for now."""
    UNREACHABLE = "unreachable"
    ALONE = "alone"
    """The spoke is left alone: it cannot be told from another, cannot be read, or is going."""


APART = (Counts.HELD, Counts.PARKED, Counts.UNREACHABLE, Counts.ALONE)
"""Those that no ring waits for."""


class Standing(Struct, frozen=True):
    """One gate, as its ring counts it."""

    counts: Counts
    begun: bool
    """Whether it is open, or was and is lost: then its ring has started the tier."""
    at: Instant | None = None
    """Since when it has been settled, where a ring bakes; the deadline that it is past."""
