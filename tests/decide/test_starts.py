from __future__ import annotations

import pytest

from tests.decide.controllers import FIRST, Controller, in_mib, loaded
from watcher.decide.predictor import (
    Learned,
    Work,
    errors,
    kept,
    restart_peak,
)


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


def test_what_is_opened_on_a_young_controller_is_no_restart() -> None:
    controller = Controller()
    controller.started_at = controller.at
    controller.collections = 0.0
    controller.shows(8.0, work=Work())
    controller.shows(60.0, 300.0, 300.0, work=Work(4, loads=4))
    controller.shows(*[60.0] * 8, work=Work(4), collections=0.5)
    assert controller.known.restart_factor == FIRST.restart_factor
    assert "restart" not in errors(controller.known)


def test_what_is_opened_while_it_starts_ends_what_a_start_can_tell() -> None:
    controller = loaded(4)
    controller.starts_again()
    controller.shows(20.0, 60.0, work=Work(4))
    controller.shows(400.0, 400.0, work=Work(12, loads=8))
    controller.shows(*[60.0] * 8, work=Work(12), collections=0.5)
    assert controller.known.restart_factor == FIRST.restart_factor
