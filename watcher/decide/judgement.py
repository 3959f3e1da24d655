"""What was worked out for one spoke, and from what?

A judgement stands as long as the objects that it was made from are the same objects and no time
has come at which it would change. It holds what the admission needs to choose between spokes.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from operator import is_

from msgspec import Struct

from watcher.decide.context import Context
from watcher.decide.memory import Seen
from watcher.decide.ordered import NOTHING_ORDERED, Ordered
from watcher.decide.parking import Refresh
from watcher.decide.reasons import DeletionPending
from watcher.decide.verdicts import SpokeVerdicts
from watcher.facts import Application, Instant, Refusal, Spoke, Through, Write


class Stage(StrEnum):
    """How much of a shard's memory a spoke takes, as far as its gates tell."""

    NOTHING = "nothing"
    """Nothing of it is open, and nothing runs there."""
    LOADING = "loading"
    """Its first gates are in progress: its cluster is being loaded."""
    LATER = "later"
    """Later gates of it are in progress."""
    SOAKING = "soaking"
    """Its gates in progress are as they should be, and only watched: their work is done."""
    STANDING = "standing"
    """Something is open or runs there, and nothing is in progress."""
    PARKED = "parked"
    """Argo CD ignores it, and keeps nothing of it in memory."""


class Counts(StrEnum):
    """As what a gate counts."""

    SETTLED = "settled"
    STALLED = "stalled"
    REST = "rest"
    """On its way, or not open yet."""
    HELD = "held"
    """A person holds it, has torn it down, or holds what it waits for."""
    SKIPPED = "skipped"
    """A person has everybody pass it by."""
    PARKED = "parked"
    """Argo CD ignores the spoke for now."""
    UNREACHABLE = "unreachable"
    ALONE = "alone"
    """The spoke is left alone: it cannot be told from another, cannot be read, or is going."""


APART = (Counts.HELD, Counts.PARKED, Counts.UNREACHABLE, Counts.ALONE)
"""Those that are not counted with the others; where there are no others, they are waited for."""


class Standing(Struct, frozen=True):
    """One gate, as its ring counts it."""

    counts: Counts
    begun: bool
    """Whether it is open, or was and is lost: then its ring has started the tier."""
    at: Instant | None = None
    """Since when it has been settled, where a ring bakes; the deadline that it is past."""


class Inputs(Struct, frozen=True):
    """What one spoke's judgement is made from."""

    spoke: Spoke
    groups: tuple[tuple[Application, ...], ...]
    """The Applications at each of the spoke's places."""
    write: Write | None
    refusal: Refusal | None
    context: Context
    ordered: Ordered = NOTHING_ORDERED
    disconnected: bool = False
    """Whether its controller says that the cluster is out of reach."""


class Candidate(Struct, frozen=True, order=True):
    """A gate that may open, or a parked spoke that may come back, as far as its own spoke is
    concerned. They sort in the order in which they are admitted.
    """

    ring: int
    """Where its ring stands among the rings."""
    rank: int
    """Minus the depth of its tier: a begun spoke is finished before a new cluster is loaded."""
    since: Instant
    """Since when it has waited: its last dependency settled, else the Secret's creation."""
    spoke: str
    """As it is shown."""
    uid: str
    tier: str
    """`parking.UNPARK`, where it is a parked spoke."""
    applications: int
    """How many Applications it will start, at least."""
    exempt: bool = False
    """Whether the two rules do not bind it: it was open before, and was lost."""
    approved: bool = False
    """Whether a person has approved it."""
    through: frozenset[Through] = frozenset()
    """What a person has let it through by name."""

    @property
    def heedless(self) -> bool:
        """Whether it may open although Argo CD would delete something."""
        return self.exempt or Through.DELETIONS in self.through


class Judgement(Struct, frozen=True):
    """One spoke's verdicts, and what follows from them."""

    inputs: Inputs
    verdicts: SpokeVerdicts
    ring: str = ""
    """The name of the spoke's ring."""
    standings: Mapping[str, Standing] = {}
    """What each gate counts as in its ring; one that has nothing for the spoke is left out."""
    unreachable: bool = False
    """Whether Argo CD cannot reach the cluster: then it takes no place in the budgets."""
    candidates: tuple[Candidate, ...] = ()
    urgent: Mapping[str, Instant] = {}
    """Gates to open ahead of every queue, with the time to record."""
    closes: tuple[str, ...] = ()
    """Gates that a teardown closes now."""
    in_progress: bool = False
    applications_in_progress: int = 0
    stage: Stage = Stage.NOTHING
    pending: tuple[DeletionPending, ...] = ()
    seen: Mapping[str, Seen] = {}
    opened: Mapping[str, Instant] = {}
    """When each gate opened, by the annotation."""
    returning: tuple[Refresh, ...] = ()
    """The Applications that were not compared since the spoke was unparked."""
    valid_until: Instant | None = None
    """When time alone would change it."""


def stands(judgement: Judgement, inputs: Inputs, *, now: Instant) -> bool:
    """Whether a judgement made before holds for these inputs at `now`: they are the same objects,
    and no time has come at which it would change.
    """
    before = judgement.inputs
    return (
        before.spoke is inputs.spoke
        and before.write is inputs.write
        and before.refusal is inputs.refusal
        and before.ordered == inputs.ordered
        and before.disconnected is inputs.disconnected
        and before.context is inputs.context
        and (judgement.valid_until is None or now < judgement.valid_until)
        and all(map(is_, before.groups, inputs.groups))
    )
