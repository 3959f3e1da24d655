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
    left = [Need.WRITERS, Need.APPLICATIONS, Need.CONTROLLER]
    assert [need for need in Need if not need.met(held)] == left


def test_who_wrote_a_secret_is_told_by_a_copy_from_the_hub() -> None:
    managed = ", managedFields: [{manager: helm, operation: Update}]"
    assert not Need.WRITERS.met(inventory(secret(), policy()))
    assert Need.WRITERS.met(inventory(secret() + secret("b", metadata=managed), policy()))
