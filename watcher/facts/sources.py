"""How fresh is what a store holds, and what became of our own writes?

Facts (Kubernetes, KEP-5504): resourceVersions of one kind compare as integers, so a store has
reached a write when it shows that resourceVersion or a later one.

Elsewhere: what staleness means for a gate (decide/freshness.py).
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from watcher.facts.instants import Instant


class Kind(StrEnum):
    """What is listed and watched."""

    APPLICATIONS = "applications"
    APPLICATION_SETS = "applicationsets"
    SPOKES = "secrets"
    PODS = "pods"
    ORDERS = "configmaps"


class Source(Struct, frozen=True):
    """One watched kind: how fresh is what its store holds?"""

    kind: Kind
    listed: bool = False
    """Whether a complete list was ever taken."""
    heard_at: Instant | None = None
    """When the hub last answered for it: a list, an event, a bookmark."""
    trouble: str = ""
    """What is wrong right now, in words; empty when nothing is."""


class Write(Struct, frozen=True):
    """Our own last patch of a spoke's Secret that the store has not shown yet."""

    tiers: frozenset[str]
    """The gates that it opened or closed."""
    sent_at: Instant
    resource_version: str | None = None
    """What the hub answered; None while there is no answer, or when it was lost."""


class Refusal(Struct, frozen=True):
    """The hub refused our last patch of a spoke's Secret."""

    status: int
    message: str
    at: Instant
    retry_at: Instant
    """Not before this may the next one be sent."""
