"""How much goes on on each shard?

How many spokes are at which stage, and how many of these wait: counted once and then kept up to
date spoke by spoke, so that a turn costs what changed; a test says that it equals a count from
scratch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct

from watcher.decide.begun import Begun, begun
from watcher.decide.judgement import Judgement, Stage
from watcher.decide.owners import NOBODY, Owners, owner


class At(NamedTuple):
    """One thing that is counted."""

    pod: str | None
    """The key of the shard's Pod; None where the owner is not known."""
    stage: Stage
    waits: bool
    """Whether a gate there may open."""
    unreachable: bool = False
    """Whether Argo CD cannot reach the cluster."""


class Sites(Struct, frozen=True):
    """The count."""

    owners: Owners = NOBODY
    counts: Mapping[At, int] = {}
    begun: Begun = Begun()
    """What has begun until now; the rest of this forgets what was."""

    def count(
        self,
        pod: str | None,
        *stages: Stage,
        waits: bool | None = None,
        unreachable: bool | None = None,
    ) -> int:
        """How many spokes of this shard are at one of these stages; `waits` and `unreachable`: only
        those that do and are, or do not and are not.
        """
        waiting = (True, False) if waits is None else (waits,)
        away = (True, False) if unreachable is None else (unreachable,)
        return sum(
            self.counts.get(At(pod, stage, each, one), 0)
            for stage in stages
            for each in waiting
            for one in away
        )


def sites(
    before: Sites,
    owned: Owners,
    judgements: Mapping[str, Judgement],
    *,
    known: Mapping[str, Judgement],
    judged: Mapping[str, Judgement | None],
) -> Sites:
    """The count of `judgements`; `known` are those that `before` counted, and `judged` what
    changed since.
    """
    new = begun(before.begun, owned, judgements, known=known, judged=judged)
    if owned is not before.owners:
        return Sites(owned, Counter(_at(owned, each) for each in judgements.values()), new)
    moves = [
        (here, there)
        for uid, after in judged.items()
        if (here := _of(owned, known.get(uid))) != (there := _of(owned, after))
    ]
    if not moves and new is before.begun:
        return before
    counts = Counter(before.counts)
    counts.subtract(Counter(here for here, _ in moves if here is not None))
    counts.update(there for _, there in moves if there is not None)
    return Sites(owned, {at: number for at, number in counts.items() if number}, new)


def _of(owned: Owners, judgement: Judgement | None) -> At | None:
    return None if judgement is None else _at(owned, judgement)


def _at(owned: Owners, judgement: Judgement) -> At:
    pod = owner(owned, judgement.inputs.spoke)
    return At(pod, judgement.stage, bool(judgement.candidates), judgement.unreachable)
