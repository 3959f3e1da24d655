"""Is the ConfigMap of removals read and written as guard C goes by it?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.hub.exchanges import exchange
from tests.hub.kubeconfigs import connected
from tests.hub.objects import status_body
from tests.hub.wire_server import Asked, WireServer, http, wire_server
from watcher.hub.connection import Connection
from watcher.hub.errors import ReadFailed
from watcher.hub.patching import Patched
from watcher.hub.removals import Removals, removals_now, write_removals

HELD = {"metadata": {"uid": "uid-1", "name": "gate-watcher-removals"}, "data": {"argocd.a-x": "y"}}


@asynccontextmanager
async def hub(folder: Path, answer: bytes) -> AsyncIterator[tuple[WireServer, Connection]]:
    async def give(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    async with (
        wire_server(give) as server,
        connected(folder, server.url) as connection,
    ):
        yield server, connection


async def test_it_is_read_as_it_is(tmp_path: Path) -> None:
    async with hub(tmp_path, http(200, json.dumps(HELD).encode())) as (server, connection):
        held = await removals_now(connection, "argocd")
    assert held == Removals("uid-1", {"argocd.a-x": "y"})
    assert server.asked[0].path == "/api/v1/namespaces/argocd/configmaps/gate-watcher-removals"


async def test_without_any_key_it_names_nobody(tmp_path: Path) -> None:
    bare = {"metadata": HELD["metadata"]}
    async with hub(tmp_path, http(200, json.dumps(bare).encode())) as (_, connection):
        assert await removals_now(connection, "argocd") == Removals("uid-1", {})


async def test_that_there_is_none_and_that_it_may_not_be_read_are_two_things(
    tmp_path: Path,
) -> None:
    absent = http(404, status_body(404, "NotFound"))
    async with hub(tmp_path, absent) as (_, connection):
        assert await removals_now(connection, "argocd") is None
    refused = http(403, status_body(403, "Forbidden"))
    async with hub(tmp_path, refused) as (_, connection):
        with pytest.raises(ReadFailed):
            await removals_now(connection, "argocd")
    async with hub(tmp_path, http(404, b"a proxy's own")) as (_, connection):
        with pytest.raises(ReadFailed):
            await removals_now(connection, "argocd")


async def test_keys_go_in_and_out_and_no_other_is_touched(tmp_path: Path) -> None:
    async with hub(tmp_path, exchange("patch-ok-metadata-only").http) as (server, connection):
        held = Removals("uid-1", {"argocd.a-x": "y"})
        done = await write_removals(
            connection, "argocd", held, {"argocd.a-x": None, "argocd.b-x": "z"}
        )
    assert isinstance(done, Patched)
    (asked,) = server.asked
    assert (asked.method, asked.headers["content-type"]) == (
        "PATCH",
        "application/merge-patch+json",
    )
    assert json.loads(asked.body) == {
        "metadata": {"uid": "uid-1"},
        "data": {"argocd.a-x": None, "argocd.b-x": "z"},
    }
