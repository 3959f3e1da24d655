"""What did watchers tell on the hub?

The Events that they wrote on the Secrets of spokes, asked for by a person's command. The hub
forgets them after an hour, unless it was told otherwise.

Elsewhere: how they are written (telling.py), and which (decide/notices.py).
"""

from __future__ import annotations

from msgspec import Raw, Struct, json

from watcher.facts import Instant, instant
from watcher.hub.connection import Connection
from watcher.hub.listing import everything
from watcher.hub.requests import REPORTER, Resource

EVENTS = Resource("/apis/events.k8s.io/v1", "events", "EventList")


class ToldEvent(Struct, frozen=True):
    """An Event, as far as a person reads it."""

    uid: str
    namespace: str
    name: str
    resource_version: str
    reporter: str
    secret: str
    """The name of the Secret that it is about."""
    reason: str
    note: str
    last_at: Instant
    """When it happened last."""
    count: int

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


async def told(connection: Connection, namespace: str) -> tuple[ToldEvent, ...]:
    """Those of any watcher there, the oldest first; raises `ListFailed`."""
    every = await everything(connection, EVENTS, namespace, _event)
    return tuple(
        sorted((each for each in every if each.reporter == REPORTER), key=lambda it: it.last_at)
    )


def _event(body: Raw) -> ToldEvent:
    said = json.decode(body, type=_Event)
    series = said.series or _Series()
    last_at = instant(series.last_observed_time) or instant(said.event_time) or 0.0
    meta = said.metadata
    return ToldEvent(
        uid=meta.uid,
        namespace=meta.namespace,
        name=meta.name,
        resource_version=meta.resource_version,
        reporter=said.reporting_controller or "",
        secret=said.regarding.name,
        reason=said.reason or "",
        note=said.note or "",
        last_at=last_at,
        count=max(1, series.count or 1),
    )


class _Meta(Struct, frozen=True, rename="camel"):
    uid: str = ""
    namespace: str = ""
    name: str = ""
    resource_version: str = ""


class _Regarding(Struct, frozen=True):
    name: str = ""


class _Series(Struct, frozen=True, rename="camel"):
    count: int | None = None
    last_observed_time: str | None = None


class _Event(Struct, frozen=True, rename="camel"):
    metadata: _Meta = _Meta()
    regarding: _Regarding = _Regarding()
    reporting_controller: str | None = None
    reason: str | None = None
    note: str | None = None
    event_time: str | None = None
    series: _Series | None = None
