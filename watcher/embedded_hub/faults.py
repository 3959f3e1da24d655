"""What goes wrong, when, and how?

A plan of faults: each says on which request, or on which event of a watch, and what happens then.
The server (http.py, watching.py) asks the plan at each request and event; nothing else does.

    api.faults.plan(On(verb="patch", resource=SECRET), LoseAnswer())  # applied, not answered
    api.faults.plan(On(verb="list", nth=2), Answer(429, headers={"Retry-After": "7"}))
    api.faults.plan(OnEvent(resource=APPLICATION, nth=3), Drop())
    held = Hold(); api.faults.plan(On(verb="watch", times=None), held); ...; held.release()

The controllers' metrics have a plan of their own (metrics_server.py).

Elsewhere: refusing connections altogether (`EmbeddedApi.go_away`); refusing writes by a rule
(`Store.admit`); forgetting history (`Store.compact`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from watcher.embedded_hub.history import Event, EventType
from watcher.embedded_hub.resources import Resource
from watcher.embedded_hub.routes import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class On:
    """Which requests; what is None matches all."""

    verb: str | None = None
    """`get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`."""
    resource: Resource | None = None
    namespace: str | None = None
    name: str | None = None
    user: str | None = None
    path: str | None = None
    """A prefix of the path, for requests that concern no kind."""
    nth: int = 1
    """The first hit is the nth request that matches, counted from when it was planned."""
    times: int | None = 1
    """How many requests are hit in a row; None for ever."""

    def concerns(self, asked: Target | None, path: str, user: str) -> bool:
        """Whether this is such a request."""
        wanted: tuple[tuple[object, object], ...] = (
            (self.verb, asked and asked.verb),
            (self.resource, asked and asked.stored),
            (self.namespace, asked and asked.namespace),
            (self.name, asked and asked.name),
            (self.user, user),
        )
        fits = all(want is None or want == found for want, found in wanted)
        return fits and (self.path is None or path.startswith(self.path))


@dataclass(frozen=True, slots=True, kw_only=True)
class OnEvent:
    """Which events, as they are about to be sent on any watch; what is None matches all."""

    resource: Resource | None = None
    type: EventType | None = None
    name: str | None = None
    nth: int = 1
    times: int | None = 1

    def concerns(self, event: Event) -> bool:
        """Whether this is such an event."""
        wanted: tuple[tuple[object, object], ...] = (
            (self.resource, event.resource),
            (self.type, event.type),
            (self.name, event.object["metadata"]["name"]),
        )
        return all(want is None or want == found for want, found in wanted)


@dataclass(frozen=True, slots=True)
class Answer:
    """Another answer instead; HTML where a proxy speaks, or 410 as a status."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    """None for a Status body that fits the status."""
    content_type: str = "application/json"
    applied: bool = False
    """Whether what was asked is done all the same."""


@dataclass(frozen=True, slots=True)
class LoseAnswer:
    """The connection is closed instead of an answer."""

    applied: bool = True
    """Whether what was asked is done before that."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing happens until `release`: a request that hangs, an event that is late.

    What comes after a held event on the same watch waits behind it.
    """

    applied: bool = False
    """Whether what was asked is done before the wait, so that only the answer is late."""
    released: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def release(self) -> None:
        """Let everything go on that is held by this fault, now and later."""
        self.released.set()


@dataclass(frozen=True, slots=True)
class Cut:
    """The body, or the stream of a watch, ends after so many bytes, with its connection."""

    after_bytes: int


@dataclass(frozen=True, slots=True)
class Trickle:
    """The body comes byte by byte, with a pause (hub seconds) before each."""

    pause_s: float


@dataclass(frozen=True, slots=True)
class Endless:
    """The body begins with `beginning` and goes on with blanks until the client has had enough."""

    beginning: bytes = b'{"kind":"List","items":['


@dataclass(frozen=True, slots=True)
class Lie:
    """A metric has another value than it has: `NaN`, `-1`, or no number at all."""

    metric: str
    value: str

    def told(self, text: str) -> str:
        """The text of `/metrics` with the lie in it."""
        lines = text.splitlines(keepends=True)
        return "".join(
            f"{line.rpartition(' ')[0]} {self.value}\n" if self._is_of(line) else line
            for line in lines
        )

    def _is_of(self, line: str) -> bool:
        return line.startswith((f"{self.metric} ", f"{self.metric}{{"))


@dataclass(frozen=True, slots=True)
class Stale:
    """The metrics are those of the time before: something in between has kept them."""


@dataclass(frozen=True, slots=True)
class Mute:
    """The watch is accepted and says nothing more: no event, no bookmark, no end."""


@dataclass(frozen=True, slots=True)
class EndWatch:
    """The watch ends, as a server ends it, after so many events."""

    after_events: int = 0


@dataclass(frozen=True, slots=True)
class Say:
    """The watch says `raw` after so many events, and goes on as if nothing had been.

    `watching.event_line("ERROR", errors.too_old(1, 5).status())` is a 410 in the stream.
    """

    raw: bytes
    after_events: int = 0


@dataclass(frozen=True, slots=True)
class Drop:
    """The event is never sent on that watch."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The event is sent twice."""


RequestFault: TypeAlias = (
    Answer | LoseAnswer | Hold | Cut | Trickle | Endless | Mute | EndWatch | Say | Lie | Stale
)
EventFault: TypeAlias = Drop | Duplicate | Hold


@dataclass(slots=True)
class Planned:
    """A fault in the plan, and how often it has struck."""

    on: On | OnEvent
    fault: RequestFault | EventFault
    matched: int = 0
    hits: int = 0
    cancelled: bool = False

    def cancel(self) -> None:
        """Strike no more."""
        self.cancelled = True

    @property
    def struck(self) -> bool:
        """Whether it has happened at all."""
        return self.hits > 0

    def strikes(self) -> bool:
        """Whether the match that was just met is one that it hits."""
        self.matched += 1
        late = self.on.times is not None and self.matched >= self.on.nth + self.on.times
        if self.cancelled or self.matched < self.on.nth or late:
            return False
        self.hits += 1
        return True


class Faults:
    """The plan. Where several faults match, the one that was planned first strikes."""

    def __init__(self) -> None:
        self.planned: list[Planned] = []

    def plan(self, on: On | OnEvent, fault: RequestFault | EventFault) -> Planned:
        """Let `fault` happen on `on`."""
        planned = Planned(on, fault)
        self.planned.append(planned)
        return planned

    def clear(self) -> None:
        """From now on nothing goes wrong; what is held is released."""
        for planned in self.planned:
            planned.cancel()
            if isinstance(planned.fault, Hold):
                planned.fault.release()
        self.planned.clear()

    def on_request(self, asked: Target | None, path: str, user: str) -> RequestFault | None:
        """What goes wrong with this request. The server asks once for each."""
        found: RequestFault | None = None
        for planned in self.planned:
            fits = isinstance(planned.on, On) and planned.on.concerns(asked, path, user)
            if fits and planned.strikes() and not isinstance(planned.fault, Drop | Duplicate):
                found = found or planned.fault
        return found

    def on_event(self, event: Event) -> EventFault | None:
        """What goes wrong with this event, as it is about to be sent on one watch."""
        found: EventFault | None = None
        for planned in self.planned:
            fits = isinstance(planned.on, OnEvent) and planned.on.concerns(event)
            if fits and planned.strikes() and isinstance(planned.fault, Drop | Duplicate | Hold):
                found = found or planned.fault
        return found
