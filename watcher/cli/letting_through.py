"""What does a release let its gates through, and which of them wait for that now?

Elsewhere: what keeps a gate closed otherwise, and is mended and not passed (decide/reasons.py);
what is let through by an order (decide/ordered.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from watcher.cli.named import NamedGate, say_gates
from watcher.decide import reasons as r
from watcher.decide.verdicts import State
from watcher.facts import Through, many

CLOSED = (State.WAITING, State.QUEUED, State.HELD)
"""The states of the gates that are asked for."""

_RULES: dict[Through, tuple[str, tuple[type, ...]]] = {
    Through.RING: ("the turn of their ring", (r.RingWaits, r.RingBakes, r.ApprovalMissing)),
    Through.WINDOW: ("a window that is shut", (r.WindowClosed,)),
    Through.DELETIONS: (
        "the two rules about what Argo CD would delete",
        (r.WouldUnselect, r.LabelsReach, r.DeletionPending),
    ),
}


def let_through(closed: Sequence[NamedGate], through: Collection[Through]) -> Iterator[str]:
    """For each rule the gates that wait for it, and how many more may come to it."""
    waits: set[tuple[str, str]] = set()
    for rule in sorted(through):
        what, kinds = _RULES[rule]
        names = {kind.__name__ for kind in kinds}
        found = [each for each in closed if names & {one.name for one in each.gate.reasons}]
        waits |= {(each.uid, each.gate.tier) for each in found}
        yield f"they are let through {what}; {_number(len(found))} for that now"
        yield from say_gates(found)
    if through and (more := len(closed) - len(waits)):
        yield f"and so {_is(more)} {many(more, 'other closed gate')} of it, once that comes so far"
    if Through.RING in through:
        yield "for as long as it stands they do not start the tier for the others of their ring"


def _number(waiting: int) -> str:
    if not waiting:
        return "none waits"
    return f"{many(waiting, 'gate')} wait{'s' * (waiting == 1)}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"
