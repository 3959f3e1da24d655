"""What does work take, as far as it was watched from its beginning?

Downwards an estimate moves a share of the way, by how much of the work's peak the readings can have
shown: one shows a single collection of the dozens that a burst has, a lone load is over between two
of them, and a spoke that has been in progress for long may take nothing any more, and a lot again
later. So two things are watched: what began together, from there on; and, where it is counted what
begins, what goes on throughout.

Facts (measured on an Argo CD 3.5 controller, a reading every five seconds against one every 0.3):
of 8 loads and more at once, every set of readings showed four fifths of the peak or more; of a lone
load, most sets showed a third at best.

Elsewhere: what raises an estimate (predictor.py); how one work bounds another (bounds.py).
"""

from __future__ import annotations

from msgspec.structs import replace

from watcher.decide.bounds import LOAD, NOTHING, Bounds, Cell, lowered, most, nearer
from watcher.decide.estimates import (
    ERROR_SHARE,
    UNSEEN,
    Burst,
    Learned,
    Load,
    Stretch,
    Work,
    cell,
    is_counted,
    noted,
    prior_bounds,
    resync,
)
from watcher.facts import Reading

_READINGS = 8
"""Of a burst: 40 seconds by default; the peak of the widest one measured came after 48, and was
nearly reached after 12.
"""

_PATIENCE = 4
"""A stretch in which little is collected takes so many times as many readings."""

_BURST_SHARE = 0.5
"""How far down a burst that was watched well moves what it bounds."""

_TELLING_NOTHING = 2
"""So many readings of a burst with another collection each say nothing of its peak."""

_TELLING_ALL = 7
"""So many say all of it."""

_WIDE, _TELLING_ALL_WIDE = 4, 4
"""Where so many began together it lasts, and these are enough: of 8 loads, three readings showed
four fifths or more.
"""

_MOST_SHORT = 0.5
"""A prediction that fell short by more was raised itself; the margin need not say it again."""

_FORGOTTEN_S = 3600.0
"""What only a surprise said is believed for about this long: work that no longer fits is not tried
again, and a false reading would hold the shard closed for ever.
"""

_AS_FIRST = 1.1
"""Up to this share of what was thought at first, nothing worth seeing again is forgotten."""


def bursting(known: Learned, above: float, work: Work, bounds: Bounds, *, fresh: bool) -> Learned:
    """The burst that is being watched, with a reading; its end lowers what it bounds.

    `above`: what the reading shows beyond what is kept; `bounds`: as they were before it.
    """
    burst = known.burst
    if burst is None:
        if work.loads <= known.work.loads and work.later <= known.work.later:
            return known
        burst = Burst(known.work.loads, known.work.later, bounds)
    began = Cell(max(0, work.loads - burst.loads), max(0, work.later - burst.later))
    over = began == NOTHING
    burst = replace(
        burst,
        began=max(burst.began, began, key=sum),
        peak_bytes=max(burst.peak_bytes, above),
        readings=burst.readings + 1,
        telling=burst.telling + (fresh and not over),
    )
    if over or burst.readings >= _READINGS:
        return _burst_over(replace(known, burst=None), burst, resync(known, work.spokes))
    return replace(known, burst=burst)


def _burst_over(known: Learned, burst: Burst, resynced_bytes: float) -> Learned:
    """Few telling readings hardly say what the peak was, so they hardly lower anything. What was
    resynced meanwhile is not known, and so it is not taken off.
    """
    told = _told(burst.telling, burst.began)
    seen, share = UNSEEN * burst.peak_bytes, _BURST_SHARE * told
    known = replace(known, bounds=lowered(known.bounds, burst.began, seen, share))
    if burst.loads or burst.later or not burst.telling:
        return known
    predicted = most(burst.bounds, burst.began) * (1.0 + known.shortfall)
    short = max(0.0, min(_MOST_SHORT, (burst.peak_bytes - resynced_bytes) / predicted - 1.0))
    shortfall = max(short, known.shortfall + ERROR_SHARE * told * (short - known.shortfall))
    kind = "load" if burst.began.loads else "later"
    known = replace(known, shortfall=shortfall)
    return noted(known, kind, resynced_bytes + predicted, burst.peak_bytes)


def stretched(known: Learned, above: float, work: Work, *, fresh: bool) -> Learned:
    """As many readings in a row as of a burst lower what went on throughout. Only where it is
    counted what begins: otherwise what only waits could not be told from what takes memory.
    """
    if not is_counted(known):
        return replace(known, stretch=None)
    now = cell(known, work)
    before = known.stretch or Stretch(now)
    stretch = Stretch(
        Cell(*map(min, before.least, now)),
        max(before.peak_bytes, above),
        before.readings + 1,
        before.telling + fresh,
    )
    if stretch.telling < _READINGS and stretch.readings < _PATIENCE * _READINGS:
        return replace(known, stretch=stretch)
    seen, share = UNSEEN * stretch.peak_bytes, _BURST_SHARE * _told(stretch.telling, stretch.least)
    return replace(known, stretch=None, bounds=lowered(known.bounds, stretch.least, seen, share))


def _told(telling: int, work: Cell) -> float:
    """How much so many telling readings say of the peak of this work, as a share."""
    all_of_it = _TELLING_ALL if sum(work) < _WIDE else _TELLING_ALL_WIDE
    share = (telling - _TELLING_NOTHING) / (all_of_it - _TELLING_NOTHING)
    return min(1.0, max(0.0, share))


def forgetting(known: Learned, reading: Reading) -> Learned:
    """Without work, what is thought of it comes slowly back to what was thought at first, and what
    is forgotten of a load has to be seen again.
    """
    if known.read_at is None or known.work.loads or known.work.later:
        return known
    share = min(1.0, (reading.at - known.read_at) / _FORGOTTEN_S)
    first = prior_bounds(known.prior)
    return replace(
        known,
        bounds=nearer(known.bounds, first, share),
        shortfall=known.shortfall * (1.0 - share),
        load_seen=known.load_seen and most(known.bounds, LOAD) <= _AS_FIRST * most(first, LOAD),
    )


def loading(known: Learned, reading: Reading, work: Work) -> Learned:
    """Whether a load that was seen to begin has ended, and the controller collected meanwhile."""
    load = known.load
    if load is None:
        began = work.loads > known.work.loads
        return replace(known, load=_load(known, work)) if began else known
    if work.loads > load.before and not _ended(load, work):
        return known
    seen = known.load_seen or reading.collections > load.collections
    return replace(known, load=None, load_seen=seen)


def _load(known: Learned, work: Work) -> Load:
    over_at = None if work.loads_ended is None else work.loads_ended + work.loads
    return Load(known.work.loads, known.collections, over_at)


def _ended(load: Load, work: Work) -> bool:
    """Whether all that went on then has ended, though others have begun in its place."""
    if load.over_at is None or work.loads_ended is None:
        return False
    return work.loads_ended >= load.over_at
