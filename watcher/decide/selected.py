"""What do all ApplicationSets of the hub together do with one spoke?

Worked out once for all spokes that each of them treats alike: fleets have many spokes and few
kinds of them.

Elsewhere: what one ApplicationSet does (addons.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from msgspec import Struct

from watcher.decide.addons import Addon, Selects
from watcher.policy import Policy

Pair: TypeAlias = tuple[Addon, Selects]


class Selected(Struct, frozen=True, dict=True):
    """Every addon with what it does with the spoke, and what that comes to for each tier.

    `dict=True`: what follows for every spoke of the kind is kept with it (unselected.py).
    """

    addons: tuple[Pair, ...]
    by_key: Mapping[str, Pair]
    mine: Mapping[str, tuple[Pair, ...]]
    """Tier to the addons whose Applications it waits for here."""
    asked: frozenset[str]
    """The tiers whose gates decide whether anything selects the spoke."""
    any_tier: bool
    """Whether an addon may belong to any tier here."""


def selected(addons: Iterable[Pair], policy: Policy) -> Selected:
    """All of these together."""
    pairs = tuple(addons)
    return Selected(
        addons=pairs,
        by_key={addon.key: (addon, selects) for addon, selects in pairs},
        mine=_mine(pairs, policy),
        asked=frozenset(
            tier for _, selects in pairs for tier in (*selects.tiers, selects.tier) if tier
        ),
        any_tier=any(selects.any_tier for _, selects in pairs),
    )


def _mine(pairs: tuple[Pair, ...], policy: Policy) -> dict[str, tuple[Pair, ...]]:
    found: dict[str, tuple[Pair, ...]] = {}
    for pair in pairs:
        _, selects = pair
        if selects.any_tier and selects.opened != 0:
            for tier in policy.by_name:
                found[tier] = (*found.get(tier, ()), pair)
        elif selects.tier is not None:
            found[selects.tier] = (*found.get(selects.tier, ()), pair)
    return found
