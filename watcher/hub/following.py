"""How is a store kept as the hub is?

Carries out what watching.py says, for one kind in one namespace, for ever: fetches pages, hands the
list over, reads the stream, waits. It ends only by being cancelled. Whatever fails is the feed's
`trouble` until the hub is heard again; a 403, an empty list and a silent stream stay three things.

Elsewhere: what comes next (watching.py); what a list or an event means (store.py); whether the
store has missed something (comparing.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NoReturn, TypeVar

from msgspec import Raw, Struct

from watcher.hub import requests
from watcher.hub.clock import Clock
from watcher.hub.connection import Connection, Lines, read_answer
from watcher.hub.errors import Cause, HubError
from watcher.hub.requests import Request, Resource
from watcher.hub.store import Feed
from watcher.hub.watching import (
    SOUND_S,
    Believed,
    Doubted,
    Failure,
    Happened,
    Listed,
    Listing,
    PageCame,
    State,
    StreamEnded,
    Watching,
    after,
    failure,
    pause_s,
)
from watcher.hub.wire import (
    Bookmark,
    Deleted,
    ErrorEvent,
    Held,
    Upserted,
    WatchEvent,
    read_event,
    read_page,
)

T = TypeVar("T", bound=Held)

_EVENTS_A_TURN = 256
"""After so many events without a pause the others get their turn: a burst must not hold up the
lease."""


class Followed(Struct, Generic[T]):
    """What `follow` needs to know of one kind in one namespace."""

    resource: Resource
    feed: Feed[T]
    read: Callable[[Raw], T]
    """One object of the kind from its JSON."""


async def follow(
    connection: Connection, what: Followed[T], *, clock: Clock, roll: Callable[[], float]
) -> NoReturn:
    """Keeps the feed as the hub is. `roll` gives a random number in [0, 1)."""
    state: State[T] = Listing()
    while True:
        pause = pause_s(state, roll())
        if pause:
            await clock.sleep(pause)
        match state:
            case Listing():
                happened: Happened[T] = await _fetch(connection, what, state)
            case Listed():
                happened = _hand_over(what.feed, state, clock)
            case Watching():
                happened = await _Watch(connection, what, clock, state).until_it_ends(roll())
        state = after(state, happened)


async def _fetch(
    connection: Connection, what: Followed[T], state: Listing[T]
) -> PageCame[T] | Failure:
    namespace = what.feed.namespace
    request = requests.list_page(what.resource, namespace, continue_token=state.continue_token)
    kind = what.resource.list_kind
    try:
        body = await connection.send(request, within_s=connection.timeouts.page_s)
        page = read_answer(request, body, lambda it: read_page(it, what.read, kind=kind))
        for each in page.items:
            _check_place(request, each, namespace)
    except HubError as error:
        what.feed.troubled(str(error))
        return failure(error)
    return PageCame(page)


def _hand_over(feed: Feed[T], state: Listed[T], clock: Clock) -> Believed | Doubted:
    doubt = feed.doubt(state.items, state.resource_version)
    if doubt and not state.confirming:
        feed.troubled(f"a list of {feed.namespace} is in doubt: {doubt}; asking once more")
        return Doubted()
    feed.swap(state.items, state.resource_version, clock.now())
    return Believed()


class _Watch(Generic[T]):
    """One stream."""

    def __init__(
        self, connection: Connection, what: Followed[T], clock: Clock, state: Watching
    ) -> None:
        self._connection = connection
        self._feed = what.feed
        self._resource = what.resource
        self._read = what.read
        self._clock = clock
        self._version = state.resource_version
        self._bookmarked = state.bookmarked
        self._heard = 0
        self._opened = False

    async def until_it_ends(self, roll: float) -> StreamEnded:
        """Applies what comes on it; how it ended."""
        timeouts = self._connection.timeouts
        server_s = timeouts.watch_server_s(roll)
        request = requests.watch(
            self._resource,
            self._feed.namespace,
            resource_version=self._version,
            server_s=server_s,
        )
        started = self._clock.monotonic()
        failed = None
        self._feed.streams_count += 1
        try:
            async with self._connection.stream(
                request,
                opens_within_s=timeouts.request_s,
                ends_within_s=server_s + timeouts.watch_grace_s,
            ) as lines:
                self._opened = True
                await self._read_all(request, lines, timeouts.silence_s)
        except HubError as error:
            self._feed.troubled(str(error))
            failed = failure(error, opened=self._opened)
        lasted_s = self._clock.monotonic() - started
        if not failed and not self._heard and lasted_s < SOUND_S:
            self._feed.troubled(f"a watch of {request.about} ended with nothing on it")
        return StreamEnded(
            resource_version=self._version,
            heard=self._heard,
            lasted_s=lasted_s,
            bookmarked=self._bookmarked,
            distrusted=bool(self._feed.distrust),
            failure=failed,
        )

    async def _read_all(self, request: Request, lines: Lines, silence_s: float) -> None:
        while not self._feed.distrust:
            line = await lines.next(silence_s if self._bookmarked else None)
            if line is None:
                return
            self._take(request, read_answer(request, line, lambda it: read_event(it, self._read)))
            del line  # or the last Secret's bytes, credentials and all, wait here with us
            if self._heard % _EVENTS_A_TURN == 0:
                await self._clock.sleep(0)

    def _take(self, request: Request, event: WatchEvent[T]) -> None:
        now = self._clock.now()
        match event:
            case Bookmark(resource_version):
                self._feed.reached(resource_version, now)
                self._bookmarked = True
                self._version = resource_version
            case Upserted() | Deleted():
                _check_place(request, event.object, self._feed.namespace)
                self._feed.apply(event, now)
                self._version = event.object.resource_version
            case ErrorEvent(status):
                raise request.failed(Cause.REFUSED, str(status), status=status)
        self._heard += 1


def _check_place(request: Request, held: Held, namespace: str) -> None:
    if held.namespace != namespace:
        raise request.failed(
            Cause.UNREADABLE, f"it answers for the namespace {held.namespace!r}, not {namespace!r}"
        )
