"""Where is an object of one kind, and what was there before?

The objects of one kind by their key, in the order in which a list shows them, with their history.

Facts (Kubernetes, etcd): keys are ordered as bytes, the namespace before the name, so that `a-b`
stands before `a` where these are namespaces ("-" is less than "/"), and after it where names.
"""

from __future__ import annotations

from bisect import bisect_left, insort

from watcher.embedded_hub.history import Event, History
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.resources import Resource


class Shelf:
    """The objects of one kind, and what happened to them."""

    def __init__(self, resource: Resource) -> None:
        self.history = History()
        self._resource = resource
        self._objects: dict[str, Object] = {}
        self._keys: list[str] = []

    def get(self, namespace: str, name: str) -> Object | None:
        """The object, or None."""
        return self._objects.get(f"{namespace}/{name}" if self._resource.namespaced else name)

    def listed(self, namespace: str | None) -> list[Object]:
        """All of one namespace, or of all namespaces, in order."""
        first, end = self._range(namespace)
        start, stop = bisect_left(self._keys, first), bisect_left(self._keys, end)
        return [self._objects[key] for key in self._keys[start:stop]]

    def listed_at(self, revision: int, namespace: str | None) -> list[Object]:
        """The same as it was at `revision`. Raises Expired beyond the horizon."""
        undone: dict[str, Object | None] = {}
        for event in self.history.since(revision):
            undone.setdefault(self._key(event.object), event.before)
        if not undone:
            return self.listed(namespace)
        first, end = self._range(namespace)
        then = {**self._objects, **undone}
        keys = sorted(key for key in then if first <= key < end)
        return [obj for key in keys if (obj := then[key]) is not None]

    def apply(self, event: Event) -> None:
        """Do to the objects what `event` tells, and remember it."""
        key = self._key(event.object)
        if event.type == "DELETED":
            del self._objects[key]
            del self._keys[bisect_left(self._keys, key)]
        else:
            if event.type == "ADDED":
                insort(self._keys, key)
            self._objects[key] = event.object
        self.history.append(event)

    def _key(self, obj: Object) -> str:
        metadata = obj["metadata"]
        name: str = metadata["name"]
        return f"{metadata['namespace']}/{name}" if self._resource.namespaced else name

    def _range(self, namespace: str | None) -> tuple[str, str]:
        """From which key to which; "0" is what follows "/"."""
        if namespace is None or not self._resource.namespaced:
            return "", "\U0010ffff"
        return f"{namespace}/", f"{namespace}0"
