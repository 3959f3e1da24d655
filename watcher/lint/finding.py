"""What is a finding of lint?

A code says what kind of thing is wrong, why that matters and how to mend it: the same for every
hub, and the manual has it under the code's heading. A finding says where, and with which names.

Elsewhere: the codes themselves, each beside its rule; how findings are printed (output.py).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from msgspec import Struct


class Severity(StrEnum):
    """How much is at stake, the most first."""

    ERROR = "error"
    """With it a gate deletes something, or gates nothing."""
    WARNING = "warning"
    """It can delete something, or leaves a gate waiting, when something else comes to it."""
    NOTE = "note"
    """To be known before the first gate opens."""


class Place(Struct, frozen=True):
    """Where an object was read."""

    file: str = ""
    """Empty where it was read from the hub itself."""
    line: int = 0
    """Counted from 1; 0 where it is not known."""

    def __str__(self) -> str:
        """FILE:LINE, as far as they are known."""
        return f"{self.file}:{self.line}" if self.line else self.file


class Found(Protocol):
    """What a finding can be about."""

    @property
    def shown(self) -> str:
        """Kind and name, for people."""

    @property
    def place(self) -> Place:
        """Where it was read."""


class Finding(Struct, frozen=True):
    """One thing that somebody should know, or mend."""

    code: str
    severity: Severity
    object: str
    """Kind and `namespace/name`; empty where it is about all that was read."""
    place: Place
    what: str
    why: str
    how: str


class Code(Struct, frozen=True):
    """One kind of finding."""

    code: str
    title: str
    severity: Severity
    why: str
    how: str

    def on(self, found: Found, what: str, *, severity: Severity | None = None) -> Finding:
        """The finding of this kind on `found`."""
        return Finding(
            code=self.code,
            severity=severity or self.severity,
            object=found.shown,
            place=found.place,
            what=what,
            why=self.why,
            how=self.how,
        )


class Everything(Struct, frozen=True):
    """What a finding is about that is about no one object."""

    shown: str = ""
    place: Place = Place()
