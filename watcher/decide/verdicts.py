"""What is said of a gate?

Elsewhere: the whole decision (decision.py); the reasons (reasons.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from watcher.decide.reasons import Reason
from watcher.facts import Instant


class State(StrEnum):
    """The state of a gate. Every gate has exactly one."""

    UNGATED = "Ungated"
    WAITING = "Waiting"
    QUEUED = "Queued"
    PROGRESSING = "Progressing"
    SOAKING = "Soaking"
    SETTLED = "Settled"
    DEGRADED = "Degraded"
    STALLED = "Stalled"
    HELD = "Held"
    SKIPPED = "Skipped"
    LOST = "Lost"
    UNADOPTED = "Unadopted"
    UNKNOWN = "Unknown"


PASSED = frozenset({State.SETTLED, State.UNGATED, State.SKIPPED})
"""The states that let the tiers that depend on a gate's tier go on."""

URGENT = (
    State.LOST, State.STALLED, State.DEGRADED, State.UNADOPTED, State.UNKNOWN, State.HELD,
    State.PROGRESSING, State.SOAKING, State.QUEUED, State.WAITING,
)  # fmt: skip
"""All others, those first that most need a person."""


class Gate(NamedTuple):
    """One (spoke, tier) pair; the spoke by the UID of its Secret."""

    spoke: str
    tier: str


class Verdict(Struct, frozen=True):
    """The state of one gate and why. Neither Settled nor Ungated: at least one reason."""

    state: State
    reasons: tuple[Reason, ...] = ()
    opened_at: Instant | None = None
    """When it opened, where its label is open and the time is known."""


class SpokeVerdicts(Struct, frozen=True):
    """Every gate of one spoke, in the order of the tiers."""

    name: str
    """As the spoke is shown and typed."""
    namespace: str
    secret: str
    tiers: Mapping[str, Verdict]


class Verdicts(Mapping[Gate, Verdict]):
    """Every gate's verdict, read through the spokes' without copying them."""

    def __init__(self, spokes: Mapping[str, SpokeVerdicts]) -> None:
        self._spokes = spokes

    def __getitem__(self, gate: Gate) -> Verdict:
        return self._spokes[gate.spoke].tiers[gate.tier]

    def __iter__(self) -> Iterator[Gate]:
        return (Gate(uid, tier) for uid, spoke in self._spokes.items() for tier in spoke.tiers)

    def __len__(self) -> int:
        return sum(len(spoke.tiers) for spoke in self._spokes.values())
