"""Is it known what became of a patch, and what is not known said so?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from tests.hub.exchanges import CANARY, exchange
from tests.hub.kubeconfigs import QUICK, connected
from tests.hub.objects import status_body
from tests.hub.wire_server import Asked, WireServer, http, wire_server
from watcher.decide.parking import Refresh
from watcher.decide.patch import PatchGates
from watcher.hub.connection import Connection
from watcher.hub.errors import Cause, ReadFailed
from watcher.hub.patching import (
    Conflict,
    Gone,
    Outcome,
    Patched,
    Refused,
    Replaced,
    Throttled,
    Unknown,
    Unsent,
    ask_refresh,
    patch_by_hand,
    patch_gates,
    secret_now,
)
from watcher.hub.timeouts import Timeouts
from watcher.hub.wire import Metadata

PATCH = PatchGates(
    spoke="edff3fdc-2b64-4686-bcf8-97fc4fb50a63",
    namespace="argocd",
    secret="spoke-000",
    resource_version="532",
    labels={"gate-watcher.io/x": "open"},
    annotations={"gate-watcher.io/opened": "x"},
    opens=("x",),
)
DONE = exchange("patch-ok-metadata-only").http


@asynccontextmanager
async def hub(
    folder: Path, answer: bytes, timeouts: Timeouts = QUICK
) -> AsyncIterator[tuple[WireServer, Connection]]:
    async def give(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    async with (
        wire_server(give) as server,
        connected(folder, server.url, timeouts) as connection,
    ):
        yield server, connection


async def test_what_a_person_orders_is_sent_in_a_persons_name(tmp_path: Path) -> None:
    async with hub(tmp_path, DONE) as (server, connection):
        assert isinstance(await patch_by_hand(connection, PATCH), Patched)
    assert server.asked[0].query["fieldManager"] == "gate-watcher-cli"


async def outcome(folder: Path, answer: bytes) -> Outcome:
    async with hub(folder, answer) as (server, connection):
        result = await patch_gates(connection, PATCH, permitted=lambda: True)
        assert len(server.asked) == 1 + (b" 401 " in answer[:20])
    return result


async def test_what_is_sent_is_what_was_tried_on_a_real_api_server(tmp_path: Path) -> None:
    recorded = exchange("patch-ok-metadata-only").request
    async with hub(tmp_path, DONE) as (server, connection):
        await patch_gates(connection, PATCH, permitted=lambda: True)
    asked = server.asked[0]
    assert asked.method == recorded["method"]
    assert f"{asked.path}?fieldManager={asked.query['fieldManager']}" == recorded["path"]
    assert json.loads(asked.body) == recorded["body"]
    assert {
        "Accept": asked.headers["accept"],
        "Content-Type": asked.headers["content-type"],
    } == recorded["headers"]


@pytest.mark.parametrize(
    ("name", "became"),
    [
        ("patch-ok-metadata-only", Patched("647")),
        ("patch-stale-resource-version", Conflict()),
        ("patch-wrong-uid", Replaced()),
        ("patch-absent", Gone()),
    ],
)
async def test_what_a_real_api_server_answers_is_understood(
    tmp_path: Path, name: str, became: Outcome
) -> None:
    assert await outcome(tmp_path, exchange(name).http) == became


@pytest.mark.parametrize(
    ("name", "status", "message"),
    [
        (
            "patch-forbidden-as-watcher",
            403,
            '403 Forbidden: secrets "spoke-000" is forbidden: User '
            '"system:serviceaccount:argocd:gate-watcher" cannot patch resource "secrets" in API '
            'group "" in the namespace "argocd"',
        ),
        ("patch-bad-label", 422, "422 Invalid"),
        ("patch-strict-unknown-field", 422, "422 Invalid"),
        (
            "patch-wrong-content-type",
            415,
            "415 UnsupportedMediaType: 415: Unsupported Media Type",
        ),
        ("unauthorized", 401, "401 Unauthorized: Unauthorized"),
    ],
)
async def test_a_refusal_is_shown_in_the_hub_s_words_unless_they_quote_the_secret(
    tmp_path: Path, name: str, status: int, message: str
) -> None:
    assert await outcome(tmp_path, exchange(name).http) == Refused(status, message)


async def test_what_an_admission_policy_says_is_shown(tmp_path: Path) -> None:
    said = "ValidatingAdmissionPolicy 'x' denied request: this write would close open gates a"
    answer = http(403, status_body(403, "Forbidden", said))
    assert await outcome(tmp_path, answer) == Refused(403, f"403 Forbidden: {said}")


async def test_a_busy_hub_throttles(tmp_path: Path) -> None:
    busy = http(429, status_body(429, "TooManyRequests"), headers=["Retry-After: 7"])
    assert await outcome(tmp_path, busy) == Throttled(7.0)
    assert await outcome(tmp_path, http(429, b"")) == Throttled(0.0)


async def test_a_404_that_is_not_the_api_server_s_proves_nothing(tmp_path: Path) -> None:
    answer = exchange("list-unknown-kind").http
    assert await outcome(tmp_path, answer) == Refused(404, "404")


@pytest.mark.parametrize(
    "answer",
    [
        http(500, status_body(500, "InternalError", CANARY)),
        http(503, b"no healthy upstream", content_type="text/plain"),
        http(504, status_body(504, "Timeout")),
        http(408, b""),
        http(307, b"", headers=["Location: /elsewhere"]),
        http(200, b"<html>", content_type="text/html"),
        http(200, b"{}"),
        http(200, b'{"kind":"PartialObjectMetadata","metadata":{"name":"spoke-000"'),
    ],
    ids=["500", "503", "504", "408", "redirect", "html", "{}", "json"],
)
async def test_an_answer_that_was_lost_is_neither_done_nor_failed(
    tmp_path: Path, answer: bytes
) -> None:
    result = await outcome(tmp_path, answer)
    assert isinstance(result, Unknown)
    assert CANARY not in result.why
    assert result.why.startswith("cannot patch secret argocd/spoke-000: ")


@pytest.mark.parametrize("answer", [b"", DONE[:-1], b"HTTP/1.1 200"], ids=["none", "cut", "head"])
async def test_an_answer_that_does_not_come_whole_leaves_it_unknown(
    tmp_path: Path, answer: bytes
) -> None:
    hasty = msgspec.structs.replace(QUICK, patch_s=0.1)
    async with hub(tmp_path, answer, hasty) as (_, connection):
        assert isinstance(await patch_gates(connection, PATCH, permitted=lambda: True), Unknown)


async def test_a_connection_that_is_reset_after_sending_leaves_it_unknown(tmp_path: Path) -> None:
    async def reset(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with wire_server(reset) as server, connected(tmp_path, server.url) as connection:
        result = await patch_gates(connection, PATCH, permitted=lambda: True)
        assert isinstance(result, Unknown)
        assert len(server.asked) == 1  # it is not sent again by itself


async def test_a_kept_connection_that_proves_closed_leaves_it_unknown_and_is_not_used_again(
    tmp_path: Path,
) -> None:
    async def close_after_first(_: Asked, writer: asyncio.StreamWriter) -> None:
        if len(server.asked) != 2:
            writer.write(DONE)
        else:
            writer.transport.abort()

    async with (
        wire_server(close_after_first) as server,
        connected(tmp_path, server.url) as connection,
    ):
        results = [await patch_gates(connection, PATCH, permitted=lambda: True) for _ in range(3)]
        assert [type(each) for each in results] == [Patched, Unknown, Patched]
        assert len(server.asked) == 3


async def test_nothing_is_sent_without_a_permit(tmp_path: Path) -> None:
    async with hub(tmp_path, DONE) as (server, connection):
        result = await patch_gates(connection, PATCH, permitted=lambda: False)
        assert isinstance(result, Unsent)
        assert server.asked == []


async def test_what_never_left_is_not_unknown(tmp_path: Path) -> None:
    async with hub(tmp_path, DONE) as (server, _):
        url = server.url
    async with connected(tmp_path, url) as connection:
        result = await patch_gates(connection, PATCH, permitted=lambda: True)
        assert isinstance(result, Unsent)


async def test_one_more_look_tells_the_version_or_that_it_is_gone(tmp_path: Path) -> None:
    async with hub(tmp_path, DONE) as (server, connection):
        assert await secret_now(connection, "argocd", "spoke-000") == Metadata(
            "argocd", "spoke-000", PATCH.spoke, "647"
        )
        assert "resourceVersion" not in server.asked[0].query
    async with hub(tmp_path, exchange("patch-absent").http) as (_, connection):
        assert await secret_now(connection, "argocd", "absent") is None


@pytest.mark.parametrize("name", ["list-unknown-kind", "forbidden"])
async def test_a_look_that_fails_proves_nothing(tmp_path: Path, name: str) -> None:
    known = {"forbidden": http(403, status_body(403, "Forbidden"))}
    answer = known[name] if name in known else exchange(name).http
    async with hub(tmp_path, answer) as (_, connection):
        with pytest.raises(ReadFailed) as caught:
            await secret_now(connection, "argocd", "spoke-000")
        assert caught.value.cause is Cause.REFUSED


async def test_what_became_of_a_refresh_is_known_as_of_any_patch(tmp_path: Path) -> None:
    wish = Refresh("argocd", "spoke-000-x", "uid-x", 0.0)
    answers = {"patch-ok-metadata-only": Patched("647"), "patch-absent": Gone()}
    for name, became in answers.items():
        async with hub(tmp_path, exchange(name).http) as (server, connection):
            assert await ask_refresh(connection, wish, permitted=lambda: True) == became
            (asked,) = server.asked
            assert asked.path.endswith("/namespaces/argocd/applications/spoke-000-x")
    async with hub(tmp_path, DONE) as (server, connection):
        outcome = await ask_refresh(connection, wish, permitted=lambda: False)
        assert isinstance(outcome, Unsent)
        assert server.asked == []
