"""Is every spoke found, and none of its credentials?"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.hub.exchanges import CANARY, exchange
from tests.hub.kubeconfigs import connected
from tests.hub.wire_server import Asked, http, wire_server
from watcher.hub.errors import ListFailed
from watcher.hub.looking import spokes_now
from watcher.policy import Gates


async def test_every_page_is_read_and_no_credentials_are(tmp_path: Path) -> None:
    whole = json.loads(exchange("list-secrets").body)
    pages = [{**whole, "metadata": {**whole["metadata"], "continue": "more"}}, whole]

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        page = pages[1 if "continue" in asked.query else 0]
        writer.write(http(200, json.dumps(page).encode()))

    async with wire_server(answer) as server, connected(tmp_path, server.url) as connection:
        spokes = await spokes_now(connection, "argocd", Gates())
    assert [each.secret for each in spokes] == 2 * [
        each["metadata"]["name"] for each in whole["items"]
    ]
    assert CANARY not in repr(spokes)
    assert [asked.query.get("continue") for asked in server.asked] == [None, "more"]


async def test_a_list_that_is_refused_raises(tmp_path: Path) -> None:
    async def refuse(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(http(403, b""))

    async with wire_server(refuse) as server, connected(tmp_path, server.url) as connection:
        with pytest.raises(ListFailed):
            await spokes_now(connection, "argocd", Gates())
