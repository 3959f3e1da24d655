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
from watcher.hub.comparing import EVERY_S, SURELY_CAME_S, compare
from watcher.hub.store import Feed

KNOWN = (thing("a", 5), thing("b", 6))


def metadata_list(*things: Thing, version: int = 9, token: str = "") -> bytes:
    document = json.loads(list_body(things, version, token=token))
    document["kind"] = "PartialObjectMetadataList"
    return http(200, json.dumps(document).encode())


class WatchedClock(HastyClock):
    """Does something at the first wait of a certain length."""

    def __init__(self, seconds: float, act: Callable[[], None]) -> None:
        super().__init__()
        self._seconds = seconds
        self._act = act

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if seconds == self._seconds:
            self._act()


@dataclass
class Case:
    server: WireServer
    feed: Feed[Thing]
    clock: HastyClock


@asynccontextmanager
async def comparing(
    folder: Path,
    *answers: bytes,
    listed: bool = True,
    roll: float = 0.5,
    meanwhile: Callable[[Feed[Thing]], None] | None = None,
) -> AsyncIterator[Case]:
    """Compares with one answer after the other, and then waits for ever."""
    script = iter(answers)

    async def answer(_: Asked, writer: asyncio.StreamWriter) -> None:
        data = next(script, None)
        if data is None:
            await asyncio.Event().wait()
        else:
            writer.write(data)

    feed: Feed[Thing] = Feed("argocd", {}, lambda changes: None)
    if listed:
        feed.swap(KNOWN, "9", 100.0)
    clock = WatchedClock(SURELY_CAME_S, lambda: meanwhile(feed) if meanwhile else None)
    async with wire_server(answer) as server, connected(folder, server.url) as connection:
        looking = compare(connection, Kind.APPLICATIONS, feed, clock=clock, roll=lambda: roll)
        async with running(looking):
            yield Case(server, feed, clock)


async def test_a_store_that_missed_nothing_is_heard_of(tmp_path: Path) -> None:
    async with comparing(tmp_path, metadata_list(*KNOWN)) as case:
        await until(lambda: len(case.server.asked) == 2)
        assert case.feed.heard_at is not None
        assert case.feed.heard_at > 100.0
        assert (case.feed.drifted_count, case.feed.distrust) == (0, "")
        assert case.clock.waits == [EVERY_S * 0.5, EVERY_S]
        accept = case.server.asked[0].headers["accept"]
        assert accept == "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


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
        assert case.feed.distrust == "2 applications in argocd were missed"


async def test_what_was_on_its_way_is_not_counted(tmp_path: Path) -> None:
    def comes(feed: Feed[Thing]) -> None:
        feed.apply(upserted("a", 8), 200.0)

    async with comparing(tmp_path, metadata_list(thing("a", 8), KNOWN[1]), meanwhile=comes) as case:
        await until(lambda: len(case.server.asked) == 2)
        assert SURELY_CAME_S in case.clock.waits
        assert (case.feed.drifted_count, case.feed.distrust) == (0, "")


async def test_what_a_stream_that_is_down_did_not_tell_was_not_missed(tmp_path: Path) -> None:
    def breaks(feed: Feed[Thing]) -> None:
        feed.troubled("the stream is down")

    async with comparing(tmp_path, metadata_list(thing("a", 8)), meanwhile=breaks) as case:
        await until(lambda: len(case.server.asked) == 2)
        assert (case.feed.drifted_count, case.feed.distrust) == (0, "")


async def test_nothing_is_compared_before_there_is_a_list(tmp_path: Path) -> None:
    async with comparing(tmp_path, metadata_list(), listed=False) as case:
        await until(lambda: len(case.clock.waits) > 3)
        assert case.server.asked == []


async def test_a_comparison_that_fails_is_trouble_and_is_tried_again(tmp_path: Path) -> None:
    refused = http(406, status_body(406, "NotAcceptable"))
    async with comparing(tmp_path, refused) as case:
        await until(lambda: len(case.server.asked) == 2)
        assert case.feed.trouble == "cannot compare applications in argocd: 406 NotAcceptable"
        assert case.feed.drifted_count == 0


async def test_kinds_do_not_compare_together(tmp_path: Path) -> None:
    async with comparing(tmp_path, roll=0.25) as case:
        await until(lambda: len(case.server.asked) == 1)
        assert case.clock.waits == [EVERY_S * 0.25]
