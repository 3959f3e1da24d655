"""Every gate of the fleet in a letter: what does it look like, and what of it is another now?

A verdict is the same object as long as the spoke was not judged anew, so looking for what changed
costs a glance at each spoke, and only what did change is spelled out.

Elsewhere: who is told (feed.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct

from watcher.decide import SpokeVerdicts, State
from watcher.serve import shapes
from watcher.serve.report import Decided

STATES = tuple(State)
_LETTERS = {state: chr(ord("a") + at) for at, state in enumerate(STATES)}
_NONE = "-"
"""In place of a gate that the spoke does not have."""


class Known(NamedTuple):
    """A row, and what it was made from."""

    verdicts: SpokeVerdicts
    at: tuple[str | None, str, tuple[str, ...]]
    """Its Pod, its ring, and the tiers that there were."""
    row: shapes.Row


class Difference(Struct, frozen=True):
    """What makes of the rows that were known those that are."""

    came: Mapping[str, Known]
    """By UID: those that are new, or another now."""
    left: tuple[str, ...]
    """UIDs."""

    @property
    def rows(self) -> tuple[shapes.Row, ...]:
        """What is to be shown of it."""
        return tuple(known.row for known in self.came.values())

    def gone(self, before: Mapping[str, Known]) -> tuple[str, ...]:
        """The names that are no longer, or no longer of the same spoke."""
        left = [before[uid].row.name for uid in self.left]
        renamed = [
            before[uid].row.name
            for uid, known in self.came.items()
            if uid in before and before[uid].row.name != known.row.name
        ]
        return (*left, *renamed)


def difference(before: Mapping[str, Known], decided: Decided) -> Difference:
    """What changed since the rows were as they are in `before`."""
    spokes, shards = decided.decision.spokes, decided.decision.shards
    tiers = tuple(tier.name for tier in decided.policy.order)
    came: dict[str, Known] = {}
    for uid in spokes:
        verdicts, at = spokes.own(uid), (spokes.pod(uid), spokes.ring(uid), tiers)
        known = before.get(uid)
        if known is not None and known.verdicts is verdicts and known.at == at:
            continue
        pod, ring, _ = at
        shard = shards.get(pod) if pod is not None else None
        where = None if shard is None else shard.name
        row = shapes.Row(verdicts.name, _letters(verdicts, tiers), where, ring)
        if known is None or known.row != row:
            came[uid] = Known(verdicts, at, row)
    return Difference(came, tuple(uid for uid in before if uid not in spokes))


def _letters(verdicts: SpokeVerdicts, tiers: Iterable[str]) -> str:
    of = verdicts.tiers
    return "".join(_LETTERS[of[tier].state] if tier in of else _NONE for tier in tiers)
