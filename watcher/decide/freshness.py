"""Is what is known of the hub known, and fresh enough to act on?

Three things that must never be taken for one another: a kind that was never listed, a kind that
the hub has not answered for, and an empty list. Staleness keeps every gate's last state: what is
known is judged as of the moment at which the hub was last heard, so no timer that ran out since
proves anything. What was heard in the future was heard by another clock, and is as good as not.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from watcher.decide.gates import CLOCKS_APART_S
from watcher.decide.reasons import NotListed, Stale
from watcher.facts import Instant, Kind, Source

DECISIVE = (Kind.APPLICATIONS, Kind.APPLICATION_SETS, Kind.SPOKES, Kind.ORDERS)
"""What every gate is judged by: a hold that was not heard of is a hold. Without the controllers'
Pods nothing is admitted either, but what is lost can still be opened again (sharding.py)."""


class Freshness(Struct, frozen=True):
    """How far the snapshot may be believed."""

    unlisted: tuple[NotListed, ...]
    stale: tuple[Stale, ...]
    as_of: Instant
    """The moment for which everything is known."""
    wake_at: Instant | None
    """When the first source turns stale, if nothing is heard until then."""

    @property
    def secrets_fresh(self) -> bool:
        """Whether the spokes' own labels may be acted on."""
        return not self.unlisted and all(each.kind is not Kind.SPOKES for each in self.stale)


def freshness(
    sources: Mapping[Kind, Source],
    *,
    stale_after_s: float,
    believed_at: Instant,
    now: Instant,
) -> Freshness:
    """The freshness of these sources at `now`.

    `believed_at`: the moment for which the turn before knew everything. What was believed then is
    not taken back.
    """
    unlisted, stale, ends = [], [], []
    for kind in DECISIVE:
        source = sources.get(kind, Source(kind))
        if not source.listed or source.heard_at is None:
            unlisted.append(NotListed(kind, source.trouble))
        elif not source.heard_at - CLOCKS_APART_S <= now < source.heard_at + stale_after_s:
            stale.append(Stale(kind, source.heard_at, source.trouble))
        else:
            ends.append(source.heard_at + stale_after_s)
    return Freshness(
        unlisted=tuple(unlisted),
        stale=tuple(stale),
        as_of=min(now, max(believed_at, min(each.heard_at for each in stale))) if stale else now,
        wake_at=min(ends, default=None),
    )
