"""What is in an object under some name, where it may be absent, null, or something else?

A hub holds what people put into it. What Argo CD could not decode it would not see; here it reads
as an empty object, so that no odd Application stops the whole hub.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watcher.embedded_hub.objects import FrozenDict

NOTHING: Mapping[str, Any] = FrozenDict()


def part(of: Any, *path: str) -> Mapping[str, Any]:
    """The object that stands at `path`; an empty one where there is none."""
    for name in path:
        of = of.get(name) if isinstance(of, dict) else None
    return of if isinstance(of, dict) else NOTHING


def parts(of: Any, name: str) -> list[Mapping[str, Any]]:
    """The objects in the list `name`; an empty list where there is none."""
    found = of.get(name) if isinstance(of, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
