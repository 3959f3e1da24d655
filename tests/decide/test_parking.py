from __future__ import annotations

import pytest

from tests.builders import ADMIT, HOUR, MINUTE, NOW, application, newborn, spoke
from watcher.decide.parking import (
    compared_since,
    is_parked,
    parked_at,
    parks,
    unparks,
    was_taken_back,
)
from watcher.policy import Gates

MARK = "2026-03-02T08:59:00Z"


@pytest.mark.parametrize(
    ("skip", "mark", "parked", "taken_back"),
    [
        (False, None, False, False),
        (True, None, False, False),
        (True, MARK, True, False),
        (True, "{}", True, False),
        (False, MARK, False, True),
    ],
    ids=["neither", "a person's", "parked", "an unreadable mark", "taken back"],
)
def test_parked_is_what_bears_the_mark_and_is_ignored(
    skip: bool, mark: str | None, parked: bool, taken_back: bool
) -> None:
    here = spoke(skip_reconcile=skip, parked=mark)
    assert is_parked(here) is parked
    assert was_taken_back(here) is taken_back


def test_the_mark_tells_when_where_it_can_be_read() -> None:
    assert parked_at(spoke(parked=MARK)) == NOW - MINUTE
    assert parked_at(spoke(parked="{}")) is None
    assert parked_at(spoke()) is None


def test_what_parks_a_spoke_is_what_unparks_it() -> None:
    gates = Gates(prefix="gates.example.com")
    written = parks(gates, NOW)
    assert written == {
        "argocd.argoproj.io/skip-reconcile": "true",
        "gates.example.com/parked": "2026-03-02T09:00:00Z",
    }
    here = spoke(skip_reconcile=True, parked=MARK)
    assert unparks(here, gates) == dict.fromkeys(written)


def test_of_a_persons_own_nothing_is_taken_away() -> None:
    assert unparks(spoke(skip_reconcile=True), ADMIT) == {}
    assert unparks(spoke(parked=MARK), ADMIT) == {"gate-watcher.io/parked": None}


def test_what_was_compared_in_the_very_second_counts_as_compared_since() -> None:
    assert compared_since(application(reconciled_at=NOW), NOW + 0.9)
    assert not compared_since(application(reconciled_at=NOW - 1), NOW)
    assert compared_since(newborn(created_at=NOW + 1), NOW)
    assert not compared_since(newborn(created_at=NOW - HOUR), NOW)
