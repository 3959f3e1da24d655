"""What are the gates of one spoke made of?

For people: each gate with its addons, each addon with its Applications, and to each of these the
reasons of the gate's verdict that are about it. Worked out anew for one spoke when somebody asks,
from what its judgement was made from; so nothing is kept for the many that nobody asks about, and
what is told is what was decided by.

Since when a gate is as it is, is told as far as the objects themselves carry it.

Elsewhere: the verdict itself (judging.py); how it is shown (serve/explained.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from watcher.decide.addons import Selects, owner_key
from watcher.decide.decision import Decision
from watcher.decide.reasons import (
    DeadlinePassed,
    NotHealthy,
    OnHold,
    Parked,
    Reason,
    SkippedByOrder,
)
from watcher.decide.soak import steady_since
from watcher.decide.verdicts import State, Verdict
from watcher.decide.view import View, view
from watcher.facts import Application, Instant


class ApplicationTold(Struct, frozen=True):
    """One Application of an addon."""

    application: Application
    settled: bool
    """Whether the gate is open, and nothing stands against this one."""
    since: Instant | None
    """Since when it has been as it is: health, operation, creation, opening."""
    reasons: tuple[Reason, ...]


class AddonTold(Struct, frozen=True):
    """What one ApplicationSet has on the spoke in one tier."""

    application_set: str
    """`namespace/name`; empty for Applications that none owns."""
    expected: int | None
    """How many Applications it must have here, or would have with the gate open; None where that
    cannot be evaluated."""
    applications: tuple[ApplicationTold, ...]
    reasons: tuple[Reason, ...]
    """Those that are about it, and about no single Application."""


class GateTold(Struct, frozen=True):
    """One gate."""

    tier: str
    verdict: Verdict
    since: Instant | None
    """Since when it has had this state; None where nothing tells."""
    addons: tuple[AddonTold, ...]
    reasons: tuple[Reason, ...]
    """Those that are about the gate, and about no single addon."""
    is_open: bool | None
    """Which a held gate does not tell by its state; None where it is not known."""


def explained(decision: Decision, uid: str, now: Instant) -> tuple[GateTold, ...]:
    """Every gate of the spoke, in the order of the tiers; `now`: when it was decided."""
    verdicts = decision.spokes[uid]
    judgement = decision.carried.judgements.get(uid)
    if judgement is None:
        return tuple(
            GateTold(tier, verdict, None, (), verdict.reasons, is_open=None)
            for tier, verdict in verdicts.tiers.items()
        )
    here = view(judgement.inputs, name=verdicts.name, duplicate=None, seen=judgement.seen, now=now)
    return tuple(
        _gate(here, tier, verdict, decision.spokes.waits_since(uid, tier))
        for tier, verdict in verdicts.tiers.items()
    )


def _gate(here: View, tier: str, verdict: Verdict, waits_since: Instant | None) -> GateTold:
    addons = tuple(_addons(here, tier, verdict))
    placed = {id(each) for addon in addons for each in _all_reasons(addon)}
    return GateTold(
        tier,
        verdict,
        _since(here, tier, verdict, waits_since),
        addons,
        tuple(each for each in verdict.reasons if id(each) not in placed),
        is_open=here.is_open(tier),
    )


def _all_reasons(addon: AddonTold) -> Iterator[Reason]:
    yield from addon.reasons
    for each in addon.applications:
        yield from each.reasons


def _addons(here: View, tier: str, verdict: Verdict) -> Iterator[AddonTold]:
    """Those that have, must have or would have an Application in the tier, by name."""
    selects = {addon.key: each for addon, each in here.mine(tier)}
    groups: dict[str, list[Application]] = {key: [] for key in selects}
    for app in here.apps.get(tier, ()):
        groups.setdefault(owner_key(app) or "", []).append(app)
    for key, apps in sorted(groups.items()):
        expected = _expected(selects.get(key), is_open=here.is_open(tier))
        reasons = tuple(each for each in verdict.reasons if _is_of_addon(each, key))
        if expected != 0 or apps or reasons:
            told = tuple(_application(here, tier, verdict, app) for app in apps)
            yield AddonTold(key, expected, told, reasons)


def _expected(selects: Selects | None, *, is_open: bool) -> int | None:
    if selects is None:
        return 0
    count = selects.now if is_open else selects.opened
    return count if isinstance(count, int) else None


def _is_of_addon(reason: Reason, key: str) -> bool:
    alone = getattr(reason, "application", None) is None
    return alone and getattr(reason, "application_set", None) == key


def _application(here: View, tier: str, verdict: Verdict, app: Application) -> ApplicationTold:
    reasons = tuple(
        each for each in verdict.reasons if getattr(each, "application", None) == app.key
    )
    since = steady_since(app, here.opened_at(tier))
    return ApplicationTold(
        app,
        settled=here.is_open(tier) and not reasons,
        since=since if since > float("-inf") else None,
        reasons=reasons,
    )


def _since(here: View, tier: str, verdict: Verdict, waits_since: Instant | None) -> Instant | None:
    match verdict.state:
        case State.QUEUED:
            return waits_since
        case State.PROGRESSING:
            return here.opened_at(tier)
        case State.SOAKING:
            return _steady(here, tier)
        case State.SETTLED:
            steady = _steady(here, tier)
            return None if steady is None else steady + here.policy.by_name[tier].soak_s
        case State.STALLED:
            return _first(e.deadline_at for e in verdict.reasons if isinstance(e, DeadlinePassed))
        case State.DEGRADED:
            return _first(e.since for e in verdict.reasons if isinstance(e, NotHealthy))
        case State.HELD | State.SKIPPED:
            held = OnHold | SkippedByOrder | Parked
            return _first(e.since for e in verdict.reasons if isinstance(e, held))
        case _:
            return None


def _first(times: Iterable[Instant | None]) -> Instant | None:
    return min((each for each in times if each is not None), default=None)


def _steady(here: View, tier: str) -> Instant | None:
    opened_at = here.opened_at(tier)
    times = [steady_since(app, opened_at) for app in here.apps.get(tier, ())]
    found = max(times, default=opened_at)
    return None if found == float("-inf") else found
