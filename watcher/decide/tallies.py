"""How far is each tier in each ring?

Counted once and then kept up to date spoke by spoke, so that a turn costs what changed; a test says
that it equals a count from scratch. A spoke that joins, leaves or changes its ring is counted out
of the one and into the other like any change.

Elsewhere: as what a gate counts (judgement.py); what follows (rings.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct

from watcher.decide.judgement import APART, Counts, Judgement, Standing
from watcher.facts import Instant

Where: TypeAlias = tuple[str, str]
"""A ring and a tier, by their names."""


class Tally(Struct, frozen=True):
    """One tier in one ring."""

    numbers: Mapping[Counts, int] = {}
    """How many gates count as what."""
    begun: int = 0
    """How many are open, or were and are lost."""
    waiting: int = 0
    """How many may open, as far as their own spokes are concerned."""
    settled: Mapping[str, Instant] = {}
    """By UID, since when; only where some ring bakes."""
    stalled: Mapping[str, Instant] = {}
    """By UID, the deadline that is past."""

    @property
    def counting(self) -> int:
        """How many gates count at all."""
        return sum(self.number(each) for each in (Counts.SETTLED, Counts.STALLED, Counts.REST))

    @property
    def apart(self) -> int:
        """How many are counted apart."""
        return sum(map(self.number, APART))

    def number(self, counts: Counts) -> int:
        """How many gates count as this."""
        return self.numbers.get(counts, 0)


Tallies: TypeAlias = Mapping[Where, Tally]

EMPTY = Tally()


class _Change(Struct):
    """What is to be counted in and out of one tally."""

    numbers: Counter[Counts]
    begun: int = 0
    waiting: int = 0
    out: set[str] = set()
    settled: dict[str, Instant] = {}
    stalled: dict[str, Instant] = {}


def tallied(
    before: Tallies,
    *,
    known: Mapping[str, Judgement],
    judged: Mapping[str, Judgement | None],
) -> Tallies:
    """`before`, which counted `known`, with what was judged since; the same where nothing moved."""
    moved: dict[Where, _Change] = {}
    for uid, after in judged.items():
        was = known.get(uid)
        if was is not None and after is not None and _alike(was, after):
            continue
        if was is not None:
            _count(moved, uid, was, -1)
        if after is not None:
            _count(moved, uid, after, 1)
    if not moved:
        return before
    return {
        where: tally
        for where, tally in (
            dict(before)
            | {where: _with(before.get(where, EMPTY), by) for where, by in moved.items()}
        ).items()
        if tally.numbers
    }


def _alike(was: Judgement, after: Judgement) -> bool:
    return (
        was.ring == after.ring
        and was.standings == after.standings
        and [each.tier for each in was.candidates] == [each.tier for each in after.candidates]
    )


def _count(moved: dict[Where, _Change], uid: str, judgement: Judgement, by: int) -> None:
    waits = {each.tier for each in judgement.candidates}
    for tier, each in judgement.standings.items():
        where = (judgement.ring, tier)
        if where not in moved:
            moved[where] = _Change(Counter())
        change = moved[where]
        change.numbers[each.counts] += by
        change.begun += by if each.begun else 0
        change.waiting += by if tier in waits else 0
        if each.at is not None:
            _name(change, uid, each, each.at, by)


def _name(change: _Change, uid: str, standing: Standing, at: Instant, by: int) -> None:
    if by < 0:
        change.out.add(uid)
    elif standing.counts is Counts.SETTLED:
        change.settled[uid] = at
    else:
        change.stalled[uid] = at


def _with(before: Tally, by: _Change) -> Tally:
    numbers = Counter(before.numbers)
    numbers.update(by.numbers)
    return Tally(
        numbers={counts: number for counts, number in numbers.items() if number},
        begun=before.begun + by.begun,
        waiting=before.waiting + by.waiting,
        settled=dict(_named(before.settled, by.out, by.settled)),
        stalled=dict(_named(before.stalled, by.out, by.stalled)),
    )


def _named(
    before: Mapping[str, Instant], out: set[str], came: Mapping[str, Instant]
) -> Iterator[tuple[str, Instant]]:
    yield from (each for each in before.items() if each[0] not in out)
    yield from came.items()
