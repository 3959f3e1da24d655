"""One list of everything, in pages, or a failure that says which list it was."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hub.kubeconfigs import connected
from tests.hub.objects import read_thing
from tests.hub.wire_server import Asked, http, wire_server
from watcher.facts import Kind
from watcher.hub import HubError, resource
from watcher.hub.listing import config_map, everything

SETS = resource(Kind.APPLICATION_SETS)


def page(*names: str, token: str = "") -> bytes:
    items = [
        {"metadata": {"namespace": "argocd", "name": name, "uid": name, "resourceVersion": "1"}}
        for name in names
    ]
    metadata = {"resourceVersion": "7", "continue": token}
    body = {"kind": "ApplicationSetList", "metadata": metadata, "items": items}
    return http(200, json.dumps(body).encode())


def answering(*answers: bytes) -> Callable[[Asked, asyncio.StreamWriter], Any]:
    script = list(answers)

    async def answer(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(script.pop(0))

    return answer


async def test_all_pages_are_asked_for(tmp_path: Path) -> None:
    async with (
        wire_server(answering(page("a", "b", token="more"), page("c"))) as server,
        connected(tmp_path, server.url) as connection,
    ):
        found = await everything(connection, SETS, "argocd", read_thing)
    assert [each.name for each in found] == ["a", "b", "c"]
    assert [each.query.get("continue") for each in server.asked] == [None, "more"]


async def test_a_refused_list_says_which_it_was(tmp_path: Path) -> None:
    refusal = {"kind": "Status", "code": 403, "reason": "Forbidden", "message": "no right"}
    async with (
        wire_server(answering(http(403, json.dumps(refusal).encode()))) as server,
        connected(tmp_path, server.url) as connection,
    ):
        with pytest.raises(HubError, match="cannot list applicationsets in argocd: 403 Forbidden"):
            await everything(connection, SETS, "argocd", read_thing)


@pytest.mark.parametrize(("code", "reason"), [(403, "Forbidden"), (404, "NotFound")])
async def test_a_config_map_that_cannot_be_had_is_not_known(
    code: int, reason: str, tmp_path: Path
) -> None:
    refusal = {"kind": "Status", "code": code, "reason": reason}
    async with (
        wire_server(answering(http(code, json.dumps(refusal).encode()))) as server,
        connected(tmp_path, server.url) as connection,
    ):
        assert await config_map(connection, "argocd", "x") is None
    assert [each.path for each in server.asked] == ["/api/v1/namespaces/argocd/configmaps/x"]


async def test_a_hub_that_fails_otherwise_is_said(tmp_path: Path) -> None:
    async with (
        wire_server(answering(http(500, b"{}"))) as server,
        connected(tmp_path, server.url) as connection,
    ):
        with pytest.raises(HubError, match="cannot read configmap argocd/x"):
            await config_map(connection, "argocd", "x")
