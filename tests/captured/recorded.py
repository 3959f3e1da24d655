"""What a real Argo CD had, did and said: objects, and streams of events, as they were recorded.

`streams/NAME.jsonl.gz` has one line an event: `at_s` since the start, `type` (`LISTED` for what the
hub held at the start; `ADDED`, `MODIFIED`, `DELETED` as a watch gave it; `DID` for what was done to
the hub), `object`. Recorded on Kubernetes 1.36 with Argo CD 3.5.1; in the Secrets' `data.config`
stands a canary in place of credentials, and nothing else was edited.

`objects/` has one object a file; its README says how each came to be.
"""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import Struct

HERE = Path(__file__).parent
CANARY = "CANARY-credential-must-never-appear"

Object: TypeAlias = dict[str, Any]


class Event(Struct, frozen=True):
    """One line of a stream."""

    at_s: float
    type: str
    object: Object

    @property
    def did(self) -> str:
        """What was done to the hub; empty where this is an object."""
        return str(self.object.get("did", ""))

    @property
    def kind(self) -> str:
        return str(self.object["kind"])

    @property
    def name(self) -> str:
        return str(self.object["metadata"]["name"])


def captured(prefix: str) -> dict[str, Object]:
    """The objects whose file's name begins so, by that name."""
    found = sorted((HERE / "objects").glob(f"{prefix}*.json"))
    return {path.stem: json.loads(path.read_text()) for path in found}


@functools.cache
def stream(name: str) -> tuple[Event, ...]:
    """The events of a stream, in the order in which they arrived."""
    with gzip.open(HERE / "streams" / f"{name}.jsonl.gz") as lines:
        return tuple(Event(**json.loads(line)) for line in lines)


def last(name: str, kind: str, object_name: str) -> Object:
    """An object as a stream last showed it."""
    return [each for each in objects(name, kind) if each["metadata"]["name"] == object_name][-1]


def objects(name: str, kind: str) -> Iterator[Object]:
    """Every state of every object of this kind in a stream."""
    return (each.object for each in stream(name) if not each.did and each.kind == kind)


def streams() -> list[str]:
    """The names of all streams."""
    return sorted(path.name.removesuffix(".jsonl.gz") for path in (HERE / "streams").iterdir())
