from __future__ import annotations

import pytest

from tests.policy.policies import HEAD
from watcher.policy import DEFAULT_RING, Policy, Ring, StopWhen, read_policy

ABOVE = HEAD + "tiers: [{name: crds}, {name: apps}]\n"


def rings(*lines: str) -> tuple[Ring, ...]:
    """The rings of a policy that is sound."""
    policy = read_policy(ABOVE + "rings:\n" + "\n".join(lines), file="p")
    assert isinstance(policy, Policy), policy
    return policy.rings


def faults(*lines: str) -> list[str]:
    """What is wrong with these lines of rings, numbered from 1, without the remedies."""
    found = read_policy(ABOVE + "rings:\n" + "\n".join(lines), file="p")
    assert isinstance(found, tuple), found
    return [f"{fault.line - 4} {fault.key}: {fault.problem}" for fault in found]


def test_the_ring_without_a_selector_takes_the_rest() -> None:
    read = rings("- {name: canary, selector: ring=canary}", "- {name: fleet}")
    assert [ring.name for ring in read] == ["canary", "fleet"]
    assert [ring.takes({"ring": "canary"}) for ring in read] == [True, True]
    assert [ring.takes({}) for ring in read] == [False, True]


def test_where_every_ring_has_a_selector_one_is_added_for_the_rest() -> None:
    read = rings("- {name: canary, selector: 'ring in (canary, first), !old'}")
    assert read[1:] == (DEFAULT_RING,)
    assert read[0].takes({"ring": "first"})
    assert not read[0].takes({"ring": "first", "old": ""})


def test_the_ring_for_the_rest_may_be_written_with_its_own_name() -> None:
    (read,) = rings("- {name: default, stopWhen: {stalled: 1}}")
    assert read == Ring("default", stop=StopWhen(1))


@pytest.mark.parametrize(
    ("written", "stalled"), [("3", 3), ("1", 1), ("10%", 0.1), ("1%", 0.01), ("99.9%", 0.999)]
)
def test_a_number_stays_one_and_a_share_is_less_than_one(
    written: str, stalled: int | float
) -> None:
    (read,) = rings(f"- {{name: fleet, stopWhen: {{stalled: {written}}}}}")
    assert read.stop == StopWhen(stalled)
    assert type(read.stop.stalled) is type(stalled)


def test_each_ring_but_the_last_has_a_selector() -> None:
    said = "has no selector, so it takes every spoke and leaves none to the rings after it"
    assert faults("- name: a", "- name: b", "- {name: c, selector: c}", "- name: d") == [
        f"1 rings[0]: {said}",
        f"2 rings[1]: {said}",
    ]


@pytest.mark.parametrize("written", ["7", "ring canary", "~", "[a]", "''"])
def test_a_selector_that_is_wrong_is_not_missing(written: str) -> None:
    (fault,) = faults(f"- {{name: a, selector: {written}}}", "- name: b")
    assert fault.startswith("1 rings[0].selector: ")


def test_selectors_that_ask_for_the_same_are_said_whatever_their_blanks() -> None:
    assert faults(
        "- {name: a, selector: 'ring=a,!b'}",
        "- {name: b, selector: 'ring==a, ! b'}",
        "- {name: c, selector: 'ring in (a),!b'}",
    ) == [
        f"{at + 1} rings[{at}].selector: is that of rings[0] too, which takes every spoke that it "
        "selects"
        for at in (1, 2)
    ]


def test_every_unknown_tier_of_every_ring_is_said() -> None:
    assert faults(
        "- {name: a, selector: a, tiers: [crd, apps]}",
        "- {name: b, tiers: [apps, zzz]}",
    ) == [
        '1 rings[0].tiers[0]: there is no tier "crd"',
        '2 rings[1].tiers[1]: there is no tier "zzz"',
    ]


def test_where_the_tiers_cannot_be_read_no_ring_is_at_fault_for_theirs() -> None:
    read = read_policy(f"{HEAD}tiers: crds\nrings: [{{name: a, tiers: [crds]}}]\n", file="p")
    assert isinstance(read, tuple)
    assert [fault.key for fault in read] == ["tiers"]


def test_a_ring_that_is_only_a_word_is_one_fault() -> None:
    assert [fault.split(":")[0] for fault in faults("- a", "- name: b")] == ["1 rings[0]"]


def test_the_name_of_the_ring_that_is_added_is_taken() -> None:
    assert faults("- {name: default, selector: a}") == [
        "1 rings[0].name: is the name of the ring that is added for the spokes that no ring of the "
        "file takes"
    ]
    assert rings("- {name: default, selector: a}", "- name: rest")[1] == Ring("rest")
