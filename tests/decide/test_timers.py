from __future__ import annotations

from typing import get_args

import pytest

from tests.builders import NOW
from watcher.decide import Reason
from watcher.decide.gates import CLOCKS_APART_S
from watcher.decide.reasons import (
    EmptyUntil,
    IntervalRuns,
    ListUnsure,
    NotQuiet,
    OnHold,
    OpenUnderHold,
    PatchRefused,
    Pressure,
    RecoveryWaits,
    RingBakes,
    ShardCools,
    SkippedByOrder,
    Soaks,
    StampAhead,
    WindowClosed,
)
from watcher.decide.timers import earliest, ends_at

TIMED: list[tuple[Reason, float]] = [
    (Soaks("argocd/a-x", NOW), NOW),
    (EmptyUntil(NOW), NOW),
    (NotQuiet(NOW), NOW),
    (ListUnsure(NOW), NOW),
    (IntervalRuns(NOW), NOW),
    (ShardCools("0", Pressure.HIGH, 0.0, 0.0, NOW), NOW),
    (RecoveryWaits("0", 1, NOW), NOW),
    (PatchRefused(403, "no", NOW), NOW),
    (RingBakes("fleet", "canary", NOW), NOW),
    (WindowClosed("fleet", ("freeze",), True, NOW), NOW),
    (OnHold("alice", NOW, NOW, ""), NOW),
    (OpenUnderHold("alice", NOW, NOW, ""), NOW),
    (SkippedByOrder("alice", NOW, NOW, ""), NOW),
    (StampAhead("argocd/a-x", "reconciledAt", NOW), NOW - CLOCKS_APART_S),
]


@pytest.mark.parametrize(("reason", "at"), TIMED, ids=lambda each: type(each).__name__)
def test_a_reason_that_time_alone_ends_says_when(reason: Reason, at: float) -> None:
    assert ends_at(reason) == at


def test_no_reason_that_says_until_when_it_holds_is_forgotten() -> None:
    until = {each for each in get_args(Reason) if {"until", "retry_at"} & set(each.__match_args__)}
    assert until <= {type(reason) for reason, _ in TIMED}


def test_the_first_of_some_times() -> None:
    assert earliest([None, NOW + 5, NOW, None]) == NOW
    assert earliest([None, None]) is None
    assert earliest([]) is None
