from __future__ import annotations

import pytest

from watcher.embedded_hub.errors import Expired
from watcher.embedded_hub.history import KEPT_EVENTS, Event, History
from watcher.embedded_hub.resources import SECRET


def filled(*revisions: int) -> History:
    history = History()
    for revision in revisions:
        history.append(Event("ADDED", SECRET, {}, revision, None))
    return history


def revisions(history: History, since: int) -> list[int]:
    return [event.revision for event in history.since(since)]


def test_what_came_after_a_revision_is_told_also_of_one_that_was_of_another_kind() -> None:
    history = filled(3, 5, 9)
    assert revisions(history, 0) == [3, 5, 9]
    assert revisions(history, 4) == [5, 9]
    assert revisions(history, 5) == [9]
    assert revisions(history, 99) == []


def test_the_horizon_itself_can_still_be_asked_for() -> None:
    history = filled(3, 5, 9)
    history.compact(5)
    assert revisions(history, 5) == [9]
    with pytest.raises(Expired, match=r"too old resource version: 4 \(5\)"):
        history.since(4)
    history.compact(2)
    assert history.horizon == 5


def test_the_youngest_revision_outlives_its_event() -> None:
    history = filled(3, 5)
    history.compact(9)
    assert history.last_revision == 9
    assert filled(3, 5).last_revision == 5
    assert History().last_revision == 0


def test_a_long_history_is_compacted_by_itself() -> None:
    history = filled(*range(1, 2 * KEPT_EVENTS + 2))
    assert len(history.since(history.horizon)) == KEPT_EVENTS
    assert history.horizon == KEPT_EVENTS + 1
