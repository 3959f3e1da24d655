from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.builders import BLOCK, application_set, asks, clusters, policy, spoke
from watcher.decide.addons import addon, lost_by, same_addon
from watcher.decide.selection import Count, Number
from watcher.facts import (
    Clusters,
    Elements,
    Expression,
    Foreign,
    Generator,
    Matrix,
    Merge,
    Selector,
    SetCondition,
    Spoke,
)
from watcher.policy import Policy, Tier

THREE = policy("crds", "compute", "apps")
ENABLED = {"enable": "true"}


def tiers(*generators: Generator, here: Spoke | None = None, of: Policy = THREE) -> list[str]:
    """The tiers whose gates decide whether these select the spoke."""
    made = addon(application_set("x", generators=generators), of)
    return sorted(made.on(here or spoke()).tiers)


# --- which tier it belongs to --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "joins"),
    [
        (Expression("gate-watcher.io/crds", "In", ("open",)), True),
        (Expression("gate-watcher.io/crds", "In", ("open", "yes")), True),
        (Expression("gate-watcher.io/crds", "Exists"), True),
        (Expression("gate-watcher.io/crds", "NotIn", ("closed",)), False),
        (Expression("gate-watcher.io/crds", "DoesNotExist"), False),
        (Expression("gate-watcher.io/crds", "In", ("closed",)), False),
        (Expression("gate-watcher.io/teardown", "Exists"), False),
        (Expression("gate-watcher.io/unheard-of", "Exists"), False),
        (Expression("gates.example.com/crds", "Exists"), False),
        (Expression("gate-watcher.io/crds", "In", ("{{.state}}",)), True),
        (Expression("gate-watcher.io/crds", "Equals", ("open",)), True),
        (Expression("gate-watcher.io/crds", "In"), True),
    ],
    ids=lambda each: f"{each.operator} {each.values}" if isinstance(each, Expression) else "",
)
def test_a_requirement_that_holds_open_and_fails_closed_joins_a_tier_and_an_unsure_one_may(
    expression: Expression, *, joins: bool
) -> None:
    assert bool(tiers(clusters(expression))) is joins


@pytest.mark.parametrize(
    ("expression", "joins"),
    [
        (asks("crds", BLOCK), True),
        (Expression("gate-watcher.io/crds", "DoesNotExist"), True),
        (Expression("gate-watcher.io/crds", "In", ("open",)), False),
        (Expression("gate-watcher.io/crds", "Exists"), False),
        (Expression("gate-watcher.io/crds", "NotIn", ("open",)), False),
    ],
    ids=lambda each: f"{each.operator} {each.values}" if isinstance(each, Expression) else "",
)
def test_under_block_it_is_the_absence_of_closed_that_joins(
    expression: Expression, *, joins: bool
) -> None:
    assert bool(tiers(clusters(expression), of=policy("crds", gates=BLOCK))) is joins


def test_with_several_gate_keys_it_belongs_to_the_deepest_of_their_tiers() -> None:
    made = addon(application_set("x", ["compute", "crds"]), THREE).on(spoke())
    assert (made.tier, sorted(made.tiers)) == ("compute", ["compute", "crds"])


def test_of_tiers_equally_deep_it_belongs_to_the_last_in_order() -> None:
    side_by_side = policy("crds", Tier("b", ("crds",)), Tier("a", ("crds",)))
    made = addon(application_set("x", ["a", "b"]), side_by_side).on(spoke())
    assert made.tier == "a"


def test_a_gate_decides_only_where_everything_else_that_is_asked_holds() -> None:
    gated = clusters(Expression("enable", "In", ("true",)), asks("crds"))
    assert tiers(gated) == []
    assert tiers(gated, here=spoke(labels=ENABLED)) == ["crds"]


def test_of_a_merge_the_base_decides_and_not_what_overrides_it() -> None:
    assert tiers(Merge((clusters(asks("crds")), clusters()), ("server",))) == ["crds"]
    assert tiers(Merge((clusters(), clusters(asks("crds"))), ("server",))) == []


def test_of_a_matrix_every_clusters_generator_decides() -> None:
    assert tiers(Matrix((clusters(asks("crds")), Foreign("git")))) == ["crds"]
    assert tiers(Matrix((Foreign("git"), clusters(asks("compute"))))) == ["compute"]
    inner = Matrix((clusters(asks("crds")), Foreign("git")))
    assert tiers(Matrix((inner, Elements(({"n": "1"},))))) == ["crds"]


def test_a_filter_on_a_gate_key_joins_its_tier_too() -> None:
    kept = Selector((Expression("metadata.labels.gate-watcher.io/crds", "In", ("open",)),))
    assert tiers(Clusters(filter=kept)) == ["crds"]


def test_a_flat_list_belongs_to_the_tier_whose_gate_takes_the_spoke_in() -> None:
    assert tiers(clusters(asks("crds"), flat_list=True)) == ["crds"]


def test_a_templated_gate_key_may_be_of_any_tier() -> None:
    every = application_set("g", generators=[Matrix((Foreign("git"), clusters(asks("{{.tier}}"))))])
    made = addon(every, THREE)
    assert made.any_tier
    assert made.on(spoke()).any_tier
    assert made.on(spoke()).tiers == frozenset()


def test_what_is_named_in_the_policys_list_is_ignored() -> None:
    for named in ("x", "argocd/x"):
        calm = policy("crds", ignore_application_sets=frozenset({named}))
        assert addon(application_set("x"), calm).ignored
    assert not addon(application_set("y"), calm).ignored


# --- what it does with a spoke -------------------------------------------------------------------


def test_it_tells_what_it_gives_now_and_what_with_every_gate_open() -> None:
    made = addon(application_set("x", ["crds", "compute"]), THREE)
    assert (made.on(spoke()).now, made.on(spoke()).opened) == (0, 1)
    here = spoke(by_hand=["crds", "compute"])
    assert (made.on(here).now, made.on(here).opened) == (1, 1)


def test_spokes_that_it_cannot_tell_apart_share_one_answer() -> None:
    made = addon(application_set("x", "crds", labels=ENABLED), THREE)
    one = spoke("a", labels={**ENABLED, "region": "eu"})
    other = spoke("b", labels={**ENABLED, "region": "us"}, resource_version="9")
    assert made.on(one) is made.on(other)
    assert made.on(one) is not made.on(spoke("a", by_hand=["crds"], labels=ENABLED))


def test_spokes_that_a_filter_tells_apart_by_their_names_do_not() -> None:
    kept = Selector((Expression("name", "In", ("a",)),))
    made = addon(application_set("x", generators=[Clusters(filter=kept)]), THREE)
    assert (made.on(spoke("a")).now, made.on(spoke("b")).now) == (1, 0)


def test_a_generator_that_reads_no_clusters_adds_nothing_that_is_counted_and_is_said() -> None:
    mixed = application_set("x", generators=[clusters(asks("crds")), Foreign("git")])
    made = addon(mixed, THREE)
    assert made.foreign
    assert made.on(spoke(by_hand=["crds"])).now == 1
    assert not addon(application_set("x", "crds"), THREE).foreign


def test_an_addon_holds_as_long_as_its_application_set_means_the_same() -> None:
    before = application_set("x", "crds")
    said = (SetCondition("ErrorOccurred", "True"),)
    assert same_addon(before, replace(before, resource_version="2", conditions=said))
    assert not same_addon(before, replace(before, deletes=False))
    assert not same_addon(before, replace(before, generators=(clusters(),)))


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        (1, 1, False),
        (1, 2, False),
        (2, 1, True),
        (0, 0, False),
        (Number.SOME, Number.SOME, False),
        (Number.SOME, 0, True),
        (Number.SOME, 1, False),
        (0, Number.SOME, False),
    ],
    ids=str,
)
def test_less_is_lost_and_so_is_some_that_becomes_none(
    before: Count, after: Count, *, lost: bool
) -> None:
    assert lost_by(before, after) is lost
