"""Does a store hold what the hub holds, in whatever order it was told?"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hub.objects import Thing, deleted, metadata, thing, upserted
from watcher.facts import Kind, Source
from watcher.hub.store import BURIED_S, Change, Feed, Store
from watcher.hub.wire import Deleted, Metadata, Upserted

Event: TypeAlias = Upserted[Thing] | Deleted[Thing]


def told_nothing(_: Sequence[Change[Thing]]) -> None:
    """For tests that look at the store alone."""


def store(
    *namespaces: str, told: Callable[[Sequence[Change[Thing]]], None] = told_nothing
) -> Store[Thing]:
    return Store(Kind.APPLICATIONS, namespaces or ("argocd",), told)


def fed(*things: Thing, version: int = 9) -> tuple[Store[Thing], Feed[Thing]]:
    full = store()
    full.feeds["argocd"].swap(things, str(version), 100.0)
    return full, full.feeds["argocd"]


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """What happened to a few objects, each event at a version of its own, deletions as the hub
    tells them; an object that comes again after it went has another uid.
    """
    events: list[Event] = []
    alive: dict[str, str] = {}
    for version, name in enumerate(draw(st.lists(st.sampled_from("abc"), max_size=12)), start=10):
        if name in alive and draw(st.booleans()):
            events.append(deleted(name, version, uid=alive.pop(name)))
        else:
            alive.setdefault(name, f"{name}-{version}")
            events.append(upserted(name, version, uid=alive[name]))
    return events


def outcome(events: Sequence[Event]) -> dict[str, Thing]:
    held, feed = fed()
    for event in events:
        feed.apply(event, 200.0)
    return dict(held.objects)


@given(histories(), st.randoms(use_true_random=False), st.lists(st.integers(0, 11), max_size=8))
def test_a_stream_in_any_order_and_with_any_repeats_gives_the_same_store(
    events: list[Event], random: random.Random, repeats: list[int]
) -> None:
    shuffled = events + [events[each] for each in repeats if each < len(events)]
    random.shuffle(shuffled)
    assert outcome(shuffled) == outcome(events)


@given(histories(), histories())
def test_what_was_told_adds_up_to_what_is_held(first: list[Event], second: list[Event]) -> None:
    replica: dict[str, Thing] = {}

    def fold(changes: Sequence[Change[Thing]]) -> None:
        for change in changes:
            if change.before is not None:
                assert replica.pop(change.before.key) is change.before
            if change.after is not None:
                replica[change.after.key] = change.after

    held = store(told=fold)
    feed = held.feeds["argocd"]
    feed.swap([thing("a", 1)], "9", 100.0)
    for event in first:
        feed.apply(event, 200.0)
    feed.swap(outcome(second).values(), "30", 300.0)
    for event in second:
        feed.apply(event, 400.0)
    assert replica == dict(held.objects)


def test_a_late_event_does_not_bring_back_what_was_deleted() -> None:
    held, feed = fed(thing("a", 5))
    feed.apply(deleted("a", 8), 200.0)
    feed.apply(upserted("a", 6), 200.0)
    assert not held.objects


def test_what_was_deleted_is_forgotten_when_nothing_of_it_can_come_any_more() -> None:
    _, feed = fed()
    for version in range(10, 5_010, 2):
        feed.apply(upserted(f"a-{version}", version), 200.0)
        feed.apply(deleted(f"a-{version}", version + 1), 200.0)
    feed.reached("5008", 200.0 + BURIED_S)
    assert len(feed._graves) == 1, "the last one is later than what the hub said"
    feed.reached("5009", 200.0 + BURIED_S)
    assert not feed._graves


def test_what_was_deleted_is_known_for_as_long_as_a_comparison_takes() -> None:
    held, feed = fed(thing("a", 5), thing("b", 6))
    feed.apply(deleted("b", 15), 200.0)
    suspects = feed.suspects(as_shown(thing("a", 5), thing("b", 6)), "12")
    feed.reached("20", 260.0)
    feed.apply(upserted("b", 14), 261.0)
    assert list(held.objects) == ["argocd/a"]
    assert feed.drifted(suspects) == ()


def test_an_old_deletion_does_not_take_what_came_after_it() -> None:
    held, feed = fed(thing("a", 5))
    feed.apply(upserted("a", 9, uid="second"), 200.0)
    feed.apply(deleted("a", 8), 200.0)
    assert held.objects["argocd/a"].uid == "second"


def test_a_repeated_event_is_no_change() -> None:
    changes: list[Change[Thing]] = []
    held = store(told=changes.extend)
    feed = held.feeds["argocd"]
    feed.swap([thing("a", 5)], "9", 100.0)
    before = held.objects["argocd/a"]
    feed.apply(upserted("a", 5), 200.0)
    assert held.objects["argocd/a"] is before
    assert len(changes) == 1


def test_an_object_in_the_same_state_stays_the_same_object_across_a_list() -> None:
    held, feed = fed(thing("a", 5), thing("b", 6), thing("c", 7))
    before = dict(held.objects)
    feed.swap([thing("a", 5), thing("b", 8), thing("c", 9, uid="second")], "9", 200.0)
    assert held.objects["argocd/a"] is before["argocd/a"]
    assert held.objects["argocd/b"] is not before["argocd/b"]
    assert held.objects["argocd/c"].uid == "second"


def test_after_history_was_rewound_an_equal_version_is_not_an_equal_state() -> None:
    held, feed = fed(thing("a", 5))
    before = held.objects["argocd/a"]
    feed.swap([thing("a", 5)], "6", 200.0)
    assert held.objects["argocd/a"] is not before
    assert feed.rewinds_count == 1


def test_after_history_was_rewound_new_events_count_again() -> None:
    held, feed = fed(thing("a", 5))
    feed.apply(deleted("a", 100), 200.0)
    feed.swap([], "6", 200.0)
    feed.apply(upserted("a", 7), 300.0)
    assert held.objects["argocd/a"].resource_version == "7"
    assert feed.doubt([thing("a", 7)], "7") == ""


@pytest.mark.parametrize(
    ("known", "shown", "doubtful"),
    [(0, 0, False), (10, 10, False), (10, 8, False), (10, 7, True), (10, 0, True), (1, 0, True)],
)
def test_a_list_that_lost_more_than_a_fifth_is_in_doubt(
    known: int, shown: int, doubtful: bool
) -> None:
    _, feed = fed(*(thing(str(each), each + 1) for each in range(known)), version=20)
    assert bool(feed.doubt([thing(str(each)) for each in range(shown)], "21")) == doubtful


def test_the_first_list_is_believed_even_if_it_is_empty() -> None:
    assert store().feeds["argocd"].doubt([], "1") == ""


@pytest.mark.parametrize("heard", ["event", "bookmark", "list"])
def test_a_list_from_before_anything_that_was_heard_is_in_doubt(heard: str) -> None:
    _, feed = fed(thing("a", 1))
    if heard == "event":
        feed.apply(upserted("a", 20), 200.0)
    elif heard == "bookmark":
        feed.reached("20", 200.0)
    else:
        feed.swap([thing("a", 1)], "20", 200.0)
    assert "before 20" in feed.doubt([thing("a", 1)], "19")
    assert feed.doubt([thing("a", 1)], "20") == ""


def test_a_source_is_as_fresh_as_its_stalest_namespace() -> None:
    held = store("argocd", "teams")
    one, other = held.feeds["argocd"], held.feeds["teams"]
    one.swap([thing("a")], "5", 100.0)
    other.troubled("it is forbidden")
    assert held.source == Source(Kind.APPLICATIONS, False, None, trouble="it is forbidden")
    other.swap([thing("a", namespace="teams")], "5", 200.0)
    one.reached("6", 300.0)
    assert held.source == Source(Kind.APPLICATIONS, True, 200.0)


def test_a_list_of_one_namespace_leaves_the_others_alone() -> None:
    held = store("argocd", "teams")
    held.feeds["argocd"].swap([thing("a"), thing("b")], "5", 100.0)
    held.feeds["teams"].swap([thing("a", namespace="teams")], "5", 100.0)
    held.feeds["argocd"].swap([], "6", 200.0)
    assert list(held.objects) == ["teams/a"]
    assert held.feeds["teams"].doubt([], "7") == "it shows 0 objects where 1 were known"


def test_a_namespace_that_is_named_twice_is_one() -> None:
    assert list(store("argocd", "argocd").feeds) == ["argocd"]


def test_every_list_is_told_even_if_it_changed_nothing() -> None:
    told: list[int] = []
    held = store(told=lambda changes: told.append(len(changes)))
    held.feeds["argocd"].swap([], "5", 100.0)
    held.feeds["argocd"].swap([], "6", 100.0)
    assert told == [0, 0]


def test_what_is_handed_out_cannot_be_changed() -> None:
    held, _ = fed(thing("a"))
    with pytest.raises(TypeError):
        held.objects["argocd/b"] = thing("b")  # type: ignore[index]


def as_shown(*things: Thing) -> list[Metadata]:
    return [metadata(each) for each in things]


def test_a_store_that_missed_nothing_has_no_suspects() -> None:
    _, feed = fed(thing("a", 5), thing("b", 6))
    assert feed.suspects(as_shown(thing("a", 5), thing("b", 6)), "9") == ()


def test_a_store_that_is_ahead_of_the_list_has_no_suspects() -> None:
    _, feed = fed(thing("a", 5), thing("b", 6), thing("c", 7))
    feed.apply(upserted("a", 20), 200.0)
    feed.apply(upserted("new", 21), 200.0)
    feed.apply(deleted("b", 22), 200.0)
    assert feed.suspects(as_shown(thing("a", 5), thing("b", 6), thing("c", 7)), "19") == ()


@pytest.mark.parametrize(
    "shown",
    [
        [thing("a", 5)],
        [thing("a", 5), thing("b", 12)],
        [thing("a", 5), thing("b", 12, uid="second")],
        [thing("a", 5), thing("b", 6), thing("c", 11)],
    ],
    ids=["a deletion", "a change", "another object", "a creation"],
)
def test_whatever_was_missed_is_found(shown: list[Thing]) -> None:
    _, feed = fed(thing("a", 5), thing("b", 6))
    suspects = feed.suspects(as_shown(*shown), "19")
    assert len(suspects) == 1
    assert feed.drifted(suspects) == suspects


@pytest.mark.parametrize(
    ("shown", "event"),
    [
        ([thing("a", 5)], deleted("b", 15)),
        ([thing("a", 5), thing("b", 12)], upserted("b", 12)),
        ([thing("a", 5), thing("b", 6), thing("c", 11)], upserted("c", 11)),
        ([thing("a", 5), thing("b", 6), thing("c", 11)], deleted("c", 12)),
    ],
)
def test_what_was_only_on_its_way_is_no_drift(shown: list[Thing], event: Event) -> None:
    _, feed = fed(thing("a", 5), thing("b", 6))
    suspects = feed.suspects(as_shown(*shown), "19")
    feed.apply(event, 200.0)
    assert suspects
    assert feed.drifted(suspects) == ()


def test_a_new_list_clears_distrust_and_trouble() -> None:
    _, feed = fed(thing("a", 5))
    feed.distrust = "something was missed"
    feed.troubled("it is forbidden")
    feed.swap([thing("a", 6)], "20", 200.0)
    assert (feed.distrust, feed.trouble) == ("", "")
    assert (feed.lists_count, feed.failures_count) == (2, 1)
