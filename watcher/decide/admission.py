"""Which of the gates that may open are opened now?

Order among them: the deepest tier first, so that a begun spoke is finished before a new cluster
is loaded; then how long each has waited. Nothing overtakes: where the next in line finds no room,
those behind it wait too, or a large one would starve. Only a gate of a spoke that is in progress
anyway takes no place of a spoke.

Budgets are counted over what is in progress, whoever opened it. A stalled gate gives its place
back.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Set

from msgspec import Struct

from watcher.decide.judgement import Candidate
from watcher.decide.reasons import (
    ApplicationsInProgress,
    DeletionPending,
    IntervalRuns,
    Reason,
    SpokesInProgress,
)
from watcher.decide.rollup import Rollup
from watcher.facts import Instant
from watcher.policy import Budgets


class Admission(Struct, frozen=True):
    """Whose turn it is, and what the others wait for."""

    chosen: Mapping[str, tuple[str, ...]]
    """UID to the tiers to open there."""
    waits_for: tuple[Reason, ...]
    """What every gate that may open and was not chosen waits for."""


def admission(
    rollup: Rollup,
    budgets: Budgets,
    *,
    pending: tuple[DeletionPending, ...],
    stops: tuple[Reason, ...],
    last_at: Instant,
    now: Instant,
) -> Admission:
    """The gates to open at `now`. `stops`: why none may at all; `pending`: why none may but those
    that are exempt; `last_at`: when the last one opened.
    """
    if stops or not rollup.waiting:
        return Admission({}, stops)
    next_at = last_at + budgets.interval_s
    if budgets.interval_s and now < next_at:
        return Admission({}, (IntervalRuns(next_at), *pending))
    busy, running = set(rollup.in_progress), sum(rollup.in_progress.values())
    chosen: dict[str, list[str]] = {}
    waits: list[Reason] = list(pending)
    for candidate in _in_order(rollup, busy, budgets, exempt_only=bool(pending)):
        if not _fits(candidate, running, budgets):
            break
        busy.add(candidate.uid)
        running += candidate.applications
        chosen.setdefault(candidate.uid, []).append(candidate.tier)
        if budgets.interval_s:
            waits.append(IntervalRuns(now + budgets.interval_s))
            break
    waits += _full(len(busy), running, budgets)
    return Admission({uid: tuple(tiers) for uid, tiers in chosen.items()}, tuple(waits))


def _in_order(
    rollup: Rollup, busy: Set[str], budgets: Budgets, *, exempt_only: bool
) -> Iterator[Candidate]:
    """The next one that a spoke's place can be had for; `busy` grows as they are taken."""
    full = len(busy) >= budgets.spokes_in_progress
    queue = [
        candidate
        for uid in (busy & rollup.waiting.keys() if full else rollup.waiting)
        for candidate in rollup.waiting[uid].candidates
        if candidate.exempt or not exempt_only
    ]
    heapq.heapify(queue)
    while queue and len(busy) < budgets.spokes_in_progress:
        yield heapq.heappop(queue)
    yield from sorted(candidate for candidate in queue if candidate.uid in busy)


def _fits(candidate: Candidate, running: int, budgets: Budgets) -> bool:
    """One that is larger than the whole budget goes when nothing else runs: nothing starves."""
    most = budgets.applications_in_progress
    return most is None or running == 0 or running + candidate.applications <= most


def _full(busy: int, running: int, budgets: Budgets) -> Iterator[Reason]:
    if busy >= budgets.spokes_in_progress:
        yield SpokesInProgress(busy, budgets.spokes_in_progress)
    most = budgets.applications_in_progress
    if most is not None and running:
        yield ApplicationsInProgress(running, most)
