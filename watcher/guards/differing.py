"""Where does what the hub holds differ from what was shipped?

What is absent and what is empty mean the same to the API server, for every field of these kinds, so
they do not differ. Anything else does: a field that nobody shipped as well, since nobody here knows
what it would change.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

_EMPTY: tuple[Any, ...] = (None, "", {}, [])


def differing(found: Any, shipped: Any, path: str = "spec") -> Iterator[str]:
    """Each difference, in words."""
    if found in _EMPTY and shipped in _EMPTY:
        return
    if isinstance(found, dict) and isinstance(shipped, dict):
        for key in sorted(found.keys() | shipped.keys()):
            yield from differing(found.get(key), shipped.get(key), f"{path}.{key}")
    elif isinstance(found, list) and isinstance(shipped, list):
        for at, (here, there) in enumerate(zip_longest(found, shipped)):
            yield from differing(here, there, f"{path}[{at}]")
    elif found in _EMPTY:
        yield f"{path} is missing"
    elif shipped in _EMPTY:
        yield f"{path} was not shipped"
    elif found != shipped or isinstance(found, bool) is not isinstance(shipped, bool):
        yield f"{path} is another"
