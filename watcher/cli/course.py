"""How did the tiers fare, from one decision to the next?

Remembers of each gate when it opened and when it was first seen settled; so it knows when a fleet
is done, and how long each tier took.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from watcher.decide import Decision, Gate, State
from watcher.decide.verdicts import PASSED
from watcher.facts import Instant

_MOVING = frozenset(State) - PASSED - {State.STALLED, State.WAITING, State.HELD}


class Course:
    """What was seen of every gate."""

    def __init__(self) -> None:
        self._took_s: dict[Gate, float] = {}
        self._last: Decision | None = None

    def saw(self, decision: Decision, now: Instant) -> None:
        """Another decision, made at `now`."""
        self._last = decision
        for uid, spoke in decision.spokes.items():
            for tier, verdict in spoke.tiers.items():
                gate = Gate(uid, tier)
                if verdict.state is State.SETTLED and verdict.opened_at is not None:
                    self._took_s.setdefault(gate, now - verdict.opened_at)

    def settled(self, spokes: int) -> bool:
        """Whether every gate of so many spokes has passed."""
        states = self._states()
        return len(self._spokes()) == spokes and bool(states) and states <= PASSED

    def stuck(self, spokes: int) -> bool:
        """Whether a gate has stalled, and nothing else is going on any more."""
        states = self._states()
        known = len(self._spokes()) == spokes
        return known and State.STALLED in states and states.isdisjoint(_MOVING)

    def summary(self) -> Iterator[str]:
        """For each tier, how long its gates took from their opening until they had settled."""
        if self._last is None:
            return
        tiers = dict.fromkeys(gate.tier for gate in self._last.verdicts)
        for tier in tiers:
            yield f"{tier}: {self._said(tier)}"

    def _said(self, tier: str) -> str:
        times = [took_s for gate, took_s in self._took_s.items() if gate.tier == tier]
        ungated = sum(
            verdict.state is State.UNGATED
            for gate, verdict in (self._last.verdicts.items() if self._last is not None else ())
            if gate.tier == tier
        )
        also = f"; {ungated} ungated" if ungated else ""
        if not times:
            return f"no gate settled{also}"
        return (
            f"{len(times)} settled, the fastest in {min(times):.0f} s, the median in "
            f"{median(times):.0f} s, the slowest in {max(times):.0f} s{also}"
        )

    def _states(self) -> set[State]:
        if self._last is None:
            return set()
        return {verdict.state for verdict in self._last.verdicts.values()}

    def _spokes(self) -> tuple[str, ...]:
        return () if self._last is None else tuple(self._last.spokes)
