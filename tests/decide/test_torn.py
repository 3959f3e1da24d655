from __future__ import annotations

from tests.builders import NOW, annotation, application, application_set, policy, snapshot, spoke
from watcher.decide import decide
from watcher.decide.removal import seen_by
from watcher.decide.torn import remaining, torn_down
from watcher.decide.view import View
from watcher.facts import Application, Spoke

TIERS = policy("crds", "compute")
X = application_set("x", "compute")


def seen(here: Spoke, *apps: Application) -> View:
    return seen_by(decide(snapshot([here], [X], apps), TIERS, NOW), here.uid, NOW)


def test_a_teardown_is_done_when_the_gate_is_closed_and_nothing_is_left_behind_it() -> None:
    here = seen(spoke(teardown="compute"))
    assert torn_down(here) == {"compute"}
    assert not remaining(here)


def test_it_is_not_done_while_the_gate_is_open() -> None:
    assert not torn_down(seen(spoke(opened={"compute": NOW}, teardown="compute")))
    assert not torn_down(seen(spoke(by_hand=["compute"], teardown="compute")))


def test_it_is_not_done_while_the_gate_has_its_time_recorded() -> None:
    recorded = spoke(opened=annotation({"compute": NOW}), teardown="*")
    assert torn_down(seen(recorded)) == {"crds"}


def test_it_is_not_done_while_an_application_is_there_though_it_is_being_deleted() -> None:
    assert not torn_down(seen(spoke(teardown="compute"), application(deleting_since=NOW - 5)))


def test_what_nobody_tears_down_is_not_torn_down() -> None:
    assert not torn_down(seen(spoke()))
    assert torn_down(seen(spoke(teardown="*"))) == {"crds", "compute"}
