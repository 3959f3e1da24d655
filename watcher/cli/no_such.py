"""What is said of something that is called by a name which nothing there has?

What is called almost so; where nothing is, and there is little, all there is.

Elsewhere: what a watcher says of it (serve/answers.py), and a policy file (policy/faults.py).
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

_NEAR = 3
_FEW = 20
"""Names that are read through on a line: of tiers and rings there are hardly ever more."""
_LONGEST = 253
"""A name that is longer is compared with no other, as that would take long; no name in Kubernetes
is longer."""


def no_such(what: str, name: str, there: Collection[str]) -> str:
    """That there is no `what` of this `name`, and what there is instead."""
    near = get_close_matches(name, list(there), n=_NEAR) if len(name) <= _LONGEST else []
    if near:
        instead = f" (did you mean {' or '.join(map(repr, near))}?)"
    elif there:
        instead = f"; there is {', '.join(there)}" if len(there) <= _FEW else ""
    else:
        instead = "; there is none"
    return f"there is no {what} {name!r}{instead}"
