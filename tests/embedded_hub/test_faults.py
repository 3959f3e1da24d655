from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from tests.embedded_hub.standing import (
    APPLICATIONS,
    SECRETS,
    START,
    Hub,
    application,
    secret,
    standing,
)
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.errors import too_old
from watcher.embedded_hub.faults import (
    Answer,
    Cut,
    Drop,
    Duplicate,
    Endless,
    EndWatch,
    Faults,
    Hold,
    LoseAnswer,
    Mute,
    On,
    OnEvent,
    Say,
    Trickle,
)
from watcher.embedded_hub.resources import APPLICATION, SECRET
from watcher.embedded_hub.routes import Target
from watcher.embedded_hub.users import VIEWER
from watcher.embedded_hub.watching import event_line

LABEL = {"metadata": {"labels": {"gate": "open"}}}


def opened(hub: Hub) -> bool:
    obj = hub.store.get(SECRET, "argocd", "a")
    return obj is not None and obj["metadata"].get("labels") == {"gate": "open"}


async def watched(hub: Hub, path: str = SECRETS, query: str = "") -> bytes:
    """All that a watch says before its end."""
    async with asyncio.timeout(5):
        return (await hub.client.get(f"{path}?watch=1{query}")).body


def names(body: bytes) -> list[tuple[str, str]]:
    events = [json.loads(line) for line in body.splitlines()]
    return [(event["type"], event["object"]["metadata"]["name"]) for event in events]


# Which requests


def test_the_nth_match_is_hit_and_so_many_after_it() -> None:
    faults = Faults()
    planned = faults.plan(On(verb="list", resource=SECRET, nth=2, times=2), Mute())
    asked = Target("list", SECRET, "argocd", None, None)
    other = Target("list", APPLICATION, "argocd", None, None)
    hits = [faults.on_request(each, "", "") for each in (asked, other, asked, asked, asked)]
    assert [hit is not None for hit in hits] == [False, False, True, True, False]
    assert (planned.matched, planned.hits, planned.struck) == (4, 2, True)


def test_a_fault_for_ever_ends_when_it_is_cancelled() -> None:
    faults = Faults()
    planned = faults.plan(On(times=None), Mute())
    assert faults.on_request(None, "/version", "") is not None
    planned.cancel()
    assert faults.on_request(None, "/version", "") is None


@pytest.mark.parametrize(
    ("on", "hit"),
    [
        (On(), True),
        (On(verb="patch", resource=SECRET, namespace="argocd", name="a"), True),
        (On(path="/api/v1"), True),
        (On(user="me"), True),
        (On(name="b"), False),
        (On(namespace="default"), False),
        (On(user="other"), False),
        (On(path="/apis"), False),
    ],
)
def test_what_a_fault_names_must_fit(on: On, *, hit: bool) -> None:
    asked = Target("patch", SECRET, "argocd", "a", None)
    assert on.concerns(asked, "/api/v1/secrets", "me") is hit


def test_a_request_of_no_kind_is_hit_by_its_path_only() -> None:
    assert On(path="/version").concerns(None, "/version", "")
    assert not On(verb="get").concerns(None, "/version", "")


# What happens to a request


@pytest.mark.parametrize("applied", [False, True])
async def test_another_answer_before_or_after_what_was_asked_is_done(*, applied: bool) -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        fault = Answer(429, headers={"Retry-After": "7"}, applied=applied)
        hub.api.faults.plan(On(verb="patch", resource=SECRET, name="a"), fault)
        answer = await hub.client.patch(f"{SECRETS}/a", LABEL)
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
        assert answer.json["reason"] == "TooManyRequests"
        assert opened(hub) is applied
        assert (await hub.client.patch(f"{SECRETS}/a", LABEL)).status == 200


async def test_html_from_some_proxy() -> None:
    async with standing() as hub:
        html = Answer(200, body=b"<html>", content_type="text/html")
        hub.api.faults.plan(On(verb="list"), html)
        answer = await hub.client.get(SECRETS)
        assert (answer.body, answer.headers["Content-Type"]) == (b"<html>", "text/html")


@pytest.mark.parametrize("applied", [False, True])
async def test_an_answer_that_is_lost(*, applied: bool) -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        hub.api.faults.plan(On(verb="patch"), LoseAnswer(applied=applied))
        with pytest.raises(aiohttp.ClientError):
            await hub.client.patch(f"{SECRETS}/a", LABEL)
        assert opened(hub) is applied
        assert hub.api.requests[-1].status is None


@pytest.mark.parametrize("applied", [False, True])
async def test_a_request_that_hangs_until_it_is_released(*, applied: bool) -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        hold = Hold(applied=applied)
        hub.api.faults.plan(On(verb="patch"), hold)
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(hub.client.patch(f"{SECRETS}/a", LABEL))
            while not hub.api.requests or (applied and not opened(hub)):
                await hub.client.get("/livez")
            assert (asking.done(), opened(hub)) == (False, applied)
            hold.release()
        assert asking.result().status == 200
        assert opened(hub)


async def test_clearing_the_plan_releases_what_is_held() -> None:
    async with standing() as hub:
        hub.api.faults.plan(On(verb="list"), Hold())
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(hub.client.get(SECRETS))
            while not hub.api.requests:
                await hub.client.get("/livez")
            hub.api.faults.clear()
        assert asking.result().status == 200


async def test_a_body_that_is_cut() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        whole = (await hub.client.get(SECRETS)).body
        for cut in (0, 1, len(whole) - 1):
            hub.api.faults.plan(On(verb="list"), Cut(cut))
            async with hub.client.open("GET", SECRETS) as response:
                with pytest.raises(aiohttp.ClientPayloadError):
                    await response.read()


async def test_a_body_that_never_ends() -> None:
    async with standing() as hub:
        hub.api.faults.plan(On(verb="list"), Endless(b'{"items":['))
        async with hub.client.open("GET", SECRETS) as response:
            assert await response.content.readexactly(10) == b'{"items":['
            assert (await response.content.readexactly(1_000_000)).isspace()


async def test_a_body_that_trickles() -> None:
    clock = HandClock(START)
    async with standing(clock) as hub:
        hub.api.faults.plan(On(path="/livez"), Trickle(pause_s=10))
        async with hub.client.open("GET", "/livez") as response:
            assert clock.next_wake_at() == START + 10
            await clock.advance(10)
            assert await response.content.readexactly(1) == b"o"
            assert clock.next_wake_at() == START + 20
            await clock.advance(10)
            assert await response.read() == b"k"


# What happens to a watch


async def test_a_mute_watch_is_accepted_and_says_nothing() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        hub.api.faults.plan(On(verb="watch"), Mute())
        async with hub.client.open("GET", f"{SECRETS}?watch=1&timeoutSeconds=1") as response:
            hub.store.create(SECRET, secret("b"))
            await hub.client.get(SECRETS)
            await hub.api.stop()
            assert (response.status, await response.read()) == (200, b"")


async def test_a_watch_that_ends_after_so_many_events() -> None:
    async with standing() as hub:
        for name in ("a", "b", "c"):
            hub.store.create(SECRET, secret(name))
        for after in (0, 2):
            hub.api.faults.plan(On(verb="watch"), EndWatch(after_events=after))
            said = names(await watched(hub, query="&resourceVersion=3"))
            assert said == [("ADDED", "a"), ("ADDED", "b")][:after]


async def test_a_watch_that_is_cut_in_the_middle_of_an_event() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        hub.api.faults.plan(On(verb="watch"), Cut(40))
        async with hub.client.open("GET", f"{SECRETS}?watch=1") as response:
            read = b""
            with pytest.raises(aiohttp.ClientPayloadError):
                async for part in response.content.iter_any():
                    read += part
            assert len(read) == 40


@pytest.mark.parametrize("after", [0, 1])
async def test_a_watch_that_says_something_else_in_between(after: int) -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        hub.store.create(SECRET, secret("b"))
        error = event_line("ERROR", too_old(1, 5).status())
        hub.api.faults.plan(On(verb="watch"), Say(error, after_events=after))
        async with hub.client.open("GET", f"{SECRETS}?watch=1&resourceVersion=3") as response:
            lines = [await response.content.readline() for _ in range(3)]
        assert lines.index(error) == after


async def test_a_watch_that_is_refused() -> None:
    async with standing() as hub:
        hub.api.faults.plan(On(verb="watch"), Answer(410))
        answer = await hub.client.get(f"{SECRETS}?watch=1")
        assert (answer.status, answer.json["reason"]) == (410, "Expired")


async def test_events_can_be_dropped_and_duplicated() -> None:
    async with standing() as hub:
        hub.api.faults.plan(OnEvent(resource=APPLICATION, nth=2), Drop())
        hub.api.faults.plan(OnEvent(type="ADDED", name="c"), Duplicate())
        for name in ("a", "b", "c"):
            hub.store.create(APPLICATION, application(name))
        hub.api.faults.plan(On(verb="watch"), EndWatch(after_events=3))
        said = names(await watched(hub, APPLICATIONS, "&resourceVersion=3"))
        assert said == [("ADDED", "a"), ("ADDED", "c"), ("ADDED", "c")]


async def test_a_held_event_holds_those_behind_it() -> None:
    async with standing() as hub:
        hold = Hold()
        hub.api.faults.plan(OnEvent(name="b"), hold)
        async with hub.client.open("GET", f"{SECRETS}?watch=1") as response:
            for name in ("a", "b", "c"):
                hub.store.create(SECRET, secret(name))
            said: list[Any] = [await response.content.readline()]
            await hub.client.get(SECRETS)
            hold.release()
            said += [await response.content.readline() for _ in range(2)]
        assert names(b"".join(said)) == [("ADDED", "a"), ("ADDED", "b"), ("ADDED", "c")]


# A hub that is not there


async def test_a_hub_goes_away_and_comes_back_where_it_was() -> None:
    async with standing() as hub:
        hub.store.create(SECRET, secret("a"))
        async with hub.client.open("GET", f"{SECRETS}?watch=1") as response:
            await response.content.readline()
            await hub.api.go_away()
            with pytest.raises(aiohttp.ClientError):
                await response.content.readline()
        with pytest.raises(aiohttp.ClientConnectionError):
            await hub.client.get(SECRETS)
        await hub.api.come_back()
        assert (await hub.by(VIEWER).get(SECRETS)).status == 200
