"""In which shape does the client want what it asked for?

As whole objects, as their metadata, or as a table, by the `Accept` header.

Facts (Kubernetes API concepts; recorded in tests/captured/exchanges:
list-secrets-metadata-only.json, list-empty-selector-miss.json, patch-ok-metadata-only.json): the
first clause that can be served wins; a list must be asked for as PartialObjectMetadataList, one
object and a watch as PartialObjectMetadata. Items of a list of built-in kinds do not say their
kind; those of custom resources do, and their lists always have `continue`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

from watcher.embedded_hub.errors import NotAcceptable
from watcher.embedded_hub.events import served_face
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.resources import Resource
from watcher.embedded_hub.tables import cells, columns

_META = "meta.k8s.io/v1"
_TYPES = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
_JSON = ("application/json", "application/*", "*/*")
_ITEMS_IN_A_CHUNK = 64

encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode


class Shape(Enum):
    """What is left of an object on its way out."""

    WHOLE = "whole"
    METADATA = "metadata"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Page:
    """A list, or a part of one, with what its metadata says."""

    items: Sequence[Object]
    revision: int
    token: str = ""
    """Where the next page begins; empty after the last."""
    remaining: int | None = None
    """How many come after this page; None where that is not told."""


@dataclass(frozen=True, slots=True)
class View:
    """How one client sees one kind."""

    resource: Resource
    shape: Shape
    now: float
    """Ages in tables count from here (epoch seconds)."""
    included: str = "Metadata"
    """What each row of a table carries: `None`, `Metadata` or `Object`."""

    def one(self, obj: Object) -> Object:
        """One object, as the body of an answer or within an event of a watch."""
        match self.shape:
            case Shape.WHOLE:
                return served_face(self.resource, obj)
            case Shape.METADATA:
                return _metadata_of(obj)
            case Shape.TABLE:
                revision = obj["metadata"].get("resourceVersion", "")
                return {**self._table({"resourceVersion": revision}), "rows": [self._row(obj)]}

    def many(self, page: Page) -> Iterator[bytes]:
        """A list, encoded piece by piece."""
        metadata: Object = {"resourceVersion": str(page.revision)}
        if page.token or (self.resource.custom and self.shape is Shape.WHOLE):
            metadata["continue"] = page.token
        if page.remaining:
            metadata["remainingItemCount"] = page.remaining
        match self.shape:
            case Shape.WHOLE:
                head = {
                    "kind": f"{self.resource.kind}List",
                    "apiVersion": self.resource.api_version,
                    "metadata": metadata,
                }
                return _spelled(head, "items", page.items, self._item)
            case Shape.METADATA:
                head = {"kind": "PartialObjectMetadataList", "apiVersion": _META}
                return _spelled({**head, "metadata": metadata}, "items", page.items, _metadata_of)
            case Shape.TABLE:
                return _spelled(self._table(metadata), "rows", page.items, self._row)

    def bookmark(self, revision: int, annotations: dict[str, str] | None = None) -> Object:
        """An object that says nothing but how far a watch has come."""
        metadata: Object = {"resourceVersion": str(revision)}
        if annotations:
            metadata["annotations"] = annotations
        kind, version = self.resource.kind, self.resource.api_version
        if self.shape is Shape.METADATA:
            kind, version = "PartialObjectMetadata", _META
        if self.shape is Shape.TABLE:
            return {**self._table(metadata), "rows": []}
        return {"kind": kind, "apiVersion": version, "metadata": metadata}

    def _item(self, obj: Object) -> Object:
        face = served_face(self.resource, obj)
        if self.resource.custom:
            return face
        return {key: part for key, part in face.items() if key not in ("apiVersion", "kind")}

    def _table(self, metadata: Object) -> Object:
        definitions = [column.definition() for column in columns(self.resource.kind)]
        head = {"kind": "Table", "apiVersion": _META, "metadata": metadata}
        return {**head, "columnDefinitions": definitions}

    def _row(self, obj: Object) -> Object:
        row: Object = {"cells": cells(self.resource.kind, obj, self.now)}
        if self.included != "None":
            whole = self.included == "Object"
            row["object"] = served_face(self.resource, obj) if whole else _metadata_of(obj)
        return row


def shape(accept: str, resource: Resource, verb: str) -> Shape:
    """What an `Accept` header asks for, of the answer to `verb`. Raises NotAcceptable."""
    for clause in (accept or "*/*").split(","):
        media, *parameters = (part.strip() for part in clause.split(";"))
        asked = dict(part.split("=", 1) for part in parameters if "=" in part)
        if media not in _JSON:
            continue
        match asked.get("as"):
            case None:
                return Shape.WHOLE
            case "Table":
                return Shape.TABLE
            case "PartialObjectMetadata" | "PartialObjectMetadataList" as name:
                return _metadata_shape(name, resource, is_list=verb == "list")
            case _:
                continue
    raise NotAcceptable(f"only the following media types are accepted: {_TYPES}")


def _metadata_shape(asked: str, resource: Resource, *, is_list: bool) -> Shape:
    if (asked == "PartialObjectMetadataList") is is_list:
        return Shape.METADATA
    of = "unstructured.Unstructured" if resource.custom else f"core.{resource.kind}"
    found = f"a list (*{of}List)" if is_list else f"not a list (*{of})"
    raise NotAcceptable(f"you requested {asked}, but the requested object is {found}")


def _metadata_of(obj: Object) -> Object:
    return {"kind": "PartialObjectMetadata", "apiVersion": _META, "metadata": obj["metadata"]}


def _spelled(
    head: Object, name: str, items: Sequence[Object], spell: Callable[[Object], Object]
) -> Iterator[bytes]:
    yield encode(head)[:-1] + f',"{name}":['.encode()
    for start in range(0, len(items), _ITEMS_IN_A_CHUNK):
        chunk = items[start : start + _ITEMS_IN_A_CHUNK]
        comma = b"," if start else b""
        yield comma + b",".join(encode(spell(obj)) for obj in chunk)
    yield b"]}"
