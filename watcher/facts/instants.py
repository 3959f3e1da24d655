"""How is a moment written down?

An `Instant` is seconds since the epoch, UTC, as a float. A float and not a `datetime`, because
what the hub stamps may be absurd (year 1, year 9999): sums and comparisons of floats never raise,
and a decision must not either.

Facts (Kubernetes, apimachinery/pkg/apis/meta/v1/time.go): `metav1.Time` is RFC 3339 in whole
seconds, UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TypeAlias

Instant: TypeAlias = float

_ZONED = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)")


def instant(text: str | None) -> Instant | None:
    """The moment that `text` (RFC 3339) names; None where there is none or it cannot be read."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def moment(text: str) -> Instant | None:
    """The same of what a person wrote, who has to say in which zone."""
    return instant(text) if _ZONED.fullmatch(text) else None


def rfc3339(at: Instant) -> str:
    """`at` in whole seconds, as Kubernetes writes it; what no calendar holds, as a bare number."""
    try:
        return f"{datetime.fromtimestamp(int(at), UTC).replace(tzinfo=None).isoformat()}Z"
    except (ValueError, OverflowError, OSError):
        return f"@{at:.0f}"
