"""Which gates are next in line?

Those that may open as far as their own spokes are concerned, in the order in which they are
admitted, wherever they wait. Some of them may be chosen in this very turn; what the others wait for
is said with their gates.

Elsewhere: who is chosen (admission.py); what a gate waits for (decision.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nsmallest

from watcher.decide.decision import Decision
from watcher.decide.judgement import Candidate


def coming(decision: Decision, most: int) -> tuple[Candidate, ...]:
    """At most so many, the first one first."""
    return tuple(nsmallest(most, _candidates(decision)))


def _candidates(decision: Decision) -> Iterable[Candidate]:
    rollup = decision.carried.rollup
    if rollup is None:
        return ()
    return (each for judgement in rollup.waiting.values() for each in judgement.candidates)
