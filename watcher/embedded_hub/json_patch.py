"""What does a JSON patch make of an object?

The answer is a merge patch, which the store knows how to do. Only `kubectl patch --type=json` and
people's scripts send these; the daemon never does.

Facts (RFC 6902, RFC 6901): the operations, and `~1` and `~0` in paths. Kubernetes answers a patch
that cannot be applied with 422.

Not ideal: a value of null cannot be said in a merge patch, so setting one removes the key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from watcher.embedded_hub.errors import Invalid
from watcher.embedded_hub.objects import Object, thawed


def as_merge_patch(obj: Object, operations: Sequence[Mapping[str, Any]]) -> Object:
    """The merge patch that does to `obj` what `operations` do. Raises Invalid."""
    after = thawed(obj)
    try:
        for operation in operations:
            after = _applied(after, operation)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
        raise Invalid(
            f"the server rejected our request due to an error in our request: {error}"
        ) from error
    return _difference(obj, after)


def _applied(document: Any, operation: Mapping[str, Any]) -> Any:
    path = _pointer(operation["path"])
    match operation["op"]:
        case "add":
            return _set(document, path, operation["value"], insert=True)
        case "replace":
            _look(document, path)
            return _set(document, path, operation["value"], insert=False)
        case "remove":
            return _remove(document, path)
        case "copy":
            found = thawed(_look(document, _pointer(operation["from"])))
            return _set(document, path, found, insert=True)
        case "move":
            source = _pointer(operation["from"])
            found = _look(document, source)
            return _set(_remove(document, source), path, found, insert=True)
        case "test":
            if _look(document, path) != operation["value"]:
                raise ValueError(f"testing value {operation['path']} failed: test failed")
            return document
        case _:
            raise ValueError(f"unexpected kind: {operation['op']}")


def _pointer(path: str) -> list[str]:
    if path and not path.startswith("/"):
        raise ValueError(f"no JSON pointer: {path}")
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def _look(document: Any, path: Sequence[str]) -> Any:
    for part in path:
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def _set(document: Any, path: Sequence[str], value: Any, *, insert: bool) -> Any:
    if not path:
        return value
    parent, last = _look(document, path[:-1]), path[-1]
    if not isinstance(parent, list):
        parent[last] = value
    elif last == "-":
        parent.append(value)
    elif insert:
        parent.insert(int(last), value)
    else:
        parent[int(last)] = value
    return document


def _remove(document: Any, path: Sequence[str]) -> Any:
    parent, last = _look(document, path[:-1]), path[-1]
    del parent[int(last) if isinstance(parent, list) else last]
    return document


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Object:
    patch: Object = {key: None for key in before if key not in after}
    for key, part in after.items():
        old = before.get(key)
        if old == part and key in before:
            continue
        both = isinstance(old, Mapping) and isinstance(part, Mapping)
        patch[key] = _difference(old, part) if both else part  # type: ignore[arg-type]
    return patch
