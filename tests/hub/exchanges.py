"""What a real API server answered (tests/captured/exchanges)."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.hub.wire_server import http

FOLDER = Path(__file__).parents[1] / "captured" / "exchanges"

CANARY = "CANARY-credential-must-never-appear"


class Exchange(Struct, frozen=True):
    """One answer, and what had been asked."""

    request: dict[str, object]
    status: int
    body: bytes
    content_type: str
    retry_after: str

    @property
    def http(self) -> bytes:
        """The answer as it goes over the wire."""
        extra = [f"Retry-After: {self.retry_after}"] if self.retry_after else []
        return http(self.status, self.body, content_type=self.content_type, headers=extra)


def exchange(name: str) -> Exchange:
    document = msgspec.json.decode((FOLDER / f"{name}.json").read_bytes())
    response = document["response"]
    return Exchange(
        request=document["request"],
        status=response["status"],
        body=response["body"].encode(),
        content_type=response["headers"]["Content-Type"],
        retry_after=response["headers"].get("Retry-After", ""),
    )


def names(beginning: str) -> list[str]:
    return sorted(each.stem for each in FOLDER.glob(f"{beginning}*.json"))


def body_of(document: object) -> bytes:
    return json.dumps(document).encode()
