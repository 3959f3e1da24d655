"""How much work has begun on each shard, and ended, counted on and on?

Work takes most of its memory in its first seconds, and a spoke that has been in progress for long
may take nothing any more; so what has just begun is told apart from what goes on (estimates.py), by
how far these counts have come since. Only differences mean anything: after a restart of this
process they begin anew.

What begins where nobody knows whose it is may be anybody's, and is counted on every shard.

Elsewhere: how much goes on now (sites.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct

from watcher.decide.judgement import Judgement, Stage
from watcher.decide.owners import NOBODY, Owners, owner

_WORKS = (Stage.LOADING, Stage.LATER)


class Begun(Struct, frozen=True):
    """The counts."""

    owners: Owners = NOBODY
    counts: Mapping[tuple[str | None, Stage], int] = {}
    """By the shard's Pod; None: where nobody knows."""
    ended: Mapping[str | None, int] = {}
    """Loads that ended, by the same."""

    def count(self, pod: str | None, stage: Stage) -> int:
        """How many spokes ever came to this stage on this shard, or on nobody's."""
        nobodys = self.counts.get((None, stage), 0)
        return nobodys + (0 if pod is None else self.counts.get((pod, stage), 0))

    def loads_ended(self, pod: str | None) -> int:
        """How many loads ever ended that were known to be on this shard."""
        return self.ended.get(pod, 0)


def begun(
    before: Begun,
    owned: Owners,
    judgements: Mapping[str, Judgement],
    *,
    known: Mapping[str, Judgement],
    judged: Mapping[str, Judgement | None],
) -> Begun:
    """The counts with what has begun since `known`, which `before` counted; the same object where
    nothing has.
    """
    new = Counter(
        (owner(owned, after.inputs.spoke), after.stage)
        for uid, after in judged.items()
        if after is not None and _begins(known.get(uid), after)
    )
    if owned is not before.owners:
        new.update(_moved(before.owners, owned, judgements))
    ended = Counter(
        owner(owned, after.inputs.spoke)
        for uid, after in judged.items()
        if after is not None and _ends(known.get(uid), after)
    )
    if not new and not ended and owned is before.owners:
        return before
    return Begun(owned, Counter(before.counts) + new, Counter(before.ended) + ended)


def _begins(before: Judgement | None, after: Judgement) -> bool:
    if after.stage not in _WORKS:
        return False
    if before is None or before.stage is not after.stage:
        return True
    # the label of a gate that a patch opens comes later, and is not another one
    return before.inputs.write is None and not after.opened.keys() <= before.opened.keys()


def _ends(before: Judgement | None, after: Judgement) -> bool:
    return before is not None and before.stage is Stage.LOADING and after.stage is not Stage.LOADING


def _moved(
    before: Owners, owned: Owners, judgements: Mapping[str, Judgement]
) -> Counter[tuple[str | None, Stage]]:
    """What another shard goes on with, and begins anew; what nobody owned is counted already."""
    new: Counter[tuple[str | None, Stage]] = Counter()
    for each in judgements.values():
        if each.stage in _WORKS:
            was, now = owner(before, each.inputs.spoke), owner(owned, each.inputs.spoke)
            if was is not None and now != was:
                new[now, each.stage] += 1
    return new
