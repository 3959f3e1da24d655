"""What does each reading teach about what a shard's controller takes in live heap?

A fold: what was known, one reading and the work that went on, and what is known then. Upwards a
surprise counts at once and whole; downwards an estimate moves a share of the way. A reading that
is lower than true, or that did not come, makes nothing cheaper at once.

Facts (measured on an Argo CD 3.5 controller):
- An idle controller collects every two minutes, so that what work left behind can show as live
  long after: each collection is judged by the most that was in progress since the two before.
- Between two readings a busy controller collects a dozen times, and comes close to its floor
  within two minutes, unless very much goes on.

Elsewhere: what follows from what is known (estimates.py); what is learned of work by watching it
(bursts.py), and of a restart (starts.py); which readings there are (measured.py).
"""

from __future__ import annotations

from msgspec.structs import replace

from watcher.decide.bounds import NOTHING, Cell, most, raised
from watcher.decide.bursts import bursting, forgetting, loading, stretched
from watcher.decide.estimates import (
    JUST_BEGUN_S,
    UNSEEN,
    Calm,
    Held,
    Learned,
    Low,
    Mark,
    Work,
    beside,
    cell,
    errors,
    floor,
    kept,
    load_seen,
    lowest,
    noted,
    restart_peak,
    resync,
    resynced,
    standing,
    transient,
    unlearned,
)
from watcher.decide.starts import started, starting
from watcher.facts import Reading

__all__ = [
    "Learned",
    "Work",
    "errors",
    "kept",
    "learned",
    "load_seen",
    "restart_peak",
    "transient",
    "unlearned",
]

_HELD = 3
"""Collections over which work is held against what is live: garbage outlives its work."""

_LOWS = 4
"""Collections that the lowest is taken of, at least; as many as came within `_LOWS_S`, at most."""

_LOWS_S = 120.0
"""Within it an idle controller collects once, and a busy one nearly always comes to its floor."""

_SLOTS_S = 10.0
"""One low is kept of this time: a busy controller has dozens."""

_GAP_S = 60.0
"""After a longer silence nothing counts as watched from its beginning."""

_BUSY_SHARE = 0.03
"""How far down a collection moves what is kept while there is work: at five seconds, half of the
way in two minutes."""

_CALM_SHARE = 0.125
"""How far down calm collections move what is kept and what the resync takes."""


def learned(before: Learned, reading: Reading, work: Work) -> Learned:
    """What is known after `reading`, with the work that went on when it came.

    A reading that is not younger than the last one teaches nothing.
    """
    if before.read_at is not None and reading.at <= before.read_at:
        return before
    if reading.process_started_at != before.process_started_at or before.read_at is None:
        return _begun(before, reading, work)
    silent = reading.at - before.read_at > _GAP_S
    watched = forgetting(before, reading)
    if silent:
        watched = replace(
            watched, burst=None, stretch=None, calm=None, load=None, marks=(), work=work
        )
    watched = _marked(replace(watched, read_at=reading.at), work)
    fresh = reading.collections > before.collections
    watched = replace(watched, held=_held(watched.held, _holds(watched, work), fresh=fresh))
    taught = _taught(watched, reading, work)
    return replace(
        loading(taught, reading, work),
        collections=reading.collections,
        work=work,
    )


def _begun(before: Learned, reading: Reading, work: Work) -> Learned:
    """A process that was not known: nothing of what the one before it was doing goes on."""
    begun = replace(
        before,
        read_at=reading.at,
        collections=reading.collections,
        process_started_at=reading.process_started_at,
        marks=(),
        held=(Held(work.spokes, Cell(max(0, work.loads), max(0, work.later))),),
        work=work,
        lows=(),
        burst=None,
        stretch=None,
        calm=None,
        load=None,
        start=started(before, reading, work),
    )
    return _taught(_marked(begun, work), reading, work)


def _taught(known: Learned, reading: Reading, work: Work) -> Learned:
    start = known.start
    if start is not None and work.spokes <= start.spokes:
        return starting(known, start, reading, work)
    return _running(replace(known, start=None), reading, work)  # more was opened: no start any more


def _marked(known: Learned, work: Work) -> Learned:
    """With a mark of what has begun, and none before the last one that is old enough."""
    if work.loads_begun is None or work.later_begun is None or known.read_at is None:
        return replace(known, marks=())
    marks = (*known.marks, Mark(known.read_at, work.loads_begun, work.later_begun))
    old = sum(mark.at <= known.read_at - JUST_BEGUN_S for mark in marks)
    return replace(known, marks=marks[max(0, old - 1) :])


def _holds(known: Learned, work: Work) -> Held:
    return Held(work.spokes, cell(known, work))


def _held(held: tuple[Held, ...], now: Held, *, fresh: bool) -> tuple[Held, ...]:
    """The most between collections, with `now` in the open one, or in a new one."""
    if fresh or not held:
        return (*held, now)[-_HELD:]
    return (*held[:-1], _most_of(held[-1], now))


def _most_of(*held: Held) -> Held:
    """The most of each kind, and of it as much just begun as ever was: what began at one reading
    and goes on at the next is there once.
    """
    began = [_if_it_began(each.cell) for each in held]
    loads, later = max(each.loads for each in began), max(each.later for each in began)
    new_loads, new_later = max(e.cell.loads for e in held), max(e.cell.later for e in held)
    return Held(
        max(each.spokes for each in held),
        Cell(new_loads, new_later, loads - new_loads, later - new_later),
    )


def _if_it_began(work: Cell) -> Cell:
    """What goes on, as if it had just begun: that takes no less."""
    return Cell(work.loads + work.old_loads, work.later + work.old_later)


# A controller that has come to rest after its start, or is at work


def _running(known: Learned, reading: Reading, work: Work) -> Learned:
    """What a reading outside a start teaches."""
    fresh = reading.collections > known.collections or not known.lows
    held, bounds = _most_of(*known.held), known.bounds
    if fresh:
        known = _surprised(known, reading, held)
        known = _with_low(known, reading, held)
        known = _calm(known, reading, held)
    now = cell(known, work)
    floating = beside(known, work.spokes, now) - resync(known, work.spokes)
    above = max(0.0, _beyond(known, reading, work.spokes) - floating)
    known = stretched(known, above, work, fresh=fresh)
    return bursting(known, above, work, bounds, fresh=fresh)


def _beyond(known: Learned, reading: Reading, spokes: int) -> float:
    """What a reading shows beyond what is kept."""
    return max(0.0, reading.live_bytes - floor(known, spokes))


def _surprised(known: Learned, reading: Reading, held: Held) -> Learned:
    """Raised at once where a reading shows more than was thought possible."""
    above = _beyond(known, reading, held.spokes)
    if held.cell == NOTHING:
        counted = resynced(held.spokes)
        if above <= known.resync_bytes * counted or not counted:
            return known
        return replace(known, resync_bytes=above / counted, calm=None)
    seen = above - beside(known, held.spokes, held.cell)
    bounds = raised(raised(known.bounds, held.cell, seen), _if_it_began(held.cell), seen)
    return known if bounds is known.bounds else replace(known, bounds=bounds)


def _with_low(known: Learned, reading: Reading, held: Held) -> Learned:
    """The last collections with this one; and a spoke keeps what the lowest of them cannot be
    explained without.
    """
    floating = beside(known, held.spokes, held.cell) - resync(known, held.spokes)
    explained = most(known.bounds, held.cell) + floating
    live = reading.live_bytes
    loading = held.cell.loads + held.cell.old_loads
    low = Low(reading.at, live, max(0.0, live - explained), held.spokes, loading)
    lows = _slotted(known.lows, low)
    recent = tuple(each for each in lows if each.at > reading.at - _LOWS_S)
    known = replace(known, lows=recent if len(recent) >= _LOWS else lows[-_LOWS:])
    seen = lowest(known, held.spokes)
    if seen is None or len(known.lows) < _LOWS:
        return known
    if held.spokes <= 0:
        idle = known.idle_bytes if reading.clusters else max(known.idle_bytes, seen)
        return replace(known, idle_bytes=idle)
    each_keeps = (seen - known.idle_bytes) / held.spokes
    if each_keeps >= known.spoke_bytes:
        return replace(known, spoke_bytes=each_keeps)
    return _kept_less(known)


def _kept_less(known: Learned) -> Learned:
    """All that was live holds what is kept, so no spoke that is loaded keeps more than its share of
    it; of the second lowest, since one reading may be false.
    """
    shares = sorted(
        max(0.0, low.live_bytes - known.idle_bytes) / (low.spokes - low.loading)
        for low in known.lows
        if low.spokes > low.loading
    )
    if len(shares) < _LOWS or shares[1] >= known.spoke_bytes:
        return known
    less = known.spoke_bytes - shares[1]
    return replace(known, spoke_bytes=known.spoke_bytes - _BUSY_SHARE * less)


def _slotted(lows: tuple[Low, ...], low: Low) -> tuple[Low, ...]:
    """With `low`, which takes the place of the last one where both are of one time."""
    if not lows or low.at - lows[-1].at >= _SLOTS_S or low.spokes != lows[-1].spokes:
        return (*lows, low)
    last = lows[-1]
    both = Low(
        last.at,
        min(last.live_bytes, low.live_bytes),
        min(last.unexplained_bytes, low.unexplained_bytes),
        last.spokes,
        max(last.loading, low.loading),
    )
    return (*lows[:-1], both)


def _calm(known: Learned, reading: Reading, held: Held) -> Learned:
    """Lowered by collections without any work: what is kept, and what the resync takes."""
    live = reading.live_bytes
    if held.cell != NOTHING:
        return replace(known, calm=None)
    calm = known.calm
    if calm is None or calm.spokes != held.spokes:
        return replace(known, calm=Calm(held.spokes, live, live))
    calm = Calm(
        calm.spokes,
        min(calm.lowest_bytes, live),
        max(calm.highest_bytes, live),
        calm.collections + 1,
    )
    if calm.collections < _LOWS:
        return replace(known, calm=calm)
    return _settled_down(replace(known, calm=None), calm)


def _settled_down(known: Learned, calm: Calm) -> Learned:
    if calm.spokes <= 0:
        return replace(known, idle_bytes=_down(known.idle_bytes, calm.lowest_bytes))
    each_keeps = max(0.0, calm.lowest_bytes - known.idle_bytes) / calm.spokes
    swing = calm.highest_bytes - calm.lowest_bytes
    each_takes = UNSEEN * swing / resynced(calm.spokes)
    known = noted(known, "spoke", standing(known, calm.spokes), calm.lowest_bytes)
    known = noted(known, "resync", resync(known, calm.spokes), swing)
    return replace(
        known,
        spoke_bytes=_down(known.spoke_bytes, each_keeps),
        resync_bytes=_down(known.resync_bytes, each_takes),
    )


def _down(before: float, seen: float) -> float:
    return before - _CALM_SHARE * max(0.0, before - seen)
