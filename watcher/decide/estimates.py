"""What does a shard's controller need in live heap, by what is known of it?

Every answer is an upper estimate in bytes of live heap, finite and not negative, and never less
for more spokes or more work. What is kept and what is transient are counted so that their sum was
never under what a reading showed; which of the two an excess is put down to can be wrong for a
while, the sum cannot.

Facts (measured on an Argo CD 3.5 controller): a loaded cluster keeps 11 to 12 MiB, and hardly more
with more Applications; the lowest of the last few collections is what is kept, since the others
saw work, or its garbage; under work all that stands shows as more than it is; a restart loads every
cluster at once and peaks at 1.4 times what they keep.

Elsewhere: how these are learned (predictor.py); what work takes at most (bounds.py); what resident
memory live heap leads to, and how much of it there is (gauge.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from watcher.decide.bounds import LOAD, NOTHING, Bounds, Cell, at_first, most
from watcher.facts import Instant
from watcher.policy import Prior

_FEW = 10
"""Half the status processors that Argo CD has by default: what one spoke keeps busy at most, since
it has about as many Applications.
"""


JUST_BEGUN_S = 20.0
"""How long work counts as just begun: a gate takes most in its first seconds, and where many begin
at once, after about ten.
"""


TRUSTED = 0.8
"""What is kept is at least this share of what is thought: one false low reading must not make all
that stands look like work.
"""

ERROR_SHARE = 0.25
"""The weight of the last error among those before: as in TCP's estimate of a deviation."""

FLOATING = 0.3
"""What is allocated while a collection runs counts as live, and it runs for as long as there is
heap to mark. So under work live heap shows about so much more of all that stands: two spokes in
progress beside 19 loaded ones were measured to take 140 MiB, and beside none 70.
"""

UNSEEN = 1.2
"""The peak of a burst, in the highest of its readings."""


class Work(Struct, frozen=True):
    """What goes on on a shard."""

    spokes: int = 0
    """Spokes with an open gate on it, loaded or being loaded."""
    loads: int = 0
    """Of these, how many whose cluster is being loaded."""
    later: int = 0
    """Spokes on which a later gate is in progress."""
    loads_begun: int | None = None
    """How many loads were ever begun, counted on and on; None where nobody counts: what is in
    progress is then taken for just begun, however long it goes on.
    """
    later_begun: int | None = None
    """The same of later gates."""
    loads_ended: int | None = None
    """How many loads ever ended, counted on and on."""


class Mark(Struct, frozen=True):
    """How many had begun at a reading."""

    at: Instant
    loads_begun: int
    later_begun: int


class Held(Struct, frozen=True):
    """The most that stood and went on between two collections."""

    spokes: int
    cell: Cell


class Low(Struct, frozen=True):
    """The lowest collection of a moment."""

    at: Instant
    live_bytes: float
    unexplained_bytes: float
    """What of it is not explained by work."""
    spokes: int
    loading: int = 0
    """Of these, how many keep less than they will."""


class Burst(Struct, frozen=True):
    """The readings since work began, and what they showed so far."""

    loads: int
    """In progress already."""
    later: int
    bounds: Bounds
    """As they were when it began."""
    began: Cell = NOTHING
    """The most that is known to have begun since and to have been in progress together."""
    peak_bytes: float = 0.0
    """The most that was seen beyond what is kept and the periodic resync."""
    readings: int = 0
    telling: int = 0
    """Of these, how many came after another collection."""


class Stretch(Struct, frozen=True):
    """Readings in a row, whatever went on."""

    least: Cell
    """What went on throughout."""
    peak_bytes: float = 0.0
    readings: int = 0
    telling: int = 0


class Calm(Struct, frozen=True):
    """The collections since nothing was in progress."""

    spokes: int
    lowest_bytes: float
    highest_bytes: float
    collections: int = 1


class Start(Struct, frozen=True):
    """A controller that was started and has not come to rest yet."""

    factor: float
    """What was thought of restarts before."""
    predicted_bytes: float
    """What was thought that this one would peak at."""
    whole: bool
    """Whether it was read from its beginning."""
    spokes: int
    """What it loads: those that were open when it began."""
    peak_bytes: float = 0.0
    calm: tuple[float, ...] = ()
    """Live heap of the readings in a row in which it hardly collected."""


class Load(Struct, frozen=True):
    """A cluster load that was seen to begin and has not ended."""

    before: int
    """How many clusters were being loaded already."""
    collections: float
    over_at: int | None = None
    """At how many ended loads all that went on then will have ended; None where nobody counts."""


class Learned(Struct, frozen=True):
    """What is known of one shard's controller."""

    prior: Prior
    idle_bytes: float
    """A controller without any cluster."""
    spoke_bytes: float
    """What a loaded cluster keeps."""
    resync_bytes: float
    """What the periodic resync takes for each loaded cluster."""
    restart_factor: float
    """The peak of a restart, in what its clusters keep."""
    bounds: Bounds
    """What work takes."""
    shortfall: float = 0.0
    """By which share of itself the prediction of work was too low, lately."""
    errors: Mapping[str, float] = {}
    read_at: Instant | None = None
    collections: float = 0.0
    process_started_at: Instant = 0.0
    marks: tuple[Mark, ...] = ()
    """Of the readings since which what began counts as just begun; the first is that old."""
    held: tuple[Held, ...] = ()
    """Between the last few collections; the last one is still open."""
    work: Work = Work()
    """At the last reading."""
    lows: tuple[Low, ...] = ()
    burst: Burst | None = None
    stretch: Stretch | None = None
    calm: Calm | None = None
    start: Start | None = None
    load: Load | None = None
    load_seen: bool = False


def unlearned(prior: Prior) -> Learned:
    """What is known before the first reading."""
    return Learned(
        prior,
        idle_bytes=prior.idle_bytes,
        spoke_bytes=prior.spoke_bytes,
        resync_bytes=prior.resync_bytes,
        restart_factor=max(1.0, prior.restart_factor),
        bounds=prior_bounds(prior),
    )


def prior_bounds(prior: Prior) -> Bounds:
    """What work takes before any was seen."""
    return at_first(prior.load_bytes, prior.later_bytes)


def standing(learned: Learned, spokes: int) -> float:
    """What a controller with these spokes keeps, as spokes go here."""
    return learned.idle_bytes + learned.spoke_bytes * max(0, spokes)


def lowest(learned: Learned, spokes: int) -> float | None:
    """The lowest unexplained live heap of the last few collections, and what spokes were added
    since would keep; None where there was none.
    """
    return min(
        (low.unexplained_bytes + _added(learned, low, spokes) for low in learned.lows),
        default=None,
    )


def floor(learned: Learned, spokes: int) -> float:
    """What work is measured above: rather too little of what is kept than too much."""
    thought = standing(learned, spokes)
    live = (low.live_bytes + _added(learned, low, spokes) for low in learned.lows)
    return min(thought, max(min(live, default=thought), TRUSTED * thought))


def _added(learned: Learned, low: Low, spokes: int) -> float:
    return learned.spoke_bytes * max(0, spokes - low.spokes)


def kept(learned: Learned, spokes: int) -> float:
    """The live heap that stays with these spokes when nothing is in progress."""
    return max(standing(learned, spokes), lowest(learned, spokes) or 0.0)


def transient(learned: Learned, work: Work) -> float:
    """The live heap on top of that while this goes on: what all that stands takes meanwhile, and
    what is in progress, with what its prediction fell short by of late.
    """
    now = cell(learned, work)
    progress = most(learned.bounds, now) * (1.0 + learned.shortfall)
    return beside(learned, work.spokes, now) + progress


def cell(learned: Learned, work: Work) -> Cell:
    """What is in progress, as the bounds count it."""
    loads, later = max(0, work.loads), max(0, work.later)
    if not is_counted(learned) or work.loads_begun is None or work.later_begun is None:
        return Cell(loads, later)
    first = learned.marks[0]
    new_loads = min(loads, max(0, work.loads_begun - first.loads_begun))
    new_later = min(later, max(0, work.later_begun - first.later_begun))
    return Cell(new_loads, new_later, loads - new_loads, later - new_later)


def is_counted(learned: Learned) -> bool:
    """Whether it has been counted for long enough what begins."""
    marks = learned.marks
    return len(marks) > 1 and marks[0].at <= marks[-1].at - JUST_BEGUN_S


def beside(learned: Learned, spokes: int, work: Cell) -> float:
    """What these spokes take beside what they keep and beside `work`: their periodic resync, or
    what collections find live of them, though it is not, while there is work.
    """
    floating = 0.0 if work == NOTHING else FLOATING * standing(learned, spokes)
    return max(resync(learned, spokes), floating)


def resync(learned: Learned, spokes: int) -> float:
    """The live heap that the periodic resync of these spokes takes."""
    return learned.resync_bytes * resynced(spokes)


def resynced(spokes: int) -> int:
    """As how many the resync of these spokes counts: all of a few can be due at once, so that
    what they take says little of what each of many takes.
    """
    return max(_FEW, spokes) if spokes > 0 else 0


def restart_peak(learned: Learned, spokes: int) -> float:
    """The live heap at the peak of starting again with these spokes.

    At least that of loading one cluster after all others: a few clusters can come at once.
    """
    keeps = kept(learned, spokes)
    one_load = most(learned.bounds, LOAD) if spokes > 0 else 0.0
    return max(keeps + one_load, learned.restart_factor * keeps)


def load_seen(learned: Learned) -> bool:
    """Whether one cluster load was seen from beginning to end since this began."""
    return learned.load_seen


def errors(learned: Learned) -> Mapping[str, float]:
    """By how much predictions were off, in what was predicted, lately; of the kinds that were
    seen: `load`, `later`, `resync`, `restart`, `spoke`. What was predicted before is compared with
    what happened then, the upper estimate and all: 0.3 is the third by which it was too careful,
    or too low.
    """
    return learned.errors


def noted(known: Learned, kind: str, predicted: float, happened: float) -> Learned:
    """With the error of one more prediction."""
    error = abs(happened - predicted) / max(1.0, predicted)
    before = known.errors.get(kind, error)
    with_it: Mapping[str, float] = {**known.errors, kind: before + ERROR_SHARE * (error - before)}
    return replace(known, errors=with_it)
