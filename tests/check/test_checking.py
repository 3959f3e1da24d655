from __future__ import annotations

from typing import Any

import pytest

from tests.check.sights import ABSENT, FAILED, FORBIDDEN, sight
from watcher.check import CHECKS, Level, check

READ = (
    *("policy_from", "kubernetes", "kinds", "service_account", "rights", "controllers"),
    *("set_controllers", "spokes", "lease", "skew", "ready"),
)
BROUGHT = ("policy_from", "service_account", "lease", "ready")


def test_where_all_is_well_each_check_says_so_in_one_line() -> None:
    checked = check(sight())
    assert [each.check for each in checked.findings] == [each.name for each in CHECKS]
    assert {each.level for each in checked.findings} == {Level.OK}
    assert not checked.faulty


@pytest.mark.parametrize("field", READ)
def test_who_may_not_look_is_told_the_right_and_that_is_no_fault(field: str) -> None:
    checked = check(sight(**{field: FORBIDDEN}))
    assert not checked.faulty
    (warned,) = [each for each in checked.findings if each.level is Level.WARNING]
    assert "403" in warned.what
    assert warned.remedy


@pytest.mark.parametrize("field", READ)
def test_what_cannot_be_looked_at_is_a_fault_and_never_taken_as_well(field: str) -> None:
    checked = check(sight(**{field: FAILED}))
    assert checked.faulty
    assert all(each.remedy for each in checked.findings if each.level is not Level.OK)


def test_before_the_installation_what_it_brings_is_no_fault_and_is_said() -> None:
    absent: dict[str, Any] = dict.fromkeys(BROUGHT, ABSENT)
    checked = check(sight(before=True, guards={}, **absent))
    assert not checked.faulty
    here = {each.check: each.what for each in checked.findings if each.level is Level.OK}
    for name in ("service-account", "lease", "ready"):
        assert "not there yet" in here[name]
    assert check(sight(**absent)).faulty


def test_the_gravest_of_a_check_comes_first() -> None:
    checked = check(sight(controllers=(), kinds=ABSENT))
    levels = [each.level for each in checked.findings if each.check == "argo-cd"]
    assert levels == sorted(levels, key=list(Level).index, reverse=True)
    assert checked.count(Level.FAULT) == 2
