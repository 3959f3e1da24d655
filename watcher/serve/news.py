"""What has changed of late, and has anything been decided since?

The daemon tells at the end of each turn; that costs the turn next to nothing, whoever reads.

Elsewhere: what a change is (decide/changes.py); how it is shown (shown.py).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from watcher.decide import Change
from watcher.facts import Instant

KEPT = 1000
"""Changes: as many as one turn of a large fleet may bring, and half a megabyte at most."""


class Noted(NamedTuple):
    """A change, when it was seen, and where it stands among the others."""

    number: int
    at: Instant
    change: Change


class News:
    """The latest changes, and who waits for more."""

    def __init__(self) -> None:
        self._kept: deque[Noted] = deque(maxlen=KEPT)
        self._number = 0
        self._began: Instant | None = None
        self._decided = asyncio.Event()

    @property
    def number(self) -> int:
        """Of the latest change; 0 before the first."""
        return self._number

    @property
    def began(self) -> Instant | None:
        """When the first decision was taken; None before it."""
        return self._began

    @property
    def since(self) -> Instant | None:
        """From when on every change was kept; None before the first decision."""
        return self._kept[0].at if self._number > KEPT else self._began

    def take(self, changes: Sequence[Change], at: Instant) -> None:
        """Something was decided, and changed so much."""
        self._began = at if self._began is None else self._began
        first = self._number + 1
        self._number += len(changes)
        dropped = max(0, len(changes) - KEPT)
        for number, change in enumerate(changes[dropped:], first + dropped):
            self._kept.append(Noted(number, at, change))
        before, self._decided = self._decided, asyncio.Event()
        before.set()

    async def wait(self) -> None:
        """Until the next decision is taken."""
        await self._decided.wait()

    def after(self, number: int, most: int) -> list[Noted]:
        """Those behind this one, the latest first."""
        newer = min(most, self._number - number)
        return list(islice(reversed(self._kept), max(0, newer)))
