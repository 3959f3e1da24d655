"""The rules one by one; what a store does with them: test_store.py."""

from __future__ import annotations

from typing import Any

import pytest

from watcher.embedded_hub.drafts import (
    created,
    deleted,
    generated,
    metadata_of,
    patched,
    replaced,
)
from watcher.embedded_hub.errors import BadRequest
from watcher.embedded_hub.objects import frozen
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, NAMESPACE, SECRET

BORN = {"name": "a", "uid": "u", "generation": 1}
OLD = frozen({
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "a", "uid": "u", "generation": 4, "labels": {"x": "y"}},
    "spec": {"p": 1},
    "status": {"s": 1},
})  # fmt: skip


def test_what_the_server_owns_is_not_taken_from_the_writer() -> None:
    given = {"metadata": {"name": "b", "uid": "v", "selfLink": "l", "labels": {"q": "r"}}}
    assert created(APPLICATION, given, BORN)["metadata"] == {**BORN, "labels": {"q": "r"}}
    after = replaced(APPLICATION, OLD, {"metadata": {**given["metadata"], "name": "a"}}, None)
    assert after["metadata"] == {"uid": "u", "generation": 4, "name": "a", "labels": {"q": "r"}}


def test_a_kind_cannot_be_changed() -> None:
    merge = {"kind": "Other", "apiVersion": "v9"}
    assert patched(APPLICATION, OLD, merge, None) == OLD


def test_only_a_uid_is_kept_to_be_refused() -> None:
    merge = {"metadata": {"uid": "v", "generation": 9, "creationTimestamp": "t"}}
    assert patched(APPLICATION, OLD, merge, None)["metadata"]["uid"] == "v"
    assert patched(APPLICATION, OLD, merge, None)["metadata"]["generation"] == 4
    assert patched(APPLICATION, OLD, {"metadata": {"uid": None}}, None) == OLD


def test_what_is_empty_is_not_there() -> None:
    merge = {"metadata": {"labels": {"x": None}, "annotations": {"q": None}, "finalizers": []}}
    assert set(patched(APPLICATION, OLD, merge, None)["metadata"]) == {"name", "uid", "generation"}


def test_each_door_writes_its_part() -> None:
    merge = {"spec": {"p": 2}, "status": {"s": 2}, "metadata": {"labels": {"x": "z"}}}
    both = patched(APPLICATION, OLD, merge, None)
    assert (both["spec"], both["status"]) == ({"p": 2}, {"s": 2})
    main = patched(APPLICATION_SET, OLD, merge, None)
    assert (main["spec"], main["status"]) == ({"p": 2}, {"s": 1})
    status = patched(APPLICATION_SET, OLD, merge, "status")
    assert (status["spec"], status["status"]) == ({"p": 1}, {"s": 2})
    assert status["metadata"] == OLD["metadata"]


@pytest.mark.parametrize(
    ("merge", "counted"),
    [({"spec": {"p": 2}}, 5), ({"status": {"s": 2}}, 5), ({"metadata": {"labels": None}}, 4)],
)
def test_what_counts_as_a_generation(merge: dict[str, Any], counted: int) -> None:
    after = patched(APPLICATION, OLD, merge, None)
    assert generated(APPLICATION, OLD, after)["metadata"]["generation"] == counted
    assert generated(SECRET, OLD, after) is after
    on_set = generated(APPLICATION_SET, OLD, after)["metadata"]["generation"]
    assert on_set == (5 if "spec" in merge else 4)


def test_who_waits_for_finalizers_says_since_when() -> None:
    going = deleted(APPLICATION, OLD, at="2027-01-15T08:00:00Z")["metadata"]
    assert going["deletionTimestamp"] == "2027-01-15T08:00:00Z"
    assert (going["deletionGracePeriodSeconds"], going["generation"]) == (0, 5)
    assert "status" not in deleted(SECRET, {"metadata": {}}, at="t")
    assert deleted(NAMESPACE, {"metadata": {}}, at="t")["status"] == {"phase": "Terminating"}


@pytest.mark.parametrize("field", ["labels", "annotations"])
def test_metadata_that_is_none_is_refused(field: str) -> None:
    wrongs: tuple[Any, ...] = ({"x": 1}, ["x"], {"x": {}})
    for wrong in wrongs:
        with pytest.raises(BadRequest):
            created(SECRET, {"metadata": {field: wrong}}, BORN)
    with pytest.raises(BadRequest):
        metadata_of({"metadata": "x"})
    assert metadata_of({"metadata": None}) == {}
