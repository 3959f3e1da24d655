from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import ADMIT, BLOCK, NOW, annotation, spoke
from watcher.decide.gates import (
    Opened,
    closed_value,
    is_open,
    open_value,
    opened,
    times_after,
    torn_down,
)
from watcher.facts import instant, rfc3339
from watcher.policy import Gates

NINE = "2026-03-02T09:00:00Z"


@pytest.mark.parametrize(
    ("value", "in_admit", "in_block"),
    [
        (None, False, True),
        ("open", True, True),
        ("closed", False, False),
        ("Open", False, True),
        ("", False, True),
    ],
)
def test_a_gate_is_open_by_its_label_alone(
    value: str | None, *, in_admit: bool, in_block: bool
) -> None:
    assert is_open(value, ADMIT) is in_admit
    assert is_open(value, BLOCK) is in_block


@pytest.mark.parametrize("gates", [ADMIT, BLOCK], ids=["admit", "block"])
def test_what_is_written_opens_and_closes_it(gates: Gates) -> None:
    assert is_open(open_value(gates), gates)
    assert not is_open(closed_value(gates), gates)


def test_the_annotation_says_when_each_gate_opened() -> None:
    assert opened(spoke(opened={"crds": NOW}), NOW) == Opened({"crds": NOW}, {"crds": NINE})


def test_without_the_annotation_nothing_is_known_and_nothing_is_wrong() -> None:
    assert opened(spoke(), NOW) == Opened()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"crds"', "{'crds': 1}", "\ud800", "NaN"])
def test_an_annotation_that_is_no_json_object_counts_as_absent_and_is_said(text: str) -> None:
    read = opened(spoke(opened=text), NOW)
    assert (read.at, read.raw) == ({}, {})
    assert read.problem


def test_a_time_that_is_none_is_said_and_the_others_stand() -> None:
    read = opened(spoke(opened=f'{{"crds": "{NINE}", "compute": "yesterday", "apps": ""}}'), NOW)
    assert read.at == {"crds": NOW}
    assert read.problem == "no time in the past can be read for apps, compute"


@given(st.text())
def test_no_annotation_raises(text: str) -> None:
    assert opened(spoke(opened=text), NOW).at is not None


def test_opening_adds_a_time_in_whole_seconds_and_keeps_the_others() -> None:
    before = Opened({"crds": NOW}, {"crds": NINE})
    after = times_after(before, opens={"compute": NOW + 1.9}, closes=frozenset())
    assert after == {"crds": NINE, "compute": "2026-03-02T09:00:01Z"}


def test_opening_again_keeps_the_old_time() -> None:
    before = Opened({"crds": NOW}, {"crds": NINE})
    assert times_after(before, opens={"crds": NOW + 99}, closes=frozenset()) == {"crds": NINE}


def test_opening_writes_over_a_time_that_cannot_be_read() -> None:
    before = Opened({}, {"crds": "yesterday"})
    assert times_after(before, opens={"crds": NOW}, closes=frozenset()) == {"crds": NINE}


def test_closing_takes_its_time_out_and_nothing_else() -> None:
    before = Opened({"crds": NOW}, {"crds": NINE, "of a person": "a note"})
    assert times_after(before, opens={}, closes=frozenset({"crds"})) == {"of a person": "a note"}


def test_the_annotation_is_read_as_it_is_written() -> None:
    times = {"crds": NOW, "compute": NOW + 1}
    assert opened(spoke(opened=annotation(times)), NOW).at == times
    assert instant(rfc3339(NOW)) == NOW


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (None, []),
        ("", []),
        ("crds", ["crds"]),
        (" crds , compute,", ["compute", "crds"]),
        ("*", ["*"]),
    ],
)
def test_the_teardown_names_tiers_with_commas_between(text: str | None, named: list[str]) -> None:
    assert sorted(torn_down(spoke(teardown=text))) == named


def test_a_time_that_is_still_to_come_is_no_record_of_an_opening() -> None:
    read = opened(spoke(opened={"crds": NOW, "compute": NOW + 3600}), NOW)
    assert read.at == {"crds": NOW}
    assert "compute" in read.problem
    assert read.raw.keys() == {"crds", "compute"}
