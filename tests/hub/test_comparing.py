"""Is what a watch missed found, counted, and nothing else taken for it?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.hub.clock import HastyClock
from tests.hub.kubeconfigs import connected
from tests.hub.objects import Thing, list_body, status_body, thing, upserted
from tests.hub.running import running, until
from tests.hub.wire_server import Asked, WireServer, http, wire_server
from watcher.facts import Kind
from watcher.hub.comparing import EVERY_S, QUIET_S, STEP_S, SURELY_CAME_S, compare
from watcher.hub.requests import resource
from watcher.hub.store import Feed
from watcher.policy import Policy

KNOWN = (thing("a", 5), thing("b", 6))


def metadata_list(*things: Thing, version: int = 9, token: str = "") -> bytes:
    document = json.loads(list_body(things, version, token=token))
    document["kind"] = "PartialObjectMetadataList"
    return http(200, json.dumps(document).encode())


class BusyClock(HastyClock):
    """Lets things happen while somebody waits."""

    def __init__(self, happens: Callable[[float], None]) -> None:
        super().__init__()
        self._happens = happens

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        self._happens(seconds)


@dataclass
class Case:
    server: WireServer
    feed: Feed[Thing]
    clock: HastyClock
    heard: list[float | None]
    """When the hub had been heard last, at each request."""


@asynccontextmanager
async def comparing(
    folder: Path,
    *answers: bytes,
    listed: bool = True,
    roll: float = 0.5,
    meanwhile: Callable[[Feed[Thing]], None] = lambda feed: None,
    quiet: bool = False,
) -> AsyncIterator[Case]:
    """Compares with one answer after the other, and then waits for ever.

    Unless it is `quiet`, the hub is heard all the time. `meanwhile` happens between a difference
    and the second look at it.
    """
    script = iter(answers)
    heard: list[float | None] = []

    async def answer(_: Asked, writer: asyncio.StreamWriter) -> None:
        heard.append(feed.heard_at)
        data = next(script, None)
        if data is None:
            await asyncio.Event().wait()
        else:
            writer.write(data)

    feed: Feed[Thing] = Feed("argocd", {}, lambda changes: None)
    if listed:
        feed.swap(KNOWN, "9", 100.0)

    def happens(seconds: float) -> None:
        if seconds == SURELY_CAME_S:
            meanwhile(feed)
        elif not quiet:
            feed.heard(clock.now())

    clock = BusyClock(happens)
    async with wire_server(answer) as server, connected(folder, server.url) as connection:
        looking = compare(
            connection, resource(Kind.APPLICATIONS), feed, clock=clock, roll=lambda: roll
        )
        async with running(looking):
            yield Case(server, feed, clock, heard)


async def test_a_store_is_compared_every_ten_minutes(tmp_path: Path) -> None:
    async with comparing(tmp_path, metadata_list(*KNOWN)) as case:
        await until(lambda: len(case.server.asked) == 2)
        assert case.clock.passed_s == EVERY_S * 0.5 + EVERY_S
        assert (case.feed.drifted_count, case.feed.distrust) == (0, "")
        accept = case.server.asked[0].headers["accept"]
        assert accept == "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


async def test_a_silent_hub_is_compared_before_it_is_stale_and_heard_where_nothing_differs(
    tmp_path: Path,
) -> None:
    equal = metadata_list(*KNOWN)
    async with comparing(tmp_path, equal, equal, quiet=True) as case:
        await until(lambda: len(case.server.asked) == 3)
        start = case.clock.started_at
        assert case.heard == [100.0, start + QUIET_S, start + 2 * QUIET_S + STEP_S]
        assert Policy(tiers=()).stale_after_s > QUIET_S + 2 * STEP_S


async def test_a_silent_hub_that_shows_something_else_is_not_heard(tmp_path: Path) -> None:
    async with comparing(tmp_path, metadata_list(thing("a", 8)), quiet=True) as case:
        await until(lambda: len(case.server.asked) == 2)
        assert case.feed.heard_at == 100.0
        assert case.feed.distrust


async def test_pages_are_compared_as_one_list(tmp_path: Path) -> None:
    pages = metadata_list(KNOWN[0], token="more"), metadata_list(KNOWN[1])
    async with comparing(tmp_path, *pages) as case:
        await until(lambda: len(case.server.asked) == 3)
        assert [each.query.get("continue") for each in case.server.asked] == [None, "more", None]
        assert case.feed.drifted_count == 0


async def test_what_was_missed_is_counted_and_the_feed_distrusted(tmp_path: Path) -> None:
    async with comparing(tmp_path, metadata_list(thing("a", 8))) as case:
        await until(lambda: len(case.server.asked) == 2)
        assert case.feed.drifted_count == 2
        assert case.feed.distrust == "2 applications in argocd differ from what the hub has"


async def test_what_was_on_its_way_is_not_counted(tmp_path: Path) -> None:
    def comes(feed: Feed[Thing]) -> None:
        feed.apply(upserted("a", 8), 200.0)

    async with comparing(tmp_path, metadata_list(thing("a", 8), KNOWN[1]), meanwhile=comes) as case:
        await until(lambda: len(case.server.asked) == 2)
        assert SURELY_CAME_S in case.clock.waits
        assert (case.feed.drifted_count, case.feed.distrust) == (0, "")


async def test_what_a_stream_that_is_down_did_not_tell_is_listed_again_but_not_counted(
    tmp_path: Path,
) -> None:
    def breaks(feed: Feed[Thing]) -> None:
        feed.troubled("the stream is down")

    async with comparing(tmp_path, metadata_list(thing("a", 8)), meanwhile=breaks) as case:
        await until(lambda: case.feed.distrust != "")
        assert case.feed.drifted_count == 0


async def test_nothing_is_compared_before_there_is_a_list(tmp_path: Path) -> None:
    async with comparing(tmp_path, metadata_list(), listed=False) as case:
        await until(lambda: len(case.clock.waits) > 3)
        assert case.server.asked == []


async def test_a_comparison_that_fails_is_trouble_and_is_tried_again(tmp_path: Path) -> None:
    refused = http(406, status_body(406, "NotAcceptable"))
    async with comparing(tmp_path, refused, quiet=True) as case:
        await until(lambda: len(case.server.asked) == 2)
        assert case.feed.trouble == "cannot compare applications in argocd: 406 NotAcceptable"
        assert case.feed.drifted_count == 0


async def test_kinds_do_not_compare_together(tmp_path: Path) -> None:
    async with comparing(tmp_path, roll=0.25) as case:
        await until(lambda: len(case.server.asked) == 1)
        assert case.clock.passed_s == EVERY_S * 0.25
