"""Why did what a person ordered not come onto a spoke's Secret, in words?

Elsewhere: what may become of a patch (hub/patching.py).
"""

from __future__ import annotations

from typing import assert_never

from watcher.hub import (
    Conflict,
    Gone,
    Outcome,
    Patched,
    Refused,
    Replaced,
    Throttled,
    Unknown,
    Unsent,
)


def unwritten(outcome: Outcome) -> str:
    """Why it was not written, or is not known to be; empty where it was."""
    match outcome:
        case Patched():
            return ""
        case Conflict():
            return "the Secret is written all the time; try again"
        case Gone() | Replaced():
            return "the spoke's Secret is gone; look again"
        case Throttled():
            return "the hub is busy; try again"
        case Refused(message=said) | Unsent(why=said) | Unknown(why=said):
            return said
        case _:
            assert_never(outcome)
