"""Does a gate have the Applications that it must have?

Expected is the number of parameter sets that each ApplicationSet of the tier gives for the spoke.
Where that is unknown, at least one Application of each must exist, and what exists must have been
quiet for the soak time.

Facts (Argo CD, applicationset/controllers/applicationset_controller.go): the controller creates
before it deletes, so more Applications than expected is a moment on the way; and what a generator
makes that reads no clusters, nobody counts.

Elsewhere: counting (selection.py); whether each has settled (settled.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from watcher.decide.addons import Addon, Selects
from watcher.decide.reasons import (
    ApplicationsLeftOver,
    ApplicationsMissing,
    EmptyUntil,
    NumberUnknown,
    Reason,
    SelectionUnknown,
)
from watcher.decide.selection import Number
from watcher.facts import Instant
from watcher.policy import Accept, Tier


def short(
    tier: Tier,
    addons: Iterable[tuple[Addon, Selects]],
    living: Mapping[str, int],
    *,
    opened_at: Instant,
    failing: Set[str],
    now: Instant,
) -> tuple[Reason, ...]:
    """What is missing or left over of the tier's own `addons`.

    `living` counts Applications by ApplicationSet. `opened_at`: since when nothing may be there,
    for tiers that accept `Empty`; `failing`: the ApplicationSets that report an error, of which
    nothing proves nothing.
    """
    against: list[Reason] = []
    for addon, selects in addons:
        found = living.get(addon.key, 0)
        if isinstance(selects.now, int):
            if found < selects.now:
                against.append(ApplicationsMissing(addon.key, selects.now, found))
            if found > selects.now and not addon.foreign:
                against.append(ApplicationsLeftOver(addon.key, selects.now, found))
        elif found == 0:
            accepted = Accept.EMPTY in tier.accept and addon.key not in failing
            since = opened_at if accepted else None
            against.extend(_none_yet(tier, addon.key, selects.now, since=since, now=now))
    return tuple(dict.fromkeys(against))


def _none_yet(
    tier: Tier, key: str, number: Number, *, since: Instant | None, now: Instant
) -> tuple[Reason, ...]:
    """`since`: where nothing is accepted after some time, since when it may be there."""
    if since is None:
        return (SelectionUnknown(key) if number is Number.UNKNOWN else NumberUnknown(key),)
    until = since + tier.empty_after_s
    return (EmptyUntil(until),) if now < until else ()
