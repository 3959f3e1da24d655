"""How full is a shard, in people's terms: how many more spokes fit, and what would help?

Worked out when somebody asks, and not in every turn.

Elsewhere: whether one gate has room (rooms.py); what is not as it should be whoever waits
(findings.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace

from watcher.decide.estimates import Work, errors, kept, restart_peak, transient
from watcher.decide.findings import SOFT_LIMIT_SHARE
from watcher.decide.gauge import Gauge, hard_limit
from watcher.decide.judgement import Stage
from watcher.decide.reasons import Binds, Reason, WaitsForMemory
from watcher.decide.rooms import Room, memory_against
from watcher.decide.shards import Help, Remedy, Shard
from watcher.policy import Survive

MOST = 100_000
"""More spokes than any shard holds."""
_STEP = 256 * 2**20
"""Limits are named in whole steps of this."""


class Shards(Mapping[str, Shard]):
    """What is said of each shard, by its Pod's namespace/name, in the order of their names."""

    def __init__(
        self, rooms: Mapping[str, Room], recovery: Mapping[str | None, tuple[Reason, ...]]
    ) -> None:
        """`recovery`: what it does about each of them."""
        self._rooms = rooms
        self._recovery = recovery
        self._said: dict[str, Shard] = {}

    def __getitem__(self, pod: str) -> Shard:
        if pod not in self._said:
            said = said_of(self._rooms[pod])
            self._said[pod] = replace(said, recovery=self._recovery.get(pod, ()))
        return self._said[pod]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rooms)

    def __len__(self) -> int:
        return len(self._rooms)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Shards)
            and self._rooms == other._rooms
            and self._recovery == other._recovery
        )

    __hash__ = None  # type: ignore[assignment]  # it holds mappings


def said_of(here: Room) -> Shard:
    """What is said of the shard of this room."""
    known, by, memory = here.measured, here.gauge, here.policy.memory
    reading = None if known is None else known.reading
    shard = Shard(
        name=here.name,
        pod=here.pod.key,
        stops=here.stops,
        pod_limit_bytes=hard_limit(here.pod, memory),
        soft_limit_bytes=here.pod.soft_limit_bytes if reading is None else reading.soft_limit_bytes,
        resident_bytes=None if reading is None else reading.resident_bytes,
        live_bytes=None if reading is None else reading.live_bytes,
        collecting=None if known is None else known.collecting,
        spokes=here.work.spokes,
        loading=here.work.loads,
        later=here.work.later,
        parked=here.parked,
        waiting=here.waiting,
        kills=here.kills.count,
        killed_at=here.kills.last_at,
        errors={} if known is None else errors(known.learned),
    )
    if known is None or by is None:
        return shard
    more, binds = (0, Binds.RESTART) if _loops(here) else fits(here)
    restart = by.charged(restart_peak(known.learned, here.work.spokes))
    return replace(
        shard,
        used_bytes=by.charged(kept(known.learned, here.work.spokes)),
        reserved_bytes=by.factor * transient(known.learned, here.work),
        restart_bytes=restart,
        filled_to_bytes=here.filled_to_bytes,
        limit_bytes=by.limit_bytes,
        fits=more,
        binds=binds,
        survives_restart=not _loops(here) and (not here.work.spokes or restart <= by.limit_bytes),
        helps=tuple(_helps(here, more)),
    )


def _loops(here: Room) -> bool:
    """Whether it was killed again and again of late: then it is seen that it cannot start."""
    return len(here.kills.at) >= 2


def fits(here: Room) -> tuple[int, Binds | None]:
    """How many more spokes fit one after the other, once what is in progress has settled; and what
    the next one would lack.
    """
    spokes = here.work.spokes
    more = _most(lambda number: _stop(here, spokes + number - 1) is None)
    stop = _stop(here, spokes + more)
    return more, None if stop is None else stop.binds


def _stop(here: Room, spokes: int) -> WaitsForMemory | None:
    """Why one more does not fit beside this many that stand still."""
    return memory_against(replace(here, begun=0), Work(spokes=spokes), Stage.NOTHING)


def _most(holds: Callable[[int], bool]) -> int:
    """The largest number that holds, where every smaller one does."""
    low, high = 0, 1
    while high <= MOST and holds(high):
        low, high = high, high * 2
    high = min(high, MOST + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _helps(here: Room, more: int) -> Iterator[Help]:
    """What would give room to those that wait and do not fit, the first thing to do first."""
    by, limit = here.gauge, hard_limit(here.pod, here.policy.memory)
    lacking = here.waiting - more
    if by is None or limit is None or lacking <= 0:
        return
    if not by.soft:
        soft = SOFT_LIMIT_SHARE * limit
        yield from _help(here, Gauge(soft, 0.0, 1.0, soft=True), Remedy.SOFT_LIMIT, soft, more)
    wanted = _limit_for(here, by, more + lacking)
    scale = wanted / by.limit_bytes
    yield from _help(here, replace(by, limit_bytes=wanted), Remedy.LIMIT, limit * scale, more)
    empty = replace(here, work=Work())
    another, _ = fits(empty)
    if another:
        yield Help(Remedy.SHARD, limit, min(another, lacking))


def _help(here: Room, by: Gauge, remedy: Remedy, value: float, more: int) -> Iterator[Help]:
    then, _ = fits(replace(here, gauge=by))
    if (gained := min(then, here.waiting) - more) > 0:
        yield Help(remedy, value, gained)


def _limit_for(here: Room, by: Gauge, more: int) -> float:
    """The least limit, in whole steps, under which `more` spokes fit."""
    known, memory = here.measured, here.policy.memory
    if known is None:
        return by.limit_bytes
    spokes = here.work.spokes + more
    peak = kept(known.learned, spokes) + transient(known.learned, Work(spokes, 1, 0))
    if memory.survive is Survive.RESTART:
        peak = max(peak, restart_peak(known.learned, spokes))
    steps = by.charged(peak) / memory.high / _STEP
    return _STEP * float(int(steps) + 1)
