"""How much does work take at most, judged by what other work was seen to take?

Live heap that is gone when the work is done, by how many clusters are being loaded and on how many
spokes a later gate is in progress, those that have just begun apart from those that go on: most of
what takes memory is done in the first seconds, and what goes on may only wait for a Pod to come up.
What was seen bounds the rest by three rules, and nothing else is assumed:
- less work takes no more;
- n times the work takes at most as much as the square root of n says, since what runs together
  shares processors;
- work and other work together take at most what each would take alone.

Facts (measured on an Argo CD 3.5 controller on two cores): one cluster load takes 66 MiB beyond
what it keeps, 8 at once take 140, 16 take 230, 40 take 310; a later gate of one spoke takes 80, of
six at once 125. That is a power of 0.3 to 0.45: by default no more than ten operations and twenty
refreshes run at once at all. So the first of these, taken 40 times, is far too careful, and the
step from 16 to 17 is known much better than the one to 40.

Elsewhere: which reading shows what work took (predictor.py); what stays (estimates.py).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias


class Cell(NamedTuple):
    """Some work."""

    loads: int = 0
    """That have just begun."""
    later: int = 0
    """Spokes with a later gate that has just begun."""
    old_loads: int = 0
    """Loads that go on."""
    old_later: int = 0
    """Spokes with a later gate that goes on."""


Bounds: TypeAlias = Mapping[Cell, float]
"""Bytes of live heap that this work takes at most. One of each kind alone is always among them."""

NOTHING = Cell()
LOAD = Cell(loads=1)

_WIDTHS: tuple[int, ...] = (0, 1, *sorted(w << n for n in range(15) for w in (2, 3)))
"""Work is told apart in steps of at most half as much again, so the cells stay few."""

_TOGETHER = 0.5
"""The power to which n times the work takes more than once: a little more than was measured, for a
controller with more processors."""

_LEAST = 1.0
"""Bytes: no bound is nothing, or it could not be raised in proportion."""


def at_first(load_bytes: float, later_bytes: float) -> Bounds:
    """Before any work was seen: all of a kind are judged by what one takes, as long as it is."""
    load, later = max(_LEAST, load_bytes), max(_LEAST, later_bytes)
    return {
        LOAD: load,
        Cell(later=1): later,
        Cell(old_loads=1): load,
        Cell(old_later=1): later,
    }


def most(bounds: Bounds, work: Cell) -> float:
    """What `work` takes at most, in bytes. Never less for more work."""
    alone = _alone(bounds)
    least = _apart(alone, work)
    for at, seen in bounds.items():
        if seen < least:
            least = min(least, seen * _times(at, work), seen + _apart(alone, _beyond(work, at)))
    return least


def raised(bounds: Bounds, work: Cell, seen: float) -> Bounds:
    """`bounds` after `work` was seen to take `seen`: no cell is lower, and `most` is no less."""
    if work == NOTHING or seen <= most(bounds, work):
        return bounds
    scale = seen / _apart(_alone(bounds), work)
    by_kind = _alone(bounds)
    higher = dict(bounds)
    for kind, known in enumerate(by_kind):
        share = scale * _lone(known, work[kind])
        for width in known if work[kind] else ():
            at = _only(kind, width)
            higher[at] = max(higher[at], share / _more(work[kind], width))
    alone = _alone(higher)
    for at in bounds:
        needed = max(seen / _times(at, work), seen - _apart(alone, _beyond(work, at)))
        higher[at] = max(higher[at], needed)
    return higher


def lowered(bounds: Bounds, work: Cell, seen: float, share: float) -> Bounds:
    """`bounds` after `work` was seen to take no more than `seen`: `share` of the way."""
    at = Cell(*(_floor(count) for count in work))
    before = most(bounds, at)
    if at == NOTHING or seen >= before or share <= 0.0:
        return bounds
    return _needed({**bounds, at: max(_LEAST, before - share * (before - seen))})


def nearer(bounds: Bounds, to: Bounds, share: float) -> Bounds:
    """`bounds` with what is above `to` `share` of the way down to it."""
    return {at: seen - share * max(0.0, seen - most(to, at)) for at, seen in bounds.items()}


_Alone: TypeAlias = tuple[dict[int, float], ...]
"""For each kind, what so many of it took alone."""


def _alone(bounds: Bounds) -> _Alone:
    found: _Alone = tuple({} for _ in NOTHING)
    for at, seen in bounds.items():
        if at.count(0) == len(NOTHING) - 1:
            width = max(at)
            found[at.index(width)][width] = seen
    return found


def _apart(alone: _Alone, work: Cell) -> float:
    """What the kinds of `work` would take one after the other."""
    return sum(_lone(known, count) for known, count in zip(alone, work, strict=True) if count)


def _lone(known: dict[int, float], count: int) -> float:
    if not count:
        return 0.0
    return min(seen * _more(count, width) for width, seen in known.items())


def _only(kind: int, width: int) -> Cell:
    return Cell(*(width if each == kind else 0 for each in range(len(NOTHING))))


def _beyond(work: Cell, at: Cell) -> Cell:
    return Cell(*(max(0, want - have) for want, have in zip(work, at, strict=True)))


def _floor(count: int) -> int:
    return _WIDTHS[bisect_right(_WIDTHS, count) - 1]


def _times(at: Cell, work: Cell) -> float:
    """How many times the work of the cell covers `work`; infinite where it never does."""
    times = 1.0
    for have, want in zip(at, work, strict=True):
        if want > have:
            if not have:
                return math.inf
            times = max(times, _more(want, have))
    return times


def _more(want: int, have: int) -> float:
    """How many times as much `want` of a kind take as `have` of it, at most."""
    ratio: float = max(1.0, want / have) ** _TOGETHER
    return ratio


def _needed(bounds: dict[Cell, float]) -> Bounds:
    """`bounds` without the cells that say nothing which the others do not."""
    for at in [at for at in bounds if sum(at) > 1]:
        seen = bounds.pop(at)
        if seen < most(bounds, at):
            bounds[at] = seen
    return bounds
