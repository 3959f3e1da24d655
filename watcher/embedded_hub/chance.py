"""What does chance say, when it is to say the same again?

A draw depends on the seed and on what it is for, never on what was drawn before: so a spoke more,
or another order of events, changes nothing for the others. No state, no clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Draws for one seed."""

    def __init__(self, seed: int) -> None:
        self._key = str(seed).encode()[:64]

    def share(self, *what: object) -> float:
        """A number from 0 up to but not including 1."""
        drawn = hashlib.blake2b(repr(what).encode(), digest_size=8, key=self._key).digest()
        return int.from_bytes(drawn) / 2**64

    def between(self, low: float, high: float, *what: object) -> float:
        """A number from `low` up to `high`, all equally likely."""
        return low + (high - low) * self.share(*what)

    def pick(self, options: Sequence[T], *what: object) -> T:
        """One of `options`, all equally likely."""
        return options[int(self.share(*what) * len(options))]
