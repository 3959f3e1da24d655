"""As what does a gate count in its ring?

By its verdict, and by its spoke: what a person holds, what is parked, what is out of reach and what
is left alone for its own trouble is counted apart. An unreachable cluster's stalled gate is, too: a
broken network stops no ring.

Elsewhere: what there is to count as (judgement.py); the counting (tallies.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from watcher.decide.judgement import Counts, Standing
from watcher.decide.parking import is_parked
from watcher.decide.reasons import DeadlinePassed, DependsOn
from watcher.decide.soak import steady_since
from watcher.decide.verdicts import State, Verdict
from watcher.decide.view import View
from watcher.facts import Instant

_PLAIN = {(counts, begun): Standing(counts, begun) for counts in Counts for begun in (True, False)}
"""Nearly all gates of a large fleet are one of these."""


def standings(here: View, verdicts: Mapping[str, Verdict]) -> dict[str, Standing]:
    """What each gate of the policy counts as in the spoke's ring; one of a tier that has nothing
    for this spoke is left out.
    """
    whole, begun = _of_spoke(here), (here.open_tiers | here.written) - here.torn
    return {
        tier.name: _standing(here, tier.name, verdict, whole, begun)
        for tier in here.policy.order
        if (verdict := verdicts[tier.name]).state is not State.UNGATED
    }


def _of_spoke(here: View) -> Counts | None:
    """As what all its gates count that have not settled; None where each counts by itself."""
    if here.spoke.skip_reconcile or is_parked(here.spoke):
        return Counts.PARKED
    if here.trouble or here.spoke.unreadable:
        return Counts.ALONE
    return Counts.UNREACHABLE if here.unreachable else None


def _standing(
    here: View, tier: str, verdict: Verdict, whole: Counts | None, begun_here: frozenset[str]
) -> Standing:
    counts = _counts(here, tier, verdict, whole)
    begun = tier in begun_here or verdict.state is State.LOST
    if begun and here.ordered.orders and _went_alone(here, tier):
        begun = False
    if counts is Counts.STALLED:
        past = (each.deadline_at for each in verdict.reasons if isinstance(each, DeadlinePassed))
        return Standing(counts, begun, next(past, here.now))
    if counts is Counts.SETTLED and here.policy.bakes:
        return Standing(counts, begun, _settled_at(here, tier))
    return _PLAIN[counts, begun]


def _counts(here: View, tier: str, verdict: Verdict, whole: Counts | None) -> Counts:
    state = verdict.state
    if state is State.SETTLED:
        return Counts.SETTLED
    if state is State.SKIPPED:
        return Counts.SKIPPED
    if whole is Counts.PARKED:
        return whole
    if state is State.HELD or here.ordered.hold(tier) is not None or _waits_for_held(verdict):
        return Counts.HELD
    if whole is not None:
        return whole
    return Counts.STALLED if state is State.STALLED else Counts.REST


def _waits_for_held(verdict: Verdict) -> bool:
    """Whether it waits for nothing but what a person holds."""
    return verdict.state is State.WAITING and all(
        isinstance(each, DependsOn) and each.state == State.HELD for each in verdict.reasons
    )


def _went_alone(here: View, tier: str) -> bool:
    """Whether a person let it go before its ring, by name: then one gate was meant, and not the
    ring. One that was open before proves that the ring had started.
    """
    since = here.ordered.alone_since(tier)
    if since is None:
        return False
    opened_at = here.opened_at(tier)
    return tier in here.written if opened_at is None else opened_at >= since


def _settled_at(here: View, tier: str) -> Instant:
    """When its soak time ended, by the stamps of its Applications, which outlive this process; what
    came and went of a number that is not known, only this process saw.
    """
    opened_at, seen, of = here.opened_at(tier), here.seen[tier], here.policy.by_name[tier]
    begun_at = seen.open_at if opened_at is None else opened_at
    since = [steady_since(app, opened_at) for app in here.apps.get(tier, ())]
    if here.number_known(tier):
        return max(since, default=begun_at) + of.soak_s
    quiet_at = begun_at if seen.changed_at is None else seen.changed_at
    empty_s = 0.0 if since else max(0.0, of.empty_after_s - of.soak_s)
    return max((*since, quiet_at, begun_at + empty_s)) + of.soak_s
