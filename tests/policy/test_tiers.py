from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.policies import HEAD
from watcher.policy import Policy, Tier, read_policy


def tiers(*lines: str) -> tuple[Tier, ...]:
    """The tiers of a policy that is sound."""
    policy = read_policy(HEAD + "tiers:\n" + "\n".join(lines), file="p")
    assert isinstance(policy, Policy), policy
    return policy.tiers


def faults(*lines: str) -> list[str]:
    """The faults of a policy with these lines of tiers, numbered from 1, without their remedies."""
    found = read_policy(HEAD + "tiers:\n" + "\n".join(lines), file="p")
    assert isinstance(found, tuple), found
    return [f"{fault.line - 3} {fault.key}: {fault.problem}" for fault in found]


def test_a_tier_depends_on_the_one_before_it_unless_it_says_otherwise() -> None:
    read = tiers(
        "- name: a",
        "- name: b",
        "- {name: c, dependsOn: []}",
        "- {name: d, dependsOn: [b, c]}",
        "- name: e",
    )
    assert [tier.depends_on for tier in read] == [(), ("a",), (), ("b", "c"), ("d",)]


def test_a_tier_may_depend_on_one_that_comes_later() -> None:
    read = tiers("- {name: a, dependsOn: [b]}", "- {name: b, dependsOn: []}")
    assert [tier.depends_on for tier in read] == [("b",), ()]


def test_a_cycle_is_named_in_the_direction_of_depending() -> None:
    assert faults(
        "- {name: a, dependsOn: [c]}",
        "- {name: b, dependsOn: [a]}",
        "- {name: c, dependsOn: [b]}",
    ) == ["1 tiers[0].dependsOn: the tier depends on itself: a -> c -> b -> a"]


def test_a_cycle_is_said_where_somebody_wrote_it() -> None:
    assert faults("- {name: x}", "- {name: a}", "- name: b", "  dependsOn: [c]", "- name: c") == [
        "4 tiers[2].dependsOn: the tier depends on itself: b -> c -> b"
    ]


def test_two_cycles_are_two_faults() -> None:
    assert faults(
        "- {name: a, dependsOn: [b]}",
        "- {name: b}",
        "- {name: c, dependsOn: [d]}",
        "- {name: d}",
    ) == [
        "1 tiers[0].dependsOn: the tier depends on itself: a -> b -> a",
        "3 tiers[2].dependsOn: the tier depends on itself: c -> d -> c",
    ]


def test_cycles_that_share_a_tier_are_one_fault() -> None:
    found = faults(
        "- {name: a, dependsOn: [b, c]}",
        "- {name: b, dependsOn: [a]}",
        "- {name: c, dependsOn: [a]}",
    )
    assert len(found) == 1


@pytest.mark.parametrize("name", ["on", "a/b", "tier", "''", "7"])
def test_a_tier_whose_name_is_wrong_is_still_there_for_the_others(name: str) -> None:
    found = faults(f"- name: {name}", f"- {{name: b, dependsOn: ['{name.strip(chr(39))}']}}")
    assert [fault.split(":")[0] for fault in found] == ["1 tiers[0].name"]


def test_a_tier_that_is_only_a_word_is_still_there_for_the_others() -> None:
    found = faults("- a", "- {name: b, dependsOn: [a]}")
    assert [fault.split(":")[0] for fault in found] == ["1 tiers[0]"]


def test_a_name_that_is_there_three_times_is_two_faults() -> None:
    assert faults("- name: a", "- name: a", "- name: a") == [
        '2 tiers[1].name: "a" is the name of tiers[0] already',
        '3 tiers[2].name: "a" is the name of tiers[0] already',
    ]


def test_an_unknown_tier_hides_no_cycle() -> None:
    found = faults("- {name: a, dependsOn: [zzz, b]}", "- name: b")
    assert found == [
        '1 tiers[0].dependsOn[0]: there is no tier "zzz"',
        "1 tiers[0].dependsOn: the tier depends on itself: a -> b -> a",
    ]


@pytest.mark.parametrize(
    ("soak", "deadline", "key"),
    [("10s", "10s", "deadline"), ("1h", "30m", "deadline"), ("30m", None, "soak")],
)
def test_a_deadline_leaves_time_for_the_soak(soak: str, deadline: str | None, key: str) -> None:
    written = f", deadline: {deadline}" if deadline else ""
    (found,) = faults(f"- {{name: a, soak: {soak}{written}}}")
    assert found.startswith(f"1 tiers[0].{key}: a deadline of ")


NAMES = ["a", "b", "c", "d"]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.none() | st.sets(st.sampled_from(NAMES), max_size=3)),
        min_size=1,
        max_size=5,
    )
)
def test_a_cycle_that_is_named_is_there_and_none_that_is_there_passes(
    drawn: list[tuple[str, set[str] | None]],
) -> None:
    lines = [
        f"- {{name: {name}" + ("" if needs is None else f", dependsOn: {sorted(needs)}") + "}"
        for name, needs in drawn
    ]
    found = read_policy(HEAD + "tiers:\n" + "\n".join(lines), file="p")
    if isinstance(found, Policy):
        assert len(found.order) == len(drawn)
        return
    depends_on = {
        (name, needed)
        for at, (name, needs) in enumerate(drawn)
        for needed in (needs if needs is not None else [drawn[at - 1][0]] if at else [])
    }
    for fault in found:
        _, is_cycle, path = fault.problem.partition("depends on itself: ")
        if is_cycle:
            around = path.split(" -> ")
            assert around[0] == around[-1]
            assert set(pairwise(around)) <= depends_on
