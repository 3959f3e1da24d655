"""In which shapes does `/api/v1` answer?

What is published (openapi.py), what is filled in (shown.py), and what the command line reads.
Instants are RFC 3339 in UTC, amounts of memory whole bytes, words are for people and may change.

Elsewhere: what the values mean, at their source (decide/verdicts.py, decide/shards.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class Shape(Struct, frozen=True, rename="camel"):
    """A value as it is answered."""


class Reason(Shape, frozen=True):
    """Why something is not where it should be."""

    name: str
    """As the manual has it."""
    says: str
    """In words, on one line."""


class Gate(Shape, frozen=True):
    """One gate of a spoke."""

    tier: str
    state: str
    reasons: tuple[Reason, ...]
    opened_at: str | None = None
    """When it opened, where it is open and that is known."""


class Spoke(Shape, frozen=True):
    """One spoke, with its gates in the order of the tiers."""

    name: str
    namespace: str
    secret: str
    gates: tuple[Gate, ...]
    uid: str = ""
    """Of the Secret: what a spoke is known by."""
    ring: str = ""


class Spokes(Shape, frozen=True):
    """A page of spokes, in the order of their names."""

    spokes: tuple[Spoke, ...]
    matching: int
    """How many spokes there are that were asked for, on all pages."""
    next: str | None = None
    """What to give as `after` for the next page; null on the last one."""


class Tier(Shape, frozen=True):
    """One tier of the policy, and its gates on all spokes."""

    name: str
    depends_on: tuple[str, ...]
    gates: Mapping[str, int]
    """State to how many gates have it; states that none has are left out."""


class Tiers(Shape, frozen=True):
    """The tiers, each after all that it depends on."""

    tiers: tuple[Tier, ...]


class RingTier(Shape, frozen=True):
    """One tier in one ring."""

    ring: str
    tier: str
    started: bool
    """Whether a gate of it is open there; then nobody asks any more whether it may start."""
    before: str | None
    """The ring that must have got so far first; null where there is none."""
    needed: int
    """On how many spokes of that one the tier must have settled."""
    gates: int
    """How many gates of it the ring has."""
    settled: int
    apart: Mapping[str, int]
    """How many of them nobody waits for, by why: held, parked, unreachable, alone."""
    waiting: int
    """How many may open, as far as their own spokes are concerned."""
    stalled: tuple[str, ...]
    """The spokes whose gates are stalled and not forgiven."""
    forgiven: int
    """How many more are stalled."""
    approved: bool | None
    """Whether a person has approved the start; null where none is asked."""
    reasons: tuple[Reason, ...]
    """Why the ring opens no gate of the tier now."""


class Rings(Shape, frozen=True):
    """Every ring, and how far each tier is in it."""

    rings: tuple[str, ...]
    """In their order."""
    tiers: tuple[RingTier, ...]
    """Those of which the ring has a gate, in the order of the rings."""


class Target(Shape, frozen=True):
    """Which gates an order names: those of which all holds that is not null."""

    spoke: str | None = None
    tier: str | None = None
    ring: str | None = None
    selector: str | None = None
    everything: bool = False


class Forgiven(Shape, frozen=True):
    """A stalled gate that a release forgives."""

    spoke: str
    tier: str
    uid: str
    """Of the spoke's Secret."""


class Order(Shape, frozen=True):
    """One key of the ConfigMap of orders. Where it cannot be read, only the problem is told."""

    key: str
    order: str | None = None
    """hold, release, approve, skip or retry."""
    target: Target | None = None
    by: str | None = None
    at: str | None = None
    until: str | None = None
    """Null where it stands until it is taken away."""
    why: str | None = None
    through: tuple[str, ...] = ()
    """What a release lets through: ring, window, deletions."""
    forgives: tuple[Forgiven, ...] = ()
    in_force: bool | None = None
    """Null where nobody knows."""
    spokes: int | None = None
    """On how many spokes it names a gate."""
    overruled: bool = False
    """Whether it is a hold, and newer releases let all go on that it names."""
    problem: str | None = None
    says: str = ""
    """In words, on one line."""


class Orders(Shape, frozen=True):
    """What people ordered, by key."""

    orders: tuple[Order, ...]


class Application(Shape, frozen=True):
    """One Application on a spoke."""

    namespace: str
    name: str
    sync: str
    health: str
    operation: str | None
    """The phase of the operation that runs or was the last; null where there was none."""
    settled: bool
    """Whether its gate is open, and nothing stands against it."""
    since: str | None
    """Since when it has been as it is."""
    reasons: tuple[Reason, ...]
    deleting_since: str | None = None
    """Since when it is being deleted; null where it is not."""


class Addon(Shape, frozen=True):
    """What one ApplicationSet has on a spoke, in one tier."""

    application_set: str | None
    """`namespace/name`; null for Applications that none owns."""
    expected: int | None
    """How many Applications it must have there, or would have with the gate open; null where that
    cannot be evaluated."""
    applications: tuple[Application, ...]
    reasons: tuple[Reason, ...]
    """What is about it, and about no single Application."""


class ExplainedGate(Gate, frozen=True, kw_only=True):
    """One gate, with all that it is made of. All its reasons are in `reasons`; those of them that
    are about an addon or an Application are there, too.
    """

    since: str | None
    """Since when it has had this state, as far as the hub's objects tell."""
    depends_on: tuple[str, ...]
    own: tuple[Reason, ...]
    """Those of its reasons that are about no single addon."""
    addons: tuple[Addon, ...]
    open: bool | None = None
    """Whether it is open, which a held gate does not tell by its state; null where it is not
    known."""


class Explained(Shape, frozen=True):
    """One spoke, with all that its gates are made of."""

    decided_at: str
    name: str
    namespace: str
    secret: str
    uid: str
    """Of the Secret: what a spoke is known by."""
    ring: str
    shard: str | None
    """Whose memory holds it; null where that is not known."""
    orders: tuple[Order, ...]
    """What people ordered of it."""
    gates: tuple[ExplainedGate, ...]


class Waiting(Shape, frozen=True):
    """Gates of one tier that are in one state for the same foremost reason."""

    tier: str
    state: str
    reason: Reason
    """Of the first of these spokes."""
    alike: bool
    """Whether the others' words are the same."""
    gates: int
    spokes: tuple[str, ...]
    """The first of them by name."""


class Help(Shape, frozen=True):
    """One thing that would make room on a shard."""

    remedy: str
    """GOMEMLIMIT, limit or shard."""
    bytes: int
    """The value to set; of another shard, its limit."""
    spokes: int
    """How many more spokes would fit."""


class Shard(Shape, frozen=True):
    """One application controller. What is not known is null."""

    name: str
    pod: str
    spokes: int
    """With something open or running on it, parked ones aside."""
    loading: int
    """Of these, whose cluster is being loaded."""
    later: int
    """Of these, with a later gate in progress."""
    parked: int
    waiting: int
    """Closed spokes that wait for it."""
    stops: tuple[Reason, ...]
    """Why nothing is admitted on it."""
    findings: tuple[Reason, ...]
    """What is not as it should be with it, whoever waits."""
    helps: tuple[Help, ...]
    """What would help those that wait, the first thing to do first."""
    errors: Mapping[str, float]
    """The predictor's own error, as a share, by what it predicts."""
    kills: int
    """How often it was killed for its memory, as far as this replica saw."""
    killed_at: str | None = None
    fits: int | None = None
    """How many more spokes fit."""
    binds: str | None = None
    """Which capacity would be used up first: running or restart."""
    survives_restart: bool | None = None
    used_bytes: int | None = None
    """What stands on it, as it counts against `limitBytes`."""
    reserved_bytes: int | None = None
    """What is in progress on it may take on top."""
    filled_to_bytes: int | None = None
    """Up to where it is filled."""
    limit_bytes: int | None = None
    """GOMEMLIMIT where there is one, else the memory limit."""
    restart_bytes: int | None = None
    """What starting again would take at its peak."""
    pod_limit_bytes: int | None = None
    soft_limit_bytes: int | None = None
    resident_bytes: int | None = None
    """As it says itself."""
    live_bytes: int | None = None
    """Live heap, as the last collection left it."""
    collecting: float | None = None
    """The share of its CPU that it spent collecting of late."""
    recovery: tuple[Reason, ...] = ()
    """What its parked spokes wait for, or why nothing can be parked on it."""


class Shards(Shape, frozen=True):
    """Every shard, in the order of their names."""

    shards: tuple[Shard, ...]


class Coming(Shape, frozen=True):
    """One gate of those that are next in line, or a parked spoke that may come back."""

    spoke: str
    tier: str | None
    """Null where the spoke comes back."""
    since: str
    """Since when it has waited."""
    opens: bool
    """Whether it opens now."""
    reasons: tuple[Reason, ...]
    """Why not sooner."""


class Guard(Shape, frozen=True):
    """How an admission policy stands that refuses what must not happen."""

    name: str
    force: str
    """In force, not in force, or unknown."""
    why: str
    """In words, with what to do; empty where it is in force."""


class Fleet(Shape, frozen=True):
    """Everything at a glance."""

    decided_at: str
    leader: str
    """Which replica may write; empty in a dry run, where none does."""
    spokes: int
    gates: Mapping[str, int]
    """State to how many gates have it."""
    tiers: tuple[Tier, ...]
    stops: tuple[Reason, ...]
    """Why nothing at all is admitted now."""
    troubles: tuple[str, ...]
    """What the replica that answers does not know, in words."""
    waiting: tuple[Waiting, ...]
    """The gates that have not passed, those first that most need a person."""
    shards: tuple[Shard, ...]
    guards: tuple[Guard, ...] = ()
    coming: tuple[Coming, ...] = ()
    """The gates that are next in line, the first one first."""
    rings: tuple[RingTier, ...] = ()
    """How far each tier is in each ring; empty where there is one ring alone, and nothing is asked
    of it."""
    orders: tuple[Order, ...] = ()


class Change(Shape, frozen=True):
    """Something that became another."""

    number: int
    """Each later one has a higher number, as long as the process lives."""
    at: str
    kind: str
    """GateChanged, SpokeLeft, AdmissionStopped, AdmissionResumed, OrderGiven, OrderEnded,
    OrderUnreadable, TeardownOrdered, TeardownDone or TeardownTakenBack."""
    spoke: str | None = None
    tier: str | None = None
    before: str | None = None
    """The state before; null where none was known."""
    after: str | None = None
    reasons: tuple[Reason, ...] = ()
    """The first few."""


class Changes(Shape, frozen=True):
    """What has changed of late, the latest first."""

    changes: tuple[Change, ...]
    since: str | None
    """From when on all of them were kept; null before the first decision."""
    began: str | None = None
    """When the process that answers took its first decision: another one numbers anew."""


class Row(Shape, frozen=True, array_like=True):
    """One spoke in a grid."""

    name: str
    states: str
    """A letter for each tier, in their order: `a` for the first of the grid's states."""
    shard: str | None
    """Whose memory holds it; null where that is not known."""
    ring: str


class Grid(Shape, frozen=True):
    """The whole fleet at once, every gate of it in one letter."""

    cursor: str
    """Where the stream goes on from here."""
    states: tuple[str, ...]
    spokes: tuple[Row, ...]
    fleet: Fleet
    changes: tuple[Change, ...]
    """The latest first."""


class Frame(Shape, frozen=True):
    """What makes of a grid the next one."""

    cursor: str
    spokes: tuple[Row, ...]
    """Those that came or have another row now."""
    gone: tuple[str, ...]
    """The names of those that left; one of them may be in `spokes` again."""
    fleet: Mapping[str, Any]
    """The fields of the fleet that have another value now."""
    changes: tuple[Change, ...]
    """What came on top of the others, the latest first."""


class Version(Shape, frozen=True):
    """Which watcher answers."""

    version: str


class Status(Shape, frozen=True):
    """A refusal, as Kubernetes writes one."""

    code: int
    reason: str
    message: str
    kind: str = "Status"
    api_version: str = "v1"
    status: str = "Failure"
