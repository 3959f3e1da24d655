"""Is the watch's law what it says: what comes next, and how soon?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hub.objects import Thing, thing
from watcher.hub.errors import Cause, WatchFailed
from watcher.hub.watching import (
    CONFIRM_S,
    MOST_BARREN,
    MOST_PAGES,
    Believed,
    Doubted,
    Failure,
    Happened,
    Listed,
    Listing,
    PageCame,
    State,
    StreamEnded,
    Watching,
    after,
    failure,
    pause_s,
)
from watcher.hub.wire import Page, Status

A, B = thing("a"), thing("b")


def page(*items: Thing, version: str = "5", token: str = "") -> PageCame[Thing]:
    return PageCame(Page(items, version, token))


def ended(**more: Any) -> StreamEnded:
    return StreamEnded(**{"resource_version": "5", "heard": 0, "lasted_s": 0.0, **more})


def test_a_list_of_one_page_is_listed() -> None:
    assert after(Listing(), page(A, B)) == Listed((A, B), "5")


def test_pages_are_gathered_until_the_last() -> None:
    state = after(Listing(), page(A, token="more"))
    assert state == Listing(((A,),), "5", "more")
    assert pause_s(state, 0.9) == 0.0
    assert after(state, page(B)) == Listed((A, B), "5")


def test_pages_of_another_list_throw_away_what_was_gathered() -> None:
    state = after(Listing(), page(A, token="more"))
    assert after(state, page(B, version="6")) == Listing(failures=1)


def test_a_list_without_end_is_given_up() -> None:
    state: State[Thing] = Listing()
    for _ in range(MOST_PAGES):
        state = after(state, page(token="more"))
    assert state == Listing(failures=1)


def test_any_failure_throws_away_what_was_gathered() -> None:
    state = after(Listing(failures=2), page(A, token="more"))
    assert after(state, Failure(retry_after_s=7.0)) == Listing(failures=3, least_pause_s=7.0)


def test_a_list_that_is_believed_is_watched_from_its_version() -> None:
    listed: State[Thing] = Listed((A,), "5", failures=2)
    assert after(listed, Believed()) == Watching("5", failures=2)


def test_a_list_in_doubt_is_taken_again_after_a_while_and_then_believed() -> None:
    again = after(Listed((A,), "5"), Doubted())
    assert again == Listing(confirming=True, least_pause_s=CONFIRM_S)
    assert pause_s(again, 0.0) == CONFIRM_S
    assert after(again, page(A)) == Listed((A,), "5", confirming=True)


def test_a_second_list_that_fails_is_still_the_second() -> None:
    again: State[Thing] = Listing(confirming=True)
    assert after(again, Failure()) == Listing(confirming=True, failures=1)


@pytest.mark.parametrize("heard", [0, 7])
def test_a_stream_that_ended_in_order_is_resumed_at_once(heard: int) -> None:
    state: State[Thing] = Watching("5", failures=3, barren=2)
    resumed = after(state, ended(resource_version="9", heard=heard, lasted_s=300.0))
    assert resumed == Watching("9")
    assert pause_s(resumed, 0.9) == 0.0


def test_a_stream_that_broke_is_resumed_where_it_came_to() -> None:
    state: State[Thing] = Watching("5", bookmarked=True, failures=3)
    broken = ended(resource_version="9", heard=2, failure=Failure(opened=True))
    assert after(state, broken) == Watching("9", bookmarked=True, failures=1)


def test_streams_with_nothing_on_them_are_resumed_ever_later_and_then_listed() -> None:
    state: State[Thing] = Watching("5")
    for count in range(1, MOST_BARREN):
        state = after(state, ended())
        assert state == Watching("5", barren=count, failures=count)
    assert after(state, ended()) == Listing(failures=MOST_BARREN)


def test_a_hub_that_cannot_be_reached_is_not_listed_for_that() -> None:
    state: State[Thing] = Watching("5")
    for count in range(1, 20):
        state = after(state, ended(failure=Failure()))
        assert state == Watching("5", failures=count)


def test_a_version_that_is_of_no_use_leads_to_a_list() -> None:
    expired = ended(failure=Failure(expired=True))
    assert after(Watching("5", failures=4), expired) == Listing(failures=5)


def test_a_distrusted_store_leads_to_a_list() -> None:
    distrusted = ended(heard=1, lasted_s=300.0, distrusted=True)
    assert after(Watching("5"), distrusted) == Listing()


def test_what_cannot_happen_is_said_to_be_our_mistake() -> None:
    with pytest.raises(AssertionError, match="Believed cannot happen in Listing"):
        after(Listing(), Believed())


@pytest.mark.parametrize(
    ("status", "expired"),
    [
        (Status(410), True),
        (Status(410, "Expired"), True),
        (Status(504, "Timeout", causes=frozenset({"ResourceVersionTooLarge"})), True),
        (Status(504, "Timeout"), False),
        (Status(403), False),
        (None, False),
    ],
)
def test_only_versions_too_old_or_from_the_future_need_a_list(
    status: Status | None, expired: bool
) -> None:
    error = WatchFailed(Cause.REFUSED, what="x", where="y", status=status)
    assert failure(error).expired == expired


def test_a_failure_has_the_time_that_the_hub_asked_for() -> None:
    error = WatchFailed(Cause.REFUSED, what="x", where="y", status=Status(429, retry_after_s=7.0))
    assert failure(error, opened=True) == Failure(retry_after_s=7.0)


@given(st.integers(1, 1000), st.floats(0, 1, exclude_max=True), st.floats(0, 300))
def test_back_off_is_between_a_second_and_a_minute(
    failures: int, roll: float, asked_s: float
) -> None:
    pause = pause_s(Watching("5", failures=failures, least_pause_s=asked_s), roll)
    assert max(1.0, asked_s) <= pause <= max(60.0, asked_s)
    assert pause_s(Watching("5", failures=failures), roll) <= 2.0**failures


def test_back_off_is_full_jitter() -> None:
    state = Watching("5", failures=4)
    assert [pause_s(state, roll) for roll in (0.0, 0.5, 0.999)] == pytest.approx([1, 8.5, 15.985])


outcomes: st.SearchStrategy[Happened[Thing]] = st.one_of(
    st.builds(page, token=st.sampled_from(["", "", "more"])),
    st.builds(Failure, st.booleans(), st.booleans(), st.sampled_from([0.0, 0.0, 5.0])),
    st.builds(
        ended,
        heard=st.integers(0, 3),
        lasted_s=st.sampled_from([0.0, 1.0, 29.0, 31.0]),
        distrusted=st.just(False),
        failure=st.none() | st.builds(Failure, st.booleans(), st.booleans()),
    ),
)


def _carried_out(state: State[Thing], happened: Happened[Thing]) -> Happened[Thing] | None:
    """What happened, if it can happen in this state; a list always is believed."""
    match state, happened:
        case Listed(), _:
            return Believed()
        case (Listing(), PageCame() | Failure()) | (Watching(), StreamEnded()):
            return happened
        case _:
            return None


@given(st.lists(outcomes, max_size=200), st.floats(0, 1, exclude_max=True))
def test_the_hub_is_never_asked_more_than_once_a_second_for_long(
    story: list[Happened[Thing]], roll: float
) -> None:
    """But for the pages of one list, which follow on each other."""
    state: State[Thing] = Listing()
    now, asked = 0.0, 0
    for each in story:
        happened = _carried_out(state, each)
        if happened is None:
            continue
        now += pause_s(state, roll)
        asked += isinstance(state, Watching) or (isinstance(state, Listing) and not state.pages)
        now += happened.lasted_s if isinstance(happened, StreamEnded) else 0.0
        state = after(state, happened)
    assert asked <= 5 + now
