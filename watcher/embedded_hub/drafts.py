"""What would a write make of an object?

From what the writer hands in to the object as it would be stored, without its revision and its
managed fields, before anybody has asked whether it may be so.

Facts (Kubernetes API concepts): who writes does not change what the server owns, nor the kind. A
uid that a patch names is kept to be refused (validation.py). The main endpoint of a kind with a
status subresource leaves the status alone, and `/status` everything else. Empty labels,
annotations, finalizers and owner references are not there at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watcher.embedded_hub.defaults import completed, newborn, terminating
from watcher.embedded_hub.errors import BadRequest
from watcher.embedded_hub.objects import Object, frozen, merged, same_parts, with_parts
from watcher.embedded_hub.resources import Resource

_SERVER_OWNED = (
    "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
    "deletionGracePeriodSeconds", "managedFields", "generateName", "selfLink",
)  # fmt: skip
_LEFT_OUT_WHEN_EMPTY = ("labels", "annotations", "finalizers", "ownerReferences")


def metadata_of(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The metadata that a writer hands in, perhaps none. Raises BadRequest."""
    metadata = given.get("metadata") or {}
    if not isinstance(metadata, Mapping):
        raise BadRequest("json: cannot unmarshal metadata into Go value of type v1.ObjectMeta")
    return metadata


def created(resource: Resource, given: Mapping[str, Any], born: Mapping[str, Any]) -> Object:
    """`given` as a new object; `born` is what the server says of it."""
    wanted = metadata_of(given)
    chosen = {k: part for k, part in wanted.items() if k not in _SERVER_OWNED and k not in born}
    draft = _drafted(resource, given, {**born, **chosen})
    return completed(resource, newborn(resource, draft))


def replaced(
    resource: Resource, before: Object, given: Mapping[str, Any], subresource: str | None
) -> Object:
    """`before` after a PUT of `given`."""
    wanted = metadata_of(given)
    owned = {key: part for key, part in before["metadata"].items() if key in _SERVER_OWNED}
    chosen = {key: part for key, part in wanted.items() if key not in _SERVER_OWNED}
    return _in_scope(resource, before, _drafted(resource, given, owned | chosen), subresource)


def patched(
    resource: Resource, before: Object, merge: Mapping[str, Any], subresource: str | None
) -> Object:
    """`before` after the merge patch `merge`."""
    after = merged(before, merge)
    metadata = after.get("metadata") or {}
    owned = {key: before["metadata"].get(key) for key in _SERVER_OWNED}
    owned["uid"] = metadata.get("uid") or owned["uid"]
    draft = _drafted(resource, after, with_parts(metadata, **owned))
    return _in_scope(resource, before, draft, subresource)


def deleted(resource: Resource, before: Object, *, at: str) -> Object:
    """`before` after a delete at `at` (RFC 3339) that has to wait for finalizers."""
    going: dict[str, Any] = {"deletionTimestamp": at, "deletionGracePeriodSeconds": 0}
    draft = with_parts(before, metadata=with_parts(before["metadata"], **going))
    return terminating(resource, _counted(draft) if resource.generation else draft)


def generated(resource: Resource, before: Object, after: Object) -> Object:
    """`after` with the generation that its difference from `before` gives it."""
    if not resource.generation:
        return after
    ignored = ("metadata", "status") if resource.status_subresource else ("metadata",)
    one, other = (
        {key: part for key, part in obj.items() if key not in ignored} for obj in (before, after)
    )
    return after if same_parts(one, other) else _counted(after)


def _counted(obj: Object) -> Object:
    generation = obj["metadata"]["generation"] + 1
    return with_parts(obj, metadata=with_parts(obj["metadata"], generation=generation))


def _drafted(resource: Resource, given: Mapping[str, Any], metadata: Mapping[str, Any]) -> Object:
    _check_readable(metadata)
    head = {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": _without_empty(metadata),
    }
    rest = {key: part for key, part in given.items() if key not in head}
    draft: Object = frozen(head | rest)
    return draft


def _in_scope(resource: Resource, before: Object, draft: Object, subresource: str | None) -> Object:
    """`draft` with everything put back that this endpoint does not write."""
    if subresource == "status":
        return with_parts(before, status=draft.get("status"))
    if resource.status_subresource:
        draft = with_parts(draft, status=before.get("status"))
    return completed(resource, draft)


def _check_readable(metadata: Mapping[str, Any]) -> None:
    for field in ("labels", "annotations"):
        pairs = metadata.get(field) or {}
        if not isinstance(pairs, Mapping) or any(not isinstance(v, str) for v in pairs.values()):
            raise BadRequest(
                f"json: cannot unmarshal into Go struct field ObjectMeta.metadata.{field} of type"
                " string"
            )


def _without_empty(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    if all(metadata.get(key, True) for key in _LEFT_OUT_WHEN_EMPTY):
        return metadata
    return {k: part for k, part in metadata.items() if part or k not in _LEFT_OUT_WHEN_EMPTY}
