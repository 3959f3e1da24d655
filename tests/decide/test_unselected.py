from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    BLOCK,
    NOW,
    application,
    application_set,
    asks,
    clusters,
    policy,
    spoke,
)
from watcher.decide import Reason
from watcher.decide.addons import addon
from watcher.decide.reasons import DeletionPending, LabelsReach, WouldUnselect
from watcher.decide.selected import selected
from watcher.decide.unselected import pending_deletions, unplaced_deletions, unselected_by
from watcher.facts import (
    Application,
    ApplicationSet,
    Elements,
    Expression,
    Foreign,
    Generator,
    Matrix,
    Merge,
    Selector,
    Spoke,
)
from watcher.policy import Policy

TWO = policy("crds", "compute")
KEY = "gate-watcher.io/crds"
GATED = clusters(asks("crds"))


def opening(
    each: ApplicationSet, here: Spoke | None = None, of: Policy = TWO, tier: str = "crds"
) -> list[Reason]:
    """What is against opening one gate where this ApplicationSet is."""
    at, made = here or spoke(), addon(each, of)
    return list(unselected_by(at, tier, selected([(made, made.on(at))], of), of.gates))


def needing(*expressions: Expression) -> ApplicationSet:
    return application_set("x", generators=[clusters(*expressions)])


# --- rule 1: what is selected after contains what is selected before -----------------------------


@pytest.mark.parametrize(
    "expression",
    [
        Expression(KEY, "DoesNotExist"),
        Expression(KEY, "NotIn", ("open",)),
        Expression(KEY, "NotIn", ("open", "closed")),
    ],
    ids=lambda each: each.operator,
)
def test_a_requirement_that_the_open_gate_breaks_is_against_it(expression: Expression) -> None:
    assert opening(needing(expression)) == [WouldUnselect("argocd/x")]


@pytest.mark.parametrize(
    "expression",
    [
        asks("crds"),
        Expression(KEY, "Exists"),
        Expression(KEY, "NotIn", ("closed",)),
        Expression("gate-watcher.io/compute", "DoesNotExist"),
        Expression("enable", "DoesNotExist"),
    ],
    ids=lambda each: f"{each.key} {each.operator}",
)
def test_a_requirement_that_the_open_gate_does_not_break_is_not(expression: Expression) -> None:
    assert opening(needing(expression)) == []


def test_what_does_not_select_the_spoke_now_cannot_lose_it() -> None:
    elsewhere = needing(Expression("region", "In", ("eu",)), Expression(KEY, "DoesNotExist"))
    assert opening(elsewhere) == []
    assert opening(elsewhere, spoke(labels={"region": "eu"})) == [WouldUnselect("argocd/x")]


def test_under_block_opening_takes_a_label_away() -> None:
    blocked = policy("crds", gates=BLOCK)
    closed = spoke(closed=["crds"], gates=BLOCK)
    assert opening(needing(Expression(KEY, "Exists")), closed, blocked) == [
        WouldUnselect("argocd/x")
    ]
    assert opening(needing(asks("crds", BLOCK)), closed, blocked) == []


def test_what_may_not_delete_may_be_unselected() -> None:
    calm = application_set(
        "x", generators=[clusters(Expression(KEY, "DoesNotExist"))], deletes=False
    )
    assert opening(calm) == []


def test_what_the_policy_ignores_is_not_asked() -> None:
    calm = policy("crds", ignore_application_sets=frozenset({"x"}))
    assert opening(needing(Expression(KEY, "DoesNotExist")), of=calm) == []
    ranging = application_set("x", reads_all_labels=True)
    assert opening(ranging, of=calm) == []


def test_one_generator_that_stops_is_not_made_up_for_by_another_that_begins() -> None:
    """Their Applications may have different names: the one is deleted, the other made."""
    both = application_set(
        "x",
        generators=[
            clusters(Expression(KEY, "DoesNotExist"), values={"version": "1"}),
            clusters(asks("crds"), values={"version": "2"}),
        ],
    )
    assert opening(both) == [WouldUnselect("argocd/x")]


def test_a_gate_that_only_overrides_in_a_merge_may_rename_what_is_selected_already() -> None:
    base, gated = clusters(), clusters(asks("crds"), values={"version": "2"})
    over = application_set("x", generators=[Merge((base, gated), ("server",))])
    assert opening(over) == [LabelsReach("argocd/x")]
    all_of_it = application_set("x", generators=[Merge((gated, gated), ("server",))])
    assert opening(all_of_it) == [], "nothing is selected that could lose its name"


@pytest.mark.parametrize(
    ("made", "reached"),
    [
        ({"reads_all_labels": True}, True),
        ({"reads_keys": frozenset({KEY})}, True),
        ({"reads_keys": frozenset({"gate-watcher.io/opened"})}, True),
        ({"reads_keys": frozenset({"gate-watcher.io/compute", "region"})}, False),
    ],
    ids=["all labels", "this one", "our annotation", "others"],
)
def test_a_template_that_reads_what_opening_changes_is_against_it(
    made: dict[str, Any], *, reached: bool
) -> None:
    each = application_set("x", **made)
    assert bool(opening(each)) is reached


def test_a_templated_gate_key_is_reached_by_any_gate() -> None:
    """Shape G: which tier it is only its first child tells."""
    any_tier = Matrix((Foreign("git"), clusters(Expression("gate-watcher.io/{{.tier}}", "Exists"))))
    assert opening(application_set("x", generators=[any_tier])) == [LabelsReach("argocd/x")]


@pytest.mark.parametrize(
    "generator",
    [
        clusters(Expression(KEY, "NotIn", ("open",)), Expression("team", "In", ("{{.team}}",))),
        clusters(Expression(KEY, "Equals", ("open",))),
        Matrix((clusters(), clusters(asks("crds")))),
        Matrix((GATED, GATED, GATED)),
    ],
    ids=["a template", "no operator", "two clusters generators", "three children"],
)
def test_what_cannot_be_evaluated_is_against_it(generator: Generator) -> None:
    assert opening(application_set("x", generators=[generator])) == [LabelsReach("argocd/x")]


def test_a_gate_that_leaves_it_closed_whatever_the_template_gives_is_not_against_it() -> None:
    """Shape I, rebuilt: closed, it selects nothing, and so it can lose nothing."""
    rebuilt = Matrix(
        (Foreign("git"), clusters(Expression("name", "In", ("{{.cluster}}",)), asks("crds")))
    )
    assert opening(application_set("x", generators=[rebuilt])) == []


def test_a_generator_that_reads_no_clusters_is_unaffected() -> None:
    filtered = Foreign("git", Selector((Expression(f"metadata.labels.{KEY}", "DoesNotExist"),)))
    assert opening(application_set("x", generators=[filtered])) == []


def test_each_application_set_is_named_once_for_each_thing_against_it() -> None:
    many = application_set("x", generators=[clusters(Expression(KEY, "DoesNotExist"))] * 3)
    assert opening(many) == [WouldUnselect("argocd/x")]


# --- rule 2: nothing is owned and unselected -----------------------------------------------------


def pending(
    each: ApplicationSet,
    *apps: Application,
    here: Spoke | None = None,
    torn: frozenset[str] = frozenset(),
    of: Policy = TWO,
) -> list[str]:
    made = addon(each, of)
    pairs = {each.key: (made, made.on(here or spoke()))}
    return [one.application for one in pending_deletions(pairs, apps, torn)]


X = application_set("x", "crds")


def test_an_application_that_its_owner_does_not_select_is_about_to_go() -> None:
    made = addon(X, TWO)
    (one,) = pending_deletions({X.key: (made, made.on(spoke()))}, [application()], frozenset())
    assert one == DeletionPending("argocd/a-x", "argocd/x")


def test_more_of_them_than_are_generated_are_about_to_go() -> None:
    apps = [application(name=f"a-x-{at}", uid=str(at)) for at in range(3)]
    here = spoke(by_hand=["crds"])
    assert pending(X, *apps, here=here) == ["argocd/a-x-0"]
    assert pending(X, apps[0], here=here) == []


@pytest.mark.parametrize(
    ("each", "app", "torn"),
    [
        (X, application(deleting_since=NOW), frozenset()),
        (X, application(owner=None), frozenset()),
        (X, application("stranger"), frozenset()),
        (application_set("x", "crds", deletes=False), application(), frozenset()),
        (X, application(), frozenset({"crds"})),
        (application_set("x", ["crds", "compute"]), application(), frozenset({"crds"})),
        (application_set("x", "crds", destination_varies=False), application(), frozenset()),
        (application_set("x", generators=[GATED, Foreign("git")]), application(), frozenset()),
        (
            application_set("x", generators=[Matrix((Foreign("git"), clusters()))]),
            application(),
            frozenset(),
        ),
        (
            application_set("x", generators=[clusters(Expression("a", "In", ("{{.a}}",)))]),
            application(),
            frozenset(),
        ),
    ],
    ids=[
        "it goes already",
        "nobody owns it",
        "nobody that is known owns it",
        "its owner may not delete",
        "a teardown means it to go",
        "a teardown of one of its gates means it to go",
        "its destination does not tell its spoke",
        "another generator may have made it",
        "nobody knows how many there must be",
        "nobody knows whether it is selected",
    ],
)
def test_what_is_not_about_to_go(
    each: ApplicationSet, app: Application, torn: frozenset[str]
) -> None:
    assert pending(each, app, torn=torn) == []


def test_what_the_policy_ignores_is_not_about_to_go() -> None:
    calm = policy("crds", ignore_application_sets=frozenset({"argocd/x"}))
    assert pending(X, application(), of=calm) == []


def test_a_list_in_a_matrix_is_counted() -> None:
    twice = Matrix((GATED, Elements(({"n": "1"}, {"n": "2"}))))
    each = application_set("x", generators=[twice])
    apps = [application(name=f"a-x-{at}", uid=str(at)) for at in range(2)]
    assert pending(each, *apps, here=spoke(by_hand=["crds"])) == []
    assert pending(each, *apps) == ["argocd/a-x-0"]


# --- rule 2 where no Secret is -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("each", "app", "goes"),
    [
        (X, application(), True),
        (X, application(deleting_since=NOW), False),
        (X, application(owner=None), False),
        (X, application("stranger"), False),
        (application_set("x", "crds", deletes=False), application(), False),
        (application_set("x", "crds", destination_varies=False), application(), False),
        (application_set("x", generators=[Foreign("git")]), application(), False),
    ],
    ids=["yes", "goes already", "no owner", "a stranger's", "may not", "constant", "from git"],
)
def test_what_stands_where_no_spoke_is_is_about_to_go(
    each: ApplicationSet, app: Application, *, goes: bool
) -> None:
    found = list(unplaced_deletions({each.key: addon(each, TWO)}, [app]))
    assert found == ([DeletionPending("argocd/a-x", "argocd/x")] if goes else [])
