"""Who owns which field of an object?

`metadata.managedFields`, as a real API server keeps it for updates and merge patches: who sets a
field owns it, who removes it takes it from everybody, and who owns nothing any more is left out.

Facts (Kubernetes API concepts, server-side apply): entries are told apart by manager, operation,
apiVersion and subresource, and are sorted by time; a write that changes nothing leaves them alone.

Not ideal: lists are owned as a whole, and the marks `.`, `k:` and `v:` are not made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from watcher.embedded_hub.objects import FrozenDict, Object, frozen

_Tree: TypeAlias = dict[str, Any]
"""Fields as FieldsV1 writes them: `f:NAME` to what is owned below it, `{}` for a leaf."""

_SERVER_OWNED = frozenset({
    "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp",
    "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink",
})  # fmt: skip
_NOTHING: Mapping[str, Any] = FrozenDict()


def managed_fields(
    before: Object | None, after: Object, *, manager: str, subresource: str | None, at: str
) -> list[Object]:
    """The entries of `after`, which `manager` made of `before` at `at` (RFC 3339)."""
    old = before or _NOTHING
    added, removed = _difference(_ownable(old), _ownable(after))
    mine: Object = {"manager": manager, "operation": "Update", "apiVersion": after["apiVersion"]}
    if subresource:
        mine["subresource"] = subresource
    others = []
    owned: _Tree = {}
    for entry in old.get("metadata", _NOTHING).get("managedFields", ()):
        left = _minus(entry["fieldsV1"], removed)
        if all(entry.get(key) == mine.get(key) for key in (*mine, "subresource")):
            owned = left
        elif left := _minus(left, added):
            others.append({**entry, "fieldsV1": left})
    owned = _plus(owned, added)
    if owned:
        others.append({**mine, "time": at, "fieldsType": "FieldsV1", "fieldsV1": owned})
    return sorted(others, key=lambda entry: str(entry["time"]))


def _ownable(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = obj.get("metadata", _NOTHING)
    owned = {key: part for key, part in metadata.items() if key not in _SERVER_OWNED}
    rest = {key: part for key, part in obj.items() if key not in ("apiVersion", "kind", "metadata")}
    return {"metadata": owned, **rest} if owned else rest


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[_Tree, _Tree]:
    """What `after` sets otherwise than `before`, and what it no longer has."""
    added: _Tree = {}
    removed: _Tree = {f"f:{key}": {} for key in before if key not in after}
    for key, part in after.items():
        old = before.get(key)
        if old is part or (key in before and old == part):
            continue
        if not isinstance(part, Mapping) or not part:
            added[f"f:{key}"] = {}
            continue
        more, less = _difference(old if isinstance(old, Mapping) else _NOTHING, part)
        if more:
            added[f"f:{key}"] = more
        if less:
            removed[f"f:{key}"] = less
    return added, removed


def _minus(tree: Mapping[str, Any], gone: Mapping[str, Any]) -> _Tree:
    left: _Tree = {}
    for key, below in tree.items():
        if key not in gone:
            left[key] = below
        elif gone[key] and (rest := _minus(below, gone[key])):
            left[key] = rest
    return left


def _plus(tree: Mapping[str, Any], more: Mapping[str, Any]) -> _Tree:
    both = dict(tree)
    for key, below in more.items():
        both[key] = _plus(tree[key], below) if key in tree and below else frozen(below)
    return both
