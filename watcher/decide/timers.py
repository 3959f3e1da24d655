"""When would time alone make a reason go away?

Nothing polls: the daemon sleeps until a fact changes or the earliest of these comes.
"""

from __future__ import annotations

from collections.abc import Iterable

from watcher.decide.gates import CLOCKS_APART_S
from watcher.decide.reasons import (
    EmptyUntil,
    IntervalRuns,
    ListUnsure,
    NotQuiet,
    OnHold,
    OpenUnderHold,
    PatchRefused,
    Reason,
    RecoveryWaits,
    RingBakes,
    ShardCools,
    SkippedByOrder,
    Soaks,
    StampAhead,
    WindowClosed,
)
from watcher.facts import Instant


def ends_at(reason: Reason) -> Instant | None:
    """When the reason ends by itself; None where only a fact can end it."""
    match reason:
        case Soaks() | EmptyUntil() | NotQuiet() | ListUnsure() | IntervalRuns():
            return reason.until
        case ShardCools() | RecoveryWaits() | RingBakes() | WindowClosed():
            return reason.until
        case OnHold() | OpenUnderHold() | SkippedByOrder():
            return reason.until
        case PatchRefused():
            return reason.retry_at
        case StampAhead():
            return reason.at - CLOCKS_APART_S
        case _:
            return None


def earliest(times: Iterable[Instant | None]) -> Instant | None:
    """The first of these; None where there is none."""
    return min((at for at in times if at is not None), default=None)
