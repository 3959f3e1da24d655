"""Spokes are shared out as Argo CD does it."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

import pytest

from tests.embedded_hub.small_hub import SmallHub
from watcher.embedded_hub.resources import SECRET
from watcher.embedded_hub.scenario import spoke_secret
from watcher.embedded_hub.sharding import fnv32a, shard_of
from watcher.embedded_hub.spokes import HUB_ITSELF, Spoke, spoke_of


def spoke(uid: str, shard: str | None = None) -> Spoke:
    secret = spoke_secret("a", {})
    data = dict(secret["data"])
    if shard is not None:
        data["shard"] = b64encode(shard.encode()).decode()
    metadata = {**secret["metadata"], "uid": uid, "resourceVersion": "1"}
    return spoke_of({**secret, "data": data, "metadata": metadata})


@pytest.mark.parametrize(
    ("text", "hashed"), [("", 0x811C9DC5), ("a", 0xE40C292C), ("foobar", 0xBF9CF968)]
)
def test_the_hash_is_the_one_of_its_inventors_tables(text: str, hashed: int) -> None:
    assert fnv32a(text) == hashed


def test_with_one_replica_all_is_on_the_first_shard() -> None:
    assert {shard_of(spoke(f"uid-{at}", "3"), 1) for at in range(20)} == {0}


def test_without_a_pin_the_uid_decides() -> None:
    found = [shard_of(spoke(f"uid-{at}"), 4) for at in range(200)]
    assert {found.count(shard) > 20 for shard in range(4)} == {True}
    assert shard_of(spoke("foobar"), 4) == 0xBF9CF968 % 4


@pytest.mark.parametrize(("pin", "shard"), [("2", 2), ("0", 0), ("3", 0), ("-1", 0)])
def test_a_pin_decides_and_one_that_is_too_high_means_the_first(pin: str, shard: int) -> None:
    assert shard_of(spoke("a", pin), 3) == shard


def test_a_pin_that_is_no_number_is_none() -> None:
    assert spoke("a", "x").shard is None


def test_the_hub_itself_is_on_the_first_shard() -> None:
    assert shard_of(HUB_ITSELF, 7) == 0
    assert shard_of(replace(HUB_ITSELF, uid="a"), 7) == fnv32a("a") % 7


def test_a_stores_secret_is_read_with_its_pin() -> None:
    hub = SmallHub()
    hub.add_spoke("a")
    patch = {"data": {"shard": b64encode(b"1").decode()}}
    hub.store.patch(SECRET, "argocd", "a", patch)
    assert [one.shard for one in hub.spokes.all()] == [1]
