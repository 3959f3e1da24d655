from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from hypothesis import given
from hypothesis import strategies as st

from tests.embedded_hub.standing import (
    APPLICATIONS,
    METADATA,
    SECRETS,
    START,
    TABLE,
    Hub,
    application,
    secret,
    standing,
)
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.errors import AlreadyExists, NotFound
from watcher.embedded_hub.faults import Faults
from watcher.embedded_hub.resources import APPLICATION, CONFIG_MAP, SECRET
from watcher.embedded_hub.routes import target
from watcher.embedded_hub.store import Store
from watcher.embedded_hub.views import Shape, View
from watcher.embedded_hub.watching import Watch

HOUR = 3600


class Stream:
    """What a watch says, event by event."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            line = await self.response.content.readline()
        assert line, "the watch has ended"
        event: dict[str, Any] = json.loads(line)
        return event

    async def said(self) -> tuple[str, str]:
        event = await self.next()
        return event["type"], event["object"]["metadata"]["name"]

    async def rest(self) -> list[dict[str, Any]]:
        async with asyncio.timeout(5):
            body = await self.response.read()
        return [json.loads(line) for line in body.splitlines()]


@asynccontextmanager
async def watching(
    hub: Hub, path: str = SECRETS, query: str = "", accept: str = "application/json"
) -> AsyncIterator[Stream]:
    async with hub.client.open("GET", f"{path}?watch=1{query}", accept=accept) as response:
        assert response.status == 200
        yield Stream(response)


async def test_from_a_revision_on_everything_after_it_is_told() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("before"))
        since = hub.store.revision
        hub.store.create(SECRET, secret("a"))
        async with watching(hub, query=f"&resourceVersion={since}") as stream:
            assert await stream.said() == ("ADDED", "a")
            hub.store.patch(SECRET, "argocd", "a", {"data": {"x": "eA=="}})
            hub.store.create(CONFIG_MAP, {"metadata": {"name": "other", "namespace": "argocd"}})
            hub.store.create(SECRET, {"metadata": {"name": "elsewhere"}})
            gone = hub.store.delete(SECRET, "argocd", "a")
            assert await stream.said() == ("MODIFIED", "a")
            last = await stream.next()
            assert (last["type"], last["object"]) == ("DELETED", gone)


async def test_without_a_revision_what_is_there_comes_first() -> None:
    for query in ("", "&resourceVersion=0"):
        async with standing() as hub:
            hub.store.create(SECRET, secret("a"))
            async with watching(hub, query=query) as stream:
                assert await stream.said() == ("ADDED", "a")
                hub.store.create(SECRET, secret("b"))
                assert await stream.said() == ("ADDED", "b")


async def test_initial_events_end_with_a_bookmark() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        query = "&sendInitialEvents=true&allowWatchBookmarks=true"
        async with watching(hub, query=f"{query}&resourceVersionMatch=NotOlderThan") as stream:
            assert await stream.said() == ("ADDED", "a")
            mark = await stream.next()
            metadata = mark["object"]["metadata"]
            assert mark["type"] == "BOOKMARK"
            assert metadata["annotations"] == {"k8s.io/initial-events-end": "true"}
            assert metadata["resourceVersion"] == str(hub.store.revision)
        async with watching(hub, query=query) as stream:
            (refused,) = await stream.rest()
            assert (refused["type"], refused["object"]["code"]) == ("ERROR", 422)


async def test_beyond_the_horizon_a_watch_ends_with_an_error_event() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        hub.store.compact(hub.store.revision)
        async with watching(hub, query="&resourceVersion=1") as stream:
            (event,) = await stream.rest()
            assert (event["type"], event["object"]["code"]) == ("ERROR", 410)


async def test_from_the_future_nothing_comes_until_the_future_does() -> None:
    async with standing() as hub:
        later = hub.store.revision + 2
        async with watching(hub, query=f"&resourceVersion={later}") as stream:
            for name in ("a", "b", "c"):
                hub.store.create(SECRET, secret(name))
            assert await stream.said() == ("ADDED", "c")


async def test_who_begins_or_ceases_to_match_comes_or_goes() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a", {"gate": "open"}))
        query = f"&labelSelector=gate%3Dopen&resourceVersion={hub.store.revision}"
        async with watching(hub, query=query) as stream:
            closed = {"metadata": {"labels": {"gate": "closed"}}}
            hub.store.patch(SECRET, "argocd", "a", closed)
            left = await stream.next()
            assert left["type"] == "DELETED"
            assert left["object"]["metadata"]["labels"] == {"gate": "open"}
            assert left["object"]["metadata"]["resourceVersion"] == str(hub.store.revision)
            hub.store.patch(SECRET, "argocd", "a", {"data": {"x": "eA=="}})
            hub.store.patch(SECRET, "argocd", "a", {"metadata": {"labels": {"gate": "open"}}})
            back = await stream.next()
            assert (back["type"], back["object"]["data"]["x"]) == ("ADDED", "eA==")


async def test_one_object_can_be_watched_by_its_path_or_its_name() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        hub.store.create(SECRET, secret("b"))
        async with watching(hub, f"{SECRETS}/b") as stream:
            assert await stream.said() == ("ADDED", "b")
        async with watching(hub, query="&fieldSelector=metadata.name%3Da") as stream:
            assert await stream.said() == ("ADDED", "a")


async def test_events_come_in_the_shape_that_was_asked_for() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        async with watching(hub, accept=METADATA) as stream:
            event = await stream.next()
            assert event["object"]["kind"] == "PartialObjectMetadata"
            assert "data" not in event["object"]
        async with watching(hub, accept=TABLE) as stream:
            assert (await stream.next())["object"]["rows"][0]["cells"][0] == "a"


async def test_a_watch_ends_when_its_time_is_up() -> None:
    clock = HandClock(START)
    async with standing(clock) as hub, watching(hub, query="&timeoutSeconds=300") as stream:
        hub.store.create(SECRET, secret("a"))
        assert await stream.said() == ("ADDED", "a")
        await clock.advance(300)
        assert await stream.rest() == []


async def test_a_server_ends_a_watch_though_nobody_set_a_time() -> None:
    clock = HandClock(START)
    async with standing(clock) as hub, watching(hub) as stream:
        await clock.advance(HOUR)
        assert await stream.rest() == []


async def test_bookmarks_come_every_minute_and_before_the_end_if_there_is_progress() -> None:
    clock = HandClock(START)
    query = "&timeoutSeconds=150&allowWatchBookmarks=true"
    async with standing(clock) as hub, watching(hub, query=query) as stream:
        await clock.advance(60)  # nothing has happened: nothing to mark
        marked = []
        for wait_s in (60, 28):
            hub.store.create(CONFIG_MAP, {"metadata": {"name": f"other-{wait_s}"}})
            await clock.advance(wait_s)
            mark = await stream.next()
            marked.append((mark["type"], mark["object"]["metadata"]["resourceVersion"]))
        revision = hub.store.revision
        assert marked == [("BOOKMARK", str(revision - 1)), ("BOOKMARK", str(revision))]
        await clock.advance(2)
        assert await stream.rest() == []


async def test_bookmarks_are_only_for_who_allows_them() -> None:
    clock = HandClock(START)
    async with standing(clock) as hub, watching(hub, query="&timeoutSeconds=150") as stream:
        hub.store.create(CONFIG_MAP, {"metadata": {"name": "other"}})
        await clock.advance(150)
        assert await stream.rest() == []


async def test_storage_that_tells_no_progress_marks_only_what_it_has_seen() -> None:
    clock = HandClock(START)
    query = f"&resourceVersion={3}&timeoutSeconds=150&allowWatchBookmarks=true"
    async with standing(clock, progress=False) as hub, watching(hub, query=query) as stream:
        hub.store.create(SECRET, secret("a"))
        assert await stream.said() == ("ADDED", "a")
        hub.store.create(CONFIG_MAP, {"metadata": {"name": "other"}})
        await clock.advance(60)
        mark = await stream.next()
        assert mark["object"]["metadata"]["resourceVersion"] == str(hub.store.revision - 1)


async def test_who_leaves_is_forgotten() -> None:
    async with standing() as hub:
        async with watching(hub) as stream:
            hub.store.create(SECRET, secret("a"))
            await stream.next()
            assert [asked.stored for asked in hub.api.watches] == [SECRET]
        async with asyncio.timeout(5):
            while hub.api.watches:
                await hub.client.get("/livez")


async def test_a_stopping_hub_ends_its_watches() -> None:
    async with standing() as hub, watching(hub) as stream:
        await hub.api.stop()
        assert await stream.rest() == []


async def test_the_watches_of_one_kind_can_be_ended() -> None:
    async with standing() as hub, watching(hub) as secrets, watching(hub, APPLICATIONS) as others:
        hub.api.close_watches(SECRET)
        assert await secrets.rest() == []
        hub.store.create(APPLICATION, application("a"))
        assert await others.said() == ("ADDED", "a")


ops = st.lists(
    st.tuples(
        st.sampled_from(["create", "label", "status", "delete", "release"]),
        st.sampled_from("abc"),
    ),
    max_size=25,
)


@given(ops, st.integers(0, 25), st.sampled_from(["", "gate=open", "gate!=open", "!gate"]))
def test_a_list_and_its_watch_replayed_give_the_final_list(
    writes: list[tuple[str, str]], listed_after: int, selector: str
) -> None:
    """Whatever is written, and wherever in it the client lists and goes on from there."""
    asyncio.run(_list_and_watch(writes, listed_after, selector))


async def _list_and_watch(writes: list[tuple[str, str]], listed_after: int, selector: str) -> None:
    store = Store(HandClock(START))
    asked = target("GET", APPLICATIONS, {"watch": "1"})
    assert asked is not None

    def watch(revision: int) -> Watch:
        query = {"labelSelector": selector, "resourceVersion": str(revision)}
        view = View(APPLICATION, Shape.WHOLE, START)
        return Watch(store, store.clock, Faults(), asked, query, view, progress=True)

    for number, (op, name) in enumerate(writes[:listed_after]):
        _write(store, op, name, number)
    held = {o["metadata"]["name"]: o for o in store.list(APPLICATION) if _open(o, selector)}
    follower, early = watch(store.revision), len(writes) - listed_after
    for number, (op, name) in enumerate(writes[listed_after:]):
        if number == early // 2:  # half of it is history when the watch begins
            lines = follower.lines()
            begun = asyncio.get_running_loop().create_task(anext(lines, b""))
            await store.clock.sleep(0)
        _write(store, op, name, number)
    if early <= 0:
        return
    follower.end()
    said = [await begun, *[line async for line in lines]]
    for event in map(json.loads, filter(None, said)):
        name = event["object"]["metadata"]["name"]
        assert (name in held) == (event["type"] != "ADDED")
        held[name] = event["object"]
        if event["type"] == "DELETED":
            del held[name]
    final = [obj for obj in store.list(APPLICATION) if _open(obj, selector)]
    assert [held[name] for name in sorted(held)] == final


def _open(obj: dict[str, Any], selector: str) -> bool:
    gate: str | None = obj["metadata"].get("labels", {}).get("gate")
    right = {"": True, "gate=open": gate == "open", "gate!=open": gate != "open"}
    return right.get(selector, gate is None)


def _write(store: Store, op: str, name: str, number: int) -> None:
    gate = {"gate": ("open", "closed")[number % 2]} if number % 3 else {}
    metadata = {"labels": gate, "finalizers": ["f"] if number % 2 else []}
    try:
        match op:
            case "create":
                store.create(APPLICATION, application(name, metadata=metadata))
            case "label":
                labels = {"labels": {"gate": gate.get("gate")}}
                store.patch(APPLICATION, "argocd", name, {"metadata": labels})
            case "status":
                store.patch(APPLICATION, "argocd", name, {"status": {"n": number % 2}})
            case "delete":
                store.delete(APPLICATION, "argocd", name)
            case _:
                store.patch(APPLICATION, "argocd", name, {"metadata": {"finalizers": None}})
    except (NotFound, AlreadyExists):
        pass
