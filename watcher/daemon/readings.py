"""What do the controllers say of their memory, asked from outside the cluster?

A person's machine reaches no Pod, so each is asked through the API server, with that person's own
right to do so. All at once: one that hangs holds up no other.

Elsewhere: asking them from inside, again and again (scraping.py); what a page says
(scrape/parsing.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from watcher.check import Unread
from watcher.facts import Instant, Pod, Reading
from watcher.hub import Connection, examining
from watcher.policy import Memory
from watcher.scrape.parsing import Page


async def readings_through(
    connection: Connection, pods: Iterable[Pod], memory: Memory, now: Callable[[], Instant]
) -> dict[str, Reading | str | Unread]:
    """By Pod's `namespace/name`: a reading, what is wrong with the one that came, or why none did;
    only of those Pods that run.
    """
    asked = [each for each in pods if runs(each)]
    found = await asyncio.gather(*(_through(connection, each, memory, now) for each in asked))
    return dict(zip((each.key for each in asked), found, strict=True))


def runs(pod: Pod) -> bool:
    """Whether the Pod answers, as far as the hub knows."""
    return pod.started_at is not None and pod.deleting_since is None


async def _through(
    connection: Connection, pod: Pod, memory: Memory, now: Callable[[], Instant]
) -> Reading | str | Unread:
    body = await examining.metrics(connection, pod, port=memory.port, path=memory.path)
    if isinstance(body, Unread):
        return body
    page = Page()
    page.take(body)
    return page.reading(now())
