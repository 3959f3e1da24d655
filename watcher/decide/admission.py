"""Which of the gates that may open are opened now?

Order among them: the ring; then the deepest tier first, so that a begun spoke is finished before a
new cluster is loaded; then the parked spokes that come back; then how long each has waited. A gate
whose ring's turn has not come is not in the line at all. On one shard nothing overtakes: where the
next in line finds no room, those behind it wait too, or a large one would starve. Only a gate of a
spoke that is in progress anyway takes no place of a spoke. One shard's queue does not hold up
another's.

Budgets are counted over what is in progress, whoever opened it. A stalled gate gives its place
back.

Elsewhere: whose ring's turn has come (rings.py); what has room on a shard (rooms.py).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Set

from msgspec import Struct

from watcher.decide.judgement import Candidate, Stage
from watcher.decide.parking import UNPARK
from watcher.decide.reasons import (
    ApplicationsInProgress,
    DeletionPending,
    IntervalRuns,
    Reason,
)
from watcher.decide.recovery import Recovery
from watcher.decide.rings import Rings
from watcher.decide.rollup import Rollup
from watcher.decide.rooms import Room, against, with_one
from watcher.decide.sharding import Sharding
from watcher.facts import Instant
from watcher.policy import Budgets


class Line(Struct, frozen=True):
    """Those that wait for one thing: for the same shard, with as much open already."""

    pod: str | None
    """The shard's Pod; None where there is no shard."""
    begun: bool
    """Whether something of the spoke is open or runs already."""


class Admission(Struct, frozen=True):
    """Whose turn it is, and what the others wait for."""

    chosen: Mapping[str, tuple[str, ...]]
    """UID to the tiers to open there."""
    waits_for: tuple[Reason, ...]
    """What every gate that may open and was not chosen waits for."""
    in_line: Mapping[Line, tuple[Reason, ...]] = {}
    """What those in one line wait for besides."""


def admission(
    rollup: Rollup,
    sharding: Sharding,
    rings: Rings,
    budgets: Budgets,
    *,
    pending: tuple[DeletionPending, ...],
    stops: tuple[Reason, ...],
    recovery: Recovery,
    last_at: Instant,
    now: Instant,
) -> Admission:
    """The gates to open at `now`. `stops`: why none may at all; `pending`: why none may but those
    that need not heed it; `recovery`: which parked spokes may come back, and where they go first;
    `last_at`: when the last one opened.
    """
    stops = (*stops, *sharding.stops)
    if stops or not rollup.waiting:
        return Admission({}, stops)
    next_at = last_at + budgets.interval_s
    if budgets.interval_s and now < next_at:
        return Admission({}, (IntervalRuns(next_at), *pending))
    counter = _Counter(rollup, sharding, recovery)
    running = sum(rollup.in_progress.values())
    chosen: dict[str, list[str]] = {}
    waits: list[Reason] = list(pending)
    returns = recovery.returns
    for candidate in _in_order(rollup, counter, rings, returns, heedless_only=bool(pending)):
        if not counter.has_room(candidate):
            continue
        if not _fits(candidate, running, budgets):
            break
        counter.take(candidate)
        running += candidate.applications
        chosen.setdefault(candidate.uid, []).append(candidate.tier)
        if budgets.interval_s:
            waits.append(IntervalRuns(now + budgets.interval_s))
            break
    waits += _full(running, budgets)
    return Admission(
        {uid: tuple(tiers) for uid, tiers in chosen.items()}, tuple(waits), counter.in_line()
    )


class _Counter:
    """What is taken on each shard while the gates of one turn are chosen."""

    def __init__(self, rollup: Rollup, sharding: Sharding, recovery: Recovery) -> None:
        self._rollup = rollup
        self._sharding = sharding
        self._taken = {key: room.work for key, room in sharding.rooms.items()}
        self._stages: dict[str, Stage] = {}
        self._parked_first = {
            sharding.unowned if key is None else key: reason
            for key, reason in recovery.first.items()
        }
        back = {room.pod.key for uid in recovery.returns if (room := self.room(uid)) is not None}
        self._closed: dict[str, Reason | None] = {
            key: None
            for key, room in sharding.rooms.items()
            if not (room.waiting or room.begun or room.work.loads or room.work.later)
            if key not in back
        }
        """Shards on which the next in line found no room, and why not; or where nobody waits."""

    def room(self, uid: str) -> Room | None:
        """The room that a spoke is charged to."""
        return self._sharding.at(self._rollup.waiting[uid].inputs.spoke)

    def worth_a_look(self) -> Iterator[str]:
        """The spokes that may find room. Most of a large fleet wait with nothing begun: these only
        where their shard could load one more cluster now.
        """
        waiting, begun = self._rollup.waiting, self._rollup.begun
        can = {
            key
            for key, room in self._sharding.rooms.items()
            if key not in self._closed and self._against(room, Stage.NOTHING) is None
        }
        if not can:
            yield from begun
            return
        every = can == self._sharding.rooms.keys()
        for uid in waiting:
            if (
                every
                or uid in begun
                or ((room := self.room(uid)) is not None and room.pod.key in can)
            ):
                yield uid

    def in_progress(self, uid: str) -> bool:
        """Whether the spoke is in progress anyway, and takes no place more."""
        return self._stage(uid) in (Stage.LOADING, Stage.LATER)

    def has_room(self, candidate: Candidate) -> bool:
        """Whether its shard has room for it; where not, those behind it find none either."""
        stage, room = self._stage(candidate.uid), self.room(candidate.uid)
        if room is None:
            return False
        if self.in_progress(candidate.uid):
            return self._against(room, stage) is None
        if stage is Stage.NOTHING and room.pod.key in self._parked_first:
            return False
        if room.pod.key in self._closed:
            return False
        reason = self._against(room, stage)
        if reason is not None:
            self._closed[room.pod.key] = reason
        return reason is None

    def take(self, candidate: Candidate) -> None:
        """It is chosen."""
        stage, room = self._stage(candidate.uid), self.room(candidate.uid)
        if room is not None:
            self._taken[room.pod.key] = with_one(self._taken[room.pod.key], stage)
            begins = stage in (Stage.NOTHING, Stage.PARKED, Stage.LOADING)
            self._stages[candidate.uid] = Stage.LOADING if begins else Stage.LATER

    def all_closed(self) -> bool:
        """Whether nothing more is admitted anywhere but on spokes that are in progress."""
        return len(self._closed) == len(self._sharding.rooms)

    def in_line(self) -> dict[Line, tuple[Reason, ...]]:
        """What each line waits for, once all have been chosen."""
        waits: dict[Line, tuple[Reason, ...]] = {}
        for key, room in self._sharding.rooms.items():
            for begun, stage in ((True, Stage.STANDING), (False, Stage.NOTHING)):
                reason = self._against(room, stage) or self._closed.get(key)
                if reason is None and not begun:
                    reason = self._parked_first.get(key)
                more = room.stops or (() if reason is None else (reason,))
                waits[Line(key, begun)] = more
        return waits

    def _stage(self, uid: str) -> Stage:
        return self._stages.get(uid) or self._rollup.waiting[uid].stage

    def _against(self, room: Room, stage: Stage) -> Reason | None:
        return against(room, self._taken[room.pod.key], stage)


def _in_order(
    rollup: Rollup, counter: _Counter, rings: Rings, returns: Set[str], *, heedless_only: bool
) -> Iterator[Candidate]:
    """The next one that may find room."""
    queue = [
        candidate
        for uid in counter.worth_a_look()
        for candidate in rollup.waiting[uid].candidates
        if candidate.heedless or not heedless_only
        if candidate.tier != UNPARK or uid in returns
        if not rings.against(candidate)
    ]
    heapq.heapify(queue)
    while queue and not counter.all_closed():
        yield heapq.heappop(queue)
    yield from sorted(each for each in queue if counter.in_progress(each.uid))


def _fits(candidate: Candidate, running: int, budgets: Budgets) -> bool:
    """One that is larger than the whole budget goes when nothing else runs: nothing starves."""
    most = budgets.applications_in_progress
    return most is None or running == 0 or running + candidate.applications <= most


def _full(running: int, budgets: Budgets) -> Iterator[Reason]:
    most = budgets.applications_in_progress
    if most is not None and running:
        yield ApplicationsInProgress(running, most)
