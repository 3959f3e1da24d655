from __future__ import annotations

import pytest

from tests.builders import controller, reading, readings, spoke
from watcher.decide.owners import NOBODY, Owners, owner, owners
from watcher.facts import Pod, Readings

ZERO, ONE = controller(0), controller(1)
BOTH = {ZERO.key: ZERO, ONE.key: ONE}


def holding(*by_shard: tuple[str, ...]) -> dict[str, Readings]:
    """What each of the controllers exports."""
    said: dict[str, Readings] = {}
    for number, names in enumerate(by_shard):
        said |= readings(reading(holds=names), of=number)
    return said


def test_a_spoke_belongs_to_the_controller_that_exports_its_cluster() -> None:
    known = owners(NOBODY, BOTH, holding(("a",), ("b",)))
    assert owner(known, spoke("a")) == ZERO.key
    assert owner(known, spoke("b")) == ONE.key


def test_a_trailing_slash_makes_no_other_cluster() -> None:
    known = owners(NOBODY, BOTH, holding((), ("a",)))
    assert owner(known, spoke("a", server="https://a.example.com/")) == ONE.key


def test_what_a_controller_exports_counts_for_more_than_where_a_spoke_is_pinned() -> None:
    known = owners(NOBODY, BOTH, holding((), ("a",)))
    assert owner(known, spoke("a", shard="0")) == ONE.key


def test_before_anybody_exports_it_a_spoke_belongs_to_the_shard_it_is_pinned_to() -> None:
    known = owners(NOBODY, BOTH, {})
    assert owner(known, spoke("a", shard="1")) == ONE.key


def test_a_number_that_no_replica_has_means_shard_0() -> None:
    assert owner(owners(NOBODY, BOTH, {}), spoke("a", shard="7")) == ZERO.key


@pytest.mark.parametrize("shard", ["", "-1", "one", "1.0", "٣", "9" * 40], ids=ascii)
def test_what_is_no_number_pins_nothing(shard: str) -> None:
    assert owner(owners(NOBODY, BOTH, {}), spoke("a", shard=shard)) is None


def test_with_one_replica_everything_is_on_it() -> None:
    assert owner(owners(NOBODY, {ONE.key: ONE}, {}), spoke("a")) == ONE.key


def test_with_several_nobody_knows_whose_a_spoke_is_that_none_exports() -> None:
    assert owner(owners(NOBODY, BOTH, holding((), ())), spoke("a")) is None


def test_under_dynamic_distribution_no_number_is_anybodys() -> None:
    first, second = controller(None), controller(None, name="other", uid="other")
    known = owners(NOBODY, {each.key: each for each in (first, second)}, {})
    assert owner(known, spoke("a", shard="0")) is None


def test_two_that_export_it_leave_it_to_where_it_is_pinned() -> None:
    known = owners(NOBODY, BOTH, holding(("a",), ("a",)))
    assert owner(known, spoke("a")) is None
    assert owner(known, spoke("a", shard="1")) == ONE.key


def test_a_controller_that_was_just_started_keeps_what_it_had() -> None:
    before = owners(NOBODY, BOTH, holding(("a", "b"), ()))
    anew = owners(before, BOTH, holding((), ()))
    assert owner(anew, spoke("a")) == ZERO.key


def test_until_another_exports_it() -> None:
    before = owners(NOBODY, BOTH, holding(("a", "b"), ()))
    moved = owners(before, BOTH, holding((), ("a",)))
    assert owner(moved, spoke("a")) == ONE.key
    assert owner(moved, spoke("b")) == ZERO.key


def test_what_a_replica_had_that_is_gone_is_nobodys() -> None:
    third = controller(2)
    before = owners(NOBODY, {**BOTH, third.key: third}, holding((), (), ("a",)))
    assert owner(owners(before, BOTH, holding((), ())), spoke("a")) is None


@pytest.mark.parametrize("pods", [BOTH, {}], ids=["two", "none"])
def test_nothing_new_is_the_same_object(pods: dict[str, Pod]) -> None:
    said = holding(("a",), ("b",)) if pods else {}
    known = owners(NOBODY, pods, said)
    assert owners(known, pods, said) is known
    assert owners(known, pods, holding(("a",), ("b",)) if pods else {}) is known


def test_nobody_is_known_at_first() -> None:
    assert Owners() == NOBODY
    assert owner(NOBODY, spoke("a")) is None
