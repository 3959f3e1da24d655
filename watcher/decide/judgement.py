"""What was worked out for one spoke, and from what?

A judgement stands as long as the objects that it was made from are the same objects and no time
has come at which it would change. It holds what the admission needs to choose between spokes.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from watcher.decide.carried import Seen
from watcher.decide.context import Context
from watcher.decide.reasons import DeletionPending
from watcher.decide.verdicts import SpokeVerdicts
from watcher.facts import Application, Instant, Refusal, Spoke, Write


class Inputs(Struct, frozen=True):
    """What one spoke's judgement is made from."""

    spoke: Spoke
    groups: tuple[tuple[Application, ...], ...]
    """The Applications at each of the spoke's places."""
    write: Write | None
    refusal: Refusal | None
    context: Context


class Candidate(Struct, frozen=True):
    """A gate that may open, as far as its own spoke is concerned."""

    tier: str
    depth: int
    since: Instant
    """Since when it has waited: its last dependency settled, else the Secret's creation."""
    applications: int
    """How many Applications it will start, at least."""
    exempt: bool = False
    """Whether the two rules do not bind it: it was open before, and was lost."""


class Judgement(Struct, frozen=True):
    """One spoke's verdicts, and what follows from them."""

    inputs: Inputs
    verdicts: SpokeVerdicts
    candidates: tuple[Candidate, ...] = ()
    urgent: Mapping[str, Instant] = {}
    """Gates to open ahead of every queue, with the time to record."""
    closes: tuple[str, ...] = ()
    """Gates that a teardown closes now."""
    in_progress: bool = False
    applications_in_progress: int = 0
    pending: tuple[DeletionPending, ...] = ()
    seen: Mapping[str, Seen] = {}
    opened: Mapping[str, Instant] = {}
    """When each gate opened, by the annotation."""
    valid_until: Instant | None = None
    """When time alone would change it."""


def stands(
    judgement: Judgement,
    *,
    spoke: Spoke,
    groups: tuple[tuple[Application, ...], ...],
    write: Write | None,
    refusal: Refusal | None,
    context: Context,
    now: Instant,
) -> bool:
    """Whether a judgement made before still holds at `now`, everything being what it was."""
    made_from = judgement.inputs
    return (
        made_from.spoke is spoke
        and made_from.write is write
        and made_from.refusal is refusal
        and made_from.context is context
        and (judgement.valid_until is None or now < judgement.valid_until)
        and len(groups) == len(made_from.groups)
        and all(here is there for here, there in zip(groups, made_from.groups, strict=True))
    )
