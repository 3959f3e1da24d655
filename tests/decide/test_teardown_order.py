from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import ADMIT, policy, spoke
from watcher.decide.gates import names
from watcher.decide.teardown import torn_tiers
from watcher.decide.teardown_order import annotated, ordered, released, steps, undermined
from watcher.policy import Tier

CHAIN = policy("crds", "compute", "apps")
DIAMOND = policy(
    "crds", Tier("compute", ("crds",)), Tier("mesh", ("crds",)), Tier("apps", ("compute", "mesh"))
)
TIERS = tuple(CHAIN.by_name)

texts = st.none() | st.lists(st.sampled_from([*TIERS, "*", "strange", " "]), max_size=5).map(
    ",".join
)
some_tiers = st.lists(st.sampled_from([*TIERS, "*"]), min_size=1, max_size=3)


def torn(annotation: str | None) -> frozenset[str]:
    return torn_tiers(frozenset(names(annotation)), CHAIN)


@pytest.mark.parametrize(
    ("annotation", "tiers", "after"),
    [
        (None, ["apps"], "apps"),
        ("", ["apps"], "apps"),
        ("compute", ["apps"], "compute,apps"),
        ("compute , compute", ["apps", "apps"], "compute,apps"),
        ("strange", ["apps"], "strange,apps"),
        ("compute", ["*"], "*"),
        ("*", ["apps"], "*"),
        ("compute,*", ["apps"], "compute,*"),
    ],
)
def test_an_order_is_added_to_what_stands_there(
    annotation: str | None, tiers: list[str], after: str
) -> None:
    assert ordered(annotation, tiers) == after


@given(texts, some_tiers)
def test_an_order_takes_nothing_back_and_names_nothing_else(
    annotation: str | None, tiers: list[str]
) -> None:
    wanted = frozenset(TIERS) if "*" in tiers else frozenset(tiers)
    assert torn(ordered(annotation, tiers)) == torn(annotation) | wanted


@pytest.mark.parametrize(
    ("annotation", "tiers", "after"),
    [
        ("compute,apps", ["apps"], "compute"),
        ("apps", ["apps"], None),
        ("apps", ["compute"], "apps"),
        ("strange,apps", ["apps"], "strange"),
        ("*", ["apps"], "crds,compute"),
        ("*, strange", ["apps"], "crds,compute,strange"),
        ("*", ["crds", "compute", "apps"], None),
        ("compute,apps", [], None),
        ("compute,apps", ["*"], None),
        (None, ["apps"], None),
    ],
)
def test_what_is_taken_back_leaves_the_rest(
    annotation: str | None, tiers: list[str], after: str | None
) -> None:
    assert released(annotation, tiers, every=TIERS) == after


@given(texts, some_tiers)
def test_taking_back_takes_just_that_back(annotation: str | None, tiers: list[str]) -> None:
    gone = frozenset(TIERS) if "*" in tiers else frozenset(tiers)
    assert torn(released(annotation, tiers, every=TIERS)) == torn(annotation) - gone


def test_the_patch_writes_the_annotation_and_nothing_else() -> None:
    here = spoke(teardown="crds", resource_version="7")
    patch = annotated(here, ADMIT, "crds,apps")
    assert patch.annotations == {"gate-watcher.io/teardown": "crds,apps"}
    assert (patch.spoke, patch.resource_version, patch.labels) == ("uid-a", "7", {})
    assert annotated(here, ADMIT, None).annotations == {"gate-watcher.io/teardown": None}


def hanging(annotation: str, open_tiers: str, **applications: int) -> Mapping[str, object]:
    return undermined(
        annotation,
        open_tiers=frozenset(open_tiers.split()),
        applications=applications,
        policy=CHAIN,
    )


def test_a_tier_is_not_closed_beneath_what_is_open() -> None:
    assert hanging("compute", "crds compute apps", compute=1, apps=1) == {"compute": ("apps",)}
    assert hanging("crds", "crds compute apps", crds=1) == {"crds": ("compute", "apps")}


def test_what_still_runs_behind_a_closed_gate_counts_as_open() -> None:
    assert hanging("compute", "compute", compute=1, apps=2) == {"compute": ("apps",)}


def test_all_that_depends_on_it_may_go_together() -> None:
    assert hanging("compute,apps", "crds compute apps", compute=1, apps=1) == {}
    assert hanging("*", "crds compute apps", crds=1, compute=1, apps=1) == {}


def test_nobody_loses_anything_where_nothing_is_behind_the_gate() -> None:
    assert hanging("compute", "crds compute apps", apps=1) == {}
    assert hanging("compute", "apps", compute=1, apps=1) == {}, "it is closed already"


def order(annotation: str, open_tiers: str, **applications: int) -> tuple[tuple[str, ...], ...]:
    return steps(
        annotation,
        open_tiers=frozenset(open_tiers.split()),
        applications=applications,
        policy=DIAMOND,
    )


def test_the_deepest_comes_first_and_those_side_by_side_together() -> None:
    assert order("*", "crds compute mesh apps") == (("apps",), ("compute", "mesh"), ("crds",))
    assert order("crds, apps", "crds compute mesh apps") == (("apps",), ("crds",))


def test_what_is_closed_already_is_waited_for_while_it_has_applications() -> None:
    assert order("*", "crds compute", apps=1) == (("apps",), ("compute",), ("crds",))
    assert order("*", "crds compute") == (("compute",), ("crds",))


def test_nothing_closes_where_nothing_is_named() -> None:
    assert order("strange", "crds compute") == ()
