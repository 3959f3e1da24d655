"""Who owns an Application, and which of them a pass would delete."""

from __future__ import annotations

from typing import Any

import pytest

from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.ownership import (
    OwnedApplications,
    doomed,
    effective_policy,
    owner_of,
)
from watcher.embedded_hub.resources import APPLICATION
from watcher.embedded_hub.store import Store


def application(name: str, owner: str | None, **metadata: Any) -> dict[str, Any]:
    reference = {"kind": "ApplicationSet", "name": owner, "controller": True, "uid": "u"}
    references = [reference] if owner else []
    named = {"name": name, "namespace": "argocd", "ownerReferences": references, **metadata}
    return {"metadata": named, "spec": {}}


def test_the_owner_is_the_controller_among_the_references() -> None:
    assert owner_of(application("a", "set")) == "set"
    assert owner_of(application("a", None)) is None
    other = application("a", "set")
    other["metadata"]["ownerReferences"][0]["controller"] = False
    assert owner_of(other) is None


def test_owned_applications_follow_the_store() -> None:
    store = Store(HandClock(1_800_000_000.0))
    store.create(APPLICATION, application("a", "one"))
    owned = OwnedApplications(store)
    store.create(APPLICATION, application("b", "one"))
    store.create(APPLICATION, application("c", None))
    assert sorted(owned.by("one")) == ["a", "b"]
    store.patch(APPLICATION, "argocd", "a", {"metadata": {"ownerReferences": None}})
    store.delete(APPLICATION, "argocd", "b")
    assert owned.by("one") == {}
    assert owned.by("nobody") == {}


@pytest.mark.parametrize(
    ("own", "of_controller", "effective"),
    [(None, "sync", "sync"), ("create-only", "sync", "create-only"), (None, "create-update",
     "create-update")],
)  # fmt: skip
def test_the_sets_own_policy_wins(own: str | None, of_controller: str, effective: str) -> None:
    spec = {"syncPolicy": {"applicationsSync": own}} if own else {}
    assert effective_policy({"spec": spec}, of_controller) == effective


@pytest.mark.parametrize("policy", ["sync", "create-delete", "create-update", "create-only"])
def test_what_is_owned_and_not_wanted_is_doomed_where_the_policy_deletes(policy: str) -> None:
    going = application("c", "set", deletionTimestamp="2027-01-15T08:00:00Z")
    owned = {"a": application("a", "set"), "b": application("b", "set"), "c": going}
    deletes = policy in ("sync", "create-delete")
    assert doomed(owned, {"a"}, policy) == (["b"] if deletes else [])
