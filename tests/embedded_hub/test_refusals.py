"""What may not be is refused, and what was refused is looked at anew when it may have changed."""

from __future__ import annotations

from typing import Any

import pytest

from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.refusals import Refusals
from watcher.embedded_hub.resources import APP_PROJECT, SECRET
from watcher.embedded_hub.scenario import spoke_secret
from watcher.embedded_hub.selection import Generated
from watcher.embedded_hub.spokes import Spokes
from watcher.embedded_hub.store import Store


@pytest.fixture
def store() -> Store:
    store = Store(HandClock(1_800_000_000.0))
    store.create(APP_PROJECT, {"metadata": {"name": "default", "namespace": "argocd"}})
    store.create(SECRET, spoke_secret("a", {}))
    return store


def generated(name: str = "x", *, project: str = "default", spoke: str = "a") -> Generated:
    spec: dict[str, Any] = {"project": project, "destination": {"name": spoke}}
    return Generated(name, {"metadata": {"name": name}, "spec": spec})


def test_what_is_well_is_not_refused(store: Store) -> None:
    assert Refusals(store, Spokes(store, "argocd")).of("set", [generated()]) == {}


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ([generated(project="none")], "references project none which does not exist"),
        ([generated(spoke="none")], "destination spec is invalid: there are no clusters"),
        (
            [generated(), generated()],
            "ApplicationSet set contains applications with duplicate name",
        ),
    ],
)
def test_what_may_not_be_says_why(store: Store, wanted: list[Generated], said: str) -> None:
    assert said in Refusals(store, Spokes(store, "argocd")).of("set", wanted)["x"]


def test_a_spoke_or_a_project_that_comes_or_goes_is_noticed(store: Store) -> None:
    refusals = Refusals(store, Spokes(store, "argocd"))
    wanted = [generated(), generated("y", project="later")]
    assert list(refusals.of("set", wanted)) == ["y"]
    store.create(APP_PROJECT, {"metadata": {"name": "later", "namespace": "argocd"}})
    assert refusals.of("set", wanted) == {}
    store.delete(SECRET, "argocd", "a")
    assert list(refusals.of("set", wanted)) == ["x", "y"]


def test_a_label_that_changes_is_no_reason_to_look_again(store: Store) -> None:
    spokes = Spokes(store, "argocd")
    before = spokes.moves
    store.patch(SECRET, "argocd", "a", {"metadata": {"labels": {"env": "x"}}})
    assert spokes.moves == before
