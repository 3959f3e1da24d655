from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from watcher.decide.bounds import NOTHING, Bounds, Cell, at_first, lowered, most, nearer, raised

FIRST = at_first(70.0, 25.0)

some = st.one_of(st.just(0), st.integers(0, 300))
works = st.builds(Cell, some, some, some, some)
amounts = st.floats(0.0, 1e13)
steps = st.lists(st.tuples(st.booleans(), works, amounts, st.floats(0.0, 1.0)), max_size=12)


@st.composite
def bounds(draw: st.DrawFn) -> Bounds:
    """What a few things that were seen have made of the first."""
    found = FIRST
    for up, work, seen, share in draw(steps):
        found = raised(found, work, seen) if up else lowered(found, work, seen, share)
    return found


def test_nothing_takes_nothing() -> None:
    assert most(FIRST, Cell(0, 0)) == 0.0


def together(number: float) -> float:
    """How many times as much so many take as one."""
    return math.sqrt(number)


def test_at_first_all_of_a_kind_are_judged_by_what_one_takes() -> None:
    assert most(FIRST, Cell(3, 0)) == approx(70.0 * together(3))
    assert most(FIRST, Cell(2, 4)) == approx(70.0 * together(2) + 25.0 * together(4))


def test_a_wide_one_bounds_narrower_ones_and_in_proportion_wider_ones() -> None:
    seen = lowered(FIRST, Cell(8, 0), 160.0, 1.0)
    assert most(seen, Cell(6, 0)) == 160.0
    assert most(seen, Cell(16, 0)) == approx(160.0 * together(2))
    assert most(seen, Cell(1, 0)) == 70.0
    assert most(seen, Cell(8, 2)) == approx(160.0 + 25.0 * together(2))


def test_what_two_kinds_took_together_bounds_both() -> None:
    seen = lowered(FIRST, Cell(4, 4), 130.0, 1.0)
    assert most(seen, Cell(4, 4)) == 130.0
    assert most(seen, Cell(4, 0)) == 130.0
    assert most(seen, Cell(8, 2)) == approx(130.0 * together(2))


def test_later_gates_that_take_little_say_nothing_of_loads() -> None:
    assert most(lowered(FIRST, Cell(0, 12), 5.0, 1.0), Cell(4, 0)) == approx(70.0 * together(4))


def test_half_of_the_way_down_is_half_of_the_way() -> None:
    before = most(FIRST, Cell(8, 0))
    after = most(lowered(FIRST, Cell(8, 0), 160.0, 0.5), Cell(8, 0))
    assert after == approx((before + 160.0) / 2)


def test_where_it_was_lower_already_nothing_is_lowered() -> None:
    assert lowered(FIRST, Cell(8, 0), 600.0, 0.5) is FIRST


def test_what_was_seen_raises_at_once_what_it_contradicts() -> None:
    seen = raised(lowered(FIRST, Cell(8, 0), 160.0, 1.0), Cell(4, 0), 400.0)
    assert most(seen, Cell(4, 0)) >= 400.0
    assert most(seen, Cell(8, 0)) >= 400.0
    assert most(seen, Cell(1, 0)) == approx(400.0 / together(4))


def test_what_was_raised_comes_back() -> None:
    high = raised(FIRST, Cell(1, 0), 700.0)
    assert most(nearer(high, FIRST, 0.5), Cell(1, 0)) == 385.0
    assert most(nearer(high, FIRST, 1.0), Cell(4, 0)) == approx(70.0 * together(4))


def test_coming_back_raises_nothing() -> None:
    low = lowered(FIRST, Cell(8, 0), 160.0, 1.0)
    assert most(nearer(low, FIRST, 0.5), Cell(8, 0)) == 160.0


def test_what_goes_on_is_bounded_apart_from_what_begins() -> None:
    seen = lowered(FIRST, Cell(old_later=30), 20.0, 1.0)
    assert most(seen, Cell(old_later=24)) == 20.0
    assert most(seen, Cell(later=4, old_later=24)) == approx(20.0 + 25.0 * together(4))


def test_what_is_beyond_a_cell_takes_what_it_takes_alone() -> None:
    seen = lowered(FIRST, Cell(1, 2, 4, 12), 160.0, 1.0)
    assert most(seen, Cell(1, 4, 4, 12)) == approx(160.0 + 25.0 * together(2))


def test_odd_widths_are_taken_for_the_next_narrower_one_that_is_told_apart() -> None:
    seen = lowered(FIRST, Cell(loads=11), 180.0, 1.0)
    assert most(seen, Cell(loads=8)) == 180.0
    assert most(seen, Cell(loads=12)) == approx(180.0 * together(1.5))


@given(bounds(), works, works)
def test_more_work_never_takes_less(known: Bounds, one: Cell, more: Cell) -> None:
    both = Cell(*(sum(each) for each in zip(one, more, strict=True)))
    assert most(known, one) <= most(known, both) * (1 + 1e-12)


@given(bounds(), works, works, amounts)
def test_what_was_seen_is_believed_and_lowers_nothing(
    known: Bounds, work: Cell, other: Cell, seen: float
) -> None:
    after = raised(known, work, seen)
    assert work == NOTHING or most(after, work) >= seen * (1 - 1e-9)
    assert most(after, other) >= most(known, other) * (1 - 1e-9)


@given(bounds(), works, works, amounts, st.floats(0.0, 1.0))
def test_lowering_raises_nothing_and_never_goes_under_what_was_seen(
    known: Bounds, work: Cell, other: Cell, seen: float, share: float
) -> None:
    after = lowered(known, work, seen, share)
    assert 0.0 <= most(after, other) <= most(known, other) * (1 + 1e-9)
    assert most(after, work) >= min(seen, most(known, work)) * (1 - 1e-9)
