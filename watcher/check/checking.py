"""Is the hub as the watcher needs it?

Every check is asked, in the order in which people would mend things.

Elsewhere: the checks, by what they are about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from msgspec import Struct

from watcher.check import access, controllers, living, policies, protection, versions
from watcher.check.finding import Check, Finding, Level
from watcher.check.sight import Sight

Judge: TypeAlias = Callable[[Sight], Iterable[Finding]]

_JUDGES: tuple[tuple[Check, Judge], ...] = (
    (policies.POLICY, policies.policy),
    (versions.KUBERNETES, versions.kubernetes),
    (versions.KINDS, versions.kinds),
    (versions.ARGO, versions.argo_cd),
    (controllers.FOUND, controllers.found),
    (controllers.METRICS, controllers.metrics),
    (controllers.LIMIT, controllers.memory_limit),
    (controllers.SOFT_LIMIT, controllers.soft_limit),
    (access.ACCOUNT, access.account),
    (access.RIGHTS, access.rights),
    (protection.GUARDS, protection.guards),
    (protection.OWNERS, protection.owners),
    (living.LEASE, living.lease),
    (living.READY, living.ready),
    (living.CLOCK, living.clock),
)

CHECKS: tuple[Check, ...] = tuple(each for each, _ in _JUDGES)


class Checked(Struct, frozen=True):
    """All that is to be said."""

    findings: tuple[Finding, ...]
    """In the order of the checks; of one check the gravest first."""

    @property
    def faulty(self) -> bool:
        """Whether anything must be mended."""
        return self.count(Level.FAULT) > 0

    def count(self, level: Level) -> int:
        """The number of findings of this level."""
        return sum(each.level is level for each in self.findings)


def check(sight: Sight) -> Checked:
    """Every finding on what was seen."""
    ranks = {level: -at for at, level in enumerate(Level)}
    found = [
        finding
        for _, judge in _JUDGES
        for finding in sorted(judge(sight), key=lambda each: ranks[each.level])
    ]
    return Checked(tuple(found))
