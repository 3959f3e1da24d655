"""What may stand in a field instead of what belongs there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

JUNK = [b"null", b"7", b"-1", b"1e400", b"-1e400", b"9" * 400, b'"x"', b'""', b"true", b"[]", b"{}"]
JUNK += [b"[7]", b'[{"a": [null]}]', b'{"a": {"b": [1e400]}}', b'"\xff\xfe"', b'{"\xff": 1}']


def paths(value: Any) -> Iterator[Path]:
    """The way to every member of `value`, and to the first entry of every list."""
    members: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value[:1]))
    for key, each in members:
        yield (key,)
        yield from ((key, *rest) for rest in paths(each))


def junked(document: dict[str, Any]) -> Iterator[tuple[Path, bytes, bytes]]:
    """`document` with each of its members in turn replaced by each kind of junk: where, which, and
    the body that comes of it.
    """
    for path in paths(document):
        copy = json.loads(json.dumps(document))
        part = copy
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = "PLACE"
        body = json.dumps(copy).encode()
        for junk in JUNK:
            yield path, junk, body.replace(b'"PLACE"', junk)
