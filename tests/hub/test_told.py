from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.hub.kubeconfigs import connected
from tests.hub.wire_server import Asked, http, wire_server
from watcher.facts import instant
from watcher.hub.told import told

CAPTURED = Path(__file__).parent.parent / "captured" / "exchanges" / "event-create.json"


def events(*items: dict[str, object]) -> bytes:
    body = {"kind": "EventList", "metadata": {"resourceVersion": "7"}, "items": items}
    return http(200, json.dumps(body).encode())


async def test_what_a_real_hub_keeps_of_an_event_is_read_and_others_events_are_not(
    tmp_path: Path,
) -> None:
    kept = json.loads(json.loads(CAPTURED.read_text())["response"]["body"])
    other = {**kept, "reportingController": "kubelet"}
    again = {
        **kept,
        "metadata": {**kept["metadata"], "name": "again", "uid": "u"},
        "series": {"count": 3, "lastObservedTime": "2026-11-24T09:00:00.000000Z"},
    }

    async def answer(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(events(again, other, kept))

    async with (
        wire_server(answer) as server,
        connected(tmp_path, server.url) as connection,
    ):
        first, second = await told(connection, "argocd")
    assert (first.secret, first.reason, first.note, first.count) == (
        "spoke-000",
        "GateOpened",
        "x",
        1,
    )
    assert first.last_at == instant("2026-11-24T08:00:00Z")
    assert (second.count, second.last_at) == (3, instant("2026-11-24T09:00:00Z"))
    assert second.key == "argocd/again"
