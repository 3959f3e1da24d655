"""What is known of the hub at one moment?

A `Snapshot` is what the stores held when the turn began: values only. Whoever makes one keeps the
objects' identity: an object that did not change is the same object in the next snapshot, so that
a verdict can be kept with what it was computed from.

Facts (Kubernetes, KEP-5504): resourceVersions of one kind compare as integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from watcher.facts.application import Application
from watcher.facts.application_set import ApplicationSet
from watcher.facts.instants import Instant
from watcher.facts.spoke import Spoke


class Kind(StrEnum):
    """What is listed and watched."""

    APPLICATIONS = "applications"
    APPLICATION_SETS = "applicationsets"
    SPOKES = "secrets"


class Source(Struct, frozen=True):
    """One watched kind: how fresh is what its store holds?"""

    kind: Kind
    listed: bool = False
    """Whether a complete list was ever taken."""
    heard_at: Instant | None = None
    """When the hub last answered for it: a list, an event, a bookmark."""
    changed_at: Instant | None = None
    """When what the store holds last changed in number (something came or went)."""
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


class Snapshot(Struct, frozen=True):
    """Everything that a decision may rest on."""

    spokes: Mapping[str, Spoke]
    """By UID."""
    application_sets: Mapping[str, ApplicationSet]
    """By namespace/name."""
    applications: Mapping[str, Application]
    """By namespace/name."""
    sources: Mapping[Kind, Source]
    writes: Mapping[str, Write] = {}
    """By the spoke's UID."""
    refusals: Mapping[str, Refusal] = {}
    """By the spoke's UID."""
    guarded: bool | None = None
    """Whether the guard that keeps an open gate open is in force; None when not known."""
