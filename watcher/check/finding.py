"""What is a finding of check?

One line each: how grave it is, which check it comes from, what was seen and what to do.

Elsewhere: the checks themselves, by what they are about; how findings are printed (output.py).
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from watcher.check.sight import Unread, Unseen


class Level(StrEnum):
    """How grave it is, the least first."""

    OK = "ok"
    WARNING = "warning"
    """Something is at stake, or could not be looked at."""
    FAULT = "fault"
    """Something does not work, or is known not to be as the policy asks for."""


class Finding(Struct, frozen=True):
    """One line."""

    check: str
    level: Level
    what: str
    remedy: str = ""
    """What to do; empty where nothing is to be done."""


class Check(Struct, frozen=True):
    """One thing that is looked at."""

    name: str
    about: str
    """What is looked at, for the manual."""

    def ok(self, what: str) -> Finding:
        """It is as it should be, or need not be otherwise."""
        return Finding(self.name, Level.OK, what)

    def warning(self, what: str, remedy: str) -> Finding:
        """Somebody should know, or mend it."""
        return Finding(self.name, Level.WARNING, what, remedy)

    def fault(self, what: str, remedy: str) -> Finding:
        """Somebody must mend it."""
        return Finding(self.name, Level.FAULT, what, remedy)

    def unseen(self, unread: Unread) -> Finding:
        """It could not be looked at, which is never taken as well.

        For who may not look that is a warning, since it says nothing of the hub; a hub that does
        not answer is a fault.
        """
        if unread.why is Unseen.FORBIDDEN:
            remedy = f"ask for the right to {unread.sought}, or have somebody check who has it"
            return self.warning(f"not looked at: you may not {unread.sought} (403)", remedy)
        return self.fault(f"not looked at: cannot {unread.sought}: {unread.said}", unread.remedy)
