"""What has room on each shard?

A gate opens only if what stands on its shard, what is in progress there and what the gate itself
would take stay under the high mark, and if the shard could start again with it: a controller loads
everything at once when it starts, and may run at a size at which it cannot start.

A shard without any limit has no mark, and so a fixed number of spokes.

Elsewhere: what things take (estimates.py); whose turn it is (admission.py); what people are told
(capacity.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from watcher.decide.estimates import Work, cell, kept, load_seen, restart_peak, transient
from watcher.decide.gates import CLOCKS_APART_S
from watcher.decide.gauge import Gauge, gauge, hard_limit
from watcher.decide.judgement import Stage
from watcher.decide.kills import Kills
from watcher.decide.measured import Measured
from watcher.decide.reasons import (
    Binds,
    FirstLoad,
    Reason,
    ShardCools,
    ShardDown,
    ShardUnknown,
    SpokesInProgress,
    WaitsForMemory,
    WithoutLimit,
)
from watcher.decide.sites import Sites
from watcher.decide.timers import earliest
from watcher.facts import Instant, Pod, Reading, Readings
from watcher.policy import Policy, Survive

_DRIFT_S = 30.0
"""A process's start is told in ticks since the node booted, which is known to a few seconds."""


class Room(Struct, frozen=True):
    """One shard, as far as admission asks."""

    pod: Pod
    policy: Policy
    work: Work
    """What goes on on it."""
    soaking: int
    """Spokes on it of which gates are only watched: they have a place, and take no more memory."""
    unreachable: int
    """Spokes on it in progress or watched that are out of reach: they take no place that people
    count, and memory as soon as they are back."""
    begun: int
    """Spokes on it with no work in progress of which a gate may open: room is kept for these."""
    parked: int
    waiting: int
    """Spokes that wait for it with nothing open yet."""
    kills: Kills
    measured: Measured | None
    gauge: Gauge | None
    """None where it has no limit, or cannot be measured."""
    stops: tuple[Reason, ...]
    """Why nothing is admitted on it."""
    about_at: Instant | None
    """About when something that is in progress on it will have settled."""
    valid_until: Instant | None
    """When time alone would change it."""

    @property
    def name(self) -> str:
        """As the shard is shown."""
        return shard_name(self.pod)

    @property
    def filled_to_bytes(self) -> float:
        """Up to where it is filled; needs a gauge."""
        return 0.0 if self.gauge is None else self.policy.memory.high * self.gauge.limit_bytes

    @property
    def free_bytes(self) -> float:
        """Live heap that is free now, for telling which shard is the tightest: by the capacity of
        which less is left.
        """
        if self.gauge is None or self.measured is None:
            return math.inf
        filled = self.gauge.live(self.filled_to_bytes)
        takes = _live(self.measured, self.work)
        if self.policy.memory.survive is Survive.RESTART:
            takes = max(takes, restart_peak(self.measured.learned, self.work.spokes))
        return filled - takes


def shard_name(pod: Pod) -> str:
    """The number of a StatefulSet's Pod, else the Pod's name."""
    return pod.name if pod.number is None else str(pod.number)


def work_on(count: Sites, *pods: str | None) -> Work:
    """What goes on on the shard of the first of these Pods, and is charged to it of the others;
    None: where nobody knows on which.
    """
    return Work(
        spokes=_number(count, pods, Stage.LOADING, Stage.LATER, Stage.SOAKING, Stage.STANDING),
        loads=_number(count, pods, Stage.LOADING),
        later=_number(count, pods, Stage.LATER),
        loads_begun=count.begun.count(pods[0], Stage.LOADING),
        later_begun=count.begun.count(pods[0], Stage.LATER),
        loads_ended=count.begun.loads_ended(pods[0]),
    )


def _number(
    count: Sites,
    pods: Iterable[str | None],
    *stages: Stage,
    waits: bool | None = None,
    unreachable: bool | None = None,
) -> int:
    return sum(count.count(pod, *stages, waits=waits, unreachable=unreachable) for pod in pods)


def room(
    pod: Pod,
    readings: Readings,
    known: Measured | None,
    count: Sites,
    *,
    unowned: bool,
    kills: Kills,
    policy: Policy,
    about_at: Instant | None,
    now: Instant,
) -> Room:
    """The room on the shard of `pod` at `now`. `unowned`: whether it is charged with the spokes of
    which nobody knows whose they are; `about_at`: see the field.
    """
    memory = policy.memory
    whose = (pod.key, None) if unowned else (pod.key,)
    work = work_on(count, *whose)
    stops: list[Reason] = []
    by: Gauge | None = None
    ends: list[Instant | None] = []
    if (why := _down(pod)) is not None:
        stops.append(ShardDown(shard_name(pod), why))
    if known is not None and known.reading is not None:
        measure = gauge(pod, known.reading, memory)
        by = measure if isinstance(measure, Gauge) else None
        if isinstance(measure, str):
            stops.append(ShardUnknown(shard_name(pod), measure))
        ends.append(known.reading.at + memory.stale_after_s)
    if memory.limit_bytes is None:
        stops += (ShardUnknown(shard_name(pod), problem) for problem in pod.unreadable)
    if by is not None or hard_limit(pod, memory) is not None or pod.soft_limit_bytes is not None:
        stops += _unknown(pod, readings, known, memory.stale_after_s, now)
    cools = None if known is None else _cools(pod, known, by, policy, work.spokes, now)
    if cools is not None:
        stops.append(cools)
        ends.append(cools.until)
    return Room(
        pod=pod,
        policy=policy,
        work=work,
        soaking=_number(count, whose, Stage.SOAKING),
        unreachable=_number(
            count, whose, Stage.LOADING, Stage.LATER, Stage.SOAKING, unreachable=True
        ),
        begun=_number(count, whose, Stage.SOAKING, Stage.STANDING, waits=True),
        parked=_number(count, whose, Stage.PARKED),
        waiting=_number(count, whose, Stage.NOTHING, waits=True),
        kills=kills,
        measured=known,
        gauge=by,
        stops=tuple(stops),
        about_at=about_at,
        valid_until=earliest(at for at in ends if at is not None and at > now),
    )


def against(here: Room, taken: Work, stage: Stage) -> Reason | None:
    """Why a gate of a spoke at `stage` does not open on this shard; None where it may. One more
    gate of a spoke that is in progress takes memory, and no place of a spoke.

    `taken`: what goes on on it, with what was admitted this turn.
    """
    if here.stops:
        return here.stops[0]
    if stage in (Stage.LOADING, Stage.LATER):
        return memory_against(here, taken, stage)
    if stage is not Stage.SOAKING and (full := _window(here, taken)) is not None:
        return full
    known = here.measured
    loads = stage in (Stage.NOTHING, Stage.PARKED)
    first = known is not None and here.gauge is not None and not load_seen(known.learned)
    if first and loads and _just_begun(known, taken):
        return FirstLoad(here.name)
    return memory_against(here, taken, stage)


def _just_begun(known: Measured | None, taken: Work) -> bool:
    """Whether a load has just begun; one that only waits, for a broken addon, shows nothing."""
    return known is not None and cell(known.learned, taken).loads > 0


def with_one(taken: Work, stage: Stage) -> Work:
    """What goes on once a gate of a spoke at `stage` has been opened."""
    match stage:
        case Stage.NOTHING | Stage.PARKED:
            return replace(
                taken,
                spokes=taken.spokes + 1,
                loads=taken.loads + 1,
                loads_begun=_more(taken.loads_begun, 1),
            )
        case _:
            return _with_later(taken, 1)


def _with_later(taken: Work, number: int) -> Work:
    begun = _more(taken.later_begun, number)
    return replace(taken, later=taken.later + number, later_begun=begun)


def _more(count: int | None, number: int) -> int | None:
    return None if count is None else count + number


def _live(known: Measured, work: Work) -> float:
    return kept(known.learned, work.spokes) + transient(known.learned, work)


def memory_against(here: Room, taken: Work, stage: Stage) -> WaitsForMemory | None:
    """What a gate of a spoke at `stage` would lack of memory; None where there is room, or where
    it is not known. Room for a load is room for the begun spokes' next gates too: those are
    finished first.
    """
    by, known = here.gauge, here.measured
    if by is None or known is None:
        return None
    loads = stage in (Stage.NOTHING, Stage.PARKED)
    kept_free = _with_later(taken, here.begun) if loads else taken
    after = with_one(kept_free, stage)
    stands, reserves = kept(known.learned, taken.spokes), transient(known.learned, kept_free)
    needs = _live(known, after)
    if by.charged(needs) > here.filled_to_bytes:
        return WaitsForMemory(
            shard=here.name,
            used_bytes=by.charged(stands),
            reserved_bytes=by.factor * reserves,
            predicted_bytes=by.factor * (needs - stands - reserves),
            limit_bytes=here.filled_to_bytes,
            binds=Binds.RUNNING,
            about_at=here.about_at,
        )
    if loads and here.policy.memory.survive is Survive.RESTART:
        return _restart_against(here, by, known, taken.spokes)
    return None


def _restart_against(here: Room, by: Gauge, known: Measured, spokes: int) -> WaitsForMemory | None:
    """What starting again with one more spoke than `spokes` would lack. Under GOMEMLIMIT a start
    that comes to the limit is slow, and not killed.
    """
    limit = by.limit_bytes if by.soft else here.filled_to_bytes
    now, then = restart_peak(known.learned, spokes), restart_peak(known.learned, spokes + 1)
    if by.charged(then) <= limit:
        return None
    return WaitsForMemory(
        shard=here.name,
        used_bytes=by.charged(now),
        reserved_bytes=0.0,
        predicted_bytes=by.factor * (then - now),
        limit_bytes=limit,
        binds=Binds.RESTART,
        about_at=None,
    )


def _window(here: Room, taken: Work) -> Reason | None:
    """The number of spokes in progress that people set, or that holds without any limit."""
    in_progress = taken.loads + taken.later + here.soaking
    most = here.policy.budgets.spokes_in_progress
    in_reach = in_progress - here.unreachable
    if most is not None and in_reach >= most:
        return SpokesInProgress(here.name, in_reach, most)
    window = here.policy.pacing.without_limit
    if here.gauge is None and in_progress >= window:
        return WithoutLimit(here.name, in_progress, window)
    return None


def _down(pod: Pod) -> str | None:
    if pod.deleting_since is not None:
        return "it is being deleted"
    if pod.started_at is None:
        return pod.waiting or pod.phase or "it was not started"
    return None


def _unknown(
    pod: Pod, readings: Readings, known: Measured | None, stale_after_s: float, now: Instant
) -> Iterator[ShardUnknown]:
    if known is None or known.reading is None:
        yield ShardUnknown(shard_name(pod), readings.trouble or "it was not read yet")
    elif not known.reading.at - CLOCKS_APART_S <= now < known.reading.at + stale_after_s:
        yield ShardUnknown(shard_name(pod), readings.trouble or "its last reading is too old")
    elif _of_another_process(pod, known.reading):
        yield ShardUnknown(shard_name(pod), readings.trouble or "it was started since it was read")


def _of_another_process(pod: Pod, reading: Reading) -> bool:
    """Both times are of its node's clock, but that of a process drifts with the node's uptime."""
    started_at = pod.started_at
    return started_at is not None and reading.process_started_at < started_at - _DRIFT_S


def _cools(
    pod: Pod, known: Measured, by: Gauge | None, policy: Policy, spokes: int, now: Instant
) -> ShardCools | None:
    """Without a limit there is no mark to be under, and time alone cools."""
    memory, state = policy.memory, known.pressed
    if state is None:
        return None
    if by is None:
        until = state.at + memory.cool_down_s
        if now >= until:
            return None
        return ShardCools(shard_name(pod), state.pressure, 0.0, 0.0, until)
    return ShardCools(
        shard=shard_name(pod),
        pressure=state.pressure,
        used_bytes=by.charged(kept(known.learned, spokes)),
        low_bytes=memory.low * by.limit_bytes,
        until=state.until(memory.cool_down_s),
    )


def tightest(every: Mapping[str, Room]) -> Room | None:
    """What a spoke is charged to of which nobody knows whose it is; one that is up, if any is."""
    up = [each for each in every.values() if not each.stops]
    return min(up or every.values(), key=lambda each: (each.free_bytes, each.pod.key), default=None)
