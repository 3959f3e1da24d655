"""When a rule can be judged."""

from __future__ import annotations

from tests.lint.written import inventory, policy, secret
from watcher.lint import Inventory
from watcher.lint.rule import Need


def test_nothing_is_there_at_first() -> None:
    assert [need for need in Need if need.met(Inventory())] == []


def test_a_whole_hub_without_objects_is_no_lack_of_them() -> None:
    left = [need for need in Need if not need.met(Inventory(whole=True))]
    assert left == [Need.POLICY, Need.CONTROLLER]


def test_what_was_given_is_there() -> None:
    held = inventory(secret(), policy())
    assert [need for need in Need if not need.met(held)] == [Need.APPLICATIONS, Need.CONTROLLER]
