from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.policy.graph import graph

Dependencies = Mapping[str, tuple[str, ...]]


@st.composite
def sound(draw: st.DrawFn) -> Dependencies:
    """Up to eight tiers, each depending on some of those drawn before it, in any order."""
    names = [f"t{number}" for number in range(draw(st.integers(0, 8)))]
    pairs = [
        (name, tuple(draw(st.sets(st.sampled_from(names[:at]))) if at else ()))
        for at, name in enumerate(names)
    ]
    return dict(draw(st.permutations(pairs)))


def reached(tiers: Dependencies, name: str) -> set[str]:
    """What the graph should say, the slow way."""
    return set(tiers[name]).union(*(reached(tiers, one) for one in tiers[name]))


def longest(tiers: Dependencies, name: str) -> int:
    return max((longest(tiers, one) + 1 for one in tiers[name]), default=0)


@settings(deadline=None)
@given(sound())
def test_what_is_looked_up_equals_what_is_walked(tiers: Dependencies) -> None:
    made = graph(tiers)
    for name in tiers:
        assert made.needs[name] == reached(tiers, name)
        assert made.depths[name] == longest(tiers, name)
        assert made.dependents[name] == {one for one in tiers if name in reached(tiers, one)}


@settings(deadline=None)
@given(sound())
def test_each_tier_stands_after_all_that_it_needs(tiers: Dependencies) -> None:
    made = graph(tiers)
    assert sorted(made.order) == sorted(tiers)
    for at, name in enumerate(made.order):
        assert made.needs[name] <= set(made.order[:at])


def test_tiers_of_one_depth_stand_as_in_the_file() -> None:
    assert graph({"b": ("c",), "z": (), "a": ("c",), "c": ()}).order == ("z", "c", "b", "a")


def test_tiers_that_are_not_sound_have_no_graph() -> None:
    with pytest.raises(CycleError):
        graph({"a": ("b",), "b": ("a",)})
    with pytest.raises(KeyError):
        graph({"a": ("b",)})
