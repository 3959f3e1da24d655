"""Which gates does a teardown close now?

A person has written the annotation; the watcher obeys it, deepest tier first, each after the
Applications of the one before are gone. The annotation stays and is the record: a gate that it
names stays closed until a person takes its name out.
"""

from __future__ import annotations

from collections.abc import Mapping

from watcher.decide.reasons import Closes, Reason, TeardownWaits
from watcher.policy import Policy


def torn_tiers(named: frozenset[str], policy: Policy) -> frozenset[str]:
    """The tiers of the policy that the annotation names."""
    every = frozenset(policy.by_name)
    return every if "*" in named else named & every


def closing(
    torn: frozenset[str],
    *,
    open_tiers: frozenset[str],
    applications: Mapping[str, int],
    policy: Policy,
) -> Mapping[str, Reason]:
    """For each open tier that is torn down: that it closes now, or what it waits for.

    `applications` counts those of each tier on the spoke, terminating ones too.
    """
    answer: dict[str, Reason] = {}
    for tier in sorted(torn & open_tiers):
        deeper = [
            other
            for other in policy.dependents(tier) & torn
            if other in open_tiers or applications.get(other, 0)
        ]
        if not deeper:
            answer[tier] = Closes()
            continue
        waits_for = max(deeper, key=lambda other: (policy.depth(other), other))
        answer[tier] = TeardownWaits(waits_for, applications.get(waits_for, 0))
    return answer
