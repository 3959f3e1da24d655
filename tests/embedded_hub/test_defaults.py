from __future__ import annotations

from tests.embedded_hub.standing import START
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.resources import NAMESPACE, SECRET
from watcher.embedded_hub.store import Store


def test_string_data_of_a_secret_becomes_data() -> None:
    store = Store(HandClock(START))
    metadata = {"name": "a", "namespace": "argocd"}
    given = {"metadata": metadata, "data": {"x": "eA=="}, "stringData": {"name": "spoke"}}
    made = store.create(SECRET, given)
    assert made["data"] == {"x": "eA==", "name": "c3Bva2U="}
    assert "stringData" not in made
    patched = store.patch(SECRET, "argocd", "a", {"stringData": {"name": "other"}})
    assert patched["data"] == {"x": "eA==", "name": "b3RoZXI="}


def test_a_secret_without_a_type_is_opaque() -> None:
    store = Store(HandClock(START))
    made = store.create(SECRET, {"metadata": {"name": "a", "namespace": "argocd"}})
    assert made["type"] == "Opaque"
    assert "data" not in made


def test_a_namespace_begins_active_and_is_held_by_its_spec() -> None:
    store = Store(HandClock(START))
    made = store.create(NAMESPACE, {"metadata": {"name": "team-a"}})
    assert made["status"] == {"phase": "Active"}
    assert made["spec"] == {"finalizers": ["kubernetes"]}
