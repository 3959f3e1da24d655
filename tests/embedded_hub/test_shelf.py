from __future__ import annotations

from typing import Literal

from watcher.embedded_hub.history import Event
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.resources import NAMESPACE, SECRET
from watcher.embedded_hub.shelf import Shelf


def obj(name: str, namespace: str = "argocd", *, version: int = 0) -> Object:
    return {"metadata": {"name": name, "namespace": namespace}, "version": version}


def put(shelf: Shelf, revision: int, after: Object, before: Object | None = None) -> None:
    type_: Literal["ADDED", "MODIFIED"] = "MODIFIED" if before else "ADDED"
    shelf.apply(Event(type_, SECRET, after, revision, before))


def names(found: list[Object]) -> list[tuple[str, str]]:
    return [(each["metadata"]["namespace"], each["metadata"]["name"]) for each in found]


def test_a_list_is_in_the_order_of_keys_as_bytes() -> None:
    shelf = Shelf(SECRET)
    places = [("a", "x"), ("a-b", "x"), ("b", "x"), ("a", "x-y"), ("a", "w"), ("a0", "x")]
    for revision, (namespace, name) in enumerate(places):
        put(shelf, revision, obj(name, namespace))
    one = [("a", "w"), ("a", "x"), ("a", "x-y")]
    assert names(shelf.listed("a")) == one
    assert names(shelf.listed(None)) == [("a-b", "x"), *one, ("a0", "x"), ("b", "x")]
    assert shelf.listed("nowhere") == []


def test_the_past_can_be_listed() -> None:
    shelf = Shelf(SECRET)
    first, second = obj("a", version=1), obj("a", version=2)
    put(shelf, 1, first)
    put(shelf, 2, second, first)
    shelf.apply(Event("DELETED", SECRET, second, 3, second))
    put(shelf, 4, obj("b"))
    assert shelf.listed_at(0, None) == []
    assert shelf.listed_at(1, None) == [first]
    assert shelf.listed_at(2, "argocd") == [second]
    assert shelf.listed_at(2, "other") == []
    assert shelf.listed_at(3, None) == []
    assert shelf.listed_at(4, None) == [obj("b")]


def test_what_has_no_namespace_has_its_name_as_its_key() -> None:
    shelf = Shelf(NAMESPACE)
    shelf.apply(Event("ADDED", NAMESPACE, {"metadata": {"name": "argocd"}}, 1, None))
    assert shelf.get("ignored", "argocd") is not None
    assert len(shelf.listed("ignored")) == 1
