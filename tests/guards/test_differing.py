from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.guards.hubs import hub
from watcher.facts import Guard
from watcher.guards import differing, shipped

SPEC: dict[str, Any] = shipped(hub())[Guard.A].policy["spec"]


def changed(*path: Any, to: Any) -> list[str]:
    found = copy.deepcopy(SPEC)
    inner = found
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return list(differing(found, SPEC))


def test_what_was_shipped_does_not_differ() -> None:
    assert list(differing(copy.deepcopy(SPEC), SPEC)) == []


@pytest.mark.parametrize("empty", [None, {}, [], ""])
def test_what_is_empty_and_what_is_absent_are_the_same(empty: Any) -> None:
    assert changed("matchConstraints", "namespaceSelector", to=empty) == []
    assert changed("auditAnnotations", to=empty) == []


def test_each_difference_is_named_where_it_is() -> None:
    assert changed("failurePolicy", to="Ignore") == ["spec.failurePolicy is another"]
    assert changed("failurePolicy", to=None) == ["spec.failurePolicy is missing"]
    rule = ("matchConstraints", "resourceRules", 0)
    assert changed(*rule, "resourceNames", to=["a"]) == [
        "spec.matchConstraints.resourceRules[0].resourceNames was not shipped"
    ]
    assert changed("validations", to=SPEC["validations"][:2]) == ["spec.validations[2] is missing"]
    assert changed("matchConditions", to=[*SPEC["matchConditions"], {"name": "x"}]) == [
        "spec.matchConditions[1] was not shipped"
    ]
    assert changed("matchConditions", to="x") == ["spec.matchConditions is another"]


def test_one_is_not_true() -> None:
    assert list(differing({"a": 1}, {"a": True})) == ["spec.a is another"]
    assert list(differing({"a": False}, {"a": None})) == ["spec.a was not shipped"]
    assert list(differing({"a": 0}, {"a": ""})) == ["spec.a was not shipped"]


documents = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a", "b"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=6,
)


@given(documents, documents)
def test_a_difference_is_one_from_both_sides(here: Any, there: Any) -> None:
    assert bool(list(differing(here, there))) == bool(list(differing(there, here)))
    assert list(differing(here, here)) == []
