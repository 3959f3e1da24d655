"""Does the embedded hub answer as a real API server did? One recorded exchange a test.

Each is put to a hub that holds the same objects. What must agree: the status, the headers named
below, in a Status its reason, message, details and code, and in every body the JSON paths with
their types. What is not compared, and why:
- uids, revisions and times, which are each hub's own; in messages they are blotted out;
- what is in `fieldsV1`, of which the embedded hub keeps less (watcher/embedded_hub/managed.py);
- flow-schema and length headers, and the order of keys;
- the object inside the message of a strict decoding error: only that it is there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.embedded_hub.standing import Answer, Hub, standing
from watcher.embedded_hub.clock import RunningClock
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, CONFIG_MAP, LEASE, SECRET
from watcher.embedded_hub.store import Store
from watcher.embedded_hub.users import ADMIN, WATCHER

EXCHANGES = Path(__file__).parent.parent / "captured" / "exchanges"
NAMES = sorted(path.stem for path in EXCHANGES.glob("*.json"))

BEFORE = {
    "patch-no-op": ["patch-ok-metadata-only"],
    "patch-remove": ["patch-ok-metadata-only"],
    "lease-create-again": ["lease-create"],
    "lease-update": ["lease-create"],
    "lease-update-conflict": ["lease-create", "lease-update"],
    "list-applications-page-2": ["list-applications-page-1"],
}
"""What was exchanged before, and made the hub what it was."""

WITHOUT_PROGRESS = {
    "list-future-resource-version", "watch-from-unset", "watch-list-initial-events",
    "watch-three-seconds-quiet",
}  # fmt: skip
"""Exchanges that show that the recorded server's storage told nothing of progress."""

HEADERS = ("Content-Type", "Cache-Control", "Retry-After", "X-Content-Type-Options")


@pytest.mark.parametrize("name", NAMES)
async def test_an_exchange_is_answered_as_a_real_server_did(name: str) -> None:
    store = Store(RunningClock(speed=40))
    fill(store)
    async with standing(store=store, progress=name not in WITHOUT_PROGRESS) as hub:
        for earlier in BEFORE.get(name, []):
            await put(hub, earlier)
        answer = await put(hub, name)
    recorded = load(name)["response"]
    assert answer.status == recorded["status"]
    assert {key: answer.headers.get(key) for key in HEADERS} == {
        key: recorded["headers"].get(key) for key in HEADERS
    }
    ours, theirs = documents(answer.body.decode()), documents(recorded["body"])
    assert [shape(document) for document in ours] == [shape(document) for document in theirs]
    assert [refusal(document) for document in ours] == [refusal(document) for document in theirs]


def test_every_recorded_refusal_is_among_them() -> None:
    reasons = {
        said["reason"]
        for name in NAMES
        for document in documents(load(name)["response"]["body"])
        if (said := refusal(document))
    }
    assert reasons == {
        "AlreadyExists", "BadRequest", "Conflict", "Expired", "Forbidden", "InternalError",
        "Invalid", "NotAcceptable", "NotFound", "Timeout", "Unauthorized", "UnsupportedMediaType",
    }  # fmt: skip


def fill(store: Store) -> None:
    """What the recorded hub held: eight Applications, one spoke, six ConfigMaps."""
    applications = items("list-applications-page-1") + items("list-applications-page-2")
    others = [
        {**obj, "metadata": {**obj["metadata"], "name": f"spoke-000-x{number}"}}
        for number, obj in enumerate(applications)
    ]
    for obj in applications + others:
        born = {key: part for key, part in obj["metadata"].items() if key in KEPT}
        store.create(APPLICATION, {**obj, "metadata": born}, manager="argocd")
        status = {"status": {**obj["status"], "sync": {"status": "Synced"}}}
        store.patch(APPLICATION, "argocd", born["name"], status, manager="controller")
        store.patch(APPLICATION, "argocd", born["name"], {"status": obj["status"]}, manager="c")
    for resource, name in ((CONFIG_MAP, "list-configmaps"), (SECRET, "list-secrets")):
        for obj in items(name):
            born = {key: part for key, part in obj["metadata"].items() if key in KEPT}
            store.create(resource, {**obj, "metadata": born}, manager="Python-urllib")
    store.compact(store.revision)
    store.create(APPLICATION_SET, {"metadata": {"name": "late", "namespace": "argocd"}, "spec": {}})


KEPT = ("name", "namespace", "labels", "annotations", "finalizers", "ownerReferences")


async def put(hub: Hub, name: str) -> Answer:
    request = load(name)["request"]
    path = request["path"].replace("resourceVersion=651", f"resourceVersion={hub.store.revision}")
    if "continue=ey" in path:
        first = await hub.client.get(load("list-applications-page-1")["request"]["path"])
        path = re.sub("continue=ey.*", f"continue={first.json['metadata']['continue']}", path)
    client = hub.by({"admin": ADMIN, "watcher": WATCHER}[request["user"]])
    return await client.ask(
        request["method"],
        path,
        as_here(hub.store, request["body"]),
        accept=request["headers"]["Accept"],
        content_type=request["headers"].get("Content-Type"),
        token="of a user that was deleted" if name == "unauthorized" else None,
    )


def as_here(store: Store, body: Any) -> Any:
    """`body` with the recorded uids and revisions replaced by those of the same objects here."""
    text = json.dumps(body)
    for resource, name, uid, revisions in (
        (SECRET, "spoke-000", "edff3fdc-2b64-4686-bcf8-97fc4fb50a63", ["532"]),
        (LEASE, "gate-watcher", "13ce4187-68f0-4302-b666-da30743a4a71", ["654"]),
    ):
        if obj := store.get(resource, "argocd", name):
            text = text.replace(uid, obj["metadata"]["uid"])
            first = store.events_since(resource, store.horizon(resource))[:1]
            revision = first[0].revision if first else obj["metadata"]["resourceVersion"]
            for recorded in revisions:
                text = text.replace(f'"{recorded}"', f'"{revision}"')
    return json.loads(text)


def load(name: str) -> Any:
    return json.loads((EXCHANGES / f"{name}.json").read_text())


def items(name: str) -> list[Any]:
    found: list[Any] = json.loads(load(name)["response"]["body"])["items"]
    return found


def documents(body: str) -> list[Any]:
    """The JSON documents of a body: one, one a line of a watch, or none."""
    try:
        return [json.loads(body)] if body.strip() else []
    except json.JSONDecodeError:
        lines = body.strip().split("\n")
        return [json.loads(line) for line in lines] if lines[0].startswith("{") else [body]


def shape(document: Any) -> set[tuple[str, str]]:
    """Every path in it, with its type."""
    return set(paths(document, ""))


def paths(value: Any, path: str) -> Iterator[tuple[str, str]]:
    yield path, {int: "number", float: "number"}.get(type(value), type(value).__name__)
    if path.endswith("/fieldsV1"):
        return
    if isinstance(value, dict):
        for key, part in value.items():
            yield from paths(part, f"{path}/{key}")
    if isinstance(value, list):
        for part in value:
            yield from paths(part, f"{path}[]")


def refusal(document: Any) -> dict[str, Any]:
    """What a Status says, in a body or in an ERROR event, with what is each hub's own blotted."""
    status = document.get("object", document) if isinstance(document, dict) else {}
    if status.get("kind") != "Status":
        return {}
    said = {key: status.get(key) for key in ("status", "reason", "message", "details", "code")}
    text = json.dumps(said)
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID", text)
    text = re.sub(r"(version: )\d+", r"\1N", text)
    text = re.sub(r"(current: )\d+|\(\d+\)", "N", text)
    text = re.sub(r'Invalid value: \\"\{.*?\}\\":', "Invalid value: OBJECT:", text)
    blotted: dict[str, Any] = json.loads(text)
    return blotted
