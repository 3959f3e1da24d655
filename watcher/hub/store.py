"""What does the hub hold of one kind, as far as we were told?

A store holds the objects of one kind. It is fed from one or several namespaces, each through a
`Feed` of its own, which knows how fresh its part is. Nothing here waits or asks: who does says what
came, and when.

Facts (Kubernetes):
- resourceVersions of one kind compare as integers (KEP-5504). So of two states of an object the
  higher is the later one, in whatever order they come, and however often.
- A correct client still misses events, gets some twice or late (etcd #15271, #17247, #17529,
  #18089, #19179): hence the tombstones, and the comparison (`suspects`, `drifted`).
- After etcd was restored, versions start again from an older one, and an equal version of an equal
  object may be another state (kubernetes #107457).

Elsewhere: when a list is taken, and what is done about one in doubt (watching.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Generic, TypeVar

from msgspec import Struct

from watcher.facts import Instant, Kind, Source
from watcher.hub.wire import Deleted, Held, Metadata, Upserted, number

T = TypeVar("T", bound=Held)

LARGEST_BELIEVED_DROP = 0.2
"""A list that lacks more than this share of what was known must be confirmed by a second one."""


BURIED_S = 600.0
"""How long it is at least remembered what was deleted: no comparison takes longer, and one begun
before a deletion asks for it at its end."""


class Change(Struct, Generic[T], frozen=True):
    """One object came (no `before`), changed, or went (no `after`)."""

    before: T | None
    after: T | None


class Suspect(Struct, frozen=True):
    """An object that the hub shows in another state than the store, or does not show at all."""

    shown: Metadata
    """As the hub showed it; where it did not, as the store had it."""
    gone: bool = False
    """Whether it is the hub that lacks it."""


class _Grave(Struct, frozen=True):
    """A deletion."""

    version: int
    at: Instant


class Store(Generic[T]):
    """The objects of one kind, by `namespace/name`."""

    def __init__(
        self,
        kind: Kind,
        namespaces: Iterable[str],
        told: Callable[[Sequence[Change[T]]], None],
    ) -> None:
        """`told` is called after each list and each event, with what they changed, if anything."""
        self.kind = kind
        self._objects: dict[str, T] = {}
        self.feeds: Mapping[str, Feed[T]] = {
            each: Feed(each, self._objects, told) for each in dict.fromkeys(namespaces)
        }

    @property
    def objects(self) -> Mapping[str, T]:
        """What is held now; a view, so it changes."""
        return MappingProxyType(self._objects)

    @property
    def source(self) -> Source:
        """How fresh the whole is: as fresh as its stalest part."""
        feeds = self.feeds.values()
        heard = [each.heard_at for each in feeds if each.heard_at is not None]
        return Source(
            kind=self.kind,
            listed=all(each.listed for each in feeds),
            heard_at=min(heard) if len(heard) == len(feeds) else None,
            trouble="; ".join(each.trouble for each in feeds if each.trouble),
        )


class Feed(Generic[T]):
    """The part of a store that comes from one namespace."""

    def __init__(
        self,
        namespace: str,
        objects: dict[str, T],
        told: Callable[[Sequence[Change[T]]], None],
    ) -> None:
        self.namespace = namespace
        self.listed = False
        self.heard_at: Instant | None = None
        self.trouble = ""
        self.distrust = ""
        """Why the whole must be listed again; empty where it need not."""
        self.drifted_count = 0
        """How many objects the comparison ever found to differ."""
        self.rewinds_count = 0
        """How often the hub's history was found to have gone back (etcd restored)."""
        self.lists_count = 0
        self.streams_count = 0
        self.failures_count = 0
        self._objects = objects
        self._told = told
        self._highest = 0
        self._graves: dict[str, _Grave] = {}
        """What was deleted since the last list: a late event that shows an older state of it must
        not bring it back. Not for ever, or they would be as many as were ever deleted."""

    def doubt(self, items: Sequence[T], resource_version: str) -> str:
        """Why this list needs a second one to be believed; empty where it does not."""
        if number(resource_version) < self._highest:
            return f"its resourceVersion {resource_version} is before {self._highest}, seen earlier"
        known = sum(1 for _ in self._own())
        if self.listed and known and len(items) < known * (1 - LARGEST_BELIEVED_DROP):
            return f"it shows {len(items)} objects where {known} were known"
        return ""

    def swap(self, items: Iterable[T], resource_version: str, at: Instant) -> None:
        """The whole is now this list. An object in the same state stays the same object."""
        rewound = number(resource_version) < self._highest
        before = {each.key: each for each in self._own()}
        after = {each.key: each for each in items}
        if not rewound:
            after = {key: _kept(before.get(key), each) for key, each in after.items()}
        changes = [
            Change(before.get(key), after.get(key))
            for key in (before | after)
            if before.get(key) is not after.get(key)
        ]
        for key in before.keys() - after.keys():
            del self._objects[key]
        self._objects.update(after)
        self._graves.clear()
        self._highest = number(resource_version)
        self.listed = True
        self.distrust = ""
        self.lists_count += 1
        self.rewinds_count += rewound
        self.heard(at)
        self._told(changes)

    def apply(self, event: Upserted[T] | Deleted[T], at: Instant) -> None:
        """One object changed or went; what is older than what is held changes nothing."""
        held, version = event.object, number(event.object.resource_version)
        before = self._objects.get(held.key)
        self._highest = max(self._highest, version)
        self.heard(at)
        if before is not None and version < number(before.resource_version):
            return
        if isinstance(event, Deleted):
            self._graves[held.key] = _Grave(max(version, self._buried(held.key)), at)
            self._put(held.key, before, None)
        elif version > self._buried(held.key) and _kept(before, held) is held:
            self._put(held.key, before, held)

    def reached(self, resource_version: str, at: Instant) -> None:
        """The hub said that nothing is left to tell up to this version."""
        version = number(resource_version)
        self._highest = max(self._highest, version)
        self._graves = {
            key: grave
            for key, grave in self._graves.items()
            if grave.version > version or grave.at > at - BURIED_S
        }
        self.heard(at)

    def heard(self, at: Instant) -> None:
        """The hub answered for this part."""
        self.heard_at = at
        self.trouble = ""

    def troubled(self, trouble: str) -> None:
        """The hub did not answer, or not well; what is held stays."""
        self.trouble = trouble
        self.failures_count += 1

    def suspects(self, shown: Iterable[Metadata], resource_version: str) -> tuple[Suspect, ...]:
        """Where this list of metadata and the store differ.

        Not proof: what the list shows may be on its way to the store. What is still among the
        `drifted` when it must have come was missed.
        """
        listed = {each.key: each for each in shown}
        until = number(resource_version)
        unseen = [Suspect(each) for each in listed.values()]
        ghosts = [
            Suspect(_identity(each), gone=True)
            for each in self._own()
            if each.key not in listed and number(each.resource_version) <= until
        ]
        return self.drifted([*unseen, *ghosts])

    def drifted(self, suspects: Iterable[Suspect]) -> tuple[Suspect, ...]:
        """Those of `suspects` that still differ."""
        return tuple(each for each in suspects if self._differs(each))

    def _differs(self, suspect: Suspect) -> bool:
        shown = suspect.shown
        held = self._objects.get(shown.key)
        if suspect.gone:
            return held is not None and held.uid == shown.uid
        version = number(shown.resource_version)
        if held is None:
            return self._buried(shown.key) < version
        return number(held.resource_version) < version

    def _buried(self, key: str) -> int:
        """At which version it was deleted; before all where that is not remembered."""
        grave = self._graves.get(key)
        return -1 if grave is None else grave.version

    def _put(self, key: str, before: T | None, after: T | None) -> None:
        if before is None and after is None:
            return
        if after is None:
            del self._objects[key]
        else:
            self._objects[key] = after
            self._graves.pop(key, None)
        self._told((Change(before, after),))

    def _own(self) -> Iterable[T]:
        return (each for each in self._objects.values() if each.namespace == self.namespace)


def _kept(before: T | None, after: T) -> T:
    """`before` where `after` is the same state of the same object."""
    same = (
        before is not None
        and before.uid == after.uid
        and before.resource_version == after.resource_version
    )
    return before if same and before is not None else after


def _identity(held: Held) -> Metadata:
    namespace, _, name = held.key.partition("/")
    return Metadata(namespace, name, held.uid, held.resource_version)
