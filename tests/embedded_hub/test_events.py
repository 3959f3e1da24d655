from __future__ import annotations

from watcher.embedded_hub.events import CORE_EVENT, served_face, stored_as, stored_face
from watcher.embedded_hub.resources import EVENT, SECRET

OWN = {
    "apiVersion": "events.k8s.io/v1",
    "kind": "Event",
    "regarding": {"kind": "Secret", "name": "a"},
    "note": "opened",
    "reportingController": "gate-watcher.io/gate-watcher",
    "reportingInstance": "pod-0",
}


def test_the_core_face_has_other_names_for_the_same() -> None:
    core = served_face(CORE_EVENT, OWN)
    assert core["apiVersion"] == "v1"
    assert (core["involvedObject"], core["message"]) == ({"kind": "Secret", "name": "a"}, "opened")
    assert core["reportingComponent"] == "gate-watcher.io/gate-watcher"
    assert core["reportingInstance"] == "pod-0"
    assert (core["source"], core["firstTimestamp"]) == ({}, None)


def test_what_came_with_the_core_face_is_stored_with_the_other() -> None:
    core = {"kind": "Event", "message": "m", "count": 3, "involvedObject": {"name": "a"}}
    assert stored_face(CORE_EVENT, core) == {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "note": "m",
        "deprecatedCount": 3,
        "regarding": {"name": "a"},
    }
    assert stored_as(CORE_EVENT) is EVENT
    assert stored_as(SECRET) is SECRET


def test_deprecated_fields_are_shown_though_nobody_set_them() -> None:
    assert served_face(EVENT, OWN)["deprecatedLastTimestamp"] is None


def test_other_kinds_have_one_face() -> None:
    obj = {"kind": "Secret", "message": "m"}
    assert served_face(SECRET, obj) is obj
    assert stored_face(SECRET, obj) == obj
