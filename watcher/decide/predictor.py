"""What does each reading teach about what a shard's controller takes in live heap?

A fold: what was known, one reading and the work that went on, and what is known then. Upwards a
surprise counts at once and whole. Downwards an estimate moves a share of the way, and only by what
was watched from its beginning: a reading shows one collection of the dozens that a burst has, a
lone load is over between two of them, and a spoke that has been in progress for long may take
nothing any more and a lot again later.

Facts (measured on an Argo CD 3.5 controller, every reading of five seconds against one every 0.3):
- A burst that lasts for eight readings or more is seen to within a sixth of its peak; of a lone
  cluster load, a third of its peak at best.
- An idle controller collects every two minutes, so that what work left behind can show as live
  long after: each collection is judged by the most that was in progress since the two before.
- A start has come to rest after 30 to 75 seconds, and until then says nothing of what is kept.

Elsewhere: what follows from what is known (estimates.py); how much work takes at most, judged by
other work (bounds.py); which readings there are (measured.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from watcher.decide.bounds import LOAD, Bounds, cell, lowered, most, nearer, raised
from watcher.decide.estimates import (
    Burst,
    Calm,
    Learned,
    Load,
    Low,
    Start,
    Work,
    errors,
    kept,
    load_seen,
    lowest,
    prior_bounds,
    restart_peak,
    resync,
    resynced,
    standing,
    transient,
    unlearned,
)
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

_READINGS = 8
"""Of a burst: 40 seconds by default; the peak of the widest one measured came after 48, and was
nearly reached after 12.
"""

_UNSEEN = 1.2
"""The peak of a burst, in the highest of its readings."""

_BURST_SHARE = 0.5
"""How far down a burst that was watched well moves what it bounds."""

_TELLING = range(2, 8)
"""Readings of a burst with another collection each: two say nothing of its peak, seven all."""

_CALM_SHARE = 0.125
"""How far down calm collections move what is kept and what the resync takes."""

_ERROR_SHARE = 0.25
"""The weight of the last error among those before: as in TCP's estimate of a deviation."""

_MOST_SHORT = 0.5
"""A prediction that fell short by more was raised itself; the margin need not say it again."""

_FORGOTTEN_S = 3600.0
"""What only a surprise said is believed for about this long: work that no longer fits is not tried
again, and a false reading would hold the shard closed for ever.
"""

_AS_FIRST = 1.1
"""Up to this share of what was thought at first, nothing worth seeing again is forgotten."""

_TRUSTED = 0.8
"""What is kept is at least this share of what is thought: one false low reading must not make all
that stands look like work.
"""

_YOUNG_S = 20.0
"""A start whose first reading came within it was read from its beginning."""

_RESTLESS_S = 300.0
"""A start that has not come to rest by then is taken for over, and has proved nothing."""

_AT_REST = 3
"""Readings in a row with one collection at most."""

_MOST_FACTOR = 3.0
"""A restart that seems to take more has larger spokes than is thought."""


def learned(before: Learned, reading: Reading, work: Work) -> Learned:
    """What is known after `reading`, with the work that went on when it came.

    A reading that is not younger than the last one teaches nothing.
    """
    if before.read_at is not None and reading.at <= before.read_at:
        return before
    if reading.process_started_at != before.process_started_at or before.read_at is None:
        return _begun(before, reading, work)
    silent = reading.at - before.read_at > _GAP_S
    watched = _forgetting(before, reading)
    if silent:
        watched = replace(watched, burst=None, calm=None, load=None, work=work)
    fresh = reading.collections > before.collections
    watched = replace(watched, held=_held(watched.held, work, fresh=fresh))
    taught = _taught(watched, reading, work)
    return replace(
        _loading(taught, reading, work),
        read_at=reading.at,
        collections=reading.collections,
        work=work,
    )


def _begun(before: Learned, reading: Reading, work: Work) -> Learned:
    """A process that was not known: nothing of what the one before it was doing goes on."""
    age_s = reading.at - reading.process_started_at
    begun = replace(
        before,
        read_at=reading.at,
        collections=reading.collections,
        process_started_at=reading.process_started_at,
        held=(work,),
        work=work,
        lows=(),
        burst=None,
        calm=None,
        load=None,
        start=None,
    )
    if age_s > _RESTLESS_S:
        return _running(begun, reading, work)
    start = Start(
        before.restart_factor,
        restart_peak(before, work.spokes),
        whole=age_s <= _YOUNG_S,
    )
    return _starting(begun, start, reading, work)


def _taught(known: Learned, reading: Reading, work: Work) -> Learned:
    if known.start is not None:
        return _starting(known, known.start, reading, work)
    return _running(known, reading, work)


def _held(held: tuple[Work, ...], work: Work, *, fresh: bool) -> tuple[Work, ...]:
    """The most between collections, with `work` in the open one, or in a new one."""
    if fresh or not held:
        return (*held, work)[-_HELD:]
    return (*held[:-1], _most_of(held[-1], work))


def _most_of(*works: Work) -> Work:
    return Work(
        max(work.spokes for work in works),
        max(work.loads for work in works),
        max(work.later for work in works),
    )


# A controller that has come to rest after its start, or is at work


def _running(known: Learned, reading: Reading, work: Work) -> Learned:
    """What a reading outside a start teaches."""
    fresh = reading.collections > known.collections or not known.lows
    held, bounds = _most_of(*known.held), known.bounds
    if fresh:
        known = _surprised(known, reading, held)
        known = _with_low(known, reading, held)
        known = _calm(known, reading, held)
    return _bursting(known, reading, work, bounds, fresh=fresh)


def _beyond(known: Learned, reading: Reading, spokes: int) -> float:
    """What a reading shows beyond what is kept."""
    return max(0.0, reading.live_bytes - _floor(known, spokes))


def _floor(known: Learned, spokes: int) -> float:
    """What is kept, as work is measured above it: rather too little than too much."""
    thought, seen = standing(known, spokes), lowest(known, spokes)
    return thought if seen is None else min(thought, max(seen, _TRUSTED * thought))


def _surprised(known: Learned, reading: Reading, held: Work) -> Learned:
    """Raised at once where a reading shows more than was thought possible."""
    above = _beyond(known, reading, held.spokes)
    if held.cell == (0, 0):
        counted = resynced(held.spokes)
        if above <= known.resync_bytes * counted or not counted:
            return known
        return replace(known, resync_bytes=above / counted, calm=None)
    bounds = raised(known.bounds, held.cell, above - resync(known, held.spokes))
    return known if bounds is known.bounds else replace(known, bounds=bounds)


def _with_low(known: Learned, reading: Reading, held: Work) -> Learned:
    """The last collections with this one; and a spoke keeps what the lowest of them cannot be
    explained without.
    """
    explained = most(known.bounds, held.cell)
    low = Low(reading.at, max(0.0, reading.live_bytes - explained), held.spokes)
    lows = _slotted(known.lows, low)
    recent = tuple(each for each in lows if each.at > reading.at - _LOWS_S)
    known = replace(known, lows=recent if len(recent) >= _LOWS else lows[-_LOWS:])
    seen = lowest(known, held.spokes)
    if seen is None or len(known.lows) < _LOWS:
        return known
    if held.spokes <= 0:
        return replace(known, idle_bytes=max(known.idle_bytes, seen))
    each_keeps = (seen - known.idle_bytes) / held.spokes
    return replace(known, spoke_bytes=max(known.spoke_bytes, each_keeps))


def _slotted(lows: tuple[Low, ...], low: Low) -> tuple[Low, ...]:
    """With `low`, which takes the place of the last one where both are of one time."""
    if not lows or low.at - lows[-1].at >= _SLOTS_S or low.spokes != lows[-1].spokes:
        return (*lows, low)
    last = lows[-1]
    return (*lows[:-1], replace(last, live_bytes=min(last.live_bytes, low.live_bytes)))


def _calm(known: Learned, reading: Reading, held: Work) -> Learned:
    """Lowered by collections without any work: what is kept, and what the resync takes."""
    live = reading.live_bytes
    if held.cell != (0, 0):
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
    each_takes = _UNSEEN * swing / resynced(calm.spokes)
    noted = _noted(known, "spoke", standing(known, calm.spokes), calm.lowest_bytes)
    noted = _noted(noted, "resync", resync(known, calm.spokes), swing)
    return replace(
        noted,
        spoke_bytes=_down(known.spoke_bytes, each_keeps),
        resync_bytes=_down(known.resync_bytes, each_takes),
    )


def _down(before: float, seen: float) -> float:
    return before - _CALM_SHARE * max(0.0, before - seen)


# What work takes: from its beginning, or not at all


def _bursting(
    known: Learned, reading: Reading, work: Work, bounds: Bounds, *, fresh: bool
) -> Learned:
    """The burst that is being watched, with this reading; its end lowers what it bounds.

    `bounds`: as they were before the reading.
    """
    burst = known.burst
    if burst is None:
        if work.loads <= known.work.loads and work.later <= known.work.later:
            return known
        burst = Burst(known.work, bounds)
    above = _beyond(known, reading, work.spokes) - resync(known, work.spokes)
    over = _began(burst.before, work) == (0, 0)
    burst = replace(
        burst,
        began=max(burst.began, _began(burst.before, work), key=sum),
        peak_bytes=max(burst.peak_bytes, above),
        readings=burst.readings + 1,
        telling=burst.telling + (fresh and not over),
    )
    if over or burst.readings >= _READINGS:
        return _burst_over(replace(known, burst=None), burst)
    return replace(known, burst=burst)


def _began(before: Work, work: Work) -> tuple[int, int]:
    """What must have begun since `before`, and is in progress."""
    return max(0, work.loads - before.loads), max(0, work.later - before.later)


def _burst_over(known: Learned, burst: Burst) -> Learned:
    """Few telling readings hardly say what the peak was, so they hardly lower anything."""
    told = _TELLING.index(min(max(burst.telling, _TELLING[0]), _TELLING[-1])) / (len(_TELLING) - 1)
    at = cell(*burst.began)
    known = replace(
        known,
        bounds=lowered(known.bounds, at, _UNSEEN * burst.peak_bytes, _BURST_SHARE * told),
    )
    if burst.before.cell != (0, 0) or not burst.telling:
        return known
    predicted = most(burst.bounds, burst.began) * (1.0 + known.shortfall)
    short = max(0.0, min(_MOST_SHORT, burst.peak_bytes / predicted - 1.0))
    shortfall = max(short, known.shortfall + _ERROR_SHARE * told * (short - known.shortfall))
    kind = "load" if burst.began[0] else "later"
    return _noted(replace(known, shortfall=shortfall), kind, predicted, burst.peak_bytes)


def _forgetting(known: Learned, reading: Reading) -> Learned:
    """Without work, what is thought of it comes slowly back to what was thought at first, and what
    is forgotten of a load has to be seen again.
    """
    if known.read_at is None or known.work.cell != (0, 0):
        return known
    share = min(1.0, (reading.at - known.read_at) / _FORGOTTEN_S)
    first = prior_bounds(known.prior)
    return replace(
        known,
        bounds=nearer(known.bounds, first, share),
        shortfall=known.shortfall * (1.0 - share),
        load_seen=known.load_seen and most(known.bounds, LOAD) <= _AS_FIRST * most(first, LOAD),
    )


def _loading(known: Learned, reading: Reading, work: Work) -> Learned:
    """Whether a load that was seen to begin has ended, and the controller collected meanwhile."""
    load = known.load
    if load is None:
        began = work.loads > known.work.loads
        return replace(known, load=Load(known.work.loads, known.collections)) if began else known
    if work.loads > load.before:
        return known
    seen = known.load_seen or reading.collections > load.collections
    return replace(known, load=None, load_seen=seen)


# A controller that has just been started


def _starting(known: Learned, start: Start, reading: Reading, work: Work) -> Learned:
    """A start: its peak, until it has come to rest."""
    hardly = reading.collections - known.collections <= 1.0 and reading.at > (
        reading.process_started_at + _YOUNG_S
    )
    start = replace(
        start,
        peak_bytes=max(start.peak_bytes, reading.live_bytes),
        calm=(*start.calm, reading.live_bytes) if hardly else (),
    )
    known = _restart_raised(replace(known, start=start), start.peak_bytes, work.spokes)
    if len(start.calm) >= _AT_REST:
        return _at_rest(replace(known, start=None), start, work.spokes)
    if reading.at - reading.process_started_at > _RESTLESS_S:
        return replace(known, start=None)
    return known


def _restart_raised(known: Learned, peak_bytes: float, spokes: int) -> Learned:
    if spokes <= 0 or peak_bytes <= restart_peak(known, spokes):
        return known
    factor = min(_MOST_FACTOR, peak_bytes / max(1.0, standing(known, spokes)))
    return replace(known, restart_factor=max(known.restart_factor, factor))


def _at_rest(known: Learned, start: Start, spokes: int) -> Learned:
    """A start that was watched from its beginning to its rest says what a restart takes. Where so
    little is loaded that one load more is what counts, it says nothing.
    """
    if not start.whole or spokes <= 0:
        return known
    known = _noted(known, "restart", start.predicted_bytes, start.peak_bytes)
    rest = max(_TRUSTED * standing(known, spokes), min(start.calm))
    if start.peak_bytes > start.predicted_bytes:
        factor = start.peak_bytes / max(1.0, rest)
        return replace(known, restart_factor=min(_MOST_FACTOR, max(start.factor, factor)))
    if start.predicted_bytes > start.factor * standing(known, spokes):
        return known
    factor = max(1.0, _UNSEEN * start.peak_bytes / max(1.0, rest))
    lower = start.factor - _BURST_SHARE * max(0.0, start.factor - factor)
    return replace(known, restart_factor=lower)


def _noted(known: Learned, kind: str, predicted: float, happened: float) -> Learned:
    """With the error of one more prediction."""
    error = abs(happened - predicted) / max(1.0, predicted)
    before = known.errors.get(kind, error)
    noted: Mapping[str, float] = {**known.errors, kind: before + _ERROR_SHARE * (error - before)}
    return replace(known, errors=noted)
