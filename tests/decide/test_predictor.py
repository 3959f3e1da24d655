from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from tests.captured.memory_series import (
    PHASES_S,
    foretold,
    mean_error,
    minutes,
    repeated,
    report,
    steps,
)
from tests.decide.controllers import Controller, in_mib, loaded
from watcher.decide.predictor import (
    Learned,
    Work,
    errors,
    kept,
    restart_peak,
    transient,
)
from watcher.policy.policy import MIB

# What is kept


def test_larger_spokes_are_kept_at_once_and_learned_after_a_few_collections() -> None:
    controller = Controller()
    controller.shows(*[1208.0] * 8, work=Work(10), after_s=12.0)
    assert in_mib(kept(controller.known, 10)) == 1208.0
    assert in_mib(kept(controller.known, 11)) == pytest.approx(1328.0)
    assert in_mib(restart_peak(controller.known, 10)) == pytest.approx(1.4 * 1208.0)


def test_smaller_spokes_are_learned_slowly_from_calm_collections() -> None:
    controller = loaded(20)
    controller.shows(*[128.0] * 40, work=Work(20), after_s=20.0)
    some = in_mib(kept(controller.known, 20))
    controller.shows(*[128.0] * 400, work=Work(20), after_s=20.0)
    assert 128.0 <= in_mib(kept(controller.known, 20)) < 135.0 < some < 248.0


def test_all_that_is_live_under_work_holds_what_is_kept_so_it_shows_slowly_that_it_is_less() -> (
    None
):
    controller = loaded(20)
    controller.shows(*[228.0] * 40, work=Work(20, later=1))
    assert 230.0 < in_mib(kept(controller.known, 20)) < 245.0
    controller.shows(*[228.0] * 400, work=Work(20, later=1))
    assert in_mib(kept(controller.known, 20)) < 229.0


def test_what_is_being_loaded_shows_nothing_of_what_spokes_keep() -> None:
    controller = loaded(20)
    controller.shows(*[128.0] * 40, work=Work(20, loads=10))
    assert in_mib(kept(controller.known, 20)) == 248.0


def test_one_reading_lower_than_true_makes_nothing_cheaper() -> None:
    controller = loaded(20)
    before = controller.known
    controller.shows(0.0, work=Work(20))
    assert kept(controller.known, 20) == kept(before, 20)
    controller.shows(250.0, work=Work(20))
    assert transient(controller.known, Work(30, loads=4)) >= transient(before, Work(30, loads=4))


def test_what_clusters_of_nobodys_spokes_keep_is_not_taken_for_an_idle_controller() -> None:
    controller = Controller()
    controller.holds = ("https://a.example.com",)
    controller.shows(*[200.0] * 20, work=Work(), after_s=30.0)
    assert in_mib(kept(controller.known, 0)) == 200.0
    assert in_mib(controller.known.idle_bytes) == 8.0


def test_calm_collections_lower_what_the_resync_takes() -> None:
    controller = loaded(30)
    controller.shows(*[368.0, 394.0] * 60, work=Work(30), after_s=20.0)
    assert 26.0 <= in_mib(transient(controller.known, Work(30))) < 45.0


# The fold itself


def test_a_reading_that_is_not_younger_teaches_nothing() -> None:
    controller = loaded(5)
    again = replace(controller.known)
    controller.at -= 5.0
    assert controller.shows(9000.0, work=Work(5), after_s=0.0) == again


class Seen(Struct, frozen=True):
    """One reading among many."""

    after_s: float
    live_mib: float
    collections: float
    work: Work
    begun: int | None
    """How many loads and later gates began since the one before; None: nobody counts."""
    again: bool


begun = st.one_of(st.none(), st.integers(0, 300))
works = st.builds(
    lambda spokes, loads, later, begun: Work(spokes + loads + later, loads, later, begun, begun),
    st.integers(0, 50),
    st.integers(0, 30),
    st.integers(0, 30),
    begun,
)
seen = st.builds(
    Seen,
    st.sampled_from([0.5, 5.0, 5.0, 5.0, 30.0, 130.0, 9000.0]),
    st.one_of(st.floats(0.0, 2000.0), st.sampled_from([0.0, 5e-324, 1e7])),
    st.sampled_from([0.0, 1.0, 1.0, 5.0]),
    works,
    st.one_of(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.none()),
    st.sampled_from([False] * 15 + [True]),
)
courses = st.lists(seen, max_size=25)


def after(course: list[Seen]) -> Controller:
    controller = Controller()
    begun = 0
    for one in course:
        if one.again:
            controller.starts_again()
        work = one.work
        if one.begun is not None:
            begun += one.begun
            work = replace(work, loads_begun=begun, later_begun=begun)
        controller.shows(one.live_mib, work=work, collections=one.collections, after_s=one.after_s)
    return controller


def answers(known: Learned, work: Work) -> Iterator[float]:
    yield kept(known, work.spokes)
    yield transient(known, work)
    yield restart_peak(known, work.spokes)


@given(courses, works)
def test_every_answer_is_finite_and_not_negative(course: list[Seen], work: Work) -> None:
    known = after(course).known
    for answer in (*answers(known, work), *errors(known).values()):
        assert math.isfinite(answer) and answer >= 0.0


@given(courses, works, works)
def test_more_work_never_needs_less(course: list[Seen], work: Work, more: Work) -> None:
    known = after(course).known
    both = replace(
        work,
        spokes=work.spokes + more.spokes,
        loads=work.loads + more.loads,
        later=work.later + more.later,
    )
    for one, other in zip(answers(known, work), answers(known, both), strict=True):
        assert one <= other * (1 + 1e-9)


@given(courses)
def test_equal_readings_teach_the_same(course: list[Seen]) -> None:
    assert after(course).known == after(course).known


@given(courses, works, works, st.floats(1.0, 20.0))
def test_no_answer_is_lower_for_a_surprise(
    course: list[Seen], work: Work, other: Work, times: float
) -> None:
    """Than for a reading that shows all that was predicted, and no more."""
    controller = after(course)
    predicted = kept(controller.known, work.spokes) + transient(controller.known, work)
    known, at, collections = controller.known, controller.at, controller.collections
    expected = controller.shows(in_mib(predicted), work=work)
    controller.known, controller.at, controller.collections = known, at, collections
    surprised = controller.shows(in_mib(predicted) * times, work=work)
    for one, more in zip(answers(expected, other), answers(surprised, other), strict=True):
        assert more >= one * (1 - 1e-9)


@given(courses, st.floats(0.0, 1e6), works)
def test_nothing_was_ever_seen_that_is_more_than_is_thought_possible(
    course: list[Seen], live_mib: float, work: Work
) -> None:
    controller = after(course)
    known = controller.shows(live_mib, work=work)
    if known.start is None and work.spokes:
        spokes = max(held.spokes for held in known.held)
        loads = max(held.cell.loads + held.cell.old_loads for held in known.held)
        later = max(held.cell.later + held.cell.old_later for held in known.held)
        most = kept(known, spokes) + transient(known, Work(spokes, loads, later))
        assert most >= live_mib * MIB * (1 - 1e-9)


# What a real controller did


@pytest.mark.parametrize("phase_s", PHASES_S)
def test_no_step_took_more_than_was_foretold(phase_s: float) -> None:
    """Whenever the readings came: five percent more at the most, where one spoke is loaded."""
    said, _ = foretold(steps(), phase_s=phase_s)
    assert min(one.error for one in said[1:]) > -0.12
    narrow = [one for one in said[1:] if one.work.loads <= 1]
    assert mean_error(tuple(narrow)) < 0.3
    assert max(one.error for one in narrow) < 0.55


@pytest.mark.parametrize("phase_s", PHASES_S)
def test_the_same_steps_again_are_foretold_better(phase_s: float) -> None:
    once, _ = foretold(steps(), phase_s=phase_s)
    again, _ = repeated(4, phase_s=phase_s)
    assert mean_error(again[1:]) < 0.85 * mean_error(once[1:])
    assert min(one.error for one in again[1:]) > -0.12
    assert max(one.error for one in again[1:]) < 0.75


def test_the_series_that_nothing_was_fitted_to_is_foretold() -> None:
    said, _ = foretold(minutes("four-at-a-time-40-spokes"))
    assert mean_error(said[1:]) < 0.15
    assert min(one.error for one in said[1:]) > -0.12


def test_an_ungated_rush_takes_less_than_is_foretold_and_not_half_as_much() -> None:
    said, _ = foretold(minutes("rush-40-spokes"))
    assert all(0.0 < one.error < 1.0 for one in said[1:])


def test_the_report_has_a_line_for_every_step() -> None:
    text = "\n".join(report())
    assert all(step.did in text for step in steps()[1:])
