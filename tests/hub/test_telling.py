"""Is an Event written as Kubernetes takes it, and counted up where there is one?"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import msgspec
import pytest

from tests.builders import NOW
from tests.hub.exchanges import exchange
from tests.hub.kubeconfigs import connected
from tests.hub.objects import status_body
from tests.hub.wire_server import Asked, http, wire_server
from watcher.decide import Gate
from watcher.decide.notices import News, Notice
from watcher.hub.errors import Cause, TellFailed
from watcher.hub.telling import Told, event_name, tell

NOTICE = Notice(
    Gate("edff3fdc-2b64-4686-bcf8-97fc4fb50a63", "compute"),
    "argocd",
    "spoke-000",
    News.LOST,
    "lost the open gate of tier compute",
)
TOLD = Told(NOTICE, NOW, NOW)
AGAIN = Told(NOTICE, NOW, NOW + 60.25, count=2)
EVENTS = "/apis/events.k8s.io/v1/namespaces/argocd/events"


async def asked(folder: Path, told: Told, *answers: bytes, permitted: bool = True) -> list[Asked]:
    """What the hub is asked that answers so."""
    left = list(answers)

    async def give(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0))

    async with wire_server(give) as server, connected(folder, server.url) as connection:
        try:
            await tell(connection, told, me="pod-0", permitted=lambda: permitted)
        finally:
            found = list(server.asked)
        return found


CREATED = exchange("event-create").http
NOT_FOUND = http(404, status_body(404, "NotFound", "events.events.k8s.io not found"))


async def test_the_first_is_created_with_all_that_kubernetes_wants(tmp_path: Path) -> None:
    (one,) = await asked(tmp_path, TOLD, CREATED)
    assert (one.method, one.path) == ("POST", EVENTS)
    event = json.loads(one.body)
    recorded = exchange("event-create").request["body"]
    assert isinstance(recorded, dict)
    assert recorded.keys() <= event.keys()
    assert event["eventTime"] == "2026-03-02T09:00:00.000000Z"
    assert (event["reason"], event["type"]) == ("GateLost", "Warning")
    assert event["regarding"]["uid"] == NOTICE.gate.spoke
    assert event["reportingInstance"] == "pod-0"
    assert event["metadata"] == {"name": event_name(TOLD), "namespace": "argocd"}
    assert "series" not in event


async def test_a_repetition_counts_up_the_one_that_there_is(tmp_path: Path) -> None:
    (one,) = await asked(tmp_path, AGAIN, http(200, b"{}"))
    assert (one.method, one.path) == ("PATCH", f"{EVENTS}/{event_name(TOLD)}")
    assert json.loads(one.body) == {
        "series": {"count": 2, "lastObservedTime": "2026-03-02T09:01:00.250000Z"}
    }


async def test_one_that_the_hub_has_forgotten_is_created_anew(tmp_path: Path) -> None:
    first, second = await asked(tmp_path, AGAIN, NOT_FOUND, CREATED)
    assert (first.method, second.method) == ("PATCH", "POST")
    assert json.loads(second.body)["series"]["count"] == 2


async def test_nothing_is_written_without_a_permit(tmp_path: Path) -> None:
    with pytest.raises(TellFailed) as refused:
        await asked(tmp_path, TOLD, CREATED, permitted=False)
    assert refused.value.cause is Cause.WITHHELD


async def test_a_refusal_is_raised(tmp_path: Path) -> None:
    with pytest.raises(TellFailed):
        await asked(tmp_path, TOLD, http(403, status_body(403, "Forbidden", "no")))


def test_a_name_is_one_that_kubernetes_takes_however_long_the_secrets_is() -> None:
    long = msgspec.structs.replace(NOTICE, secret="a-" * 126)
    name = event_name(Told(long, NOW, NOW))
    assert len(name) <= 253
    assert "-." not in name


async def test_a_note_has_at_most_a_kibibyte(tmp_path: Path) -> None:
    long = msgspec.structs.replace(NOTICE, words="ä" * 5000)
    (one,) = await asked(tmp_path, Told(long, NOW, NOW), CREATED)
    note = json.loads(one.body)["note"]
    assert set(note) == {"ä"}
    assert len(note.encode()) <= 1024
