from __future__ import annotations

from typing import Any

import pytest

from tests.builders import NOW
from watcher.decide import Reason
from watcher.decide.reasons import ListUnsure, NoApplications, TierUnused
from watcher.decide.ungated import STANDS_STILL_S, not_ungated
from watcher.policy import Tier

QUIET: dict[str, Any] = {
    "asked": False,
    "used": True,
    "sets_known": True,
    "sets_since": NOW - STANDS_STILL_S,
    "living": 0,
    "now": NOW,
}


def test_a_tier_that_others_use_and_nothing_here_ever_would_is_ungated() -> None:
    assert not_ungated(Tier("crds"), **QUIET) == ()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"sets_known": False}, TierUnused("crds")),
        ({"asked": True}, NoApplications("crds")),
        ({"living": 1}, NoApplications("crds")),
        ({"used": False}, TierUnused("crds")),
        ({"sets_since": NOW - 20}, ListUnsure(NOW + 40)),
    ],
    ids=["the list is empty", "it may be used", "it is used", "nobody uses it", "the list is new"],
)
def test_each_thing_against_it_is_named(changed: dict[str, Any], reason: Reason) -> None:
    assert not_ungated(Tier("crds"), **{**QUIET, **changed}) == (reason,)


def test_an_optional_tier_is_ungated_where_nobody_uses_it() -> None:
    assert not_ungated(Tier("crds", optional=True), **{**QUIET, "used": False}) == ()


def test_an_optional_tier_is_not_ungated_by_an_empty_list() -> None:
    against = not_ungated(Tier("crds", optional=True), **{**QUIET, "sets_known": False})
    assert against == (TierUnused("crds"),)


def test_an_optional_tier_waits_for_the_list_to_stand_still_as_any_other() -> None:
    changed = {**QUIET, "used": False, "sets_since": NOW}
    assert not_ungated(Tier("crds", optional=True), **changed) == (ListUnsure(NOW + 60),)
