"""What is not as it should be with a shard, whoever waits for it?

Standing findings: true whether or not anything is in progress, and each with what a person can do
about it.

Facts (measured on a real Argo CD 3.5 controller): under a GOMEMLIMIT of 85 to 90 % of the limit
about twice as many spokes fit into the same limit, and the controller slows down where it would
have been killed. A restart loads everything at once, so a shard can run at a size at which it
cannot start.

Elsewhere: what would help those that wait (shards.py, `Help`); why nothing is admitted on a shard
(reasons.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, assert_never

from msgspec import Struct

from watcher.decide.shards import Shard
from watcher.facts import go_text, many, spoken
from watcher.policy import Pacing

SOFT_LIMIT_SHARE = 0.87
"""Of the memory limit, as GOMEMLIMIT: what is left is what a controller takes beside its heap."""


class NoLimit(Struct, frozen=True):
    """Its memory has no limit that is known."""

    shard: str
    window: int
    """So many spokes are in progress on it at once instead."""


class NoSoftLimit(Struct, frozen=True):
    """It has a memory limit and no GOMEMLIMIT."""

    shard: str
    limit_bytes: float
    set_bytes: float
    """The GOMEMLIMIT to set."""


class NotRestartable(Struct, frozen=True):
    """It could not start again with all that is open on it."""

    shard: str
    restart_bytes: float | None
    limit_bytes: float | None


Finding: TypeAlias = NoLimit | NoSoftLimit | NotRestartable


def findings(shard: Shard, pacing: Pacing) -> tuple[Finding, ...]:
    """All of a shard's, the gravest first."""
    return tuple(_findings(shard, pacing))


def _findings(shard: Shard, pacing: Pacing) -> Iterator[Finding]:
    if shard.survives_restart is False:
        yield NotRestartable(shard.name, shard.restart_bytes, shard.limit_bytes)
    limit = shard.pod_limit_bytes
    if limit is None and shard.limit_bytes is None:
        yield NoLimit(shard.name, pacing.without_limit)
    if limit is not None and shard.soft_limit_bytes is None:
        yield NoSoftLimit(shard.name, limit, SOFT_LIMIT_SHARE * limit)


def tell(finding: Finding) -> str:
    """The finding in words, on one line, with what to do."""
    match finding:
        case NoLimit(shard, window):
            return (
                f"shard {shard} has no memory limit that is known, so a fixed window of "
                f"{many(window, 'spoke')} is in progress on it; set resources.limits.memory "
                "on the controller, or memory.limit in the policy"
            )
        case NoSoftLimit(shard, limit_bytes, set_bytes):
            return (
                f"shard {shard} has a limit of {spoken(limit_bytes)} and no GOMEMLIMIT; set "
                f"GOMEMLIMIT={go_text(set_bytes)} on the controller: more spokes fit, and it "
                "slows down where it would be killed"
            )
        case NotRestartable(shard, restart_bytes, limit_bytes):
            return (
                f"shard {shard} would not survive a restart{_takes(restart_bytes, limit_bytes)}; "
                "give it more memory, or another shard, before it is restarted"
            )
        case _:
            assert_never(finding)


def _takes(restart_bytes: float | None, limit_bytes: float | None) -> str:
    if restart_bytes is None or limit_bytes is None:
        return ""
    return f", which would take {spoken(restart_bytes)} of {spoken(limit_bytes)}"
