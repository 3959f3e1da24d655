"""How long did a gate wait, and how long did it take to settle?

Measured of the gates that this process opened itself, so that no gate is measured by two replicas.
What was under way when another began to lead is measured by nobody.

A wait counts from when the gate could have opened as far as its own spoke is concerned: since its
last dependency settled, else since its Secret was made. A gate that was lost had been open already,
and has not waited.

Elsewhere: the counts themselves (serve/meters.py).
"""

from __future__ import annotations

from watcher.decide import Change, Decision, Gate, PatchGates, State
from watcher.decide.changes import GateChanged, SpokeLeft
from watcher.facts import Instant
from watcher.serve.meters import Meters


class Stopwatch:
    """Measures openings from their decision to their settling."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters
        self._waits: dict[Gate, Instant] = {}
        """Since when they wait that the last decisions open."""
        self._opened: dict[Gate, Instant] = {}
        """When they opened that have not settled yet."""

    def decided(self, decision: Decision) -> None:
        """Patches of this decision are about to be sent."""
        for patch in decision.patches:
            for tier in patch.opens:
                since = decision.spokes.waits_since(patch.spoke, tier)
                if since is not None:
                    self._waits[Gate(patch.spoke, tier)] = since

    def opened(self, patch: PatchGates, at: Instant) -> None:
        """`patch` was carried out."""
        for tier in patch.opens:
            gate = Gate(patch.spoke, tier)
            since = self._waits.pop(gate, None)
            if since is not None:
                self._meters.admission_wait_s.labels(tier).observe(max(0.0, at - since))
                self._opened[gate] = at

    def changed(self, change: Change, at: Instant) -> None:
        """A turn came to this."""
        match change:
            case GateChanged(gate=gate, after=State.SETTLED):
                opened_at = self._opened.pop(gate, None)
                if opened_at is not None:
                    self._meters.settle_s.labels(gate.tier).observe(max(0.0, at - opened_at))
            case SpokeLeft(uid):
                for known in (self._waits, self._opened):
                    for gate in [each for each in known if each.spoke == uid]:
                        del known[gate]
            case _:
                pass
