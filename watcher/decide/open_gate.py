"""How far is an open gate?

Ungated, where nothing would use it; else as far as its Applications are: they are all there, each
has settled, and all have stayed so for the soak time.

Elsewhere: gates that are closed (closed_gate.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from watcher.decide.addons import Addon, Selects
from watcher.decide.expected import short
from watcher.decide.reasons import (
    DeadlinePassed,
    NotHealthy,
    NotQuiet,
    OpenedByHand,
    OpenedUnreadable,
    OperationFailed,
    Reason,
    StartsBehindOpenGate,
)
from watcher.decide.settled import unsettled
from watcher.decide.soak import soaking
from watcher.decide.stalled import counted_from, deployed_once, settled_once
from watcher.decide.ungated import not_ungated
from watcher.decide.verdicts import State, Verdict
from watcher.decide.view import View, owner_key
from watcher.facts import Application, Instant
from watcher.policy import Tier


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
    opened_at = here.opened_at(tier.name)
    against_ungated = ungated_reasons(here, tier)
    if not against_ungated:
        return OpenGate(Verdict(State.UNGATED, (), opened_at))
    apps = here.apps.get(tier.name, ())
    against = [*_short(here, tier, against_ungated), *here.trouble]
    unready = [app for app in apps if _unsettled(here, tier, app, against)]
    notes = tuple(_notes(here, tier))
    if not against:
        soak = soaking(apps, soak_s=tier.soak_s, opened_at=opened_at, now=here.now)
        quiet = _quiet(here, tier)
        waits = tuple(each for each in (soak, quiet) if each is not None)
        if not waits:
            return OpenGate(Verdict(State.SETTLED, notes, opened_at))
        verdict = Verdict(State.SOAKING, (*waits, *notes), opened_at)
        return OpenGate(verdict, in_progress=not _settled_once(here, tier, apps))
    reasons = (*against, *notes)
    if _settled_once(here, tier, apps):
        return _again(here, tier, reasons, unready)
    return _first_time(here, tier, reasons, apps, unready)


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
        {addon.key: _living(here, tier, addon, selects) for addon, selects in mine},
        opened_at=_seen_at(here, tier) if since is None else since,
        now=here.now,
    )


def _living(here: View, tier: Tier, addon: Addon, selects: Selects) -> int:
    """An addon of any tier is seen in this one by the Applications that name it."""
    if not selects.any_tier:
        return here.living.get(addon.key, 0)
    return sum(
        app.deleting_since is None and owner_key(app) == addon.key
        for app in here.apps.get(tier.name, ())
    )


def _unsettled(here: View, tier: Tier, app: Application, against: list[Reason]) -> bool:
    """Whether `app` has not settled; what stands against it is added to `against`."""
    rolling = None
    if (key := owner_key(app)) is not None:
        status = here.inputs.context.rolling.get(key, {}).get(app.name)
        rolling = None if status is None else (key, status)
    reasons = unsettled(
        app, tier, opened_at=here.opened_at(tier.name), rolling=rolling, now=here.now
    )
    against.extend(reasons)
    return bool(reasons)


def _quiet(here: View, tier: Tier) -> NotQuiet | None:
    seen = here.seen.get(tier.name)
    if seen is None or seen.changed_at is None or here.number_known(tier.name):
        return None
    until = seen.changed_at + tier.soak_s
    return NotQuiet(until) if here.now < until else None


def _settled_once(here: View, tier: Tier, apps: tuple[Application, ...]) -> bool:
    return settled_once(
        apps,
        opened_at=here.opened_at(tier.name),
        dependent_open=here.dependent_open(tier.name),
    )


def _first_time(
    here: View,
    tier: Tier,
    reasons: tuple[Reason, ...],
    apps: tuple[Application, ...],
    unready: list[Application],
) -> OpenGate:
    """A gate that never settled: it takes its place in the budgets until its deadline."""
    opened_at = here.opened_at(tier.name)
    counted = counted_from(apps, opened_at=opened_at, seen_at=_seen_at(here, tier))
    deadline_at = counted + tier.deadline_s
    if here.trouble:
        return OpenGate(Verdict(State.PROGRESSING, reasons, opened_at))
    if here.now >= deadline_at:
        return OpenGate(Verdict(State.STALLED, (DeadlinePassed(deadline_at), *reasons), opened_at))
    failed = any(_failed(each) for each in reasons)
    return OpenGate(
        Verdict(State.DEGRADED if failed else State.PROGRESSING, reasons, opened_at),
        in_progress=True,
        applications=len(unready) + max(0, _expected(here, tier) - len(apps)),
        turns_at=deadline_at,
    )


def _again(
    here: View, tier: Tier, reasons: tuple[Reason, ...], unready: list[Application]
) -> OpenGate:
    """A gate that settled once: only what starts behind it for the first time is in progress."""
    opened_at = here.opened_at(tier.name)
    ends = {
        app.key: app.created_at + tier.deadline_s
        for app in unready
        if app.created_at is not None and not deployed_once(app, opened_at)
    }
    late = sorted(key for key, ends_at in ends.items() if here.now < ends_at)
    degraded = any(_failed(each) or _missing(each) for each in reasons)
    return OpenGate(
        Verdict(
            State.DEGRADED if degraded and not late else State.PROGRESSING,
            (*(StartsBehindOpenGate(key) for key in late), *reasons),
            opened_at,
        ),
        in_progress=bool(late) and not here.trouble,
        applications=len(late),
        turns_at=min((ends[key] for key in late), default=None),
    )


def _failed(reason: Reason) -> bool:
    return isinstance(reason, OperationFailed) or (
        isinstance(reason, NotHealthy) and reason.status == "Degraded"
    )


def _missing(reason: Reason) -> bool:
    return isinstance(reason, NotHealthy) and reason.status == "Missing"


def _expected(here: View, tier: Tier) -> int:
    """How many Applications the gate must have, as far as their number is known."""
    return sum(
        selects.now if isinstance(selects.now, int) else 1 for _, selects in here.mine(tier.name)
    )


def _seen_at(here: View, tier: Tier) -> Instant:
    seen = here.seen.get(tier.name)
    return here.now if seen is None else seen.open_at


def _notes(here: View, tier: Tier) -> Iterator[Reason]:
    """What a person should know of an open gate, settled or not."""
    if here.opened.problem:
        yield OpenedUnreadable(here.opened.problem)
    if here.opened_at(tier.name) is None:
        yield OpenedByHand()
