"""What goes when its owner goes, or its namespace?

Two followers of the store's events, for what a real hub's controller manager does. They act within
the write that set them off, so there is no moment at which an orphan can be seen; a real one takes
a while.

Facts (Kubernetes, garbage collection): an object goes when the last of its owners is gone, by an
ordinary delete, finalizers respected; `propagationPolicy=Orphan` takes the reference away instead.
A namespace stays Terminating until it is empty.

Elsewhere: `blockOwnerDeletion` and foreground deletion, which are not modelled: Foreground is
answered as Background.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from watcher.embedded_hub.history import Event
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.resources import NAMESPACE, RESOURCES, Resource

if TYPE_CHECKING:
    from watcher.embedded_hub.store import Store  # which makes one of these


class GarbageCollector:
    """Deletes what has lost its last owner or its namespace."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._dependents: dict[str, dict[str, tuple[Resource, str, str]]] = {}
        self._uids: set[str] = set()
        store.subscribe(self._follow)

    def orphan(self, owner: Object) -> None:
        """Take the reference to `owner` from everything that it owns."""
        uid = owner["metadata"]["uid"]
        for resource, namespace, name in tuple(self._dependents.get(uid, {}).values()):
            obj = self._store.get(resource, namespace, name)
            if obj is not None:
                left = [ref for ref in _owners(obj) if ref["uid"] != uid]
                patch = {"metadata": {"ownerReferences": left or None}}
                self._store.patch(resource, namespace, name, patch)

    def _follow(self, event: Event) -> None:
        metadata = event.object["metadata"]
        uid = metadata["uid"]
        if event.before is not None:
            for ref in _owners(event.before):
                self._dependents.get(ref["uid"], {}).pop(uid, None)
        if event.type == "DELETED":
            self._uids.discard(uid)
            self._collect(uid)
            self._close_namespace(metadata.get("namespace", ""))
            return
        self._uids.add(uid)
        place = (event.resource, metadata.get("namespace", ""), metadata["name"])
        for ref in _owners(event.object):
            self._dependents.setdefault(ref["uid"], {})[uid] = place
        if event.resource is NAMESPACE and "deletionTimestamp" in metadata:
            self._empty_namespace(metadata["name"])

    def _collect(self, uid: str) -> None:
        for resource, namespace, name in self._dependents.pop(uid, {}).values():
            obj = self._store.get(resource, namespace, name)
            if obj is not None and not any(ref["uid"] in self._uids for ref in _owners(obj)):
                self._store.delete(resource, namespace, name)

    def _empty_namespace(self, name: str) -> None:
        for resource, obj in self._contents(name):
            self._store.delete(resource, name, obj["metadata"]["name"])
        self._close_namespace(name)

    def _close_namespace(self, name: str) -> None:
        namespace = self._store.get(NAMESPACE, "", name)
        going = namespace is not None and "deletionTimestamp" in namespace["metadata"]
        if going and not self._contents(name):
            self._store.patch(NAMESPACE, "", name, {"spec": {"finalizers": None}})

    def _contents(self, namespace: str) -> list[tuple[Resource, Object]]:
        return [
            (resource, obj)
            for resource in RESOURCES
            if resource.namespaced
            for obj in self._store.list(resource, namespace)
        ]


def _owners(obj: Object) -> list[Object]:
    owners: list[Object] = obj["metadata"].get("ownerReferences") or []
    return owners
