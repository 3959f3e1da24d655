from __future__ import annotations

from tests.embedded_hub.standing import START, application, secret
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, NAMESPACE, SECRET
from watcher.embedded_hub.store import Object, Store


def owner(store: Store, name: str) -> Object:
    made = {"metadata": {"name": name, "namespace": "argocd"}, "spec": {}}
    return store.create(APPLICATION_SET, made)


def owned(store: Store, name: str, *owners: Object, **metadata: object) -> Object:
    references = [
        {"kind": "ApplicationSet", "name": o["metadata"]["name"], "uid": o["metadata"]["uid"]}
        for o in owners
    ]
    return store.create(
        APPLICATION, application(name, metadata={"ownerReferences": references, **metadata})
    )


def names(store: Store) -> list[str]:
    return [obj["metadata"]["name"] for obj in store.list(APPLICATION)]


def test_what_an_application_set_owns_goes_with_it() -> None:
    store = Store(HandClock(START))
    one, other = owner(store, "one"), owner(store, "other")
    owned(store, "a", one)
    owned(store, "b", other)
    owned(store, "c")
    store.delete(APPLICATION_SET, "argocd", "one")
    assert names(store) == ["b", "c"]


def test_finalizers_of_what_is_owned_are_respected() -> None:
    store = Store(HandClock(START))
    owned(store, "a", owner(store, "one"), finalizers=["resources"])
    store.delete(APPLICATION_SET, "argocd", "one")
    left = store.get(APPLICATION, "argocd", "a")
    assert left is not None
    assert "deletionTimestamp" in left["metadata"]


def test_it_goes_with_the_last_of_its_owners() -> None:
    store = Store(HandClock(START))
    owned(store, "a", owner(store, "one"), owner(store, "other"))
    store.delete(APPLICATION_SET, "argocd", "one")
    assert names(store) == ["a"]
    store.delete(APPLICATION_SET, "argocd", "other")
    assert names(store) == []


def test_orphans_stay_without_their_owner() -> None:
    store = Store(HandClock(START))
    one = owner(store, "one")
    owned(store, "a", one)
    store.garbage.orphan(one)
    store.delete(APPLICATION_SET, "argocd", "one")
    assert names(store) == ["a"]
    assert "ownerReferences" not in store.list(APPLICATION)[0]["metadata"]


def test_an_owner_reference_that_was_taken_away_counts_no_more() -> None:
    store = Store(HandClock(START))
    owned(store, "a", owner(store, "one"))
    store.patch(APPLICATION, "argocd", "a", {"metadata": {"ownerReferences": None}})
    store.delete(APPLICATION_SET, "argocd", "one")
    assert names(store) == ["a"]


def test_a_namespace_goes_when_it_is_empty() -> None:
    store = Store(HandClock(START))
    owned(store, "a", finalizers=["resources"])
    store.create(SECRET, secret("s"))
    store.delete(NAMESPACE, "", "argocd")
    left = store.get(NAMESPACE, "", "argocd")
    assert left is not None
    assert left["status"]["phase"] == "Terminating"
    assert store.list(SECRET) == []
    store.patch(APPLICATION, "argocd", "a", {"metadata": {"finalizers": None}})
    assert store.get(NAMESPACE, "", "argocd") is None
    store.delete(NAMESPACE, "", "default")
    assert store.get(NAMESPACE, "", "default") is None
