"""What happened to the objects of one kind, and how far back is that known?

The log of one resource, in the order of revisions, back to a horizon. A watch resumes from it, a
list continues in it at the revision of its first page, and what lies before the horizon is
`Expired`.

Facts (Kubernetes API concepts; etcd): a watch from revision R wants what came after R, so it can
be had as long as nothing after R was compacted; a real hub keeps about five minutes.

Elsewhere: who is told when something happens (store.py), and over HTTP (watching.py).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal, TypeAlias

from watcher.embedded_hub.errors import too_old
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.resources import Resource

EventType: TypeAlias = Literal["ADDED", "MODIFIED", "DELETED"]

KEPT_EVENTS = 20_000
"""How many events of one kind are kept: a 20,000-object fleet can be made without a 410."""


@dataclass(frozen=True, slots=True)
class Event:
    """One write, as a watch tells it."""

    type: EventType
    resource: Resource
    object: Object
    """As it is after the write; of one deleted, its last state, with the revision of its end."""
    revision: int
    before: Object | None
    """As it was before the write; None of one that was created."""


class History:
    """The events of one kind, in order."""

    def __init__(self) -> None:
        self.horizon = 0
        """What came after this revision is known."""
        self._events: list[Event] = []
        self._revisions: list[int] = []

    def append(self, event: Event) -> None:
        """`event` is the youngest."""
        self._events.append(event)
        self._revisions.append(event.revision)
        if len(self._events) > 2 * KEPT_EVENTS:
            self.compact(self._revisions[-KEPT_EVENTS - 1])

    def compact(self, revision: int) -> None:
        """Forget everything up to `revision`, that one included."""
        self.horizon = max(self.horizon, revision)
        kept_from = bisect_right(self._revisions, revision)
        del self._events[:kept_from]
        del self._revisions[:kept_from]

    def since(self, revision: int) -> list[Event]:
        """What came after `revision`. Raises Expired beyond the horizon."""
        if revision < self.horizon:
            raise too_old(revision, self.horizon)
        return self._events[bisect_right(self._revisions, revision) :]

    @property
    def last_revision(self) -> int:
        """Of the youngest event, whether or not it is still known."""
        return self._revisions[-1] if self._revisions else self.horizon
