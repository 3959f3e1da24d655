"""When may the next patch be sent?

Values in, values out; `now` is the caller's monotonic clock. A pace spaces patches evenly: every
write to any cluster Secret makes Argo CD reconcile every ApplicationSet with a clusters generator,
so bursts are what it is there to prevent. A hub that says 429 is asked half as often, and ever
more often again as long as it says no more of it.

Elsewhere: sending (patching.py).
"""

from __future__ import annotations

from math import exp2

from msgspec import Struct
from msgspec.structs import replace

DOUBLES_IN_S = 30.0
"""How long a pace that was slowed takes to double."""

LEAST_PER_S = 0.5


class Pace(Struct, frozen=True):
    """How often, and not before when."""

    most_per_s: float
    slowed_to_per_s: float = float("inf")
    slowed_at: float = 0.0
    next_at: float = float("-inf")

    def per_s(self, now: float) -> float:
        """How often at `now`."""
        if self.slowed_to_per_s >= self.most_per_s:
            return self.most_per_s
        grown = self.slowed_to_per_s * exp2(min((now - self.slowed_at) / DOUBLES_IN_S, 64.0))
        return min(self.most_per_s, grown)


ORDINARY = Pace(most_per_s=10.0)
"""For admissions and teardowns."""

URGENT = Pace(most_per_s=50.0)
"""For gates whose opening only prevents deletions."""


def wait_s(pace: Pace, now: float) -> float:
    """How long until one may be sent; 0 where it may be at once."""
    return max(0.0, pace.next_at - now)


def taken(pace: Pace, now: float) -> Pace:
    """After one was sent at `now`."""
    return replace(pace, next_at=max(pace.next_at, now) + 1.0 / pace.per_s(now))


def throttled(pace: Pace, now: float, retry_after_s: float) -> Pace:
    """After the hub said 429, and to wait so long."""
    return replace(
        pace,
        slowed_to_per_s=max(LEAST_PER_S, pace.per_s(now) / 2),
        slowed_at=now,
        next_at=max(pace.next_at, now + retry_after_s),
    )
