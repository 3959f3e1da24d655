"""What was learned of one shard's memory until now?

A pure fold over its readings: each is looked at once, with the work that went on at the time.
Nothing of it is the only record of anything: after a restart of this process it is learned again,
and until then the prior holds.

Elsewhere: what things cost (predictor.py, estimates.py); what follows for admission (rooms.py).
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from watcher.decide.estimates import Learned, Work, kept, unlearned
from watcher.decide.gates import CLOCKS_APART_S
from watcher.decide.gauge import Gauge, gauge
from watcher.decide.kills import Kills
from watcher.decide.predictor import learned
from watcher.decide.pressure import Look, Pressed, pressed
from watcher.facts import Instant, Pod, Reading, Readings
from watcher.policy import Memory

_LEAST_SPAN_S, _MOST_SPAN_S = 20.0, 60.0
"""Over how long the share of collecting is taken: several collections of a busy controller."""
_LEAST_BUSY = 0.5
"""Of one core: the share that an idle controller spends collecting says nothing."""


class Measured(Struct, frozen=True):
    """What is known of one shard's memory."""

    learned: Learned
    reading: Reading | None = None
    """The last one."""
    pressed: Pressed | None = None
    killed_at: Instant | None = None
    """The last kill that was looked at."""
    of_late: tuple[Reading, ...] = ()
    """The readings over which the share of collecting is taken, oldest first."""

    @property
    def collecting(self) -> float | None:
        """The share of its CPU that it spent collecting of late; None where it was not busy."""
        if len(self.of_late) < 2:
            return None
        first, last = self.of_late[0], self.of_late[-1]
        span_s, busy_s = last.at - first.at, last.busy_s - first.busy_s
        if span_s < _LEAST_SPAN_S or busy_s < _LEAST_BUSY * span_s:
            return None
        return min(1.0, max(0.0, last.collecting_s - first.collecting_s) / busy_s)


def measured(
    before: Measured | None,
    pod: Pod,
    readings: Readings,
    work: Work,
    *,
    unowned: bool,
    kills: Kills,
    memory: Memory,
) -> Measured:
    """What is known with these readings. `work`: what goes on on the shard; `unowned`: whether
    there are spokes of which nobody knows whose they are: they may be its own.
    """
    after = _before(before, readings, memory)
    seen_at = float("-inf") if after.reading is None else after.reading.at
    for reading in readings.latest:
        if reading.at > seen_at:
            after = _with(after, reading, pod, work, memory, unowned=unowned)
    if kills.last_at == after.killed_at:
        return after
    state = pressed(after.pressed, None, killed_at=kills.last_at, cool_down_s=memory.cool_down_s)
    return replace(after, pressed=state, killed_at=kills.last_at)


def _before(before: Measured | None, readings: Readings, memory: Memory) -> Measured:
    """What was known; nothing any more where the clock went back, which would make every reading
    older than the last one for as long as the step is.
    """
    last = None if before is None else before.reading
    back = last is not None and any(
        reading.at < last.at - CLOCKS_APART_S for reading in readings.latest[-1:]
    )
    return Measured(unlearned(memory.prior)) if before is None or back else before


def _with(
    known: Measured, reading: Reading, pod: Pod, work: Work, memory: Memory, *, unowned: bool
) -> Measured:
    after = replace(
        known,
        learned=learned(known.learned, reading, work),
        reading=reading,
        of_late=(*_same_process(known.of_late, reading), reading),
    )
    by = gauge(pod, reading, memory)
    if not isinstance(by, Gauge):
        return after
    if not work.spokes and not unowned:
        return replace(after, pressed=None)  # nothing of it is left that could press it
    look = Look(
        at=reading.at,
        took_bytes=by.charged(reading.live_bytes),
        stands_bytes=by.charged(kept(after.learned, work.spokes)),
        high_bytes=memory.high * by.limit_bytes,
        low_bytes=memory.low * by.limit_bytes,
        started_at=_started_at(known.reading, reading),
        crawls=by.soft and (after.collecting or 0.0) > memory.collecting,
    )
    state = pressed(known.pressed, look, killed_at=None, cool_down_s=memory.cool_down_s)
    return replace(after, pressed=state)


def _started_at(before: Reading | None, reading: Reading) -> Instant | None:
    """When the process began, where it was not seen before: what is open then it loads at once."""
    same = before is not None and before.process_started_at == reading.process_started_at
    return None if same else min(reading.process_started_at, reading.at)


def _same_process(of_late: tuple[Reading, ...], reading: Reading) -> tuple[Reading, ...]:
    """Its CPU seconds begin anew with each process."""
    return tuple(
        each
        for each in of_late
        if each.process_started_at == reading.process_started_at
        and reading.at - each.at <= _MOST_SPAN_S
    )
