"""What does the hub hold, and how does it change?

The API server's storage and its rules for a write, without HTTP: revisions, uids, generations,
preconditions, finalizers, managed fields, and the log that watches are served from. Controllers
modelled in this room write here directly; clients come through http.py. One event loop, no awaits:
a write is a whole.

What is handed out is frozen (objects.py): keep it as long as you like, change a `thawed` copy.
What is handed in is copied, but for parts that came from the store.

Facts (Kubernetes API concepts; staging/src/k8s.io/apiserver/pkg/registry/generic/registry):
- One revision for all kinds rises by one with each write; a write that changes nothing is none.
- A stale resourceVersion is 409 before a wrong uid is looked at. A wrong uid is 422 in a patch
  ("field is immutable") and 409 in a PUT, also where the object is gone.
- A delete with finalizers sets `deletionTimestamp` and raises the generation; the write that takes
  the last finalizer away is the deletion, and its event shows the state before it.
- `generation` counts changes outside metadata; `status` counts where it is no subresource.

Elsewhere: what a write makes of an object (drafts.py) and what it may not (validation.py,
preconditions.py); what is deleted because its owner or namespace was (garbage.py); RBAC, media
types, field validation (http.py); snapshots and restores, which are not modelled.
"""

from __future__ import annotations

import random
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from watcher.embedded_hub.clock import Clock
from watcher.embedded_hub.defaults import finalizers
from watcher.embedded_hub.drafts import (
    created,
    deleted,
    generated,
    metadata_of,
    patched,
    replaced,
)
from watcher.embedded_hub.errors import (
    BadRequest,
    already_exists,
    forbidden,
    invalid,
    not_found,
)
from watcher.embedded_hub.garbage import GarbageCollector
from watcher.embedded_hub.history import Event, EventType
from watcher.embedded_hub.managed import managed_fields
from watcher.embedded_hub.objects import FrozenDict, Object, same_parts, with_parts
from watcher.embedded_hub.preconditions import check_delete, check_uid, check_version
from watcher.embedded_hub.resources import NAMESPACE, RESOURCES, Resource
from watcher.embedded_hub.shelf import Shelf
from watcher.embedded_hub.validation import faults_of_new, faults_of_update

__all__ = ["Callback", "Event", "Object", "Resource", "Store", "Write"]

Callback: TypeAlias = Callable[[Event], None]
Objects: TypeAlias = list[Object]
Events: TypeAlias = list[Event]

_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


@dataclass(frozen=True, slots=True)
class Write:
    """A write that is valid and not yet done, as an admission rule sees it."""

    verb: Literal["CREATE", "UPDATE", "DELETE"]
    resource: Resource
    namespace: str
    name: str
    before: Object | None
    """None for a CREATE."""
    after: Object | None
    """None for a DELETE."""
    user: str
    """Who asks; empty for what this room does itself without naming anybody."""
    manager: str
    subresource: str | None


@dataclass(frozen=True, slots=True)
class _Writer:
    manager: str
    user: str
    subresource: str | None = None


class Store:
    """Every object of the hub. Raises what errors.py names."""

    def __init__(
        self,
        clock: Clock,
        *,
        seed: int = 0,
        namespaces: Iterable[str] = ("default", "kube-system", "argocd"),
    ) -> None:
        self.clock = clock
        self.revision = 0
        """Of the youngest write."""
        self.admit: list[Callable[[Write], None]] = []
        """Rules that see every create, update and delete before it is done; each may raise what
        `errors.forbidden` makes."""
        self._dice = random.Random(seed)  # noqa: S311  # repeatable on purpose
        self._shelves = {resource: Shelf(resource) for resource in RESOURCES}
        self._callbacks: list[Callback] = []
        self._untold: deque[Event] = deque()
        self._telling = False
        self.garbage = GarbageCollector(self)
        for name in namespaces:
            self.create(NAMESPACE, {"metadata": {"name": name}})

    # What is there

    def get(self, resource: Resource, namespace: str, name: str) -> Object | None:
        """The object, or None. The namespace of what has none is not looked at."""
        return self._shelves[resource].get(namespace, name)

    def list(self, resource: Resource, namespace: str | None = None) -> Objects:
        """Every object, of all namespaces or of one, in the order of namespace and name."""
        return self._shelves[resource].listed(namespace)

    def list_at(self, resource: Resource, revision: int, namespace: str | None = None) -> Objects:
        """The list as it was at `revision`. Raises Expired beyond the horizon."""
        return self._shelves[resource].listed_at(revision, namespace)

    def events_since(self, resource: Resource, revision: int) -> Events:
        """What happened to `resource` after `revision`. Raises Expired beyond the horizon."""
        return self._shelves[resource].history.since(revision)

    def last_revision(self, resource: Resource) -> int:
        """Of the youngest write to any object of `resource`."""
        return self._shelves[resource].history.last_revision

    def horizon(self, resource: Resource) -> int:
        """The oldest revision from which `resource` can still be watched."""
        return self._shelves[resource].history.horizon

    def compact(self, revision: int) -> None:
        """Forget what happened up to `revision`: older watches and pages are answered with 410."""
        for shelf in self._shelves.values():
            shelf.history.compact(revision)

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Call `callback` for each event from now on; the answer unsubscribes it.

        Called within the write, in the order of revisions also where a callback writes itself: its
        event follows when everybody has been told of the one before. What a callback raises
        reaches the writer after everybody was told; the write stands.
        """
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    # Writes

    def create(
        self, resource: Resource, obj: Mapping[str, Any], *, manager: str = "", user: str = ""
    ) -> Object:
        """POST. Fills in what the server owns; `generateName` is honoured.

        Raises Invalid, AlreadyExists, NotFound (no such namespace), Forbidden, BadRequest.
        """
        given = metadata_of(obj)
        if given.get("resourceVersion"):
            raise BadRequest("resourceVersion should not be set on objects to be created")
        namespace = self._home(resource, given)
        after = created(resource, obj, self._born(resource, given, namespace))
        name = after["metadata"].get("name", "")
        if causes := faults_of_new(after):
            raise invalid(resource, name, causes)
        writer = _Writer(manager, user)
        self._ask("CREATE", resource, None, after, writer)
        if self.get(resource, namespace, name) is not None:
            raise already_exists(resource, name)
        return self._commit("ADDED", resource, None, after, writer)

    def replace(
        self,
        resource: Resource,
        obj: Mapping[str, Any],
        *,
        subresource: str | None = None,
        manager: str = "",
        user: str = "",
    ) -> Object:
        """PUT: what is not in `obj` is gone. A resourceVersion or a uid in it is a precondition.

        `subresource="status"` takes `status` from `obj` and nothing else.
        Raises NotFound, Conflict, Invalid, Forbidden, BadRequest.
        """
        given = metadata_of(obj)
        name, namespace = given.get("name", ""), given.get("namespace", "")
        before = self.get(resource, namespace, name)
        check_uid(resource, given, before)
        if before is None:
            raise not_found(resource, name)
        check_version(resource, given, before)
        after = replaced(resource, before, obj, subresource)
        return self._update(resource, before, after, _Writer(manager, user, subresource))

    def patch(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        merge: Mapping[str, Any],
        *,
        subresource: str | None = None,
        manager: str = "",
        user: str = "",
    ) -> Object:
        """PATCH with a JSON merge patch. A resourceVersion or a uid in it is a precondition.

        What changes nothing leaves the resourceVersion alone. Raises NotFound, Conflict, Invalid,
        Forbidden, BadRequest.
        """
        before = self.get(resource, namespace, name)
        if before is None:
            raise not_found(resource, name)
        check_version(resource, metadata_of(merge), before)
        after = patched(resource, before, merge, subresource)
        return self._update(resource, before, after, _Writer(manager, user, subresource))

    def delete(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        *,
        preconditions: Mapping[str, str] = FrozenDict(),  # frozen
        user: str = "",
    ) -> Object:
        """DELETE. With finalizers the object stays, terminating, until the last one is taken away.

        `preconditions`: `uid` and `resourceVersion`, where set. The answer is the object as it is
        now, or as it was last. Raises NotFound, Conflict, Forbidden.
        """
        before = self.get(resource, namespace, name)
        if before is None:
            raise not_found(resource, name)
        check_delete(resource, preconditions, before)
        writer = _Writer("", user)
        self._ask("DELETE", resource, before, None, writer)
        if not finalizers(resource, before):
            return self._commit("DELETED", resource, before, before, writer)
        if "deletionTimestamp" in before["metadata"]:
            return before
        going = deleted(resource, before, at=self._stamp())
        return self._commit("MODIFIED", resource, before, going, writer)

    # How a write is done

    def _update(self, resource: Resource, before: Object, after: Object, writer: _Writer) -> Object:
        if causes := faults_of_update(before, after):
            raise invalid(resource, before["metadata"]["name"], causes)
        self._ask("UPDATE", resource, before, after, writer)
        if "deletionTimestamp" in after["metadata"] and not finalizers(resource, after):
            self._commit("DELETED", resource, before, before, writer)
            return after
        if same_parts(before, after):
            return before
        return self._commit(
            "MODIFIED", resource, before, generated(resource, before, after), writer
        )

    def _commit(
        self,
        type_: EventType,
        resource: Resource,
        before: Object | None,
        after: Object,
        writer: _Writer,
    ) -> Object:
        self.revision += 1
        metadata = with_parts(after["metadata"], resourceVersion=str(self.revision))
        if type_ != "DELETED" and (fields := self._managed(before, after, writer)):
            metadata = with_parts(metadata, managedFields=fields)
        done = with_parts(after, metadata=metadata)
        event = Event(type_, resource, done, self.revision, before)
        self._shelves[resource].apply(event)
        self._tell(event)
        return done

    def _managed(self, before: Object | None, after: Object, writer: _Writer) -> Objects:
        return managed_fields(
            before,
            after,
            manager=writer.manager or "unknown",
            subresource=writer.subresource,
            at=self._stamp(),
        )

    def _tell(self, event: Event) -> None:
        self._untold.append(event)
        if self._telling:
            return
        raised: deque[Exception] = deque()
        self._telling = True
        try:
            while self._untold:
                self._tell_everybody(self._untold.popleft(), raised)
        finally:
            self._telling = False
        if raised:
            raise raised[0]

    def _tell_everybody(self, event: Event, raised: deque[Exception]) -> None:
        for callback in tuple(self._callbacks):
            try:
                callback(event)
            except Exception as error:  # noqa: BLE001  # it reaches the writer, after the others
                raised.append(error)

    def _ask(
        self,
        verb: Literal["CREATE", "UPDATE", "DELETE"],
        resource: Resource,
        before: Object | None,
        after: Object | None,
        writer: _Writer,
    ) -> None:
        metadata = (after or before or {})["metadata"]
        write = Write(
            verb=verb,
            resource=resource,
            namespace=metadata.get("namespace", ""),
            name=metadata["name"],
            before=before,
            after=after,
            user=writer.user,
            manager=writer.manager,
            subresource=writer.subresource,
        )
        for rule in self.admit:
            rule(write)

    def _home(self, resource: Resource, given: Mapping[str, Any]) -> str:
        if not resource.namespaced:
            return ""
        namespace = str(given.get("namespace") or "default")
        home = self.get(NAMESPACE, "", namespace)
        if home is None:
            raise not_found(NAMESPACE, namespace)
        if "deletionTimestamp" in home["metadata"]:
            raise forbidden(
                resource,
                given.get("name", ""),
                f"unable to create new content in namespace {namespace} because it is being"
                " terminated",
            )
        return namespace

    def _born(self, resource: Resource, given: Mapping[str, Any], namespace: str) -> dict[str, Any]:
        """What the server says of a new object."""
        prefix = given.get("generateName", "")
        suffix = "".join(self._dice.choices(_SUFFIX_LETTERS, k=5)) if prefix else ""
        name = given.get("name") or (f"{prefix}{suffix}" if prefix else "")
        return {
            **({"name": name} if name else {}),
            **({"generateName": prefix} if prefix else {}),
            **({"namespace": namespace} if namespace else {}),
            "uid": str(uuid.UUID(int=self._dice.getrandbits(128), version=4)),
            **({"generation": 1} if resource.generation else {}),
            "creationTimestamp": self._stamp(),
        }

    def _stamp(self) -> str:
        return datetime.fromtimestamp(self.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
