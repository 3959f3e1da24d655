"""Which tiers must be settled before a tier, and which come after it?

Knows tiers by name and by what they depend on; nothing of the hub. Everything is worked out once,
when a policy is made: for every gate of every spoke it is asked again at each turn, so an answer is
one look-up.

Elsewhere: what is wrong with the dependencies of a file, cycles and unknown tiers (tiers.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter

from msgspec import Struct


class Graph(Struct, frozen=True):
    """The tiers of one policy, by name."""

    order: tuple[str, ...]
    """Each after all that it depends on; of those at one depth, in the order of the file."""
    needs: Mapping[str, frozenset[str]]
    """What a tier depends on, directly or through others."""
    dependents: Mapping[str, frozenset[str]]
    """What depends on a tier, directly or through others."""
    depths: Mapping[str, int]
    """The length of the longest chain of tiers below a tier; 0 where it depends on nothing."""


def graph(depends_on: Mapping[str, tuple[str, ...]]) -> Graph:
    """The graph of tiers, from what each depends on directly, in the order of the file.

    Raises graphlib.CycleError where a tier depends on itself, KeyError where one is not there:
    `read_policy` has found both before it comes to this.
    """
    needs: dict[str, frozenset[str]] = {}
    depths: dict[str, int] = {}
    for tier in TopologicalSorter(depends_on).static_order():
        below = depends_on[tier]
        needs[tier] = frozenset(below).union(*(needs[one] for one in below))
        depths[tier] = max((depths[one] + 1 for one in below), default=0)
    return Graph(
        order=tuple(sorted(depends_on, key=depths.__getitem__)),
        needs=needs,
        dependents={tier: frozenset(o for o in needs if tier in needs[o]) for tier in needs},
        depths=depths,
    )
