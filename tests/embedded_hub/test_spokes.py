"""What Argo CD takes for a spoke, and which one a destination means."""

from __future__ import annotations

import pytest

from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.resources import SECRET
from watcher.embedded_hub.scenario import spoke_secret
from watcher.embedded_hub.spokes import (
    CLUSTER_LABEL,
    HUB_ITSELF,
    IN_CLUSTER_SERVER,
    SKIP_RECONCILE,
    DestinationError,
    Spokes,
    resolved,
    truthy,
)
from watcher.embedded_hub.store import Store


@pytest.fixture
def store() -> Store:
    return Store(HandClock(1_800_000_000.0))


def test_spokes_follow_the_store(store: Store) -> None:
    store.create(SECRET, spoke_secret("b", {}))
    spokes = Spokes(store, "argocd")
    store.create(SECRET, spoke_secret("a", {"env": "prod"}))
    assert [one.name for one in spokes.all()] == ["a", "b"]
    store.patch(SECRET, "argocd", "a", {"metadata": {"labels": {"env": "dev"}}})
    assert spokes.all()[0].labels["env"] == "dev"
    store.delete(SECRET, "argocd", "b")
    assert [one.name for one in spokes.all()] == ["a"]
    store.patch(SECRET, "argocd", "a", {"metadata": {"labels": {CLUSTER_LABEL: None}}})
    assert spokes.all() == []


def test_a_secret_of_another_namespace_is_no_spoke(store: Store) -> None:
    secret = spoke_secret("a", {})
    secret["metadata"]["namespace"] = "default"
    store.create(SECRET, secret)
    assert Spokes(store, "argocd").all() == []


def test_servers_are_compared_without_trailing_slashes(store: Store) -> None:
    store.create(SECRET, spoke_secret("a", {}, server="https://a.example.invalid/"))
    spokes = Spokes(store, "argocd")
    assert spokes.resolved({"server": "https://a.example.invalid"}).name == "a"
    assert spokes.resolved({"name": "a"}).name == "a"


def test_the_hub_itself_needs_no_secret(store: Store) -> None:
    spokes = Spokes(store, "argocd")
    assert spokes.resolved({"server": IN_CLUSTER_SERVER}) is HUB_ITSELF
    assert spokes.resolved({"name": "in-cluster"}) is HUB_ITSELF
    store.create(SECRET, spoke_secret("hub", {}, server=IN_CLUSTER_SERVER))
    assert spokes.resolved({"name": "in-cluster"}).name == "hub"


@pytest.mark.parametrize(
    ("destination", "said"),
    [
        ({"name": "a", "server": "https://a.example.invalid"}, "both name and server"),
        ({}, "Destination server missing"),
        ({"name": "z"}, "no clusters with this name: z"),
        ({"server": "https://z.example.invalid"}, 'cluster "https://z.example.invalid" not found'),
        ({"name": "twin"}, "there are 2 clusters with the same name"),
    ],
)
def test_a_destination_that_means_no_spoke_says_why(
    store: Store, destination: dict[str, str], said: str
) -> None:
    for name in ("a", "b"):
        store.create(SECRET, spoke_secret(name, {}))
    for number in range(2):
        secret = spoke_secret("twin", {}, server=f"https://twin-{number}.example.invalid")
        secret["metadata"]["name"] = f"twin-{number}"
        store.create(SECRET, secret)
    spokes = Spokes(store, "argocd")
    for answer in (spokes.resolved, lambda wanted: resolved(wanted, spokes.all())):
        with pytest.raises(DestinationError, match=said):
            answer(destination)


def test_a_spoke_whose_config_is_no_json_resolves_to_nothing(store: Store) -> None:
    secret = spoke_secret("a", {})
    secret["data"]["config"] = "bm90IGpzb24="
    store.create(SECRET, secret)
    spokes = Spokes(store, "argocd")
    assert not spokes.all()[0].readable
    with pytest.raises(DestinationError):
        spokes.resolved({"name": "a"})


def test_a_spoke_is_parked_by_what_go_takes_for_true(store: Store) -> None:
    store.create(SECRET, spoke_secret("a", {}, annotations={SKIP_RECONCILE: "true"}))
    assert Spokes(store, "argocd").all()[0].parked
    assert [word for word in ("1", "T", "yes", "", "false", None) if truthy(word)] == ["1", "T"]
