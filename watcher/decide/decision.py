"""What was decided?

Elsewhere: how (deciding.py); what is said of one gate (verdicts.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from watcher.decide.carried import Carried
from watcher.decide.patch import PatchGates
from watcher.decide.verdicts import SpokeVerdicts, Verdicts
from watcher.facts import Instant


class Decision(Struct, frozen=True):
    """The answer of one turn."""

    spokes: Mapping[str, SpokeVerdicts]
    """By UID."""
    patches: tuple[PatchGates, ...]
    """To send now, urgent ones first, at most one per spoke."""
    carried: Carried
    """To be handed back in the next snapshot."""
    wake_at: Instant | None
    """When time alone would change this answer; None when it would not."""

    @property
    def verdicts(self) -> Verdicts:
        """A verdict for every gate."""
        return Verdicts(self.spokes)
