"""Does an order reach the ConfigMap, and does no other get lost on the way?"""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.hub.kubeconfigs import connected
from tests.hub.objects import status_body
from tests.hub.running import until
from tests.hub.wire_server import Asked, http, wire_server
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.faults import Answer, Hold, LoseAnswer, On
from watcher.embedded_hub.hub import EmbeddedHub
from watcher.embedded_hub.resources import CONFIG_MAP
from watcher.embedded_hub.scenarios import SCENARIOS
from watcher.embedded_hub.users import Rule, User
from watcher.facts import Command, Order, Orders, Target, order_text
from watcher.hub.connection import Connection
from watcher.hub.errors import HubError, PatchFailed, ReadFailed, ReviewFailed
from watcher.hub.ordering import Edit, new_key, orders_now, who, write_orders

NOW = 1_800_000_000.0
NAME = "gate-watcher-orders"
ALICE = Order("hold-a", Command.HOLD, Target(tier="compute"), by="alice", at=NOW)
BOB = Order("skip-b", Command.SKIP, Target(spoke="b", tier="mesh"), by="bob", at=NOW)
OPERATOR = User("operator", "operator-of-the-embedded-hub")
GRANTED = Rule(("get", "patch"), ("",), ("configmaps",), names=(NAME,), namespaces=("argocd",))
PATCHES = On(verb="patch", resource=CONFIG_MAP)


@pytest.fixture
async def hub() -> AsyncIterator[EmbeddedHub]:
    """As it is installed: the ConfigMap is there, and empty."""
    async with EmbeddedHub(SCENARIOS["fleet"], spokes=1, clock=HandClock(NOW)) as made:
        made.store.create(CONFIG_MAP, {"metadata": {"name": NAME, "namespace": "argocd"}})
        made.api.grant(OPERATOR, GRANTED)
        yield made


@pytest.fixture
async def connection(hub: EmbeddedHub, tmp_path: Path) -> AsyncIterator[Connection]:
    """An operator's: with the one right that the Role grants."""
    async with connected(tmp_path, hub.url, token=OPERATOR.token) as made:
        yield made


def data(hub: EmbeddedHub) -> dict[str, Any]:
    held = hub.store.get(CONFIG_MAP, "argocd", NAME)
    assert held is not None
    return dict(held.get("data") or {})


def by_hand(hub: EmbeddedHub, **values: str) -> None:
    hub.store.patch(CONFIG_MAP, "argocd", NAME, {"data": values})


def patches(hub: EmbeddedHub) -> list[dict[str, Any]]:
    """What was asked to be patched, in order."""
    return [json.loads(each.body) for each in hub.api.requests if each.verb == "patch"]


async def put(connection: Connection, *orders: Order, now: float = NOW) -> Orders:
    done = await write_orders(connection, "argocd", lambda _: Edit(orders), now=now)
    return done.orders


async def test_an_order_is_written_as_one_key_with_the_version_that_was_read(
    hub: EmbeddedHub, connection: Connection
) -> None:
    by_hand(hub, other="no order")
    standing = await put(connection, ALICE)
    assert data(hub) == {"other": "no order", "hold-a": order_text(ALICE)}
    assert standing.orders == (ALICE,)
    assert [each.key for each in standing.bad] == ["other"]
    (patch,) = patches(hub)
    assert patch["data"] == {"hold-a": order_text(ALICE)}
    assert set(patch["metadata"]) == {"resourceVersion"}


async def test_two_who_write_at_once_lose_neither_order(
    hub: EmbeddedHub, connection: Connection
) -> None:
    late = Hold()
    hub.api.faults.plan(PATCHES, late)
    async with asyncio.TaskGroup() as group:
        group.create_task(put(connection, ALICE))
        await until(lambda: len(patches(hub)) == 1)
        await put(connection, BOB)
        late.release()
    assert sorted(data(hub)) == ["hold-a", "skip-b"]
    assert len(patches(hub)) == 3, "the one that came too late was refused and sent again"


async def test_what_is_wanted_is_asked_again_where_others_have_written(
    hub: EmbeddedHub, connection: Connection
) -> None:
    seen: list[list[str]] = []

    def edit(held: Orders) -> Edit:
        seen.append([each.key for each in held.orders])
        if len(seen) == 1:
            by_hand(hub, **{BOB.key: order_text(BOB)})
        return Edit((ALICE,), take=frozenset(seen[-1]))

    done = await write_orders(connection, "argocd", edit, now=NOW)
    assert seen == [[], ["skip-b"]]
    assert (done.orders.orders, data(hub)) == ((ALICE,), {"hold-a": order_text(ALICE)})


async def test_who_is_never_let_through_is_told_so(
    hub: EmbeddedHub, connection: Connection
) -> None:
    hub.api.faults.plan(dataclasses.replace(PATCHES, times=None), Answer(409))
    with pytest.raises(PatchFailed, match=f"cannot patch configmap argocd/{NAME}: 409"):
        await put(connection, ALICE)
    assert len(patches(hub)) == 10


async def test_what_has_expired_goes_with_the_next_order_and_what_has_not_stays(
    hub: EmbeddedHub, connection: Connection
) -> None:
    over = replace(ALICE, key="over", until=NOW)
    on = replace(ALICE, key="on", until=NOW + 1.0)
    await put(connection, over, on, now=NOW - 60.0)
    done = await write_orders(connection, "argocd", lambda _: Edit((BOB,)), now=NOW)
    assert sorted(data(hub)) == ["on", "skip-b"]
    assert done.expired == {"over"}
    assert patches(hub)[-1]["data"] == {"over": None, "skip-b": order_text(BOB)}


async def test_orders_and_what_is_none_are_taken_away(
    hub: EmbeddedHub, connection: Connection
) -> None:
    by_hand(hub, bad="no order")
    await put(connection, ALICE, BOB)
    take = frozenset({"bad", "hold-a"})
    done = await write_orders(connection, "argocd", lambda _: Edit(take=take), now=NOW)
    assert data(hub) == {"skip-b": order_text(BOB)}
    assert (done.orders.orders, done.orders.bad) == ((BOB,), ())


async def test_nothing_is_sent_where_nothing_is_wanted(
    hub: EmbeddedHub, connection: Connection
) -> None:
    await write_orders(connection, "argocd", lambda _: Edit(), now=NOW)
    assert patches(hub) == []


async def test_an_answer_that_was_lost_is_looked_for(
    hub: EmbeddedHub, connection: Connection
) -> None:
    hub.api.faults.plan(PATCHES, LoseAnswer(applied=True))
    assert (await put(connection, ALICE)).orders == (ALICE,)
    assert len(patches(hub)) == 1
    hub.api.faults.plan(PATCHES, LoseAnswer(applied=False))
    with pytest.raises(PatchFailed, match="the connection broke"):
        await put(connection, BOB)
    assert sorted(data(hub)) == ["hold-a"]


async def test_without_the_config_map_it_is_said_how_to_make_it(
    hub: EmbeddedHub, connection: Connection
) -> None:
    hub.store.delete(CONFIG_MAP, "argocd", NAME)
    with pytest.raises(ReadFailed) as caught:
        await put(connection, ALICE)
    assert f"kubectl -n argocd create configmap {NAME}" in caught.value.remedy


async def test_without_the_right_the_role_is_named(hub: EmbeddedHub, tmp_path: Path) -> None:
    nobody = User("nobody", "nobody-of-the-embedded-hub")
    hub.api.grant(nobody)
    async with connected(tmp_path, hub.url, token=nobody.token) as connection:
        with pytest.raises(HubError, match="Role gate-watcher-operator in argocd"):
            await orders_now(connection, "argocd")


async def test_a_config_map_that_is_full_is_said(hub: EmbeddedHub, connection: Connection) -> None:
    hub.api.faults.plan(PATCHES, Answer(422))
    with pytest.raises(PatchFailed, match="it may be full"):
        await put(connection, ALICE)


async def test_the_hub_says_who_orders(hub: EmbeddedHub, connection: Connection) -> None:
    assert await who(connection) == OPERATOR.name


@pytest.mark.parametrize(("known", "said"), [("v1", "me"), ("v1beta1", "me"), ("none", "")])
async def test_an_older_hub_is_asked_as_it_can_answer(
    tmp_path: Path, known: str, said: str
) -> None:
    async def give(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if f"/{known}/" in asked.path:
            body = {"status": {"userInfo": {"username": "me"}}}
            writer.write(http(201, json.dumps(body).encode()))
        else:
            writer.write(http(404, status_body(404, "NotFound")))

    async with wire_server(give) as server, connected(tmp_path, server.url) as connection:
        assert await who(connection) == said


async def test_a_hub_that_does_not_answer_is_no_hub_that_does_not_say(tmp_path: Path) -> None:
    async def give(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(http(500, status_body(500)))

    async with wire_server(give) as server, connected(tmp_path, server.url) as connection:
        with pytest.raises(ReviewFailed):
            await who(connection)


def test_a_key_says_what_it_is_and_is_nobody_elses() -> None:
    rolls = (number % 2 * 0.5 for number in (*[0] * 5, *[1] * 5))
    first = "hold-20270115t080000z-bbbbb"
    assert new_key(Command.HOLD, NOW, {first}, lambda: next(rolls)) == first[:-5] + "rrrrr"


def test_every_key_is_one_that_a_config_map_takes() -> None:
    rolls = (number / 1000 for number in count())
    keys = {new_key(each, NOW, (), lambda: next(rolls)) for each in Command}
    assert all(key.replace("-", "").isalnum() and key == key.lower() for key in keys)
