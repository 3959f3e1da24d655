"""How did the tiers fare, from one decision to the next?

Remembers of each gate when it opened and when it was first seen settled; so it knows when a fleet
is done, and how long each tier took.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import median

from watcher.decide import Decision, Gate, State
from watcher.decide.verdicts import PASSED
from watcher.facts import Instant

_AT_REST = PASSED | {State.WAITING, State.QUEUED}
_MOVING = frozenset(State) - PASSED - {State.STALLED, State.WAITING, State.HELD}


def _full(decision: Decision) -> bool:
    """Whether no shard that anybody waits for has room for one more spoke, though nothing is in
    progress there.
    """
    waited_for = [shard for shard in decision.shards.values() if shard.waiting]
    return bool(waited_for) and all(
        shard.fits == 0 and not shard.stops and not shard.loading and not shard.later
        for shard in waited_for
    )


class Course:
    """What was seen of every gate."""

    def __init__(self) -> None:
        self._took_s: dict[Gate, float] = {}
        self._states: Counter[tuple[str, State]] = Counter()
        self._spokes = 0
        self._full = False

    def saw(self, decision: Decision, now: Instant) -> None:
        """Another decision, made at `now`."""
        self._spokes = len(decision.spokes)
        self._full = _full(decision)
        self._states.clear()
        for uid, spoke in decision.spokes.items():
            for tier, verdict in spoke.tiers.items():
                self._states[tier, verdict.state] += 1
                if verdict.state is State.SETTLED and verdict.opened_at is not None:
                    self._took_s.setdefault(Gate(uid, tier), now - verdict.opened_at)

    def settled(self, spokes: int) -> bool:
        """Whether every gate of so many spokes has passed."""
        states = {state for _, state in self._states}
        return self._spokes == spokes and bool(states) and states <= PASSED

    def stuck(self, spokes: int) -> bool:
        """Whether a gate has stalled, and nothing else is going on any more."""
        states = {state for _, state in self._states}
        return self._spokes == spokes and State.STALLED in states and states.isdisjoint(_MOVING)

    def full(self, spokes: int) -> bool:
        """Whether those that wait need memory that no time will give them, and all else is done."""
        states = {state for _, state in self._states}
        return self._spokes == spokes and self._full and states <= _AT_REST

    def summary(self) -> Iterator[str]:
        """For each tier, how long its gates took from their opening until they had settled."""
        for tier in dict.fromkeys(tier for tier, _ in self._states):
            yield f"{tier}: {self._said(tier)}"

    def _said(self, tier: str) -> str:
        times = [took_s for gate, took_s in self._took_s.items() if gate.tier == tier]
        ungated = self._states[tier, State.UNGATED]
        also = f"; {ungated} ungated" if ungated else ""
        if not times:
            return f"no gate settled{also}"
        return (
            f"{len(times)} settled, the fastest in {min(times):.0f} s, the median in "
            f"{median(times):.0f} s, the slowest in {max(times):.0f} s{also}"
        )
