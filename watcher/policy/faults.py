"""What is wrong with the policy file, where, and what is to be done?

A `Fault` is a value: the reader collects them all, so that a file is put right in one go.

Elsewhere: what counts as wrong (reading.py for one key, tiers.py and memory.py for what keys
mean together, document.py for what is not YAML).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from difflib import get_close_matches

from msgspec import Struct

_LONGEST_SHOWN = 80
"""Characters of a file's own text that one line of ours quotes."""


class Fault(Struct, frozen=True):
    """One thing that is wrong."""

    file: str
    line: int
    """Counted from 1."""
    key: str
    """Dotted, as `tiers[2].soak`; empty where it is about the whole file."""
    problem: str
    remedy: str

    def __str__(self) -> str:
        """One line: FILE:LINE: KEY: what is wrong; what to do."""
        where = f"{self.file}:{self.line}: " + (f"{self.key}: " if self.key else "")
        return f"{where}{self.problem}; {self.remedy}"


def near(word: str, known: Collection[str]) -> str | None:
    """That one of `known` which `word` was probably meant to be; upper and lower case aside."""
    by_sound = {one.casefold(): one for one in known}
    close = get_close_matches(word[:_LONGEST_SHOWN].casefold(), by_sound, n=1)
    return by_sound[close[0]] if close else None


def quoted(text: str) -> str:
    """`text` from the file in quotes, cut where it is long, on one line whatever it holds."""
    shown = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
    return json.dumps(shown, ensure_ascii=not shown.isprintable())


def bare(text: str) -> str:
    """`text` as it stands where it is plain, else in quotes."""
    return text if text.isprintable() and 0 < len(text) <= _LONGEST_SHOWN else quoted(text)
