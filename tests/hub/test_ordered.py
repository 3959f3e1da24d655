"""Is each order read by itself, whatever stands beside it?"""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from tests.builders import NOW
from watcher.facts import Command, Order, Target, order_text, rfc3339
from watcher.hub.ordered import orders

HOLD = Order("hold-1", Command.HOLD, Target(tier="compute"), by="alice", at=NOW, why="a look")
META = {
    "namespace": "argocd",
    "name": "gate-watcher-orders",
    "uid": "uid-o",
    "resourceVersion": "7",
    "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"},
}


def config_map(**parts: Any) -> bytes:
    return json.dumps({"kind": "ConfigMap", "metadata": META, **parts}).encode()


def test_orders_come_by_their_keys() -> None:
    second = msgspec.structs.replace(HOLD, key="hold-2", target=Target(everything=True))
    data = {each.key: order_text(each) for each in (second, HOLD)}
    read = orders(config_map(data=data))
    assert read.orders == (HOLD, second)
    assert (read.key, read.uid, read.resource_version) == (
        "argocd/gate-watcher-orders",
        "uid-o",
        "7",
    )
    assert not read.unreadable


@pytest.mark.parametrize("parts", [{}, {"data": None}, {"data": {}}, {"binaryData": None}], ids=str)
def test_without_data_there_are_none(parts: dict[str, Any]) -> None:
    assert (orders(config_map(**parts)).orders, orders(config_map(**parts)).bad) == ((), ())


DEEP = "[" * 30_000
GOOD = {"order": "hold", "target": {"tier": "x"}, "at": rfc3339(NOW)}


@pytest.mark.parametrize(
    "value",
    [
        "",
        "hold everything",
        "{}",
        "[]",
        '{"order":',
        DEEP,
        '{"target":' + DEEP,
        '{"target":{"x":' + DEEP,
        json.dumps({**GOOD, "order": "close"}),
        json.dumps({**GOOD, "unknown": 1}),
        json.dumps({**GOOD, "target": {"teir": "x", "tier": "x"}}),
        json.dumps({**GOOD, "target": {}}),
        json.dumps({**GOOD, "at": "yesterday"}),
        json.dumps({**GOOD, "why": "x" * 900_000}),
        7,
        None,
        {"order": "hold"},
    ],
    ids=range(17),
)
def test_what_is_no_order_is_said_and_disturbs_no_other(value: Any) -> None:
    read = orders(config_map(data={"hold-1": order_text(HOLD), "z-by-hand": value}))
    assert read.orders == (HOLD,)
    (bad,) = read.bad
    assert bad.key == "z-by-hand"
    assert 0 < len(bad.problem) < 300


def test_what_is_binary_is_no_order() -> None:
    read = orders(config_map(data={"hold-1": order_text(HOLD)}, binaryData={"blob": "/w=="}))
    assert read.orders == (HOLD,)
    assert [each.key for each in read.bad] == ["blob"]


@pytest.mark.parametrize("data", [[], "x", 7])
def test_data_that_cannot_be_read_at_all_is_said(data: Any) -> None:
    read = orders(config_map(data=data))
    assert read.orders == ()
    assert [(each.key, each.problem) for each in read.bad] == [("", "data cannot be read")]


def test_labels_that_cannot_be_read_are_no_bad_order() -> None:
    body = json.dumps({"metadata": {**META, "labels": 7}, "data": {}}).encode()
    assert orders(body).bad == ()


def test_a_config_map_as_large_as_there_may_be_is_read() -> None:
    text = order_text(HOLD)
    data = {f"hold-{n}": text for n in range((1 << 20) // len(text))}
    assert len(orders(config_map(data=data)).orders) == len(data)
