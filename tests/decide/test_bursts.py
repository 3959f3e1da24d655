from __future__ import annotations

from msgspec.structs import replace

from tests.decide.controllers import Controller, loaded, work_mib
from watcher.decide.predictor import (
    Work,
    load_seen,
    transient,
)


def test_a_load_was_seen_once_it_began_and_ended_before_our_eyes() -> None:
    controller = loaded(3)
    assert not load_seen(controller.known)
    controller.shows(60.0, 80.0, work=Work(4, loads=1))
    assert not load_seen(controller.known)
    controller.shows(56.0, work=Work(4))
    assert load_seen(controller.known)


def test_a_load_was_seen_though_the_next_one_began_when_it_had_ended() -> None:
    controller = loaded(3)
    controller.shows(60.0, 80.0, work=Work(4, loads=1, loads_ended=7))
    assert not load_seen(controller.known)
    controller.shows(75.0, work=Work(5, loads=1, loads_ended=8))
    assert load_seen(controller.known)


def test_a_load_is_not_seen_by_the_end_of_one_that_went_on_beside_it() -> None:
    controller = loaded(3)
    controller.shows(60.0, work=Work(5, loads=2, loads_ended=7))
    controller.shows(60.0, work=Work(5, loads=1, loads_ended=8))
    controller.shows(75.0, work=Work(6, loads=2, loads_ended=8))
    assert not load_seen(controller.known)


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
    controller.shows(1.3 * 128.0 + 600.0, work=Work(10, later=2))
    assert work_mib(controller.known, Work(10, later=2)) >= 600.0


def test_wide_bursts_that_took_little_make_room_step_by_step() -> None:
    controller = loaded(10)
    allowed = [work_mib(controller.known, Work(18, loads=8))]
    for _ in range(5):
        controller.shows(*[120.0 + 8 * 12.0 + 110.0] * 8, work=Work(18, loads=8))
        controller.shows(*[128.0] * 6, work=Work(10))
        allowed.append(work_mib(controller.known, Work(18, loads=8)))
    assert allowed == sorted(allowed, reverse=True)
    assert 110.0 < allowed[-1] < 0.9 * allowed[0]
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
    controller.shows(*[1.3 * 128.0 + 250.0] * 8, work=Work(10, later=4))
    controller.shows(*[128.0] * 3, work=Work(10))
    fell_short = controller.known.shortfall
    assert 0.0 < fell_short <= 0.5
    controller.shows(*[1.3 * 128.0 + 100.0] * 8, work=Work(10, later=4))
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


# Where it is counted what begins


def counted(work: Work, begun: int) -> Work:
    return replace(work, loads_begun=0, later_begun=begun)


def test_what_goes_on_throughout_is_learned_where_it_is_counted_what_begins() -> None:
    controller = loaded(40)
    for minute in range(6):
        for begun in range(12):
            work = counted(Work(40, later=12), minute * 12 + begun)
            controller.shows(1.3 * 488.0 + 40.0, work=work)
    same = counted(Work(40, later=12), 72)
    assert 110.0 < work_mib(controller.known, same) < 200.0 < 12 * 20.0


def test_spokes_that_only_wait_make_room_and_say_nothing_of_those_that_begin() -> None:
    waiting, as_many_begin = counted(Work(40, later=30), 30), counted(Work(40, later=30), 60)
    controller = loaded(40)
    for _ in range(10):
        controller.shows(488.0, work=waiting)
    begins = work_mib(controller.known, as_many_begin)
    for _ in range(60):
        controller.shows(488.0, work=waiting)
    assert work_mib(controller.known, waiting) < 40.0
    assert work_mib(controller.known, as_many_begin) == begins > 130.0
    more_waits = counted(Work(40, later=40), 40)
    assert work_mib(controller.known, more_waits) > 3 * work_mib(controller.known, waiting)


def test_where_nobody_counts_everything_is_taken_for_just_begun() -> None:
    controller = loaded(40)
    controller.shows(*[488.0] * 60, work=Work(40, later=30))
    counting = loaded(40)
    for _ in range(60):
        counting.shows(488.0, work=counted(Work(40, later=30), 30))
    assert work_mib(counting.known, Work(40, later=30)) >= work_mib(
        controller.known, Work(40, later=30)
    )
