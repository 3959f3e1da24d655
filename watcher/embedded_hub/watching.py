"""What does a watch say, and when does it end?

Facts (Kubernetes API concepts; staging/src/k8s.io/apiserver/pkg/storage/cacher; recorded in
tests/captured/exchanges/watch-*.json):
- From a revision on: what came after it. Beyond the horizon: an ERROR event with 410, under status
  200. From a revision that has not come yet: nothing, until it has.
- Without a revision, or from 0: an ADDED for everything that is there, then what follows. With
  `sendInitialEvents=true` a bookmark marked `k8s.io/initial-events-end` stands in between.
- An object that begins or ceases to match the selectors is ADDED or DELETED, the latter as it was
  when it last matched.
- Bookmarks come about once a minute and shortly before the end, if the client allows them and the
  server knows of progress; a server that is not told of progress by its storage refuses
  `sendInitialEvents`, and a watch without revision while other kinds are ahead.
- A server ends every watch: at `timeoutSeconds`, or else after half an hour to an hour.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

from watcher.embedded_hub.clock import Clock, alarm
from watcher.embedded_hub.errors import ApiError, InternalError, Invalid, too_large
from watcher.embedded_hub.faults import Drop, Duplicate, EndWatch, Faults, Hold, RequestFault, Say
from watcher.embedded_hub.history import Event
from watcher.embedded_hub.objects import Object, with_parts
from watcher.embedded_hub.reads import asked_revision, matcher
from watcher.embedded_hub.routes import Target
from watcher.embedded_hub.selectors import Matcher
from watcher.embedded_hub.store import Store
from watcher.embedded_hub.views import View, encode

BOOKMARK_PERIOD_S = 60
_BOOKMARK_BEFORE_THE_END_S = 2
_LONGEST_WATCH_S = 45 * 60
_END_OF_INITIAL_EVENTS = {"k8s.io/initial-events-end": "true"}


@dataclass(slots=True, eq=False)
class Watch:
    """One watch, from its request to its end. One of these is read once, by `lines`."""

    store: Store
    wire: Clock
    """What its own life is measured by."""
    faults: Faults
    asked: Target
    query: Mapping[str, str]
    view: View
    progress: bool
    """Whether the storage tells of progress."""
    fault: RequestFault | None = None
    _events: deque[Event] = field(default_factory=deque)
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)
    _bookmark_due: bool = False
    _ended: bool = False
    _matches: Matcher | None = None
    _began_at: int = 0
    _sent: int = 0
    _alarms: list[asyncio.Task[None]] = field(default_factory=list)

    def end(self) -> None:
        """End it as a server does, after what is already on its way."""
        self._ended = True
        self._stirred.set()

    async def lines(self) -> AsyncGenerator[bytes, None]:
        """What it says, line by line, until it ends."""
        self._matches = matcher(self.asked.resource, self.query)
        try:
            first = self._beginning()
        except ApiError as error:
            yield event_line("ERROR", error.status())
            return
        unsubscribe = self.store.subscribe(self._follow)
        self._wind_up()
        try:
            for line in first:
                yield line
            async with aclosing(self._following()) as following:
                async for line in following:
                    yield line
        finally:
            unsubscribe()
            for one in self._alarms:
                one.cancel()

    def _beginning(self) -> list[bytes]:
        """What is said at once. Sets from which revision on events follow."""
        revision = asked_revision(self.query)
        if self.query.get("sendInitialEvents") == "true":
            self._check_initial_events()
            self._began_at = self.store.revision
            mark = self.view.bookmark(self.store.revision, _END_OF_INITIAL_EVENTS)
            return [*self._what_is_there(), event_line("BOOKMARK", mark)]
        if revision:
            self._began_at = revision
            self._events.extend(self.store.events_since(self.asked.stored, revision))
            return []
        seen = self.store.last_revision(self.asked.stored)
        if revision is None and not self.progress and seen < self.store.revision:
            raise too_large(self.store.revision, seen)
        self._began_at = self.store.revision
        return list(self._what_is_there())

    def _check_initial_events(self) -> None:
        if self.query.get("resourceVersionMatch") != "NotOlderThan":
            raise Invalid(
                'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden:'
                " sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
            )
        if not self.progress:
            raise InternalError(
                "a watch stream was requested by the client but the required storage feature"
                " RequestWatchProgress is disabled"
            )

    def _what_is_there(self) -> list[bytes]:
        matches = self._matches
        return [
            event_line("ADDED", self.view.one(obj))
            for obj in self.store.list(self.asked.stored, self.asked.namespace)
            if matches is None or matches(obj)
        ]

    def _follow(self, event: Event) -> None:
        if event.resource is self.asked.stored:
            self._events.append(event)
            self._stirred.set()

    async def _following(self) -> AsyncGenerator[bytes, None]:
        if isinstance(self.fault, Say) and self.fault.after_events == 0:
            yield self.fault.raw
        while not self._has_had_its_events():
            if self._events:
                async for line in self._told(self._events.popleft()):
                    yield line
                    if self._has_had_its_events():
                        break
            elif self._bookmark_due:
                self._bookmark_due = False
                if (seen := self._seen()) > self._began_at:
                    yield event_line("BOOKMARK", self.view.bookmark(seen))
            elif self._ended:
                return
            else:
                self._stirred.clear()
                await self._stirred.wait()

    def _has_had_its_events(self) -> bool:
        return isinstance(self.fault, EndWatch) and self._sent >= self.fault.after_events

    async def _told(self, event: Event) -> AsyncGenerator[bytes, None]:
        line = self._as_seen(event)
        if line is None:
            return
        fault = self.faults.on_event(event)
        if isinstance(fault, Drop):
            return
        if isinstance(fault, Hold):
            await fault.released.wait()
        for _ in range(2 if isinstance(fault, Duplicate) else 1):
            self._sent += 1
            yield line
            if isinstance(self.fault, Say) and self.fault.after_events == self._sent:
                yield self.fault.raw

    def _as_seen(self, event: Event) -> bytes | None:
        """The line for `event` as the selectors of this watch see it; None where they do not."""
        metadata = event.object["metadata"]
        elsewhere = self.asked.namespace not in (None, metadata.get("namespace"))
        if elsewhere or event.revision <= self._began_at:
            return None
        matches: Callable[[Object], bool] = self._matches or (lambda _obj: True)
        before = event.before is not None and matches(event.before)
        after = event.type != "DELETED" and matches(event.object)
        if not before and not after:
            return None
        if after:
            return event_line("MODIFIED" if before else "ADDED", self.view.one(event.object))
        last = event.before or event.object
        gone = with_parts(last["metadata"], resourceVersion=str(event.revision))
        return event_line("DELETED", self.view.one(with_parts(last, metadata=gone)))

    def _seen(self) -> int:
        return self.store.revision if self.progress else self.store.last_revision(self.asked.stored)

    def _wind_up(self) -> None:
        lasts_s = float(self.query.get("timeoutSeconds") or 0) or _LONGEST_WATCH_S
        self._alarms.append(alarm(self.wire, lasts_s, self.end))
        if self.query.get("allowWatchBookmarks") in ("true", "1"):
            self._expect_bookmark(lasts_s)

    def _expect_bookmark(self, left_s: float) -> None:
        """Mark once a minute, and once more shortly before the end, `left_s` from now."""
        until_last_s = left_s - _BOOKMARK_BEFORE_THE_END_S
        wait_s = min(float(BOOKMARK_PERIOD_S), until_last_s)
        if wait_s <= 0:
            return

        def mark() -> None:
            self._bookmark_due = True
            self._stirred.set()
            self._expect_bookmark(left_s - wait_s)

        self._alarms.append(alarm(self.wire, wait_s, mark))


def event_line(type_: str, obj: Object) -> bytes:
    """One event as a watch writes it; an ERROR has a Status for its object."""
    return encode({"type": type_, "object": obj}) + b"\n"
