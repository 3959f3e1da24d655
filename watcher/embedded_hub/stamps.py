"""How does Kubernetes write an instant?

Facts (Kubernetes, apimachinery/pkg/apis/meta/v1/time.go): RFC 3339 in UTC, whole seconds, cut off
and not rounded. So what happens within one second carries one stamp.
"""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(at: float) -> str:
    """The instant `at` (seconds since the epoch), as in `2026-11-24T10:16:34Z`."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(written: str) -> float:
    """Seconds since the epoch. Raises ValueError where that is no instant."""
    return datetime.fromisoformat(written).timestamp()
