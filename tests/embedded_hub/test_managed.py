from __future__ import annotations

from typing import Any

from tests.embedded_hub.standing import START, application, secret
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, SECRET
from watcher.embedded_hub.store import Store


def owners(obj: dict[str, Any]) -> dict[str, Any]:
    return {
        entry["manager"] + entry.get("subresource", ""): entry["fieldsV1"]
        for entry in obj["metadata"].get("managedFields", [])
    }


def test_who_sets_a_field_owns_it_and_takes_it_from_who_had_it() -> None:
    store = Store(HandClock(START))
    store.create(SECRET, secret("a", {"x": "1", "y": "1"}), manager="one")
    label = {"metadata": {"labels": {"x": "2"}}}
    after = owners(store.patch(SECRET, "argocd", "a", label, manager="two"))
    assert after["one"]["f:metadata"] == {"f:labels": {"f:y": {}}}
    assert after["two"] == {"f:metadata": {"f:labels": {"f:x": {}}}}


def test_who_owns_nothing_any_more_is_left_out() -> None:
    store = Store(HandClock(START))
    store.create(SECRET, secret("a"), manager="one")
    opened = {"metadata": {"labels": {"gate": "open"}, "annotations": {"opened": "x"}}}
    assert "watcher" in owners(store.patch(SECRET, "argocd", "a", opened, manager="watcher"))
    closed = {"metadata": {"labels": {"gate": None}, "annotations": {"opened": None}}}
    after = store.patch(SECRET, "argocd", "a", closed, manager="somebody")
    assert list(owners(after)) == ["one"]


def test_a_field_that_becomes_something_else_altogether_has_one_owner() -> None:
    store = Store(HandClock(START))
    store.create(APPLICATION, application("a", status={"x": {"deep": 1}, "l": [1]}), manager="one")
    merge = {"status": {"x": 5, "l": [1, 2]}}
    after = owners(store.patch(APPLICATION, "argocd", "a", merge, manager="two"))
    assert after == {
        "one": {"f:spec": {"f:project": {}}},
        "two": {"f:status": {"f:x": {}, "f:l": {}}},
    }


async def test_entries_have_the_time_of_their_last_change_and_are_in_its_order() -> None:
    clock = HandClock(START)
    store = Store(clock)
    store.create(SECRET, secret("a", {"x": "1"}), manager="one")
    await clock.advance(60)
    label = {"metadata": {"labels": {"y": "1"}}}
    store.patch(SECRET, "argocd", "a", label, manager="two")
    await clock.advance(60)
    label = {"metadata": {"labels": {"z": "1"}}}
    entries = store.patch(SECRET, "argocd", "a", label, manager="one")["metadata"]["managedFields"]
    assert [(entry["manager"], entry["time"][11:]) for entry in entries] == [
        ("two", "08:01:00Z"), ("one", "08:02:00Z"),
    ]  # fmt: skip


def test_the_status_subresource_has_an_entry_of_its_own() -> None:
    store = Store(HandClock(START))
    made = {"metadata": {"name": "a", "namespace": "argocd"}, "spec": {"x": 1}}
    store.create(APPLICATION_SET, made, manager="argocd")
    status = {"status": {"y": 1}}
    after = store.patch(
        APPLICATION_SET, "argocd", "a", status, manager="argocd", subresource="status"
    )
    assert owners(after) == {
        "argocd": {"f:spec": {"f:x": {}}},
        "argocdstatus": {"f:status": {"f:y": {}}},
    }


def test_who_does_not_say_a_name_is_unknown() -> None:
    made = Store(HandClock(START)).create(SECRET, secret("a"))
    assert list(owners(made)) == ["unknown"]
