"""Why is a gate not where it should be?

A closed union of frozen structs, each with its data; a rule answers with the list of reasons
against, and the empty list is yes. The class's name is the reason's name everywhere: on the page,
in metric labels, in the README.

Elsewhere: what each says to a person (words.py).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from watcher.facts import Instant, Kind

# --- of one Application -------------------------------------------------------------------------


class ApplicationUnreadable(Struct, frozen=True):
    """A field of the Application could not be read."""

    application: str
    problem: str


class ApplicationDeleting(Struct, frozen=True):
    """Its deletion is under way."""

    application: str
    since: Instant


class OperationPending(Struct, frozen=True):
    """An operation was asked for and has not begun."""

    application: str


class OperationRunning(Struct, frozen=True):
    """Its operation is Running or Terminating."""

    application: str
    phase: str
    message: str


class OperationRetrying(Struct, frozen=True):
    """An attempt failed; Argo CD will try again."""

    application: str
    retries: int
    message: str


class OperationFailed(Struct, frozen=True):
    """Its last operation ended as Failed or Error."""

    application: str
    phase: str
    message: str


class OperationUnknown(Struct, frozen=True):
    """Its operation is in a phase that Argo CD does not define."""

    application: str
    phase: str


class SyncWindowClosed(Struct, frozen=True):
    """A sync window of its project holds its operation back."""

    application: str
    message: str


class RollingSyncHolds(Struct, frozen=True):
    """Its ApplicationSet's RollingSync has not come to it."""

    application: str
    application_set: str
    status: str


class NeverCompared(Struct, frozen=True):
    """Argo CD has not compared it once."""

    application: str


class ComparedBeforeOpening(Struct, frozen=True):
    """What its status says is from before the gate opened."""

    application: str
    reconciled_at: Instant
    opened_at: Instant


class ComparedBeforeUnparking(Struct, frozen=True):
    """What its status says is from before its spoke was unparked."""

    application: str
    reconciled_at: Instant
    unparked_at: Instant


class ComparedBeforeOperationEnded(Struct, frozen=True):
    """What its status says is from before its last operation finished."""

    application: str
    reconciled_at: Instant
    finished_at: Instant


class ComparedOtherSpec(Struct, frozen=True):
    """What its status says is of another spec than the one it has now."""

    application: str


class NotSynced(Struct, frozen=True):
    """Its sync status is not Synced."""

    application: str
    status: str


class SyncedByHandOnly(Struct, frozen=True):
    """It has no automated sync, and nobody has synced it."""

    application: str


class NotHealthy(Struct, frozen=True):
    """Its health is not Healthy."""

    application: str
    status: str
    since: Instant | None


class ErrorCondition(Struct, frozen=True):
    """It has a condition that ends in Error."""

    application: str
    condition: str
    message: str


class NotHydrated(Struct, frozen=True):
    """Its source hydrator is at work, or failed."""

    application: str
    phase: str
    message: str


class ApplicationSkipped(Struct, frozen=True):
    """Argo CD ignores it: skip-reconcile on the Application."""

    application: str


class StampAhead(Struct, frozen=True):
    """One of its times lies in the future: not yet."""

    application: str
    field: str
    at: Instant


class Soaks(Struct, frozen=True):
    """Converged, and must stay so for the soak time."""

    application: str
    until: Instant


class StartsBehindOpenGate(Struct, frozen=True):
    """It joined a gate that was open already: an ungated rush."""

    application: str


# --- of the Applications of one gate ------------------------------------------------------------


class ApplicationsMissing(Struct, frozen=True):
    """Fewer Applications than the ApplicationSet generates for the spoke."""

    application_set: str
    expected: int
    found: int


class ApplicationsLeftOver(Struct, frozen=True):
    """More Applications than the ApplicationSet generates for the spoke."""

    application_set: str
    expected: int
    found: int


class NumberUnknown(Struct, frozen=True):
    """How many Applications there must be cannot be evaluated; at least one must exist."""

    application_set: str


class NoApplications(Struct, frozen=True):
    """Nothing selects the spoke for this tier, though it cannot be proven ungated."""

    tier: str


class EmptyUntil(Struct, frozen=True):
    """No Application, which the tier accepts after some time."""

    until: Instant


class NotQuiet(Struct, frozen=True):
    """Applications of unknown number came or went a moment ago."""

    until: Instant


class SpokeSkipped(Struct, frozen=True):
    """Argo CD ignores the spoke: skip-reconcile on its Secret."""


class Parked(Struct, frozen=True):
    """The watcher parked the spoke, so that its shard can come back."""

    since: Instant | None
    """The kill that this answered; None where the mark cannot be read."""


class RecoveryOff(Struct, frozen=True):
    """The spoke is parked, and the policy has recovery switched off: it stays so."""


class DeadlinePassed(Struct, frozen=True):
    """It never settled, and its deadline is past."""

    deadline_at: Instant


class BrokeGeneration(Struct, frozen=True):
    """An ApplicationSet stopped generating right after this gate opened."""

    application_set: str
    message: str
    since: Instant


# --- why a gate does not open -------------------------------------------------------------------


class DependsOn(Struct, frozen=True):
    """A tier that it depends on has not passed."""

    tier: str
    state: str


class TierUnused(Struct, frozen=True):
    """No ApplicationSet on the hub uses the tier."""

    tier: str


class ListUnsure(Struct, frozen=True):
    """Ungated only once the list of ApplicationSets has stood still."""

    until: Instant


class SelectionUnknown(Struct, frozen=True):
    """Whether an ApplicationSet selects the spoke cannot be evaluated."""

    application_set: str


class ApplicationSetFailing(Struct, frozen=True):
    """An ApplicationSet of the tier reports ErrorOccurred."""

    application_set: str
    message: str
    since: Instant | None


class WouldUnselect(Struct, frozen=True):
    """Opening would make an ApplicationSet select less than it does: Argo CD would delete."""

    application_set: str


class LabelsReach(Struct, frozen=True):
    """What opening changes in an ApplicationSet cannot be evaluated."""

    application_set: str


class DeletionPending(Struct, frozen=True):
    """Argo CD would delete this Application at the next write to any cluster Secret."""

    application: str
    application_set: str


class SpokesInProgress(Struct, frozen=True):
    """The budget of spokes in progress on the shard is used up."""

    shard: str
    in_progress: int
    limit: int


class WithoutLimit(Struct, frozen=True):
    """The shard has no memory limit, and its fixed number of spokes is in progress."""

    shard: str
    in_progress: int
    limit: int


class NoController(Struct, frozen=True):
    """No Pod of an application controller was found."""

    selector: str


class PodsUnknown(Struct, frozen=True):
    """The controllers' Pods were not listed, or nothing was heard of them for too long."""

    trouble: str


class ShardUnknown(Struct, frozen=True):
    """What a shard's controller takes is not known: no reading, an old one, a senseless one."""

    shard: str
    trouble: str


class ShardDown(Struct, frozen=True):
    """A shard's controller does not run."""

    shard: str
    why: str


class Pressure(StrEnum):
    """Why a shard is given nothing until it has cooled down."""

    HIGH = "high"
    """It took more than the high mark."""
    KILLED = "killed"
    """It was killed for its memory."""
    COLLECTING = "collecting"
    """It spends too much of its time collecting."""
    STARTED = "started"
    """It was just started, and loads everything that is open on it."""


class ShardCools(Struct, frozen=True):
    """A shard was pressed for memory, and must be under its low mark for the cool-down."""

    shard: str
    pressure: Pressure
    used_bytes: float
    low_bytes: float
    until: Instant | None
    """When it will have been under it for long enough; None while it is over it."""


class FirstLoad(Struct, frozen=True):
    """The shard loads its first cluster since this watcher leads: what that costs is seen first."""

    shard: str


class Binds(StrEnum):
    """Which of a shard's two capacities is used up."""

    RUNNING = "running"
    RESTART = "restart"


class WaitsForMemory(Struct, frozen=True):
    """Its shard has no room for it. Bytes as they count against the limit."""

    shard: str
    used_bytes: float
    """What stands on it."""
    reserved_bytes: float
    """What is in progress on it may still take."""
    predicted_bytes: float
    """What this admission would take."""
    limit_bytes: float
    """Up to where the shard is filled."""
    binds: Binds
    about_at: Instant | None
    """About when there will be room; None where only people can make some."""


class RecoveryRefused(Struct, frozen=True):
    """Nothing is parked on the shard, though recovery is switched on."""

    shard: str
    why: str


class RecoveryWaits(Struct, frozen=True):
    """Parked spokes come back once their shard has stayed up for the cool-down."""

    shard: str
    parked: int
    until: Instant | None
    """When it will have; None while it is not up."""


class SpokeReturns(Struct, frozen=True):
    """Parked spokes come back one by one, and this one is on its way."""

    shard: str
    spoke: str
    parked: int
    """How many are still parked."""


class ParkedFirst(Struct, frozen=True):
    """Parked spokes come back before any new cluster is loaded on their shard."""

    shard: str
    parked: int


class ApplicationsInProgress(Struct, frozen=True):
    """The budget of Applications in progress has no room for it."""

    in_progress: int
    limit: int


class IntervalRuns(Struct, frozen=True):
    """The interval since the last admission has not passed."""

    until: Instant


class Opens(Struct, frozen=True):
    """It is being opened now."""


class Unparks(Struct, frozen=True):
    """Its spoke is being unparked now."""


class Closes(Struct, frozen=True):
    """It is being closed now, since a teardown names it."""


class AwaitsWrite(Struct, frozen=True):
    """The hub has not shown our last patch of this spoke yet."""

    sent_at: Instant


class PatchRefused(Struct, frozen=True):
    """The hub refused our last patch of this spoke."""

    status: int
    message: str
    retry_at: Instant


class GuardNotInForce(Struct, frozen=True):
    """Polarity block: nothing is written until the guard is known to be in force."""

    why: str


class NotListed(Struct, frozen=True):
    """A kind has not been listed once since the start."""

    kind: Kind
    trouble: str


class Stale(Struct, frozen=True):
    """The hub has not answered for a kind for too long."""

    kind: Kind
    heard_at: Instant
    trouble: str


# --- of the gate's label, and of the spoke ------------------------------------------------------


class Costs(StrEnum):
    """What a lost gate has Argo CD delete."""

    NOTHING = "nothing"
    APPLICATION = "application"
    """Applications, and what they installed stays."""
    WORKLOADS = "workloads"
    """Applications with all that they installed."""


class LabelGone(Struct, frozen=True):
    """The gate was open, and its label says closed."""

    opened_at: Instant | None
    living: int
    costs: Costs


class RunsBehindClosedGate(Struct, frozen=True):
    """An Application lives that only the open gate would select."""

    application: str


class TornDown(Struct, frozen=True):
    """The teardown annotation names it."""

    named: str


class TeardownWaits(Struct, frozen=True):
    """Its teardown waits for a deeper tier's Applications to be gone."""

    tier: str
    applications: int


class TeardownNamesNothing(Struct, frozen=True):
    """The teardown annotation names what is no tier: that part of it does nothing."""

    named: tuple[str, ...]
    tiers: tuple[str, ...]


class OpenedByHand(Struct, frozen=True):
    """It is open and the annotation has no time for it."""


class OpenedUnreadable(Struct, frozen=True):
    """The annotation of opening times cannot be read, and counts as absent."""

    problem: str


class DuplicateSpoke(Struct, frozen=True):
    """Another Secret has the same name or server: both are left alone."""

    field: str
    value: str
    others: tuple[str, ...]


class SpokeUnreadable(Struct, frozen=True):
    """A part of the Secret could not be read."""

    problem: str


class SpokeDeleting(Struct, frozen=True):
    """The Secret's deletion is under way."""

    since: Instant


# --- what people ordered ------------------------------------------------------------------------


class OnHold(Struct, frozen=True):
    """A hold names it: it does not open."""

    by: str
    since: Instant
    until: Instant | None
    why: str


class OpenUnderHold(Struct, frozen=True):
    """A hold names it that came after its opening: it goes on."""

    by: str
    since: Instant
    until: Instant | None
    why: str


class SkippedByOrder(Struct, frozen=True):
    """A person has what depends on it pass it by, though it has not settled."""

    by: str
    since: Instant
    until: Instant | None
    why: str
    stays_closed: bool = False
    """Whether it is closed, and so stays closed for as long as the order stands."""


class Retried(Struct, frozen=True):
    """A person had its first time begin anew."""

    by: str
    since: Instant
    why: str


# --- of its ring --------------------------------------------------------------------------------


class RingWaits(Struct, frozen=True):
    """Its ring starts the tier once it has settled on enough spokes of the ring before."""

    ring: str
    before: str
    settled: int
    needed: int
    of: int
    """How many spokes of that ring count."""
    apart: int
    """How many do not: held, parked, out of reach, left alone."""


class RingBakes(Struct, frozen=True):
    """The tier has settled in the ring before, and must stay so for the bake time."""

    ring: str
    before: str
    until: Instant


class ApprovalMissing(Struct, frozen=True):
    """Its ring starts the tier once a person has approved it."""

    ring: str
    tier: str


class RingStopped(Struct, frozen=True):
    """So many gates of the tier are stalled in its ring that it opens no more."""

    ring: str
    tier: str
    stalled: int
    limit: int
    spokes: tuple[str, ...]
    """The first of them by name."""


class WindowClosed(Struct, frozen=True):
    """No gate of its ring opens at this time."""

    ring: str
    windows: tuple[str, ...]
    """Those that forbid it; or those that would allow it, and are not open."""
    denies: bool
    until: Instant | None
    """When gates may open again; None: not within a year."""


class SpokeUnreachable(Struct, frozen=True):
    """Argo CD cannot reach the cluster: it takes no place, and its ring does not wait for it."""

    said: str


ApplicationReason: TypeAlias = (
    ApplicationUnreadable
    | ApplicationDeleting
    | OperationPending
    | OperationRunning
    | OperationRetrying
    | OperationFailed
    | OperationUnknown
    | SyncWindowClosed
    | RollingSyncHolds
    | NeverCompared
    | ComparedBeforeOpening
    | ComparedBeforeUnparking
    | ComparedBeforeOperationEnded
    | ComparedOtherSpec
    | NotSynced
    | SyncedByHandOnly
    | NotHealthy
    | ErrorCondition
    | NotHydrated
    | ApplicationSkipped
    | StampAhead
    | Soaks
    | StartsBehindOpenGate
)

ConvergenceReason: TypeAlias = (
    ApplicationsMissing
    | ApplicationsLeftOver
    | NumberUnknown
    | SelectionUnknown
    | NoApplications
    | EmptyUntil
    | NotQuiet
    | SpokeSkipped
    | Parked
    | RecoveryOff
    | DeadlinePassed
    | BrokeGeneration
)

OpeningReason: TypeAlias = (
    DependsOn
    | TierUnused
    | ListUnsure
    | ApplicationSetFailing
    | WouldUnselect
    | LabelsReach
    | DeletionPending
    | RecoveryRefused
    | RecoveryWaits
    | SpokeReturns
    | ParkedFirst
    | ApplicationsInProgress
    | IntervalRuns
    | Opens
    | Closes
    | Unparks
    | AwaitsWrite
    | PatchRefused
    | GuardNotInForce
    | NotListed
    | Stale
)

ShardReason: TypeAlias = (
    SpokesInProgress
    | WithoutLimit
    | NoController
    | PodsUnknown
    | ShardUnknown
    | ShardDown
    | ShardCools
    | FirstLoad
    | WaitsForMemory
)

LabelReason: TypeAlias = (
    LabelGone
    | RunsBehindClosedGate
    | TornDown
    | TeardownWaits
    | TeardownNamesNothing
    | OpenedByHand
    | OpenedUnreadable
    | DuplicateSpoke
    | SpokeUnreadable
    | SpokeDeleting
)

OrderReason: TypeAlias = OnHold | OpenUnderHold | SkippedByOrder | Retried

RingReason: TypeAlias = (
    RingWaits | RingBakes | ApprovalMissing | RingStopped | WindowClosed | SpokeUnreachable
)

Reason: TypeAlias = (
    ApplicationReason
    | ConvergenceReason
    | OpeningReason
    | ShardReason
    | LabelReason
    | OrderReason
    | RingReason
)

BlockingReason: TypeAlias = (
    ApplicationSetFailing
    | BrokeGeneration
    | DeletionPending
    | DuplicateSpoke
    | LabelsReach
    | PatchRefused
    | SpokeUnreadable
    | TierUnused
    | WouldUnselect
)
"""Those that do not go away by themselves: somebody has to mend something first."""
