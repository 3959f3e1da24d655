from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from watcher.decide.bounds import Bounds, Cell, at_first, cell, lowered, most, nearer, raised

FIRST = at_first(70.0, 25.0)

works = st.tuples(st.integers(0, 300), st.integers(0, 300))
amounts = st.floats(0.0, 1e13)
steps = st.lists(st.tuples(st.booleans(), works, amounts, st.floats(0.0, 1.0)), max_size=12)


@st.composite
def bounds(draw: st.DrawFn) -> Bounds:
    """What a few things that were seen have made of the first."""
    found = FIRST
    for up, work, seen, share in draw(steps):
        if up and work != (0, 0):
            found = raised(found, work, seen)
        else:
            found = lowered(found, cell(*work), seen, share)
    return found


def test_nothing_takes_nothing() -> None:
    assert most(FIRST, (0, 0)) == 0.0


def test_at_first_every_one_of_a_kind_takes_what_one_takes() -> None:
    assert most(FIRST, (3, 0)) == 210.0
    assert most(FIRST, (2, 4)) == 240.0


def test_a_wide_one_bounds_narrower_ones_and_in_proportion_wider_ones() -> None:
    seen = lowered(FIRST, (8, 0), 160.0, 1.0)
    assert most(seen, (6, 0)) == 160.0
    assert most(seen, (16, 0)) == 320.0
    assert most(seen, (1, 0)) == 70.0
    assert most(seen, (8, 2)) == 210.0


def test_what_two_kinds_took_together_bounds_both() -> None:
    seen = lowered(FIRST, (4, 4), 150.0, 1.0)
    assert most(seen, (4, 4)) == 150.0
    assert most(seen, (4, 0)) == 150.0
    assert most(seen, (8, 2)) == 300.0


def test_later_gates_that_take_little_say_nothing_of_loads() -> None:
    assert most(lowered(FIRST, (0, 12), 5.0, 1.0), (4, 0)) == 280.0


def test_half_of_the_way_down_is_half_of_the_way() -> None:
    assert most(lowered(FIRST, (8, 0), 160.0, 0.5), (8, 0)) == 360.0


def test_where_it_was_lower_already_nothing_is_lowered() -> None:
    assert lowered(FIRST, (8, 0), 600.0, 0.5) is FIRST


def test_what_was_seen_raises_at_once_what_it_contradicts() -> None:
    seen = raised(lowered(FIRST, (8, 0), 160.0, 1.0), (4, 0), 400.0)
    assert most(seen, (4, 0)) >= 400.0
    assert most(seen, (8, 0)) >= 400.0
    assert most(seen, (1, 0)) == 100.0


def test_what_was_raised_comes_back() -> None:
    high = raised(FIRST, (1, 0), 700.0)
    assert most(nearer(high, FIRST, 0.5), (1, 0)) == 385.0
    assert most(nearer(high, FIRST, 1.0), (4, 0)) == 280.0


def test_coming_back_raises_nothing() -> None:
    low = lowered(FIRST, (8, 0), 160.0, 1.0)
    assert most(nearer(low, FIRST, 0.5), (8, 0)) == 160.0


def test_a_cell_is_no_more_than_the_work_and_more_than_half_of_it() -> None:
    for count in range(1, 3000):
        loads, later = cell(count, 0)
        assert count / 2 < loads <= count and later == 0


@given(bounds(), works, works)
def test_more_work_never_takes_less(known: Bounds, one: Cell, more: Cell) -> None:
    both = (one[0] + more[0], one[1] + more[1])
    assert most(known, one) <= most(known, both) * (1 + 1e-12)


@given(bounds(), works, works, amounts)
def test_what_was_seen_is_believed_and_lowers_nothing(
    known: Bounds, work: Cell, other: Cell, seen: float
) -> None:
    if work == (0, 0):
        return
    after = raised(known, work, seen)
    assert most(after, work) >= seen * (1 - 1e-9)
    assert most(after, other) >= most(known, other)


@given(bounds(), works, works, amounts, st.floats(0.0, 1.0))
def test_lowering_raises_nothing_and_never_goes_under_what_was_seen(
    known: Bounds, work: Cell, other: Cell, seen: float, share: float
) -> None:
    after = lowered(known, cell(*work), seen, share)
    assert 0.0 <= most(after, other) <= most(known, other)
    if work != (0, 0):
        assert most(after, cell(*work)) >= min(seen, most(known, cell(*work))) * (1 - 1e-9)
