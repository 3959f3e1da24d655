"""What is not known of a spoke, an Application or an ApplicationSet opens nothing.

Each of these was an opening that would have deleted something, or come out of order.
"""

from __future__ import annotations

from msgspec.structs import replace

from tests.builders import (
    DAY,
    NOW,
    application,
    application_set,
    clusters,
    opens,
    policy,
    snapshot,
    spoke,
    verdict,
)
from watcher.decide import State, decide
from watcher.decide.reasons import DeletionPending, DuplicateSpoke, NumberUnknown, Stale
from watcher.facts import Foreign, Kind, Matrix, SetCondition, Source
from watcher.policy import Accept, Tier

TWO = policy("crds", "compute")
X, Y = application_set("x", "crds"), application_set("y", "compute")
HUB = "https://kubernetes.default.svc"


def test_two_secrets_without_a_name_are_one_to_the_generator_and_both_are_left_alone() -> None:
    begun = replace(spoke("a", opened={"crds": NOW - DAY}), name="")
    fresh = replace(spoke("b"), name="")
    decision = decide(snapshot([begun, fresh], [X, Y], [application("x")]), TWO, NOW)
    assert not decision.patches
    reasons = verdict(decision, "crds", on="b").reasons
    assert DuplicateSpoke("name", "", ("cluster-a",)) in reasons


def test_one_secret_without_a_name_is_a_spoke_like_any_other() -> None:
    decision = decide(snapshot([replace(spoke("a"), name="")], [X, Y]), TWO, NOW)
    assert opens(decision) == {"a": ("crds",)}


def test_applications_of_the_hub_whose_secret_is_no_cluster_any_more_stop_every_opening() -> None:
    theirs = application("x", "hub", server=HUB)
    decision = decide(snapshot([spoke()], [X, Y], [theirs]), TWO, NOW)
    assert decision.stops == (DeletionPending(theirs.key, "argocd/x"),)
    assert not decision.patches


def test_what_generates_for_the_hub_without_a_secret_may_stand_there() -> None:
    everywhere = application_set("everywhere", generators=[clusters()])
    theirs = [application("everywhere", "hub", server=HUB), application("everywhere")]
    decision = decide(snapshot([spoke()], [X, Y, everywhere], theirs), TWO, NOW)
    assert opens(decision) == {"a": ("crds",)}


def test_an_application_that_names_its_spoke_is_known_wherever_it_installs_to() -> None:
    constant = application_set("x", "crds", labels={"enable": "true"}, destination_varies=False)
    theirs = application("x", server=HUB, spoke_label="a")
    asked = spoke("b", labels={"enable": "true"})
    decision = decide(snapshot([spoke("a"), asked], [constant, Y], [theirs]), TWO, NOW)
    assert decision.stops == (DeletionPending(theirs.key, "argocd/x"),)
    gone = application("x", server=HUB, spoke_label="gone")
    decision = decide(snapshot([spoke("a"), asked], [constant, Y], [gone]), TWO, NOW)
    assert decision.stops == (DeletionPending(gone.key, "argocd/x"),)


def test_nothing_is_not_accepted_as_empty_while_the_application_set_reports_an_error() -> None:
    of = policy(Tier("crds", accept=frozenset({Accept.EMPTY})), "compute")
    git = Matrix((X.generators[0], Foreign("git")))
    failing = SetCondition("ErrorOccurred", "True", "ApplicationGenerationFromParamsError")
    here = spoke(opened={"crds": NOW - DAY})
    broken = application_set("x", generators=[git], conditions=(failing,))
    decision = decide(snapshot([here], [broken, Y]), of, NOW)
    assert NumberUnknown("argocd/x") in verdict(decision, "crds").reasons
    assert not decision.patches
    whole = application_set("x", generators=[git])
    assert verdict(decide(snapshot([here], [whole, Y]), of, NOW), "crds").state is State.SETTLED


def test_a_tier_that_a_template_names_is_used_before_its_application_exists() -> None:
    labelled = application_set("z", generators=[clusters()], tier_label="crds")
    elsewhere = application_set("x", "crds", labels={"enable": "true"})
    decision = decide(snapshot([spoke()], [labelled, elsewhere, Y]), TWO, NOW)
    assert verdict(decision, "crds").state is State.QUEUED
    assert verdict(decision, "compute").state is State.WAITING


def test_a_tier_that_a_template_works_out_may_be_any() -> None:
    templated = application_set("z", generators=[clusters()], tier_label="{{.tier}}")
    elsewhere = application_set("x", "crds", labels={"enable": "true"})
    decision = decide(snapshot([spoke()], [templated, elsewhere, Y]), TWO, NOW)
    assert verdict(decision, "crds").state is State.QUEUED


def test_a_kind_that_was_heard_of_in_the_future_is_stale() -> None:
    heard = {**_heard(NOW), Kind.APPLICATIONS: Source(Kind.APPLICATIONS, True, NOW + 3600)}
    decision = decide(snapshot([spoke()], [X, Y], heard=heard), TWO, NOW)
    assert decision.stops == (Stale(Kind.APPLICATIONS, NOW + 3600, ""),)
    assert not decision.patches


def _heard(at: float) -> dict[Kind, Source]:
    return {kind: Source(kind, listed=True, heard_at=at) for kind in Kind}
