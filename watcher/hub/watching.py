"""Where does a watch stand, and what comes next?

    Listing --every page came--> Listed --believed--> Watching
       ^                           |                     |
       +--------in doubt-----------+                     |
       +--expired, distrusted, nothing comes any more----+

States and what happens to them are values; `after` is the whole law, and is pure. Who carries it
out is following.py: in Listing it fetches the next page, in Listed it hands the list to the store,
in Watching it watches until the stream ends, and before each it waits for `pause_s`.

Facts (Kubernetes):
- A version too old is told by status 410, or by an ERROR event with code 410; a continue token too
  old by 410. Then only a new list helps, and pages of two lists never belong together.
- A version from the future is told by 504 with the cause ResourceVersionTooLarge, again and again
  (kubernetes #91073).
- A stream may end at any moment for no reason, with nothing on it.

Back-off is full jitter from one second to a minute. It is taken back by streams that do well, not
by lists: a hub that refuses each watch after each list is not listed faster than it is watched.
"""

from __future__ import annotations

from typing import Generic, TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from watcher.hub.errors import Cause, HubError
from watcher.hub.wire import Held, Page

T = TypeVar("T", bound=Held)

LEAST_PAUSE_S = 1.0
MOST_PAUSE_S = 60.0

CONFIRM_S = 30.0
"""How long after a list in doubt the second one is taken: a lagging API server has caught up, or a
load balancer gives another."""

SOUND_S = 30.0
"""A stream that lasted so long and ended in order did well, whatever was on it."""

MOST_BARREN = 3
"""After so many streams in a row on which nothing came, the list is taken again."""

MOST_PAGES = 4000
"""Two million objects; a hub that has more pages than this never ends."""


class Listing(Struct, Generic[T], frozen=True):
    """The pages so far; the next is to be fetched."""

    pages: tuple[tuple[T, ...], ...] = ()
    resource_version: str = ""
    continue_token: str = ""
    confirming: bool = False
    """Whether the list before was in doubt, so that this one is believed."""
    failures: int = 0
    """In a row, without a stream that did well."""
    least_pause_s: float = 0.0


class Listed(Struct, Generic[T], frozen=True):
    """Every page came; the store is to believe the list, or to doubt it."""

    items: tuple[T, ...]
    resource_version: str
    confirming: bool = False
    failures: int = 0


class Watching(Struct, frozen=True):
    """The store stands at this version; a stream of what comes after is to be opened."""

    resource_version: str
    bookmarked: bool = False
    """Whether the hub was ever seen to bookmark this watch, so that silence means something."""
    barren: int = 0
    """Streams in a row on which nothing came."""
    failures: int = 0
    least_pause_s: float = 0.0


State: TypeAlias = Listing[T] | Listed[T] | Watching


class PageCame(Struct, Generic[T], frozen=True):
    """A page came."""

    page: Page[T]


class Believed(Struct, frozen=True):
    """The store holds the list."""


class Doubted(Struct, frozen=True):
    """The store wants a second list first."""


class Failure(Struct, frozen=True):
    """A page did not come, or a stream ended badly."""

    expired: bool = False
    """Whether only a new list helps."""
    opened: bool = False
    """Whether it was a stream that the hub had accepted."""
    retry_after_s: float = 0.0


class StreamEnded(Struct, frozen=True):
    """A stream ended, in order or badly, or could not be opened."""

    resource_version: str
    """How far it came."""
    heard: int
    """Events and bookmarks on it."""
    lasted_s: float
    bookmarked: bool = False
    distrusted: bool = False
    """Whether it was ended because the store was found to have missed something."""
    failure: Failure | None = None


Happened: TypeAlias = PageCame[T] | Believed | Doubted | Failure | StreamEnded


def after(state: State[T], happened: Happened[T]) -> State[T]:
    """The next state."""
    match state, happened:
        case Listing(), PageCame(page):
            return _with(state, page)
        case Listing(), Failure():
            return Listing(
                confirming=state.confirming,
                failures=state.failures + 1,
                least_pause_s=happened.retry_after_s,
            )
        case Listed(), Believed():
            return Watching(state.resource_version, failures=state.failures)
        case Listed(), Doubted():
            return Listing(confirming=True, failures=state.failures, least_pause_s=CONFIRM_S)
        case Watching(), StreamEnded():
            return _resumed(state, happened)
        case _:
            raise AssertionError(
                f"{type(happened).__name__} cannot happen in {type(state).__name__}"
            )


def pause_s(state: State[T], roll: float) -> float:
    """How long to wait before the state is carried out; `roll` is a random number in [0, 1)."""
    if isinstance(state, Listed) or (isinstance(state, Listing) and state.pages):
        return 0.0
    if not state.failures:
        return state.least_pause_s
    most_s = min(MOST_PAUSE_S, LEAST_PAUSE_S * 2.0 ** min(state.failures, 16))
    return max(state.least_pause_s, LEAST_PAUSE_S + roll * (most_s - LEAST_PAUSE_S))


def failure(error: HubError, *, opened: bool = False) -> Failure:
    """What this error means for a list or a watch."""
    status = error.status
    expired = error.code == 410 or (
        status is not None and "ResourceVersionTooLarge" in status.causes
    )
    return Failure(
        expired=expired,
        opened=opened and error.cause is not Cause.REFUSED,
        retry_after_s=error.retry_after_s,
    )


def _with(state: Listing[T], page: Page[T]) -> Listing[T] | Listed[T]:
    pages = (*state.pages, page.items)
    if state.pages and page.resource_version != state.resource_version:
        return Listing(confirming=state.confirming, failures=state.failures + 1)
    if not page.continue_token:
        return Listed(
            items=tuple(item for each in pages for item in each),
            resource_version=page.resource_version,
            confirming=state.confirming,
            failures=state.failures,
        )
    if len(pages) >= MOST_PAGES:
        return Listing(confirming=state.confirming, failures=state.failures + 1)
    return replace(
        state,
        pages=pages,
        resource_version=page.resource_version,
        continue_token=page.continue_token,
    )


def _resumed(state: Watching, ended: StreamEnded) -> Listing[T] | Watching:
    sound = ended.failure is None and ended.lasted_s >= SOUND_S
    did_well = sound or ended.heard > 0
    failures = 0 if sound else 1 if did_well else state.failures + 1
    what = ended.failure or Failure(opened=True)
    barren = 0 if did_well else state.barren + what.opened
    if ended.distrusted or what.expired or barren >= MOST_BARREN:
        return Listing(failures=failures, least_pause_s=what.retry_after_s)
    return Watching(
        resource_version=ended.resource_version,
        bookmarked=state.bookmarked or ended.bookmarked,
        barren=barren,
        failures=failures,
        least_pause_s=what.retry_after_s,
    )
