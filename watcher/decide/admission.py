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
from collections.abc import Iterator, Mapping

from msgspec import Struct

from watcher.decide.judgement import Candidate, Judgement
from watcher.decide.reasons import (
    ApplicationsInProgress,
    DeletionPending,
    IntervalRuns,
    Reason,
    SpokesInProgress,
)
from watcher.facts import Instant
from watcher.policy import Budgets


class Admission(Struct, frozen=True):
    """Whose turn it is, and what the others wait for."""

    chosen: Mapping[str, tuple[str, ...]]
    """UID to the tiers to open there."""
    waits_for: tuple[Reason, ...]
    """What every gate that may open and was not chosen waits for."""


def admission(
    judgements: Mapping[str, Judgement],
    budgets: Budgets,
    *,
    pending: tuple[DeletionPending, ...],
    stops: tuple[Reason, ...],
    now: Instant,
) -> Admission:
    """The gates to open at `now`. `stops`: why none may at all; `pending`: why none may but those
    that are exempt.
    """
    if stops:
        return Admission({}, stops)
    started = _last_admission(judgements) + budgets.interval_s
    if budgets.interval_s and now < started:
        return Admission({}, (IntervalRuns(started), *pending))
    busy = {uid for uid, each in judgements.items() if each.in_progress}
    running = sum(each.applications_in_progress for each in judgements.values())
    chosen: dict[str, list[str]] = {}
    waits: list[Reason] = list(pending)
    for uid, candidate in _in_order(judgements, busy, budgets, exempt_only=bool(pending)):
        if uid not in busy and len(busy) >= budgets.spokes_in_progress:
            continue
        if not _fits(candidate, running, budgets):
            break
        busy.add(uid)
        running += candidate.applications
        chosen.setdefault(uid, []).append(candidate.tier)
        if budgets.interval_s:
            waits.append(IntervalRuns(now + budgets.interval_s))
            break
    waits += _full(len(busy), running, budgets)
    return Admission({uid: tuple(tiers) for uid, tiers in chosen.items()}, tuple(waits))


def _last_admission(judgements: Mapping[str, Judgement]) -> Instant:
    """By the record on the Secrets, so that it survives a restart."""
    recorded = (max(each.opened.values()) for each in judgements.values() if each.opened)
    sent = (
        each.inputs.write.sent_at for each in judgements.values() if each.inputs.write is not None
    )
    return max(max(recorded, default=float("-inf")), max(sent, default=float("-inf")))


def _in_order(
    judgements: Mapping[str, Judgement], busy: set[str], budgets: Budgets, *, exempt_only: bool
) -> Iterator[tuple[str, Candidate]]:
    full = len(busy) >= budgets.spokes_in_progress
    queue = [
        (-candidate.depth, candidate.since, each.verdicts.name, uid, candidate.tier, candidate)
        for uid, each in judgements.items()
        if each.candidates and (not full or uid in busy)
        for candidate in each.candidates
        if candidate.exempt or not exempt_only
    ]
    heapq.heapify(queue)
    while queue:
        _, _, _, uid, _, candidate = heapq.heappop(queue)
        yield uid, candidate


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
