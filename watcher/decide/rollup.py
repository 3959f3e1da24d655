"""What do the judgements of all spokes come to?

The few spokes that matter to a turn, picked out of the many that do not: those in progress, those
with a gate that may open, those with something to write, those with a time at which they change.
Kept up to date spoke by spoke, so that a turn costs what changed and not the size of the fleet; a
test says that it equals one made from scratch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from msgspec import Struct

from watcher.decide.judgement import Judgement, Stage
from watcher.facts import Instant

T = TypeVar("T")


class Rollup(Struct, frozen=True):
    """Each by the spoke's UID; a spoke that has nothing to say is in none."""

    in_progress: Mapping[str, int]
    """How many Applications are in progress there."""
    waiting: Mapping[str, Judgement]
    """Those with a gate that may open."""
    begun: Mapping[str, Judgement]
    """Of these, those of which something is open or runs already."""
    acting: Mapping[str, Judgement]
    """Those with a gate to open ahead of every queue, or to close."""
    pending: Mapping[str, Judgement]
    """Those where Argo CD would delete something."""
    timers: Mapping[str, Instant]
    """When time alone would change the judgement."""
    marked: Mapping[str, Judgement]
    """Those that bear the mark of having been parked."""
    returning: Mapping[str, Judgement]
    """Those that were unparked, and not looked at by Argo CD since."""


NOTHING = Rollup({}, {}, {}, {}, {}, {}, {}, {})


def rolled_up(before: Rollup, changed: Mapping[str, Judgement | None]) -> Rollup:
    """`before` with these spokes' judgements in place of their old ones; None: it is gone."""
    there = {uid: each for uid, each in changed.items() if each is not None}
    return Rollup(
        in_progress=_with(
            before.in_progress,
            changed,
            {uid: e.applications_in_progress for uid, e in there.items() if e.in_progress},
        ),
        waiting=_with(before.waiting, changed, {u: e for u, e in there.items() if e.candidates}),
        begun=_with(
            before.begun,
            changed,
            {u: e for u, e in there.items() if e.candidates and e.stage is not Stage.NOTHING},
        ),
        acting=_with(
            before.acting, changed, {u: e for u, e in there.items() if e.urgent or e.closes}
        ),
        pending=_with(before.pending, changed, {u: e for u, e in there.items() if e.pending}),
        timers=_with(
            before.timers,
            changed,
            {uid: e.valid_until for uid, e in there.items() if e.valid_until is not None},
        ),
        marked=_with(
            before.marked,
            changed,
            {u: e for u, e in there.items() if e.inputs.spoke.parked is not None},
        ),
        returning=_with(before.returning, changed, {u: e for u, e in there.items() if e.returning}),
    )


def _with(
    before: Mapping[str, T], changed: Mapping[str, object], now: dict[str, T]
) -> Mapping[str, T]:
    """`before` without the changed ones, and with those of them that are there now."""
    if not now and before.keys().isdisjoint(changed):
        return before
    return {uid: each for uid, each in before.items() if uid not in changed} | now
