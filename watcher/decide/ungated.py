"""Is a tier certain to have nothing for this spoke?

Ungated passes at once, so it must never follow from missing data: an empty or half list of
ApplicationSets would open the whole fleet. Some ApplicationSet on the hub must belong to the
tier, none of them may select the spoke with every gate open, and the complete list must have
stood still, since a hub that is being bootstrapped shows its last tiers first.
"""

from __future__ import annotations

from watcher.decide.reasons import ListUnsure, NoApplications, Reason, TierUnused
from watcher.facts import Instant
from watcher.policy import Tier

STANDS_STILL_S = 60.0
"""How long the list of ApplicationSets must not have changed: a bootstrap by Git makes them all
within one or two of its passes, seconds apart."""


def not_ungated(
    tier: Tier,
    *,
    asked: bool,
    used: bool,
    sets_known: bool,
    sets_since: Instant,
    living: int,
    now: Instant,
) -> tuple[Reason, ...]:
    """Everything against the tier being ungated on a spoke.

    `asked`: its gate decides, or may decide, whether something selects the spoke; `used`: whether
    something on any spoke; `living`: its Applications here.
    """
    if not sets_known:
        return (TierUnused(tier.name),)
    if living or asked:
        return (NoApplications(tier.name),)
    if not used and not tier.optional:
        return (TierUnused(tier.name),)
    if now < sets_since + STANDS_STILL_S:
        return (ListUnsure(sets_since + STANDS_STILL_S),)
    return ()
