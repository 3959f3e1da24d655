"""How is an Event written?

Facts (Kubernetes, pkg/apis/events/v1 and validation; captured, event-create.json):
- `eventTime`, `reportingController`, `reportingInstance`, `action`, `reason` and `type` must be
  there; a note is at most 1 KiB, each of the others 128 bytes.
- An Event that was written is never changed but for its `series`: how often it happened, at least
  twice, and when last.
- The API server forgets an Event after an hour. One that it forgot is written anew.

Elsewhere: which Events (decide/notices.py), and when (daemon/telling.py).
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec import Struct

from watcher.facts import Instant
from watcher.hub import requests
from watcher.hub.connection import Connection
from watcher.hub.errors import TellFailed

if TYPE_CHECKING:
    from watcher.decide.notices import Notice


class Told(Struct, frozen=True):
    """One Event, and how often what it tells has happened."""

    notice: Notice
    first_at: Instant
    last_at: Instant
    count: int = 1


async def tell(
    connection: Connection, told: Told, *, me: str, permitted: Callable[[], bool]
) -> None:
    """Writes the Event, or counts it up; raises `TellFailed`.

    `me`: this replica. `permitted` is asked immediately before.
    """
    try:
        await _send(connection, told, me, permitted, anew=told.count == 1)
    except TellFailed as error:
        if told.count == 1 or error.code != 404:
            raise
        await _send(connection, told, me, permitted, anew=True)


def event_name(told: Told) -> str:
    """The same for every repetition; of the Secret's name as much as has room."""
    about = told.notice
    what = f"{about.gate.spoke}/{about.gate.tier}/{about.news}/{about.order}"
    mark = sha256(what.encode()).hexdigest()[:10]
    return f"{told.notice.secret[:200].rstrip('-.')}.{mark}{int(told.first_at * 1e6):x}"


async def _send(
    connection: Connection, told: Told, me: str, permitted: Callable[[], bool], *, anew: bool
) -> None:
    named = {"namespace": told.notice.namespace, "name": event_name(told)}
    if anew:
        request = requests.create_event(
            told.notice, **named, me=me, first_at=told.first_at, last_at=told.last_at,
            count=told.count,
        )  # fmt: skip
    else:
        request = requests.count_event(**named, last_at=told.last_at, count=told.count)
    await connection.send(request, within_s=connection.timeouts.patch_s, allowed=permitted)
