"""Does a store become and stay what the hub is, whatever the wire does?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import msgspec
import pytest

from tests.hub.clock import HastyClock
from tests.hub.kubeconfigs import QUICK, connected
from tests.hub.objects import (
    Thing,
    bookmark_line,
    error_line,
    event_line,
    list_body,
    read_thing,
    status_body,
    thing,
)
from tests.hub.running import running, until
from tests.hub.wire_server import (
    Asked,
    WireServer,
    chunk,
    http,
    stream,
    stream_head,
    wire_server,
)
from watcher.facts import Kind
from watcher.hub.following import Followed, follow
from watcher.hub.requests import resource
from watcher.hub.store import Change, Feed, Store
from watcher.hub.timeouts import Timeouts

THREE = (thing("a", 1), thing("b", 2), thing("c", 3))
Step: TypeAlias = bytes | Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Case:
    """A follower, its store, and the server that it follows."""

    server: WireServer
    store: Store[Thing]
    clock: HastyClock
    changes: list[Change[Thing]] = field(default_factory=list)

    @property
    def feed(self) -> Feed[Thing]:
        return self.store.feeds["argocd"]

    @property
    def held(self) -> dict[str, str]:
        return {each.name: each.resource_version for each in self.store.objects.values()}


async def silent(_: Asked, writer: asyncio.StreamWriter) -> None:
    """A watch that was accepted, and on which nothing comes."""
    writer.write(stream_head())
    await asyncio.Event().wait()


def close_after(data: bytes) -> Step:
    async def answer(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    return answer


def keep_open_after(data: bytes) -> Step:
    async def answer(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        await asyncio.Event().wait()

    return answer


def trickle(data: bytes, every_s: float) -> Step:
    async def answer(_: Asked, writer: asyncio.StreamWriter) -> None:
        for byte in data:
            writer.write(bytes([byte]))
            await writer.drain()
            try:
                async with asyncio.timeout(every_s):
                    await asyncio.Event().wait()
            except TimeoutError:
                continue

    return answer


@asynccontextmanager
async def following(
    folder: Path, *steps: Step, timeouts: Timeouts = QUICK, known: tuple[Thing, ...] = ()
) -> AsyncIterator[Case]:
    """Follows a server that answers with one step after the other, then with silent watches."""
    script = iter(steps)

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        step = next(script, silent)
        if isinstance(step, bytes):
            writer.write(step)
        else:
            await step(asked, writer)

    changes: list[Change[Thing]] = []
    store: Store[Thing] = Store(Kind.APPLICATIONS, ["argocd"], changes.extend)
    clock = HastyClock()
    if known:
        store.feeds["argocd"].swap(known, "3", clock.now())
    async with (
        wire_server(answer) as server,
        connected(folder, server.url, timeouts) as connection,
    ):
        what = Followed(resource(Kind.APPLICATIONS), store.feeds["argocd"], read_thing)
        async with running(follow(connection, what, clock=clock, roll=lambda: 0.5)):
            yield Case(server, store, clock, changes)


GOOD_LIST = http(200, list_body(THREE, 3))


async def test_a_list_is_taken_whole_and_watched_from_its_version(tmp_path: Path) -> None:
    async with following(tmp_path, GOOD_LIST) as case:
        await until(lambda: len(case.server.watches) == 1)
        assert case.held == {"a": "1", "b": "2", "c": "3"}
        assert case.server.watches[0].query == {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": "3",
            "timeoutSeconds": "5",
        }
        assert "resourceVersion" not in case.server.lists[0].query
        assert case.feed.listed
        assert case.feed.heard_at == case.clock.now()


async def test_pages_are_joined_and_shown_only_when_all_of_them_came(tmp_path: Path) -> None:
    first = http(200, list_body(THREE[:2], 3, token="more"))
    held_between = []

    async def second(asked: Asked, writer: asyncio.StreamWriter) -> None:
        assert asked.query["continue"] == "more"
        held_between.append(dict(case.held))
        writer.write(http(200, list_body(THREE[2:], 3)))

    async with following(tmp_path, first, second) as case:
        await until(lambda: case.feed.listed)
        assert held_between == [{}]
        assert case.held == {"a": "1", "b": "2", "c": "3"}


async def test_pages_of_two_lists_are_never_joined(tmp_path: Path) -> None:
    async with following(
        tmp_path,
        http(200, list_body(THREE[:2], 3, token="more")),
        http(200, list_body([thing("z", 9)], 9)),
        GOOD_LIST,
    ) as case:
        await until(lambda: case.feed.listed)
        assert case.held == {"a": "1", "b": "2", "c": "3"}


async def test_410_between_pages_starts_the_list_again(tmp_path: Path) -> None:
    async with following(
        tmp_path,
        http(200, list_body(THREE[:2], 3, token="more")),
        http(410, status_body(410, "Expired", "the provided continue parameter is too old")),
        GOOD_LIST,
    ) as case:
        await until(lambda: case.feed.listed)
        assert [each.query.get("continue") for each in case.server.lists] == [None, "more", None]
        assert case.held == {"a": "1", "b": "2", "c": "3"}


async def test_a_list_cut_at_any_byte_is_thrown_away_whole(tmp_path: Path) -> None:
    body = list_body(THREE, 3)
    whole = http(200, body)
    unsaid = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + body
    )
    cuts = [close_after(data[:cut]) for data in (whole, unsaid) for cut in range(len(data))]
    async with following(tmp_path, *cuts, GOOD_LIST, timeouts=QUICK) as case:
        await until(lambda: case.feed.listed, within_s=60)
        assert len(case.server.lists) == len(cuts) + 1
        assert case.changes == [Change(None, each) for each in THREE]


async def test_an_event_cut_at_any_byte_is_no_event(tmp_path: Path) -> None:
    line = event_line("DELETED", thing("a", 4))
    cuts: list[Step] = []
    for cut in range(len(line)):
        # A list after each three streams on which nothing came.
        cuts += [close_after(stream_head() + chunk(line[:cut]))]
        cuts += [GOOD_LIST] if cut % 3 == 2 else []
    async with following(tmp_path, GOOD_LIST, *cuts) as case:
        await until(lambda: len(case.server.asked) > len(cuts) + 1, within_s=60)
        assert case.held == {"a": "1", "b": "2", "c": "3"}


async def test_an_event_cut_but_ended_in_order_is_no_event(tmp_path: Path) -> None:
    line = event_line("DELETED", thing("a", 4))
    async with following(tmp_path, GOOD_LIST, stream(line[:-1]), stream(line[:-2] + b"\n")) as case:
        await until(lambda: len(case.server.watches) == 3)
        assert case.held == {"a": "1", "b": "2", "c": "3"}


async def test_events_are_applied_and_the_stream_resumed_where_it_ended(tmp_path: Path) -> None:
    async with following(
        tmp_path,
        GOOD_LIST,
        stream(
            event_line("MODIFIED", thing("a", 4)),
            event_line("DELETED", thing("b", 5)),
            event_line("ADDED", thing("d", 6)),
            bookmark_line(8),
        ),
    ) as case:
        await until(lambda: len(case.server.watches) == 2)
        assert case.held == {"a": "4", "c": "3", "d": "6"}
        assert case.server.watches[1].query["resourceVersion"] == "8"
        assert len(case.server.lists) == 1


async def test_an_event_in_many_pieces_is_one_event(tmp_path: Path) -> None:
    line = event_line("MODIFIED", thing("a", 4))
    pieces = b"".join(chunk(bytes([byte])) for byte in line)
    async with following(tmp_path, GOOD_LIST, keep_open_after(stream_head() + pieces)) as case:
        await until(lambda: case.held.get("a") == "4")


@pytest.mark.parametrize(
    "gone",
    [
        http(410, status_body(410, "Expired", "too old resource version: 3 (281)")),
        stream(error_line(410, "Expired", "too old resource version: 3 (281)")),
        stream(error_line(410)),
        stream(
            error_line(
                504,
                "Timeout",
                "Timeout: Too large resource version: 651, current: 644",
                details={"causes": [{"reason": "ResourceVersionTooLarge", "message": "x"}]},
            )
        ),
    ],
    ids=["as status", "as event", "as event without reason", "from the future"],
)
async def test_a_version_that_is_of_no_use_leads_to_a_new_list(tmp_path: Path, gone: bytes) -> None:
    later = http(200, list_body([*THREE[:2], thing("c", 7), thing("d", 8)], 9))
    async with following(tmp_path, GOOD_LIST, gone, later) as case:
        await until(lambda: len(case.server.watches) == 2)
        assert case.held == {"a": "1", "b": "2", "c": "7", "d": "8"}
        assert case.server.watches[1].query["resourceVersion"] == "9"


async def test_until_the_new_list_is_whole_the_old_contents_stay(tmp_path: Path) -> None:
    held_between = []

    async def late(_: Asked, writer: asyncio.StreamWriter) -> None:
        held_between.append(dict(case.held))
        writer.write(http(200, list_body(THREE, 9)))

    expired = stream(error_line(410, "Expired"))
    async with following(tmp_path, GOOD_LIST, expired, late) as case:
        await until(lambda: len(case.server.watches) == 2)
        assert held_between == [{"a": "1", "b": "2", "c": "3"}]
        assert len(case.changes) == 3  # the second list is the same, so it changed nothing


@pytest.mark.parametrize(
    "strange",
    [
        http(200, b"<html>Sign in</html>", content_type="text/html"),
        http(502, b"<html>Bad gateway</html>", content_type="text/html"),
        http(200, b"<html>", content_type="application/json"),
        http(302, b"", headers=["Location: /elsewhere"]),
        http(200, list_body(THREE, 3, kind="Table")),
        http(200, list_body([thing("a", 1, namespace="other")], 3)),
        http(200, b'{"kind":"ApplicationList","metadata":{"resourceVersion":""},"items":[]}'),
        http(200, b'{"kind":"ApplicationList","items":[]}'),
        http(200, list_body([], 3), headers=["Content-Encoding: gzip"]),
        http(200, b"\xff\xfe\x00"),
        b"SSH-2.0-OpenSSH_9.6\r\n",
    ],
    ids=[
        "html",
        "502",
        "html said to be json",
        "redirect",
        "table",
        "another namespace",
        "no version",
        "no metadata",
        "compressed",
        "no UTF-8",
        "no HTTP",
    ],
)
async def test_what_is_no_list_is_not_taken_for_an_empty_one(
    tmp_path: Path, strange: bytes
) -> None:
    later = http(200, list_body(THREE, 9))
    async with following(tmp_path, close_after(strange), later, known=THREE) as case:
        await until(lambda: len(case.server.watches) == 1)
        assert case.changes == [Change(None, each) for each in THREE]
        assert case.feed.failures_count == 1


@pytest.mark.parametrize(
    "strange",
    [
        http(200, b"<html>Sign in</html>", content_type="text/html"),
        http(503, b"no healthy upstream", content_type="text/plain"),
        stream(b"<html>\n"),
        stream(b'"heartbeat"\n'),
        stream(b"null\n"),
        stream(b'{"type":"SURPRISE","object":{}}\n'),
        stream(b'{"type":"ADDED"}\n'),
        stream(b'{"type":"ERROR","object":{}}\n'),
        stream(error_line(500, "InternalError")),
        stream(event_line("DELETED", thing("a", 4, namespace="other"))),
        stream_head() + b"zz\r\n",
    ],
    ids=[
        "html",
        "503",
        "html in json",
        "string",
        "null",
        "unknown type",
        "no object",
        "empty error",
        "500",
        "another namespace",
        "no chunk",
    ],
)
async def test_what_is_no_event_changes_nothing_and_the_watch_resumes(
    tmp_path: Path, strange: bytes
) -> None:
    async with following(tmp_path, GOOD_LIST, close_after(strange)) as case:
        await until(lambda: len(case.server.watches) == 2)
        assert case.held == {"a": "1", "b": "2", "c": "3"}
        assert case.server.watches[1].query["resourceVersion"] == "3"
        assert case.feed.trouble
        assert len(case.server.lists) == 1


async def test_403_is_trouble_and_neither_empty_nor_forgotten(tmp_path: Path) -> None:
    forbidden = http(
        403,
        status_body(403, "Forbidden", 'applications is forbidden: User "x" cannot list resource'),
    )
    async with following(tmp_path, forbidden, keep_open_after(b""), known=THREE) as case:
        await until(lambda: len(case.server.lists) == 2)
        assert case.held == {"a": "1", "b": "2", "c": "3"}
        assert case.feed.trouble == (
            "cannot list applications in argocd: 403 Forbidden: applications is forbidden: "
            'User "x" cannot list resource; grant it to this account, see the Role in the manifests'
        )


async def test_where_the_hub_has_no_argo_cd_it_says_so(tmp_path: Path) -> None:
    absent = http(404, b"404 page not found\n", content_type="text/plain; charset=utf-8")
    async with following(tmp_path, absent, keep_open_after(b"")) as case:
        await until(lambda: len(case.server.lists) == 2)
        assert "that Argo CD is installed" in case.feed.trouble
        assert not case.feed.listed


async def test_trouble_ends_when_the_hub_is_heard_again(tmp_path: Path) -> None:
    async with following(tmp_path, http(500, b""), GOOD_LIST) as case:
        await until(lambda: case.feed.listed)
        assert case.feed.trouble == ""
        assert case.store.source.trouble == ""


async def test_a_watch_silent_after_bookmarks_is_given_up(tmp_path: Path) -> None:
    bookmarked = keep_open_after(stream_head() + chunk(bookmark_line(7)))
    quick = msgspec.structs.replace(QUICK, silence_s=0.05)
    async with following(tmp_path, GOOD_LIST, bookmarked, timeouts=quick) as case:
        await until(lambda: len(case.server.watches) == 2)
        assert case.server.watches[1].query["resourceVersion"] == "7"


async def test_a_watch_that_outlasts_what_was_asked_for_is_given_up(tmp_path: Path) -> None:
    quick = msgspec.structs.replace(QUICK, watch_least_s=0.0, watch_most_s=0.0, watch_grace_s=0.05)
    async with following(tmp_path, GOOD_LIST, timeouts=quick) as case:
        await until(lambda: len(case.server.watches) == 3)
        assert "no whole answer came in time" in case.feed.trouble


async def test_a_line_that_trickles_is_given_up(tmp_path: Path) -> None:
    slow = trickle(
        stream_head() + chunk(bookmark_line(7)) + b"".join(chunk(b" ") for _ in range(99)), 0.01
    )
    quick = msgspec.structs.replace(QUICK, silence_s=0.1)
    async with following(tmp_path, GOOD_LIST, slow, timeouts=quick) as case:
        await until(lambda: len(case.server.watches) == 2)


async def test_a_list_that_trickles_is_given_up(tmp_path: Path) -> None:
    quick = msgspec.structs.replace(QUICK, page_s=0.5)
    async with following(tmp_path, trickle(GOOD_LIST, 0.005), GOOD_LIST, timeouts=quick) as case:
        await until(lambda: case.feed.listed)
        assert len(case.server.lists) == 2


@pytest.mark.parametrize(
    "bad",
    [
        stream(),
        stream(bookmark_line(3)),
        http(410, status_body(410, "Expired")),
        http(429, status_body(429, "TooManyRequests")),
        http(403, status_body(403, "Forbidden")),
        stream(b"garbage\n"),
    ],
    ids=["empty", "one bookmark each", "410", "429", "403", "garbage"],
)
async def test_in_any_fault_there_is_no_hot_loop(tmp_path: Path, bad: bytes) -> None:
    async def always(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(bad if asked.watches else GOOD_LIST)

    async with following(tmp_path, *[always] * 100) as case:
        await until(lambda: len(case.server.asked) >= 100)
        spent = case.clock.passed_s
        assert len(case.server.asked) <= 5 + spent  # one a second, after a burst of five


async def test_the_hub_is_not_asked_before_it_said(tmp_path: Path) -> None:
    busy = http(429, status_body(429, "TooManyRequests"), headers=["Retry-After: 7"])
    async with following(tmp_path, busy, GOOD_LIST) as case:
        await until(lambda: case.feed.listed)
        assert case.clock.waits[0] == 7.0


async def test_a_list_that_lost_too_much_must_come_twice(tmp_path: Path) -> None:
    empty = http(200, list_body([], 9))
    troubles = []

    async def once_more(_: Asked, writer: asyncio.StreamWriter) -> None:
        troubles.append(case.feed.trouble)
        assert case.held == {"a": "1", "b": "2", "c": "3"}
        writer.write(empty)

    async with following(tmp_path, GOOD_LIST, stream(error_line(410)), empty, once_more) as case:
        await until(lambda: len(case.server.watches) == 2)
        assert case.held == {}
        assert troubles == [
            "a list of argocd is in doubt: it shows 0 objects where 3 were known; asking once more"
        ]
        assert 30.0 in case.clock.waits


async def test_a_list_that_lost_too_much_only_once_changes_nothing(tmp_path: Path) -> None:
    empty = http(200, list_body([], 9))
    full = http(200, list_body(THREE, 10))
    async with following(tmp_path, GOOD_LIST, stream(error_line(410)), empty, full) as case:
        await until(lambda: len(case.server.watches) == 2)
        assert case.changes == [Change(None, each) for each in THREE]


async def test_a_list_from_before_what_was_seen_must_come_twice(tmp_path: Path) -> None:
    behind = http(200, list_body([*THREE, thing("late", 2)], 2))
    async with following(tmp_path, GOOD_LIST, stream(error_line(410)), behind, GOOD_LIST) as case:
        await until(lambda: len(case.server.watches) == 2)
        assert "late" not in case.held
        assert case.feed.rewinds_count == 0


async def test_when_history_was_rewound_the_rewound_state_is_taken(tmp_path: Path) -> None:
    behind = http(200, list_body([thing("a", 1)], 2))
    async with following(tmp_path, GOOD_LIST, stream(error_line(410)), behind, behind) as case:
        await until(lambda: len(case.server.watches) == 2)
        assert case.held == {"a": "1"}
        assert case.feed.rewinds_count == 1
        assert case.server.watches[1].query["resourceVersion"] == "2"


async def test_a_distrusted_feed_is_listed_again_at_the_next_word(tmp_path: Path) -> None:
    async def distrusted(_: Asked, writer: asyncio.StreamWriter) -> None:
        case.feed.distrust = "an event was missed"
        writer.write(stream_head() + chunk(bookmark_line(4)))
        await asyncio.Event().wait()

    later = http(200, list_body([*THREE, thing("d", 4)], 5))
    async with following(tmp_path, GOOD_LIST, distrusted, later) as case:
        await until(lambda: "d" in case.held)
        assert case.feed.distrust == ""


async def test_where_lists_are_allowed_and_watches_are_not_a_distrusted_feed_is_listed(
    tmp_path: Path,
) -> None:
    async def forbidden(_: Asked, writer: asyncio.StreamWriter) -> None:
        case.feed.distrust = "a comparison found another state"
        writer.write(http(403, status_body(403, "Forbidden")))

    later = http(200, list_body([*THREE, thing("d", 4)], 5))
    async with following(tmp_path, GOOD_LIST, forbidden, later) as case:
        await until(lambda: "d" in case.held)


async def test_an_object_that_did_not_change_is_the_same_after_a_new_list(tmp_path: Path) -> None:
    again = http(200, list_body([thing("a", 1), thing("b", 8), thing("c", 3)], 9))
    async with following(tmp_path, GOOD_LIST, stream(error_line(410)), again) as case:
        await until(lambda: case.feed.listed)
        before = dict(case.store.objects)
        await until(lambda: len(case.server.watches) == 2)
        after = case.store.objects
        assert after["argocd/a"] is before["argocd/a"]
        assert after["argocd/c"] is before["argocd/c"]
        assert after["argocd/b"].resource_version == "8"


async def test_a_captured_error_event_is_understood(tmp_path: Path) -> None:
    line = json.dumps(
        {
            "type": "ERROR",
            "object": {
                "kind": "Status",
                "apiVersion": "v1",
                "metadata": {},
                "status": "Failure",
                "message": "too old resource version: 1 (281)",
                "reason": "Expired",
                "code": 410,
            },
        }
    )
    async with following(tmp_path, GOOD_LIST, stream(line.encode() + b"\n"), GOOD_LIST) as case:
        await until(lambda: len(case.server.watches) == 2)
        assert len(case.server.lists) == 2
