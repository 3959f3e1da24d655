from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hub.kubeconfigs import connected
from tests.hub.wire_server import Asked, http, wire_server
from watcher.check import Held
from watcher.hub.asking import Service, ask, connect_to, held
from watcher.hub.errors import AskFailed, Cause, ConnectionFault, ReadFailed

FOUND = http(200, b'{"spokes": 3}')
SERVICE = Service("argocd")
PROXY = "/api/v1/namespaces/argocd/services/http:gate-watcher:http/proxy"


def status(code: int, reason: str, message: str) -> bytes:
    said = {"kind": "Status", "code": code, "reason": reason, "message": message}
    return http(code, json.dumps(said).encode())


FOLLOWS = status(503, "NotLeader", "this replica follows, and other leads")


def answering(*answers: bytes) -> Callable[[Asked, asyncio.StreamWriter], Any]:
    """One after the other; the last one again and again."""
    script = list(answers)

    async def answer(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(script.pop(0) if len(script) > 1 else script[0])

    return answer


async def test_the_hub_is_asked_for_its_service_with_the_callers_credentials(
    tmp_path: Path,
) -> None:
    async with (
        wire_server(answering(FOUND)) as server,
        connected(tmp_path, server.url, token="mine") as connection,
    ):
        assert await ask(connection, "/api/v1/fleet", service=SERVICE) == b'{"spokes": 3}'
        named = Service("argo", "watcher", "8090")
        await ask(connection, "/api/v1/fleet", service=named)
    first, second = server.asked
    assert (first.method, first.path) == ("GET", f"{PROXY}/api/v1/fleet")
    assert first.headers["authorization"] == "Bearer mine"
    assert second.path == ("/api/v1/namespaces/argo/services/http:watcher:8090/proxy/api/v1/fleet")


async def test_a_replica_that_follows_is_answered_by_asking_again(tmp_path: Path) -> None:
    async with (
        wire_server(answering(FOLLOWS, FOLLOWS, FOUND)) as server,
        connected(tmp_path, server.url) as connection,
    ):
        assert await ask(connection, "/api/v1/fleet", service=SERVICE) == b'{"spokes": 3}'
    assert len(server.asked) == 3


async def test_where_all_follow_it_is_said_after_a_while(tmp_path: Path) -> None:
    async with (
        wire_server(answering(FOLLOWS)) as server,
        connected(tmp_path, server.url) as connection,
    ):
        with pytest.raises(AskFailed, match="this replica follows, and other leads"):
            await ask(connection, "/api/v1/fleet", service=SERVICE)
    assert len(server.asked) == 8


async def test_every_other_refusal_is_final(tmp_path: Path) -> None:
    refusal = status(503, "ServiceUnavailable", "no endpoints available")
    async with (
        wire_server(answering(refusal)) as server,
        connected(tmp_path, server.url) as connection,
    ):
        with pytest.raises(AskFailed) as raised:
            await ask(connection, "/api/v1/fleet", service=SERVICE)
    assert (raised.value.cause, raised.value.code) == (Cause.REFUSED, 503)
    assert str(raised.value) == (
        "cannot ask service argocd/gate-watcher: 503 ServiceUnavailable: no endpoints available"
    )
    assert len(server.asked) == 1


async def test_a_watcher_is_asked_at_its_own_address_without_credentials() -> None:
    async with wire_server(answering(FOUND, FOLLOWS)) as server:
        connection = connect_to(server.url)
        assert await ask(connection, "/api/v1/fleet", service=None) == b'{"spokes": 3}'
        with pytest.raises(AskFailed, match="other leads"):
            await ask(connection, "/api/v1/fleet", service=None)
        await connection.close()
    first, _ = server.asked
    assert first.path == "/api/v1/fleet"
    assert "authorization" not in first.headers


@pytest.mark.parametrize("url", ["", "localhost:8090", "ftp://a", "http://", "http://u:p@a/"])
def test_what_is_no_address_is_said_without_what_it_may_hold(url: str) -> None:
    with pytest.raises(ConnectionFault) as raised:
        connect_to(url)
    assert str(raised.value) == (
        "--server: it is no plain http or https address; write it as http://HOST:PORT"
    )


LEASE = {
    "kind": "Lease",
    "spec": {
        "holderIdentity": "pod-1_c0ffee@10.0.0.7",
        "leaseDurationSeconds": 15,
        "acquireTime": "2026-03-02T08:00:00.000000Z",
        "renewTime": "2026-03-02T09:00:00.500000Z",
    },
}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            http(200, json.dumps(LEASE).encode()),
            Held("pod-1_c0ffee", 1772438400.0, 1772442000.5, 15.0),
        ),
        (http(200, b'{"kind": "Lease", "spec": {}}'), Held("", None, None, 0.0)),
    ],
)
async def test_a_lease_says_who_leads_and_when_that_was_last_said(
    tmp_path: Path, answer: bytes, expected: Held
) -> None:
    async with (
        wire_server(answering(answer)) as server,
        connected(tmp_path, server.url) as connection,
    ):
        assert await held(connection, "argocd", "gate-watcher") == expected


@pytest.mark.parametrize(
    "answer",
    [
        http(200, b"[]"),
        status(403, "Forbidden", "no"),
        status(404, "NotFound", "none"),
    ],
)
async def test_a_lease_that_cannot_be_read_is_said(tmp_path: Path, answer: bytes) -> None:
    async with (
        wire_server(answering(answer)) as server,
        connected(tmp_path, server.url) as connection,
    ):
        with pytest.raises(ReadFailed, match="leases argocd/gate-watcher"):
            await held(connection, "argocd", "gate-watcher")
