"""Which policy was the hub held against?

Elsewhere: what is wrong with a policy file (policy/).
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.check.finding import Check, Finding
from watcher.check.sight import Sight, Unread, Unseen
from watcher.facts import many

POLICY = Check("policy", "which policy the hub is held against")


def policy(sight: Sight) -> Iterator[Finding]:
    """The defaults where none was given, and none is on the hub."""
    seen = sight.policy_from
    if not isinstance(seen, Unread):
        yield POLICY.ok(f"{seen}, {many(len(sight.policy.tiers), 'tier')}")
    elif seen.why is Unseen.FAILED:
        yield POLICY.fault(seen.said, seen.remedy)
    elif sight.before and seen.why is Unseen.ABSENT:
        yield POLICY.ok("none is there yet, so the defaults; yours can be given with --config")
    else:
        place = seen.sought.removeprefix("read ")
        why = "is not there" if seen.why is Unseen.ABSENT else "may not be read by you (403)"
        yield POLICY.warning(
            f"{place} {why}, so the hub is held against the defaults",
            "give the policy with --config",
        )
