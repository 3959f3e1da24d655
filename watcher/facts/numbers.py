"""How is it written how many there are of something?

Elsewhere: moments (instants.py); lengths of time (policy/durations.py).
"""

from __future__ import annotations

from collections.abc import Sequence

_FEW = 3


def many(number: int, thing: str) -> str:
    """So many of them, as `1 spoke` or `2 spokes`; `thing`: what one is called."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def some(names: Sequence[str]) -> str:
    """The first few names, and how many there are besides."""
    more = len(names) - _FEW
    return ", ".join(names[:_FEW]) + (f" and {more} more" if more > 0 else "")
