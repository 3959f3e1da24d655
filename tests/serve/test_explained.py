from __future__ import annotations

import pytest

from tests.builders import application, spoke
from tests.serve.test_shown import HOLD, OPENED, begun, ordered, view
from watcher.facts import Application, Spoke
from watcher.serve import shapes
from watcher.serve.explained import explained


def told(here: Spoke, *apps: Application) -> shapes.Explained:
    return explained(view(here, apps=apps).decided, here.uid)


def test_a_spoke_is_told_with_all_that_its_gates_are_made_of() -> None:
    made = told(begun("a"), application("x", "a", healthy=False))
    assert (made.name, made.uid, made.ring, made.shard) == ("a", "uid-a", "default", "0")
    compute, mesh = made.gates
    assert (compute.tier, compute.state, compute.depends_on) == ("compute", "Stalled", ())
    assert [each.name for each in compute.own] == ["DeadlinePassed"]
    assert {each.name for each in compute.reasons} == {"DeadlinePassed", "NotHealthy"}
    (addon,) = compute.addons
    assert (addon.application_set, addon.expected) == ("argocd/x", 1)
    (one,) = addon.applications
    assert (one.sync, one.health, one.operation) == ("Synced", "Progressing", "Succeeded")
    assert not one.settled
    assert [each.name for each in one.reasons] == ["NotHealthy"]
    assert (mesh.state, mesh.depends_on, mesh.since) == ("Waiting", ("compute",), None)


def test_what_is_settled_says_since_when() -> None:
    made = told(spoke("a", opened={"compute": OPENED}), application("x", "a"))
    compute = made.gates[0]
    assert compute.state == "Settled"
    assert compute.since is not None
    assert compute.opened_at is not None
    assert compute.opened_at < compute.since
    assert compute.addons[0].applications[0].settled


def test_what_people_ordered_of_it_is_told_with_it() -> None:
    given = ordered(HOLD).decided
    made = explained(given, next(iter(given.decision.spokes)))
    assert [each.says for each in made.orders] == ["hold tier mesh by alice: a look"]


def test_of_a_spoke_that_is_not_there_nothing_is_told() -> None:
    with pytest.raises(KeyError):
        explained(view(begun("a")).decided, "uid-z")


def test_during_a_teardown_it_is_told_what_is_closed_and_what_is_being_deleted() -> None:
    made = told(
        spoke("a", teardown="compute"), application("x", "a", deleting_since=OPENED, healthy=True)
    )
    compute, mesh = made.gates
    assert (compute.state, compute.open, mesh.open) == ("Held", False, False)
    (one,) = compute.addons[0].applications
    assert one.deleting_since == "2026-03-02T08:10:00Z"
    assert not one.settled
