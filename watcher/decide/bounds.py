"""How much does work take at most, judged by what other work was seen to take?

Live heap that is gone when the work is done, by how many clusters are being loaded and on how many
spokes a later gate is in progress. What was seen bounds the rest by three rules, and nothing else
is assumed:
- less work takes no more;
- n times the work takes at most n times as much, since what runs together shares processors;
- two kinds of work together take at most what each would take alone.

Facts (measured on an Argo CD 3.5 controller on two cores): one cluster load takes 66 MiB beyond
what it keeps, 8 at once take 140, 16 take 230, 40 take 310. So the first of these, taken 40 times,
is sound and far too careful, and the step from 16 to 17 is known much better than the one to 40.

Elsewhere: which reading shows what work took (predictor.py); what stays (estimates.py).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import TypeAlias

Cell: TypeAlias = tuple[int, int]
"""Loads, and spokes with a later gate in progress."""

Bounds: TypeAlias = Mapping[Cell, float]
"""Bytes of live heap that this work takes at most. Each kind alone is always among the cells."""

LOAD: Cell = (1, 0)
LATER: Cell = (0, 1)

_WIDTHS: tuple[int, ...] = (0, 1, *sorted(w << n for n in range(15) for w in (2, 3)))
"""Work is told apart in steps of at most half as much again, so the cells stay few."""

_LEAST = 1.0
"""Bytes: no bound is nothing, or it could not be raised in proportion."""


def cell(loads: int, later: int) -> Cell:
    """The largest cell that is no more than this work."""
    return _floor(loads), _floor(later)


def most(bounds: Bounds, work: Cell) -> float:
    """What `work` takes at most, in bytes. Never less for more work."""
    together = min((seen * _times(at, work) for at, seen in bounds.items()), default=0.0)
    return min(together, sum(_apart(bounds, work)))


def raised(bounds: Bounds, work: Cell, seen: float) -> Bounds:
    """`bounds` after `work` was seen to take `seen`: no cell is lower, and `most` is no less."""
    if seen <= most(bounds, work):
        return bounds
    alone = dict(zip(_kinds(work), _apart(bounds, work), strict=True))
    scale = seen / sum(alone.values())
    higher = dict(bounds)
    for at, before in bounds.items():
        needed = [seen / _times(at, work)]
        needed += [
            scale * taken / _times(at, kind)
            for kind, taken in alone.items()
            if _same_kind(at, kind)
        ]
        higher[at] = max(before, *needed)
    return higher


def lowered(bounds: Bounds, at: Cell, seen: float, share: float) -> Bounds:
    """`bounds` after the work `at` was seen to take no more than `seen`: `share` of the way."""
    before = most(bounds, at)
    if at == (0, 0) or seen >= before:
        return bounds
    return {**bounds, at: max(_LEAST, before - share * (before - seen))}


def nearer(bounds: Bounds, to: Bounds, share: float) -> Bounds:
    """`bounds` with what is above `to` `share` of the way down to it."""
    above = {at: seen - most(to, at) for at, seen in bounds.items()}
    return {at: seen - share * max(0.0, above[at]) for at, seen in bounds.items()}


def at_first(load_bytes: float, later_bytes: float) -> Bounds:
    """Before any work was seen: every one of a kind takes what one takes."""
    return {LOAD: max(_LEAST, load_bytes), LATER: max(_LEAST, later_bytes)}


def _floor(count: int) -> int:
    return _WIDTHS[bisect_right(_WIDTHS, max(0, count)) - 1]


def _times(at: Cell, work: Cell) -> float:
    """How many times the work of the cell covers `work`; infinite where it never does."""
    return max(1.0, *(_ratio(have, want) for have, want in zip(at, work, strict=True)))


def _ratio(have: int, want: int) -> float:
    if want <= 0:
        return 0.0
    return want / have if have else math.inf


def _kinds(work: Cell) -> tuple[Cell, ...]:
    loads, later = work
    return tuple(kind for kind in ((loads, 0), (0, later)) if kind != (0, 0))


def _apart(bounds: Bounds, work: Cell) -> Iterable[float]:
    """What each kind would take alone, judged by what that kind alone took."""
    return [
        min(seen * _times(at, kind) for at, seen in bounds.items() if _same_kind(at, kind))
        for kind in _kinds(work)
    ]


def _same_kind(at: Cell, kind: Cell) -> bool:
    return all(bool(have) == bool(want) for have, want in zip(at, kind, strict=True))
