"""What does a reason say to a person?

One line each: what is wrong, where, and, where a person can do something, what. Page, command
line, Events and logs all use it; mypy finds a reason without words.
"""

from __future__ import annotations

from typing import assert_never

from watcher.decide import reasons as r
from watcher.facts import Instant, many, rfc3339, spoken

_MOST = 240
"""A message of the hub longer than this is cut: it may be a whole stack trace."""
_LINE = 600
"""The longest line, whatever anybody wrote into a name, a status or an annotation."""
_COSTS = {
    r.Costs.NOTHING: "nothing",
    r.Costs.APPLICATION: "its Applications",
    r.Costs.WORKLOADS: "its Applications with all that they installed",
}


def name(reason: r.Reason) -> str:
    """The reason's name, as metric labels and the README have it."""
    return type(reason).__name__


def say(reason: r.Reason) -> str:
    """The reason in words, on one line, of nothing but what can be printed."""
    line = " ".join(_words(reason).split())
    if not line.isprintable():
        line = "".join(each if each.isprintable() else "\ufffd" for each in line)
    return f"{line[:_LINE]}…" if len(line) > _LINE else line


def _words(reason: r.Reason) -> str:
    if isinstance(reason, r.ApplicationReason):
        return _of_application(reason)
    if isinstance(reason, r.ConvergenceReason):
        return _of_convergence(reason)
    if isinstance(reason, r.OpeningReason):
        return _of_opening(reason)
    if isinstance(reason, r.ShardReason):
        return _of_shard(reason)
    if isinstance(reason, r.OrderReason):
        return _of_order(reason)
    if isinstance(reason, r.RingReason):
        return _of_ring(reason)
    return _of_label(reason)


def _of_application(reason: r.ApplicationReason) -> str:
    match reason:
        case r.ApplicationUnreadable(application, problem):
            return f"{application}: {problem}; its status cannot be read"
        case r.ApplicationDeleting(application, since):
            return f"{application} is being deleted since {rfc3339(since)}"
        case r.OperationPending(application):
            return f"{application}: an operation was asked for and has not begun"
        case r.OperationRunning(application, phase, message):
            return f"{application}: its operation is {phase}{_quoted(message)}"
        case r.OperationRetrying(application, retries, message):
            failed = max(retries, 1)  # counted up when an attempt has failed
            return f"{application}: attempt {failed} failed and is tried again{_quoted(message)}"
        case r.OperationFailed(application, phase, message):
            return f"{application}: its last operation ended as {phase}{_quoted(message)}"
        case r.OperationUnknown(application, phase):
            return f"{application}: its operation is in a phase that is not known, {phase!r}"
        case r.SyncWindowClosed(application, message):
            return f"{application}: a sync window of its project holds it back{_quoted(message)}"
        case r.RollingSyncHolds(application, application_set, status):
            return f"{application}: RollingSync of {application_set} has it {status}"
        case r.NeverCompared(application):
            return f"{application}: Argo CD has not compared it yet"
        case r.ComparedBeforeOpening(application, reconciled_at, opened_at):
            return (
                f"{application}: last compared {rfc3339(reconciled_at)}, before the gate opened "
                f"{rfc3339(opened_at)}"
            )
        case r.ComparedBeforeUnparking(application, reconciled_at, unparked_at):
            return (
                f"{application}: last compared {rfc3339(reconciled_at)}, before its spoke was "
                f"unparked {rfc3339(unparked_at)}"
            )
        case r.ComparedBeforeOperationEnded(application, reconciled_at, finished_at):
            return (
                f"{application}: last compared {rfc3339(reconciled_at)}, before its operation "
                f"finished {rfc3339(finished_at)}"
            )
        case r.ComparedOtherSpec(application):
            return f"{application}: its spec changed, and Argo CD has not compared the new one"
        case r.NotSynced(application, status):
            return f"{application} is {status or 'not compared'}, not Synced"
        case r.SyncedByHandOnly(application):
            return (
                f"{application} has no automated sync and nobody has synced it; sync it, or let "
                "the tier accept ManualSync"
            )
        case r.NotHealthy(application, status, since):
            return f"{application} is {status or 'of unknown health'}{_since(since)}"
        case r.ErrorCondition(application, condition, message):
            return f"{application} has {condition}{_quoted(message)}"
        case r.NotHydrated(application, phase, message):
            return f"{application}: its source is {phase or 'not yet hydrated'}{_quoted(message)}"
        case r.ApplicationSkipped(application):
            return f"{application}: Argo CD ignores it (skip-reconcile on the Application)"
        case r.StampAhead(application, field, at):
            return f"{application}: its {field} is {rfc3339(at)}, ahead of the clock here"
        case r.Soaks(application, until):
            return f"{application} must stay as it is until {rfc3339(until)}"
        case r.StartsBehindOpenGate(application):
            return f"{application} joined a gate that was open already"
        case _:
            assert_never(reason)


def _of_convergence(reason: r.ConvergenceReason) -> str:
    match reason:
        case r.ApplicationsMissing(application_set, expected, found):
            generates = many(expected, "Application")
            return f"{application_set} generates {generates} here, and there are {found}"
        case r.ApplicationsLeftOver(application_set, expected, found):
            generates = many(expected, "Application")
            return f"{application_set} generates {generates} here, and there are still {found}"
        case r.NumberUnknown(application_set):
            return (
                f"{application_set}: how many Applications it makes here is unknown, and none "
                "exists; if none is right, let the tier accept Empty"
            )
        case r.SelectionUnknown(application_set):
            return f"{application_set}: whether it selects this spoke cannot be told"
        case r.NoApplications(tier):
            return f"nothing of tier {tier} selects this spoke now, though something may"
        case r.EmptyUntil(until):
            return f"no Application exists; accepted as empty from {rfc3339(until)}"
        case r.NotQuiet(until):
            return f"Applications came or went; quiet from {rfc3339(until)} if none does again"
        case r.SpokeSkipped():
            return "Argo CD ignores this spoke (skip-reconcile on its Secret)"
        case r.Parked(since):
            return f"parked{_since(since)}: Argo CD ignores this spoke until its shard can hold it"
        case r.RecoveryOff():
            return "recovery is off: it stays parked until gate-watcher unpark, or recovery: park"
        case r.DeadlinePassed(deadline_at):
            return f"never settled, and its deadline passed {rfc3339(deadline_at)}"
        case r.BrokeGeneration(application_set, message, since):
            return (
                f"{application_set} stopped generating at {rfc3339(since)}, right after this gate "
                f"opened{_quoted(message)}"
            )
        case _:
            assert_never(reason)


def _of_opening(reason: r.OpeningReason) -> str:
    match reason:
        case r.DependsOn(tier, state):
            return f"tier {tier} is {state}"
        case r.TierUnused(tier):
            return (
                f"no ApplicationSet on the hub uses tier {tier}; gate one with it, or make the "
                "tier optional"
            )
        case r.ListUnsure(until):
            return f"nothing would use it; certain at {rfc3339(until)} if no ApplicationSet changes"
        case r.ApplicationSetFailing(application_set, message, since):
            return f"{application_set} reports an error{_since(since)}{_quoted(message)}"
        case r.WouldUnselect(application_set):
            return (
                f"opening would make {application_set} select less than now, and Argo CD would "
                "delete what it no longer selects; mend its selector"
            )
        case r.LabelsReach(application_set):
            return (
                f"what opening changes in {application_set} cannot be told; if it is harmless, "
                "name it in ignoreApplicationSets"
            )
        case r.DeletionPending(application, application_set):
            return (
                f"{application} is owned by {application_set} and not selected by it: the next "
                "write to any cluster Secret would delete it"
            )
        case r.RecoveryRefused(shard, why):
            return f"shard {shard}: nothing can be parked, {why}"
        case r.RecoveryWaits(shard, parked, until):
            if until is None:
                return f"shard {shard} does not stay up; {many(parked, 'spoke')} parked"
            return (
                f"shard {shard} must stay up until {rfc3339(until)} before its "
                f"{many(parked, 'parked spoke')} may come back"
            )
        case r.SpokeReturns(shard, spoke, parked):
            return f"shard {shard} takes {spoke} back; {many(parked, 'spoke')} parked still"
        case r.ParkedFirst(shard, parked):
            return f"shard {shard} takes {many(parked, 'parked spoke')} back before a new one"
        case r.ApplicationsInProgress(in_progress, limit):
            return f"{many(in_progress, 'Application')} in progress, of {limit} at once"
        case r.IntervalRuns(until):
            return f"the next admission is not before {rfc3339(until)}"
        case r.Opens():
            return "opens now"
        case r.Unparks():
            return "comes back now"
        case r.Closes():
            return "closes now"
        case r.AwaitsWrite(sent_at):
            return f"patched {rfc3339(sent_at)}; the hub has not shown it yet"
        case r.PatchRefused(status, message, retry_at):
            return (
                f"the hub refused our patch ({status}{_quoted(message)}); again {rfc3339(retry_at)}"
            )
        case r.GuardNotInForce(why):
            return f"polarity block: the guard of open gates is not known to be in force: {why}"
        case r.NotListed(kind, trouble):
            return f"{kind} have not been listed yet{_quoted(trouble)}"
        case r.Stale(kind, heard_at, trouble):
            return f"nothing heard of {kind} since {rfc3339(heard_at)}{_quoted(trouble)}"
        case _:
            assert_never(reason)


def _of_shard(reason: r.ShardReason) -> str:
    match reason:
        case r.SpokesInProgress(shard, in_progress, limit):
            return f"{many(in_progress, 'spoke')} in progress on shard {shard}, of {limit} at once"
        case r.WithoutLimit(shard, in_progress, limit):
            return (
                f"shard {shard} has no memory limit, so {limit} spokes are in progress there at "
                f"once, and {in_progress} are; set resources.limits.memory, or memory.limit"
            )
        case r.NoController(selector):
            return (
                f"no Pod of an application controller was found by {selector}; "
                "see memory.selector in the policy"
            )
        case r.PodsUnknown(trouble):
            return f"the application controllers' Pods are not known{_quoted(trouble)}"
        case r.ShardUnknown(shard, trouble):
            return f"what shard {shard} takes of its memory is not known{_quoted(trouble)}"
        case r.ShardDown(shard, why):
            return f"the controller of shard {shard} does not run{_quoted(why)}"
        case r.ShardCools():
            return f"shard {reason.shard} {_PRESSED[reason.pressure]}; {_cools(reason)}"
        case r.FirstLoad(shard):
            return (
                f"shard {shard} loads the first cluster that this watcher sees; "
                "what that costs is awaited"
            )
        case r.WaitsForMemory():
            return _memory(reason)
        case _:
            assert_never(reason)


_PRESSED = {
    r.Pressure.HIGH: "took more memory than its high mark",
    r.Pressure.KILLED: "was killed for its memory",
    r.Pressure.COLLECTING: "spends too much of its CPU collecting",
    r.Pressure.STARTED: "was just started and loads everything again",
}


def _cools(reason: r.ShardCools) -> str:
    used, low = spoken(reason.used_bytes), spoken(reason.low_bytes)
    if reason.until is None and reason.used_bytes < reason.low_bytes:
        return f"it stands at {used}, under {low}, and its next reading is awaited"
    if reason.until is None:
        return f"it stands at {used} and must come under {low} first"
    from_then = f"it may be given more from {rfc3339(reason.until)}"
    return f"it stands at {used}, under {low}, and {from_then}" if reason.low_bytes else from_then


def _memory(reason: r.WaitsForMemory) -> str:
    """The numbers add up: what stands, what is reserved, what this would take; and the limit."""
    used, limit = spoken(reason.used_bytes), spoken(reason.limit_bytes)
    predicted = spoken(reason.predicted_bytes)
    if reason.binds is r.Binds.RESTART:
        return (
            f"shard {reason.shard} could not start again with it: a start would take {used} now "
            f"and {predicted} more with it, of {limit}; see `gate-watcher status` for what helps"
        )
    reserved = spoken(reason.reserved_bytes)
    when = "" if reason.about_at is None else f"; about {rfc3339(reason.about_at)}"
    return (
        f"shard {reason.shard} has no memory for it: {used} used, {reserved} reserved, "
        f"{predicted} predicted, of {limit}{when}"
    )


def _of_label(reason: r.LabelReason) -> str:
    match reason:
        case r.LabelGone(opened_at, living, costs):
            went = f"it was open{_since(opened_at)} and its label went"
            return f"{went}, which deletes {_COSTS.get(costs, costs)}; {_alive(living)}"
        case r.RunsBehindClosedGate(application):
            return f"{application} lives, and only the open gate would select it"
        case r.TornDown(named):
            return f"torn down: the annotation names {named}"
        case r.TeardownWaits(tier, applications):
            return f"its teardown waits for tier {tier}: {_alive(applications)}"
        case r.TeardownNamesNothing(named, tiers):
            return (
                f"the teardown annotation names {', '.join(named)}, which is no tier; "
                f"there are {', '.join(tiers)}, and * for all"
            )
        case r.OpenedByHand():
            return "opened by hand or by Git: no time is recorded"
        case r.OpenedUnreadable(problem):
            return f"the annotation of opening times is unreadable: {problem}"
        case r.DuplicateSpoke(field, value, others):
            shown = value or "is empty, and"
            return f"its {field} {shown} is also that of {', '.join(others)}: all are left alone"
        case r.SpokeUnreadable(problem):
            return f"its Secret cannot be read: {problem}"
        case r.SpokeDeleting(since):
            return f"its Secret is being deleted since {rfc3339(since)}"
        case _:
            assert_never(reason)


def _of_order(reason: r.OrderReason) -> str:
    who = f"{reason.by or 'nobody knows who'} {rfc3339(reason.since)}"
    match reason:
        case r.OnHold(_, _, until, why):
            return f"held by {who}{_until(until)}{_quoted(why)}"
        case r.OpenUnderHold(_, _, until, why):
            return (
                f"held by {who}{_until(until)}{_quoted(why)}; it was open before, and what is "
                "open stays open"
            )
        case r.SkippedByOrder(_, _, until, why, stays_closed):
            closed = ", and it stays closed for as long as that stands" if stays_closed else ""
            return (
                f"skipped by {who}{_until(until)}{_quoted(why)}: what depends on it goes on "
                f"without it{closed}"
            )
        case r.Retried(_, _, why):
            return f"retried by {who}{_quoted(why)}: its deadline counts from then"
        case _:
            assert_never(reason)


def _of_ring(reason: r.RingReason) -> str:
    match reason:
        case r.RingWaits(ring, before, settled, needed, 0, apart):
            return (
                f"ring {ring} waits for ring {before}: settled on {settled} spokes there, needed "
                f"on {needed}, and all {apart} are held, parked, out of reach or left alone; "
                f"`gate-watcher skip --ring {before}` goes on without them"
            )
        case r.RingWaits(ring, before, settled, needed, of, apart):
            aside = f", {apart} more are not counted" if apart else ""
            return (
                f"ring {ring} waits for ring {before}: settled on {settled} of {of} spokes there, "
                f"needed on {needed}{aside}"
            )
        case r.RingBakes(ring, before, until):
            return f"ring {ring} waits for ring {before} to stay settled until {rfc3339(until)}"
        case r.ApprovalMissing(ring, tier):
            return (
                f"ring {ring} waits for a person: "
                f"`gate-watcher approve --ring {ring} --tier {tier}`"
            )
        case r.RingStopped(ring, tier, stalled, limit, spokes):
            more = "" if stalled <= len(spokes) else ", …"
            return (
                f"ring {ring} opens no more of tier {tier}: {many(stalled, 'gate')} stalled, and "
                f"it stops at {limit} ({', '.join(spokes)}{more}); mend, skip or retry them, or "
                f"`gate-watcher release --ring {ring} --tier {tier}`"
            )
        case r.WindowClosed(ring, windows, denies, until):
            again = "not within a year" if until is None else f"again {rfc3339(until)}"
            what = "is denied by" if denies else "is not allowed outside"
            return f"ring {ring} {what} window {', '.join(windows)}; {again}"
        case r.SpokeUnreachable(said):
            return f"Argo CD cannot reach the cluster{_quoted(said)}"
        case _:
            assert_never(reason)


def _until(at: Instant | None) -> str:
    return "" if at is None else f" until {rfc3339(at)}"


def _quoted(message: str) -> str:
    if not message:
        return ""
    one_line = " ".join(message.split())
    return f": {one_line[:_MOST]}…" if len(one_line) > _MOST else f": {one_line}"


def _since(at: Instant | None) -> str:
    return "" if at is None else f" since {rfc3339(at)}"


def _alive(number: int) -> str:
    match number:
        case 0:
            return "no Application of it lives"
        case 1:
            return "1 Application of it lives"
        case _:
            return f"{number} Applications of it live"
