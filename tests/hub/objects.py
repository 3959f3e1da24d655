"""Objects, lists and events as small as a store and a watch can do with."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Raw, Struct

from watcher.hub.wire import Deleted, Metadata, Upserted


class Thing(Struct, frozen=True):
    """Something that a store can hold."""

    namespace: str
    name: str
    uid: str
    resource_version: str

    @property
    def key(self) -> str:
        return f"{self.namespace}/{self.name}"


class _Meta(Struct):
    namespace: str
    name: str
    uid: str
    resourceVersion: str  # noqa: N815  (as on the wire)


class _Object(Struct):
    metadata: _Meta


def read_thing(raw: Raw) -> Thing:
    """How a thing is read from its JSON."""
    meta = msgspec.json.decode(raw, type=_Object).metadata
    return Thing(meta.namespace, meta.name, meta.uid, meta.resourceVersion)


def thing(name: str = "a", version: int = 1, *, uid: str = "", namespace: str = "argocd") -> Thing:
    return Thing(namespace, name, uid or f"uid-{name}", str(version))


def metadata(held: Thing) -> Metadata:
    return Metadata(held.namespace, held.name, held.uid, held.resource_version)


def upserted(name: str, version: int, *, uid: str = "") -> Upserted[Thing]:
    return Upserted(thing(name, version, uid=uid))


def deleted(name: str, version: int, *, uid: str = "") -> Deleted[Thing]:
    return Deleted(thing(name, version, uid=uid))


def document(held: Thing) -> dict[str, Any]:
    return {
        "metadata": {
            "namespace": held.namespace,
            "name": held.name,
            "uid": held.uid,
            "resourceVersion": held.resource_version,
        }
    }


def list_body(
    things: Iterable[Thing],
    version: int,
    *,
    token: str = "",
    kind: str = "ApplicationList",
) -> bytes:
    body = {
        "kind": kind,
        "apiVersion": "argoproj.io/v1alpha1",
        "metadata": {"resourceVersion": str(version), "continue": token},
        "items": [document(each) for each in things],
    }
    return json.dumps(body, separators=(",", ":")).encode()


def event_line(type_: str, held: Thing) -> bytes:
    return json.dumps({"type": type_, "object": document(held)}).encode() + b"\n"


def bookmark_line(version: int) -> bytes:
    meta = {"resourceVersion": str(version), "creationTimestamp": None}
    return json.dumps({"type": "BOOKMARK", "object": {"metadata": meta}}).encode() + b"\n"


def status_body(code: int, reason: str = "", message: str = "", **more: Any) -> bytes:
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
        **more,
    }
    return json.dumps(body).encode()


def error_line(code: int, reason: str = "", message: str = "", **more: Any) -> bytes:
    status = json.loads(status_body(code, reason, message, **more))
    return json.dumps({"type": "ERROR", "object": status}).encode() + b"\n"
