from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from tests.captured.memory_series import (
    Step,
    foretold,
    mean_error,
    minutes,
    report,
    steps,
)
from watcher.decide.predictor import (
    Learned,
    Work,
    errors,
    kept,
    learned,
    load_seen,
    restart_peak,
    transient,
    unlearned,
)
from watcher.facts import Reading
from watcher.policy import Prior
from watcher.policy.policy import MIB

STARTED_AT = 1000.0
FIRST = unlearned(Prior())


class Controller:
    """A controller that is read every five seconds, and what is learned of it."""

    def __init__(self, known: Learned = FIRST) -> None:
        self.known = known
        self.at = STARTED_AT + 3600.0
        self.started_at = STARTED_AT
        self.collections = 100.0

    def shows(
        self, *live_mib: float, work: Work, collections: float = 3.0, after_s: float = 5.0
    ) -> Learned:
        for live in live_mib:
            self.at += after_s
            self.collections += collections
            self.known = learned(self.known, self._reading(live), work)
        return self.known

    def starts_again(self) -> None:
        self.started_at = self.at
        self.collections = 0.0

    def _reading(self, live_mib: float) -> Reading:
        return Reading(
            at=self.at,
            resident_bytes=2 * live_mib * MIB,
            live_bytes=live_mib * MIB,
            goal_bytes=2 * live_mib * MIB,
            collections=self.collections,
            gogc_percent=100.0,
            soft_limit_bytes=None,
            collecting_s=0.0,
            busy_s=0.0,
            process_started_at=self.started_at,
        )


def in_mib(amount: float) -> float:
    return amount / MIB


def work_mib(known: Learned, work: Work) -> float:
    """What the work takes, without the resync."""
    return in_mib(transient(known, work) - transient(known, Work(work.spokes)))


def loaded(spokes: int, *, known: Learned = FIRST) -> Controller:
    """A controller with these spokes, read for as long as it takes to know its floor."""
    controller = Controller(known)
    controller.shows(*[8.0 + 12.0 * spokes] * 6, work=Work(spokes))
    return controller


# Loads


def test_a_load_was_seen_once_it_began_and_ended_before_our_eyes() -> None:
    controller = loaded(3)
    assert not load_seen(controller.known)
    controller.shows(60.0, 80.0, work=Work(4, loads=1))
    assert not load_seen(controller.known)
    controller.shows(56.0, work=Work(4))
    assert load_seen(controller.known)


def test_a_load_that_was_under_way_when_this_began_was_not_seen() -> None:
    controller = Controller()
    controller.shows(60.0, 80.0, work=Work(4, loads=1))
    controller.shows(56.0, work=Work(4))
    assert not load_seen(controller.known)


def test_a_load_without_a_collection_in_it_was_not_seen() -> None:
    controller = loaded(3)
    controller.shows(44.0, 44.0, work=Work(4, loads=1), collections=0.0)
    controller.shows(44.0, work=Work(4), collections=0.0)
    assert not load_seen(controller.known)


def test_a_load_during_which_nothing_was_heard_was_not_seen() -> None:
    controller = loaded(3)
    controller.shows(60.0, work=Work(4, loads=1))
    controller.shows(56.0, work=Work(4), after_s=300.0)
    assert not load_seen(controller.known)


def test_a_load_of_a_killed_controller_was_not_seen() -> None:
    controller = loaded(3)
    controller.shows(60.0, work=Work(4, loads=1))
    controller.starts_again()
    controller.shows(20.0, work=Work(4))
    assert not load_seen(controller.known)


# Work


def test_a_burst_beyond_what_was_thought_counts_at_once() -> None:
    controller = loaded(10)
    controller.shows(128.0 + 20.0 + 600.0, work=Work(10, later=2))
    assert work_mib(controller.known, Work(10, later=2)) >= 600.0


def test_wide_bursts_that_took_little_make_room_step_by_step() -> None:
    controller = loaded(10)
    allowed = [work_mib(controller.known, Work(18, loads=8))]
    for _ in range(5):
        controller.shows(*[120.0 + 8 * 12.0 + 160.0] * 8, work=Work(18, loads=8))
        controller.shows(*[128.0] * 6, work=Work(10))
        allowed.append(work_mib(controller.known, Work(18, loads=8)))
    assert allowed == sorted(allowed, reverse=True)
    assert 130.0 < allowed[-1] < 0.5 * allowed[0]
    assert work_mib(controller.known, Work(26, loads=16)) <= 2 * allowed[-1]


def test_a_lone_load_between_two_readings_hardly_lowers_anything() -> None:
    controller = loaded(10)
    before = work_mib(controller.known, Work(11, loads=1))
    controller.shows(135.0, 135.0, work=Work(11, loads=1))
    controller.shows(140.0, work=Work(11))
    assert work_mib(controller.known, Work(11, loads=1)) == before


def test_spokes_that_stay_in_progress_and_take_nothing_teach_nothing() -> None:
    controller = loaded(40)
    controller.shows(*[500.0] * 8, work=Work(40, later=30))
    after_their_burst = work_mib(controller.known, Work(40, later=30))
    controller.shows(*[488.0] * 60, work=Work(40, later=30))
    assert work_mib(controller.known, Work(40, later=30)) == after_their_burst


def test_a_failed_prediction_leaves_a_margin_that_shrinks() -> None:
    controller = loaded(10)
    controller.shows(*[128.0 + 20.0 + 150.0] * 8, work=Work(10, later=4))
    controller.shows(*[128.0] * 3, work=Work(10))
    fell_short = controller.known.shortfall
    assert 0.0 < fell_short <= 0.5
    controller.shows(*[128.0 + 20.0 + 100.0] * 8, work=Work(10, later=4))
    assert 0.0 < controller.known.shortfall < fell_short


def test_garbage_of_a_burst_is_not_taken_for_resync() -> None:
    controller = loaded(20)
    controller.shows(*[450.0] * 8, work=Work(20, later=8))
    resync = transient(controller.known, Work(20))
    controller.shows(450.0, 400.0, work=Work(20), collections=1.0)
    assert transient(controller.known, Work(20)) == resync


def test_a_surprise_is_believed_less_while_nothing_goes_on_and_has_to_be_seen_again() -> None:
    controller = loaded(10)
    controller.shows(900.0, 900.0, work=Work(11, loads=1))
    controller.shows(140.0, work=Work(11))
    assert load_seen(controller.known)
    controller.shows(*[140.0] * 12, work=Work(11), after_s=50.0)
    at_once = work_mib(controller.known, Work(12, loads=1))
    assert at_once > 500.0 and not load_seen(controller.known)
    controller.shows(*[140.0] * 400, work=Work(11), after_s=50.0)
    assert work_mib(controller.known, Work(12, loads=1)) < 80.0


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


def test_work_never_shows_that_spokes_keep_less() -> None:
    controller = loaded(20)
    controller.shows(*[128.0] * 40, work=Work(20, later=1), after_s=20.0)
    assert in_mib(kept(controller.known, 20)) == 248.0


def test_one_reading_lower_than_true_makes_nothing_cheaper() -> None:
    controller = loaded(20)
    before = controller.known
    controller.shows(0.0, work=Work(20))
    assert kept(controller.known, 20) == kept(before, 20)
    controller.shows(250.0, work=Work(20))
    assert transient(controller.known, Work(30, loads=4)) >= transient(before, Work(30, loads=4))


def test_calm_collections_lower_what_the_resync_takes() -> None:
    controller = loaded(30)
    controller.shows(*[368.0, 394.0] * 60, work=Work(30), after_s=20.0)
    assert 26.0 <= in_mib(transient(controller.known, Work(30))) < 45.0


# Restarts


def restarted(controller: Controller, *live_mib: float, rest_mib: float, work: Work) -> Learned:
    controller.starts_again()
    controller.shows(*live_mib, work=work, collections=6.0)
    return controller.shows(*[rest_mib] * 4, work=work, collections=0.0)


@pytest.mark.parametrize(
    ("spokes", "peak_mib", "rest_mib"),
    [(5, 64, 60), (10, 150, 114), (20, 297, 220), (30, 453, 325)],
)
def test_restarts_as_they_were_measured_were_foretold(
    spokes: int, peak_mib: float, rest_mib: float
) -> None:
    """Of a real controller, by the prior: 0 to 20 % above where it matters."""
    foretold_mib = in_mib(restart_peak(FIRST, spokes))
    assert peak_mib <= foretold_mib
    assert spokes < 20 or foretold_mib < 1.2 * peak_mib
    controller = loaded(spokes)
    ramp = [peak_mib * share for share in (0.2, 0.5, 0.8, 1.0, 1.0)]
    restarted(controller, *ramp, rest_mib=rest_mib, work=Work(spokes))
    assert peak_mib <= in_mib(restart_peak(controller.known, spokes)) <= foretold_mib


def test_a_restart_that_took_less_is_learned_slowly() -> None:
    controller = loaded(40)
    before = restart_peak(controller.known, 40)
    restarted(controller, 200.0, 480.0, 480.0, 480.0, rest_mib=470.0, work=Work(40))
    after = restart_peak(controller.known, 40)
    assert 0.85 * before < after < before
    assert "restart" in errors(controller.known)


def test_a_restart_that_took_more_is_learned_at_once() -> None:
    controller = loaded(20)
    restarted(controller, 200.0, 500.0, 500.0, 400.0, rest_mib=250.0, work=Work(20))
    assert in_mib(restart_peak(controller.known, 20)) >= 490.0


def test_a_start_that_was_killed_lowers_nothing() -> None:
    controller = loaded(20)
    before = controller.known
    for _ in range(4):
        controller.starts_again()
        controller.shows(20.0, 60.0, work=Work(20))
    for spokes in (20, 40):
        assert restart_peak(controller.known, spokes) >= restart_peak(before, spokes)
        assert kept(controller.known, spokes) >= kept(before, spokes)


def test_a_start_that_was_killed_at_more_than_was_thought_raises() -> None:
    controller = loaded(20)
    controller.starts_again()
    controller.shows(100.0, 460.0, work=Work(20))
    controller.starts_again()
    controller.shows(50.0, work=Work(20))
    assert in_mib(restart_peak(controller.known, 20)) >= 460.0


def test_a_start_that_was_not_read_from_its_beginning_lowers_nothing() -> None:
    controller = loaded(40)
    before = restart_peak(controller.known, 40)
    controller.starts_again()
    controller.at += 40.0
    controller.shows(*[480.0] * 6, work=Work(40), collections=0.0)
    assert restart_peak(controller.known, 40) >= before


def test_what_starts_is_not_what_stands() -> None:
    controller = loaded(20)
    controller.starts_again()
    controller.shows(13.0, 20.0, 40.0, work=Work(20))
    assert in_mib(kept(controller.known, 20)) == 248.0


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
    again: bool


works = st.builds(
    lambda spokes, loads, later: Work(spokes + loads + later, loads, later),
    st.integers(0, 50),
    st.integers(0, 30),
    st.integers(0, 30),
)
seen = st.builds(
    Seen,
    st.sampled_from([0.5, 5.0, 5.0, 5.0, 30.0, 130.0, 9000.0]),
    st.one_of(st.floats(0.0, 2000.0), st.sampled_from([0.0, 5e-324, 1e7])),
    st.sampled_from([0.0, 1.0, 1.0, 5.0]),
    works,
    st.sampled_from([False] * 15 + [True]),
)
courses = st.lists(seen, max_size=25)


def after(course: list[Seen]) -> Controller:
    controller = Controller()
    for one in course:
        if one.again:
            controller.starts_again()
        controller.shows(
            one.live_mib, work=one.work, collections=one.collections, after_s=one.after_s
        )
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
    both = Work(work.spokes + more.spokes, work.loads + more.loads, work.later + more.later)
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


PHASES = [0.0, 0.7, 1.4, 2.1, 2.8, 3.5, 4.2, 4.9]


@pytest.mark.parametrize("phase_s", PHASES)
def test_no_step_took_more_than_was_foretold(phase_s: float) -> None:
    """Whenever the readings came: five percent more at the most, where one spoke is loaded."""
    said, _ = foretold(steps(), phase_s=phase_s)
    assert min(one.error for one in said[1:]) > -0.05
    narrow = [one for one in said[1:] if one.work.loads <= 1]
    assert mean_error(tuple(narrow)) < 0.25
    assert max(one.error for one in narrow) < 0.35


@pytest.mark.parametrize("phase_s", PHASES)
def test_the_same_steps_again_are_foretold_better(phase_s: float) -> None:
    once, known = foretold(steps(), phase_s=phase_s)
    for turn in range(1, 4):
        again, known = foretold(later(steps(), turn), phase_s=phase_s, known=known)
    assert mean_error(again[1:]) < 0.6 * mean_error(once[1:])
    assert min(one.error for one in again[1:]) > -0.05
    assert max(one.error for one in again[1:]) < 0.75


def later(series: tuple[Step, ...], turn: int) -> tuple[Step, ...]:
    """The same steps some hours later, by another process."""
    return tuple(
        Step(
            step.did,
            tuple(
                look._replace(
                    at_s=look.at_s + turn * 10_000.0, started_at_s=turn * 10_000.0 - 1000.0
                )
                for look in step.looks
            ),
        )
        for step in series
    )


def test_the_series_that_nothing_was_fitted_to_is_foretold() -> None:
    said, _ = foretold(minutes("four-at-a-time-40-spokes"))
    assert mean_error(said[1:]) < 0.1
    assert min(one.error for one in said[1:]) > -0.05


def test_an_ungated_rush_takes_less_than_is_foretold_and_narrows_it() -> None:
    said, _ = foretold(minutes("rush-40-spokes"))
    assert all(one.predicted_mib > one.happened_mib for one in said[1:])
    assert said[-1].predicted_mib < said[-1].by_prior_mib


def test_the_report_has_a_line_for_every_step() -> None:
    text = "\n".join(report())
    assert all(step.did in text for step in steps()[1:])
