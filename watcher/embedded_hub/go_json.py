"""What does Argo CD leave out of a spec when it writes one?

Facts (Argo CD's types, all but a few members `omitempty`; recorded in tests/captured/objects):
empty strings, empty lists, nulls and false go, also within entries of lists; empty objects stay,
for they are pointers in Go and mean something (`automated: {}`); `enabled: false` stays for the
same reason; what is inside `valuesObject` is not Argo CD's, and stays whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NOT_READ = "valuesObject"
_FALSE_MEANS_SOMETHING = "enabled"


def written(value: Any) -> Any:
    """`value` as Argo CD's own client would write it."""
    if isinstance(value, Mapping):
        return {
            key: part if key == _NOT_READ else written(part)
            for key, part in value.items()
            if not _left_out(key, part)
        }
    if isinstance(value, list):
        return [written(part) for part in value]
    return value


def _left_out(key: str, part: Any) -> bool:
    if part is False:
        return key != _FALSE_MEANS_SOMETHING
    return part is None or part == "" or part == []
