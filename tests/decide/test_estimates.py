from __future__ import annotations

import pytest
from msgspec.structs import replace

from watcher.decide.bounds import Cell, lowered
from watcher.decide.estimates import (
    Learned,
    Low,
    Work,
    errors,
    kept,
    load_seen,
    restart_peak,
    transient,
    unlearned,
)
from watcher.policy import Prior
from watcher.policy.policy import MIB

FIRST = unlearned(Prior())


def in_mib(amount: float) -> float:
    return amount / MIB


def lowest_of(*lows: tuple[float, int]) -> Learned:
    """With collections of so much MiB, with so many spokes."""
    return replace(
        FIRST,
        lows=tuple(
            Low(float(i), live * MIB, live * MIB, spokes) for i, (live, spokes) in enumerate(lows)
        ),
    )


def test_before_anything_was_seen_the_prior_holds() -> None:
    assert in_mib(kept(FIRST, 0)) == 8
    assert in_mib(kept(FIRST, 20)) == 248
    assert in_mib(transient(FIRST, Work(20))) == 40
    at_work = in_mib(transient(FIRST, Work(20, loads=2, later=3)))
    assert at_work == pytest.approx(0.3 * 248 + 2**0.5 * 60 + 3**0.5 * 50)
    assert not load_seen(FIRST) and errors(FIRST) == {}


def test_a_few_spokes_resync_as_if_they_were_ten() -> None:
    assert in_mib(transient(FIRST, Work(1))) == in_mib(transient(FIRST, Work(10))) == 20
    assert transient(FIRST, Work()) == 0.0


def test_what_is_kept_is_at_least_the_lowest_of_the_last_collections() -> None:
    assert in_mib(kept(lowest_of((500, 20), (400, 20), (600, 20)), 20)) == 400


def test_what_spokes_that_were_added_since_will_keep_is_on_top_of_it() -> None:
    assert in_mib(kept(lowest_of((400, 20)), 25)) == 460


def test_a_low_collection_never_says_that_spokes_keep_less_than_is_known() -> None:
    assert in_mib(kept(lowest_of((30, 20)), 20)) == 248


def test_work_is_predicted_higher_by_what_it_fell_short_of_late() -> None:
    short = replace(FIRST, shortfall=0.5)
    assert in_mib(transient(short, Work(20, loads=2))) == pytest.approx(
        0.3 * 248 + 1.5 * 60 * 2**0.5
    )


def test_a_restart_takes_its_factor_of_what_is_kept() -> None:
    assert round(in_mib(restart_peak(FIRST, 30))) == round(1.4 * 368)


def test_a_restart_of_few_takes_at_least_a_load_beyond_what_is_kept() -> None:
    assert in_mib(restart_peak(FIRST, 2)) == 32 + 60
    assert round(in_mib(restart_peak(FIRST, 0)), 1) == 11.2


def test_a_wide_burst_that_took_little_makes_room_for_the_next() -> None:
    wide = replace(FIRST, bounds=lowered(FIRST.bounds, Cell(8), 160.0 * MIB, 1.0))
    assert in_mib(transient(wide, Work(20, loads=8))) == pytest.approx(0.3 * 248 + 160)


def test_under_work_all_that_stands_shows_as_more_than_it_is() -> None:
    few, many = (in_mib(transient(FIRST, Work(spokes, later=1))) for spokes in (20, 200))
    assert few == pytest.approx(0.3 * 248 + 50)
    assert many == pytest.approx(0.3 * 2408 + 50)
    assert in_mib(transient(FIRST, Work(200))) == 400
