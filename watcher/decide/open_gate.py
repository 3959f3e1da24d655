"""How far is an open gate?

Ungated, where nothing would use it; else as far as its Applications are: they are all there, each
has settled, and all have stayed so for the soak time.

Elsewhere: gates that are closed (closed_gate.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Set
from typing import TypeAlias

from msgspec import Struct

from watcher.decide.addons import owner_key
from watcher.decide.expected import short
from watcher.decide.parking import compared_since
from watcher.decide.reasons import (
    ApplicationReason,
    ApplicationsLeftOver,
    ApplicationsMissing,
    ComparedBeforeUnparking,
    DeadlinePassed,
    NotHealthy,
    NotQuiet,
    NumberUnknown,
    OpenedByHand,
    OpenedUnreadable,
    OperationFailed,
    Reason,
    Retried,
    SelectionUnknown,
    SpokeUnreachable,
    StartsBehindOpenGate,
)
from watcher.decide.settled import unsettled
from watcher.decide.soak import soaking
from watcher.decide.stalled import first_since, settled_once
from watcher.decide.ungated import not_ungated
from watcher.decide.verdicts import State, Verdict
from watcher.decide.view import View
from watcher.facts import Application, Instant
from watcher.policy import Tier

Unready: TypeAlias = tuple[Application, tuple[ApplicationReason, ...]]
"""An Application that has not settled, and all that is against it."""


class OpenGate(Struct, frozen=True):
    """The verdict on an open gate, and what it takes of the budgets."""

    verdict: Verdict
    in_progress: bool = False
    applications: int = 0
    """How many of its Applications are in progress, those that are still missing too."""
    turns_at: Instant | None = None
    """When time alone would change this, besides what its reasons say."""


def open_gate(here: View, tier: Tier) -> OpenGate:
    """How far the open gate of `tier` is on this spoke."""
    against_ungated = ungated_reasons(here, tier)
    if not against_ungated:
        return OpenGate(Verdict(State.UNGATED, (), here.opened_at(tier.name)))
    absent = _short(here, tier, against_ungated)
    apps = here.apps.get(tier.name, ())
    unready = [(app, against) for app in apps if (against := _unsettled(here, tier, app))]
    if absent or unready or here.trouble:
        return _on_its_way(here, tier, absent, unready)
    return _converged(here, tier, apps)


def ungated_reasons(here: View, tier: Tier) -> tuple[Reason, ...]:
    """Everything against `tier` being ungated on this spoke."""
    context = here.inputs.context
    return not_ungated(
        tier,
        asked=here.selected.any_tier or tier.name in here.selected.asked,
        used=context.any_tier or tier.name in context.used,
        sets_known=bool(context.addons),
        sets_since=context.sets_since,
        living=len(here.apps.get(tier.name, ())),
        now=here.now,
    )


def _short(here: View, tier: Tier, against_ungated: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """What is missing; without anything to expect, why the gate is not ungated either."""
    mine = here.mine(tier.name)
    if not (mine or tier.name in here.selected.asked or here.apps.get(tier.name)):
        return against_ungated
    since = here.opened_at(tier.name)
    return short(
        tier,
        mine,
        here.living
        if not here.selected.any_tier
        else {addon.key: here.there(tier.name, addon, selects) for addon, selects in mine},
        opened_at=here.seen[tier.name].open_at if since is None else since,
        failing={each.application_set for each in here.inputs.context.failing.get(tier.name, ())},
        now=here.now,
    )


def _unsettled(here: View, tier: Tier, app: Application) -> tuple[ApplicationReason, ...]:
    rolling = None
    if (key := owner_key(app)) is not None:
        status = here.inputs.context.rolling.get(key, {}).get(app.name)
        rolling = None if status is None else (key, status)
    against = unsettled(
        app, tier, opened_at=here.opened_at(tier.name), rolling=rolling, now=here.now
    )
    unparked_at = here.seen[tier.name].unparked_at
    if unparked_at is None or app.reconciled_at is None or compared_since(app, unparked_at):
        return against
    return (*against, ComparedBeforeUnparking(app.key, app.reconciled_at, unparked_at))


def _quiet(here: View, tier: Tier) -> NotQuiet | None:
    seen = here.seen[tier.name]
    if seen.changed_at is None or here.number_known(tier.name):
        return None
    until = seen.changed_at + tier.soak_s
    return NotQuiet(until) if here.now < until else None


def _converged(here: View, tier: Tier, apps: tuple[Application, ...]) -> OpenGate:
    """A gate whose Applications are all as they should be: have they been so for long enough?"""
    opened_at = here.opened_at(tier.name)
    soak = soaking(apps, soak_s=tier.soak_s, opened_at=opened_at, now=here.now)
    quiet = _quiet(here, tier)
    notes = tuple(_notes(here, tier))
    waits = tuple(each for each in (soak, quiet) if each is not None)
    if not waits:
        return OpenGate(Verdict(State.SETTLED, notes, opened_at))
    made_at = [app.created_at for app in apps] or [None]
    ends = [at for each in made_at if (at := _first_until(here, tier, each)) is not None]
    first_until = max((at for at in ends if here.now < at), default=None)
    return OpenGate(
        Verdict(State.SOAKING, (*waits, *notes), opened_at),
        in_progress=first_until is not None,
        turns_at=first_until,
    )


def _on_its_way(
    here: View, tier: Tier, absent: tuple[Reason, ...], unready: list[Unready]
) -> OpenGate:
    """A gate that is not as it should be: for the first time, or again?"""
    opened_at = here.opened_at(tier.name)
    reasons: tuple[Reason, ...] = (
        *absent,
        *here.trouble,
        *(r for _, each in unready for r in each),
    )
    notes = tuple(_notes(here, tier))
    if here.unreachable:
        reasons = (SpokeUnreachable(here.unreachable), *reasons)
    if here.trouble:
        return OpenGate(Verdict(State.PROGRESSING, (*reasons, *notes), opened_at))
    never = dict(_never_settled(here, tier, absent, unready))
    starting = {key: until for key, until in never.items() if here.now < until}
    notes = (*_retried(here, tier, starting.values()), *notes)
    over = never.keys() - starting.keys()
    if over and _proven_at(here, tier) is None:
        state = State.STALLED
        reasons = (DeadlinePassed(min(never[key] for key in over)), *reasons)
    else:
        degraded = any(_failed(each) or _missing(each, starting.keys()) for each in reasons)
        state = State.DEGRADED if degraded else State.PROGRESSING
    missing = max(0, _expected(here, tier) - len(here.apps.get(tier.name, ())))
    return OpenGate(
        Verdict(
            state, (*_joined(here, tier, unready, starting.keys()), *reasons, *notes), opened_at
        ),
        in_progress=bool(starting),
        applications=sum(app.key in starting for app, _ in unready) + (missing if starting else 0),
        turns_at=min(starting.values(), default=None),
    )


def _never_settled(
    here: View, tier: Tier, absent: tuple[Reason, ...], unready: list[Unready]
) -> Iterator[tuple[str, Instant]]:
    """What has not settled once, with the end of its first time: Applications, and where some are
    absent, their ApplicationSet, or just the tier.
    """
    opened_at = here.opened_at(tier.name)
    for app, against in unready:
        until = _first_until(here, tier, app.created_at)
        healthy = not any(isinstance(each, NotHealthy) for each in against)
        if until is None:
            continue
        if here.now < until:
            yield app.key, until
        elif not settled_once(app, opened_at=opened_at, until=until, healthy=healthy):
            yield app.key, _retried_until(here, tier, until)
    for reason in absent:
        if not isinstance(reason, ApplicationsLeftOver):
            key, made_at = _absent(here, tier, reason)
            if (until := _first_until(here, tier, made_at)) is not None:
                yield key, _retried_until(here, tier, until)


def _absent(here: View, tier: Tier, reason: Reason) -> tuple[str, Instant | None]:
    """What is absent, and since when it is asked for, where that is later than the opening."""
    seen = here.seen[tier.name]
    since = [seen.short_at, seen.open_at if _begun_at(here, tier) is None else None]
    key = tier.name
    if isinstance(reason, ApplicationsMissing | NumberUnknown | SelectionUnknown):
        key = reason.application_set
        since += [addon.created_at for addon, _ in here.mine(tier.name) if addon.key == key]
    return key, max((at for at in since if at is not None), default=None)


def _first_until(here: View, tier: Tier, made_at: Instant | None) -> Instant | None:
    """When the first time ends of what was made at `made_at`; None where the opening of a gate that
    depends on this one proves that it has settled. A spoke that comes back from being parked has
    its first time again.
    """
    since = first_since(
        made_at, begun_at=_begun_at(here, tier), seen_at=here.seen[tier.name].open_at
    )
    since = max(since, here.seen[tier.name].unparked_at or since)
    proven_at = _proven_at(here, tier)
    return None if proven_at is not None and since <= proven_at else since + tier.deadline_s


def _retried_until(here: View, tier: Tier, until: Instant) -> Instant:
    """When the first time ends of what would have had it until `until`, and may be retried."""
    retry = here.ordered.retry(tier.name)
    return until if retry is None else max(until, retry.at + tier.deadline_s)


def _proven_at(here: View, tier: Tier) -> Instant | None:
    """When the opening of a gate that depends on this one proved that it had settled; one that was
    open before this one proves nothing, nor does one that opened because this one is skipped.
    """
    if here.ordered.skip(tier.name) is not None:
        return None
    proven_at, begun_at = here.proven_at(tier.name), _begun_at(here, tier)
    return (
        None if proven_at is None or (begun_at is not None and proven_at < begun_at) else proven_at
    )


def _begun_at(here: View, tier: Tier) -> Instant | None:
    """When the gate opened, or opened anew after it was lost; None where nobody knows."""
    times = (here.opened_at(tier.name), here.seen[tier.name].reopened_at)
    return max((at for at in times if at is not None), default=None)


def _joined(
    here: View, tier: Tier, unready: list[Unready], starting: Set[str]
) -> Iterator[StartsBehindOpenGate]:
    """What starts behind a gate that had settled, or whose own first time is over."""
    begun_at = _begun_at(here, tier)
    proven = _proven_at(here, tier) is not None
    for app, _ in unready:
        made_at = app.created_at
        late = (
            made_at is not None and begun_at is not None and made_at >= begun_at + tier.deadline_s
        )
        if app.key in starting and (proven or late) and not _came_back(here, tier, made_at):
            yield StartsBehindOpenGate(app.key)


def _came_back(here: View, tier: Tier, made_at: Instant | None) -> bool:
    """Whether it was there already when its spoke was unparked."""
    unparked_at = here.seen[tier.name].unparked_at
    return unparked_at is not None and (made_at is None or made_at < unparked_at)


def _retried(here: View, tier: Tier, ends: Collection[Instant]) -> Iterator[Retried]:
    """That a person retried it, where one of these first times ends by that."""
    retry = here.ordered.retry(tier.name)
    if retry is not None and retry.at + tier.deadline_s in ends:
        yield Retried(retry.by, retry.at, retry.why)


def _failed(reason: Reason) -> bool:
    return isinstance(reason, OperationFailed) or (
        isinstance(reason, NotHealthy) and reason.status == "Degraded"
    )


def _missing(reason: Reason, starting: Set[str]) -> bool:
    """Missing is bad news but for what is only starting."""
    return (
        isinstance(reason, NotHealthy)
        and reason.status == "Missing"
        and reason.application not in starting
    )


def _expected(here: View, tier: Tier) -> int:
    """How many Applications the gate must have, as far as their number is known."""
    return sum(
        selects.now if isinstance(selects.now, int) else 1 for _, selects in here.mine(tier.name)
    )


def _notes(here: View, tier: Tier) -> Iterator[Reason]:
    """What a person should know of an open gate, settled or not."""
    if here.opened.problem:
        yield OpenedUnreadable(here.opened.problem)
    if here.opened_at(tier.name) is None:
        yield OpenedByHand()
