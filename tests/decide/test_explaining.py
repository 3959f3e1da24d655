from __future__ import annotations

from msgspec.structs import replace

from tests.builders import (
    DAY,
    HOUR,
    NOW,
    application,
    application_set,
    policy,
    snapshot,
    sources,
    spoke,
)
from watcher.decide import State, decide
from watcher.decide.explaining import GateTold, explained
from watcher.decide.reasons import ApplicationsMissing, DeadlinePassed, DependsOn, NotHealthy
from watcher.facts import Application, ApplicationSet, Kind, Spoke

POLICY = policy("compute", "mesh")
SETS = (application_set("x", "compute"), application_set("y", "mesh"))
OPENED = NOW - 3000.0


def told(
    here: Spoke, *apps: Application, sets: tuple[ApplicationSet, ...] = SETS
) -> tuple[GateTold, ...]:
    decision = decide(snapshot([here], sets, apps), POLICY, NOW)
    gates = explained(decision, here.uid, NOW)
    for gate in gates:
        of_addons = [each for addon in gate.addons for each in addon.reasons]
        of_apps = [
            each for addon in gate.addons for app in addon.applications for each in app.reasons
        ]
        whole = decision.spokes[here.uid].tiers[gate.tier].reasons
        assert sorted(map(repr, (*gate.reasons, *of_addons, *of_apps))) == sorted(map(repr, whole))
    return gates


def test_every_reason_stands_once_where_it_is_about() -> None:
    ill = application("x", "a", healthy=False)
    compute, mesh = told(spoke(opened={"compute": OPENED}), ill)
    assert compute.verdict.state is State.STALLED
    assert [type(each) for each in compute.reasons] == [DeadlinePassed]
    ((one,),) = [addon.applications for addon in compute.addons]
    assert one.application == ill
    assert not one.settled
    assert [type(each) for each in one.reasons] == [NotHealthy]
    assert [type(each) for each in mesh.reasons] == [DependsOn]


def test_a_settled_gate_tells_since_when() -> None:
    compute, _ = told(spoke(opened={"compute": OPENED}), application("x", "a"))
    (addon,) = compute.addons
    (one,) = addon.applications
    assert compute.verdict.state is State.SETTLED
    assert one.settled
    assert (addon.application_set, addon.expected) == ("argocd/x", 1)
    assert one.since is not None
    assert compute.since == one.since + 10.0, "the soak time after the last change"


def test_what_is_missing_is_said_of_its_addon() -> None:
    compute, _ = told(spoke(opened={"compute": OPENED}))
    (addon,) = compute.addons
    assert addon.applications == ()
    assert [type(each) for each in addon.reasons] == [ApplicationsMissing]
    assert [type(each) for each in compute.reasons] == [DeadlinePassed]


def test_a_closed_gate_shows_what_it_would_have() -> None:
    compute, mesh = told(spoke(created_at=NOW - DAY))
    assert compute.verdict.state is State.QUEUED
    assert compute.since == NOW - DAY, "it has waited since the Secret was made"
    assert [(each.application_set, each.expected) for each in compute.addons] == [("argocd/x", 1)]
    assert [(each.application_set, each.expected) for each in mesh.addons] == [("argocd/y", 1)]
    assert mesh.since is None


def test_a_held_gate_tells_whether_it_is_open() -> None:
    torn = spoke(opened={"compute": OPENED}, teardown="compute,mesh")
    compute, mesh = told(torn, application("x", "a"))
    assert (compute.verdict.state, compute.is_open) == (State.HELD, True)
    assert (mesh.verdict.state, mesh.is_open) == (State.HELD, False)


def test_a_stalled_gate_is_so_since_its_deadline() -> None:
    compute, _ = told(spoke(opened={"compute": NOW - HOUR}), application("x", "a", healthy=False))
    (passed,) = (each for each in compute.reasons if isinstance(each, DeadlinePassed))
    assert compute.since == passed.deadline_at


def test_what_no_applicationset_owns_is_shown_too() -> None:
    alone = replace(application("x", "a"), owner=None, tier_label="compute", name="alone")
    compute, _ = told(spoke(opened={"compute": OPENED}), application("x", "a"), alone)
    assert [each.application_set for each in compute.addons] == ["", "argocd/x"]
    assert compute.addons[0].applications[0].application.name == "alone"


def test_before_anything_is_known_the_gates_are_there_and_empty() -> None:
    nothing = sources(unlisted=[Kind.APPLICATIONS])
    made = snapshot([spoke()], SETS, ())
    decision = decide(replace(made, sources=nothing), POLICY, NOW)
    gates = explained(decision, spoke().uid, NOW)
    assert [(gate.verdict.state, gate.addons) for gate in gates] == [(State.UNKNOWN, ())] * 2
