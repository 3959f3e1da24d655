"""What did an application controller say of itself at one moment?

One reading of its `/metrics`. Every number is finite and not negative: a reading that has another
is none (scrape/).

Facts (Go, runtime/metrics; Argo CD, controller/metrics/clustercollector.go):
- `go_gc_heap_live_bytes` is what the last collection left; `go_gc_heap_goal_bytes` is the size at
  which the next one begins; an idle process collects every two minutes.
- Without GOMEMLIMIT `go_gc_gomemlimit_bytes` is the largest 64-bit number.
- The series of a cluster are those of the process's own live cache, taken every 30 seconds: a
  cluster without Applications has none, and their presence says whose it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from watcher.facts.instants import Instant


class Cluster(Struct, frozen=True):
    """A cluster in the controller's live cache."""

    name: str = ""
    objects: int | None = None
    """How many objects its cache holds."""
    connected: bool | None = None
    """None where the controller does not say."""


class Reading(Struct, frozen=True):
    """One reading."""

    at: Instant
    """By the hub's clock, when the answer had come."""
    resident_bytes: float
    live_bytes: float
    goal_bytes: float
    collections: float
    """How many collections there were since the process began."""
    gogc_percent: float | None
    """None: GOGC is off."""
    soft_limit_bytes: float | None
    """GOMEMLIMIT; None where there is none."""
    collecting_s: float
    """CPU seconds spent collecting since the process began."""
    busy_s: float
    """CPU seconds spent at all, the idle ones not counted."""
    process_started_at: Instant
    clusters: Mapping[str, Cluster] = {}
    """By server address as the controller exports it."""


class Readings(Struct, frozen=True):
    """What came of asking one Pod."""

    latest: tuple[Reading, ...] = ()
    """Oldest first: all that came since the turn before began, at least the last one."""
    trouble: str = ""
    """Why the last attempt gave none; empty where it did."""
