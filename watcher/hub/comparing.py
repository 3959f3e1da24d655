"""Has a store missed something, and is a silent hub silent because nothing happens?

The metadata of what the hub holds is listed and compared with the store by uid and resourceVersion:
every ten minutes, and whenever nothing was heard for longer than a bookmark should take. A store
that equals the list was heard of. What differs may be on its way, so it is looked at again when it
must have come; what differs then was missed. It is counted, and the feed is distrusted, which makes
follow take a new list.

Facts:
- Streams that were starved or compacted lose events, deletions among them, and the watching client
  cannot know (etcd #17529, #18089, #19179).
- The API server bookmarks only what is newer than where the watch began (apiserver
  storage/cacher/cache_watcher.go). A kind in which nothing happens is bookmarked once etcd reports
  its progress; where it does not (etcd 3.4, seen under Kubernetes 1.36), not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

from watcher.hub import requests
from watcher.hub.clock import Clock
from watcher.hub.connection import Connection, read_answer
from watcher.hub.errors import Cause, HubError
from watcher.hub.requests import Resource
from watcher.hub.store import Feed, Suspect
from watcher.hub.watching import MOST_PAGES
from watcher.hub.wire import Held, Metadata, read_metadata_page

T = TypeVar("T", bound=Held)

EVERY_S = 600.0

QUIET_S = 65.0
"""A little more than a bookmark a minute, and early enough for a list before a source is stale."""

STEP_S = 5.0
"""How often it is looked whether anything was heard."""

SURELY_CAME_S = 90.0
"""A bookmark a minute, and half of one: what was not told by then will not be."""


async def compare(
    connection: Connection,
    resource: Resource,
    feed: Feed[T],
    *,
    clock: Clock,
    roll: Callable[[], float],
) -> NoReturn:
    """Compares for ever; the first time is drawn, so that kinds do not compare together."""
    due_s, quiet_s = EVERY_S * roll(), 0.0
    heard_at = feed.heard_at
    while True:
        await clock.sleep(STEP_S)
        due_s -= STEP_S
        quiet_s = quiet_s + STEP_S if feed.heard_at == heard_at else 0.0
        heard_at = feed.heard_at
        if feed.listed and (due_s <= 0 or quiet_s >= QUIET_S):
            await _compare_once(connection, resource, feed, clock)
            due_s, quiet_s = EVERY_S, 0.0


async def _compare_once(
    connection: Connection, resource: Resource, feed: Feed[T], clock: Clock
) -> None:
    try:
        suspects = await _suspects(connection, resource, feed)
    except HubError as error:
        feed.troubled(str(error))
        return
    if not suspects:
        feed.heard(clock.now())
        return
    await clock.sleep(SURELY_CAME_S)
    missed = feed.drifted(suspects)
    if not missed:
        return
    if not feed.trouble:  # what a stream that is down did not tell was not missed
        feed.drifted_count += len(missed)
    what = f"{resource.plural} in {feed.namespace}"
    feed.distrust = f"{len(missed)} {what} differ from what the hub has"


async def _suspects(
    connection: Connection, resource: Resource, feed: Feed[T]
) -> tuple[Suspect, ...]:
    shown: list[Metadata] = []
    token = ""
    for _ in range(MOST_PAGES):
        request = requests.metadata_page(resource, feed.namespace, continue_token=token)
        body = await connection.send(request, within_s=connection.timeouts.page_s)
        page = read_answer(request, body, read_metadata_page)
        shown += page.items
        token = page.continue_token
        if not token:
            return feed.suspects(shown, page.resource_version)
    raise request.failed(Cause.UNREADABLE, f"more than {MOST_PAGES} pages came")
