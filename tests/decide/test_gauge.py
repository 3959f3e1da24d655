from __future__ import annotations

from typing import Any

import pytest

from tests.builders import MIB, controller, reading
from watcher.decide.gauge import Gauge, gauge, hard_limit
from watcher.policy import Memory

LIMIT = 900 * MIB
LIMITED = controller(limit_bytes=LIMIT)


def measured(**said: Any) -> Gauge:
    by = gauge(LIMITED, reading(**said), Memory())
    assert isinstance(by, Gauge)
    return by


def test_resident_memory_is_the_overhead_and_twice_the_live_heap() -> None:
    by = measured()
    assert by.limit_bytes == LIMIT
    assert by.charged(100 * MIB) == 250 * MIB


@pytest.mark.parametrize(("gogc", "charged"), [(50.0, 200), (200.0, 350), (0.0, 150)])
def test_gogc_says_how_much_may_be_added_before_the_next_collection(
    gogc: float, charged: int
) -> None:
    assert measured(gogc_percent=gogc).charged(100 * MIB) == charged * MIB


def test_under_gomemlimit_live_heap_itself_is_measured_against_it() -> None:
    by = measured(soft_limit_bytes=780.0 * MIB)
    assert (by.limit_bytes, by.soft) == (780 * MIB, True)
    assert by.charged(100 * MIB) == 100 * MIB


def test_a_gomemlimit_that_is_no_lower_than_the_limit_protects_nothing() -> None:
    assert measured(soft_limit_bytes=float(LIMIT)) == measured()


def test_a_gomemlimit_just_under_the_limit_leaves_no_room_for_what_comes_on_top() -> None:
    assert measured(soft_limit_bytes=899.0 * MIB).limit_bytes == 850 * MIB


def test_gomemlimit_alone_is_a_limit() -> None:
    by = gauge(controller(), reading(soft_limit_bytes=780.0 * MIB), Memory())
    assert isinstance(by, Gauge)
    assert by.soft


def test_the_policy_names_a_limit_where_the_pod_has_none_and_else_the_lower_counts() -> None:
    assert hard_limit(controller(), Memory(limit_bytes=5 * MIB)) == 5 * MIB
    assert hard_limit(LIMITED, Memory(limit_bytes=5 * MIB)) == 5 * MIB
    assert hard_limit(LIMITED, Memory(limit_bytes=5000 * MIB)) == LIMIT
    assert hard_limit(LIMITED, Memory()) == LIMIT


def test_without_any_limit_there_is_nothing_to_measure_against() -> None:
    assert gauge(controller(), reading(), Memory()) is None


def test_a_heap_that_is_never_collected_has_no_bound() -> None:
    why = gauge(LIMITED, reading(gogc_percent=None), Memory())
    assert isinstance(why, str)
    assert "GOGC is off" in why
    assert measured(gogc_percent=None, soft_limit_bytes=780.0 * MIB).soft


@pytest.mark.parametrize("live_mib", [0.0, 1.0, 500.0])
def test_it_is_converted_back(live_mib: float) -> None:
    by = measured()
    assert by.live(by.charged(live_mib * MIB)) == pytest.approx(live_mib * MIB)
    assert by.live(0.0) == 0.0
