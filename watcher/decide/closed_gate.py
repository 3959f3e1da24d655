"""Why is a gate closed, and what would open it?

Lost, where it was open; unadopted, where something runs behind it; ungated, where nothing would
use it; else it waits for the tiers that it depends on, and then for its turn.

Elsewhere: gates that are open (open_gate.py); whose turn it is (admission.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from watcher.decide.addons import owner_key
from watcher.decide.judgement import Candidate
from watcher.decide.lost import costs, opened_before
from watcher.decide.open_gate import ungated_reasons
from watcher.decide.reasons import (
    AwaitsWrite,
    DependsOn,
    LabelGone,
    ListUnsure,
    Parked,
    PatchRefused,
    Reason,
    RunsBehindClosedGate,
    SpokeSkipped,
    TierUnused,
)
from watcher.decide.soak import steady_since
from watcher.decide.unselected import unselected_by
from watcher.decide.verdicts import PASSED, State, Verdict
from watcher.decide.view import View
from watcher.facts import Application, Instant, Through
from watcher.policy import Polarity, Tier

_FOR_EVER: Instant = float("-inf")
"""Since when a gate has waited whose Secret does not say when it was made: nobody has longer."""


class ClosedGate(Struct, frozen=True):
    """The verdict on a closed gate, and what may be done about it."""

    verdict: Verdict
    candidate: Candidate | None = None
    """Where it may open in its turn."""
    reopens: Instant | None = None
    """Where it opens ahead of every queue: the time to record for it."""


def closed_gate(
    here: View,
    tier: Tier,
    below: Mapping[str, Verdict],
    adoptable: Mapping[str, list[Application]],
) -> ClosedGate:
    """What holds the closed gate of `tier`; `below` has the verdicts of all it depends on."""
    lost_at, apps = _lost_at(here, tier.name), adoptable.get(tier.name, [])
    if lost_at is not None:
        return _lost(here, tier, below, lost_at, apps)
    if apps:
        return _unadopted(here, apps)
    against_ungated = ungated_reasons(here, tier)
    if not against_ungated:
        return ClosedGate(Verdict(State.UNGATED))
    unsure = tuple(each for each in against_ungated if isinstance(each, ListUnsure | TierUnused))
    if waits := (*depends_on(here, tier, below), *unsure):
        return ClosedGate(Verdict(State.WAITING, waits))
    if stops := (*_stops(here, tier), *_unselected(here, tier)):
        return ClosedGate(Verdict(State.QUEUED, stops))
    return ClosedGate(Verdict(State.QUEUED), _candidate(here, tier))


def slipping(here: View, tier: Tier, adoptable: Mapping[str, list[Application]]) -> bool:
    """Whether the gate is lost or unadopted: then opening it only prevents deletions."""
    if tier.name in here.open_tiers:
        return False
    return tier.name in adoptable or _lost_at(here, tier.name) is not None


def lost_stranger(here: View, tier: str) -> ClosedGate | None:
    """A gate that the policy does not name, where its label went; None where it did not."""
    key = here.policy.gates.key(tier)
    if tier in here.named or "*" in here.named or here.is_open(tier):
        return None
    lost_at = _lost_at(here, tier)
    if lost_at is None:
        return None
    asking = [pair for pair in here.selected.addons if key in pair[0].gate_keys]
    unselected = {addon.key for addon, selects in asking if selects.now == 0}
    mine = [app for app in here.everything if owner_key(app) in unselected]
    living = sum(app.deleting_since is None for app in mine)
    stops = _untouchable(here)
    gone = LabelGone(lost_at, living, costs(mine, here.selected.by_key, asking))
    verdict = Verdict(State.LOST, (gone, *stops), lost_at)
    return ClosedGate(verdict, reopens=lost_at if living and not stops else None)


def depends_on(here: View, tier: Tier, below: Mapping[str, Verdict]) -> Iterator[DependsOn]:
    """The tiers that hold it back; not those that themselves only wait for others of them."""
    needs = here.policy.needs(tier.name)
    held = {
        name: verdict.state
        for name, verdict in below.items()  # in the order of the tiers
        if name in needs and verdict.state not in PASSED
    }
    for name, state in held.items():
        if state is not State.WAITING or held.keys().isdisjoint(here.policy.needs(name)):
            yield DependsOn(name, state)


def _lost(
    here: View,
    tier: Tier,
    below: Mapping[str, Verdict],
    lost_at: Instant,
    saved: Iterable[Application],
) -> ClosedGate:
    """Opened at once while its Applications live, or others that it would save, or such of whose
    ApplicationSet nothing is known; else in its turn, or the loss of a fleet's labels would become
    a stampede.
    """
    mine = here.apps.get(tier.name, ())
    own = [app.key for app in mine if app.deleting_since is None]
    living = len({*own, *(app.key for app in saved), *_of_unknown_sets(here)})
    at_stake = costs((*mine, *saved), here.selected.by_key, here.mine(tier.name))
    gone = LabelGone(lost_at, living, at_stake)
    if _untouchable(here):
        return ClosedGate(Verdict(State.LOST, (gone, *_untouchable(here)), lost_at))
    if living:
        return ClosedGate(Verdict(State.LOST, (gone,), lost_at), reopens=lost_at)
    if stops := (*depends_on(here, tier, below), *_stops(here, tier)):
        return ClosedGate(Verdict(State.LOST, (gone, *stops), lost_at))
    return ClosedGate(Verdict(State.LOST, (gone,), lost_at), _candidate(here, tier, exempt=True))


def _unadopted(here: View, apps: list[Application]) -> ClosedGate:
    """Recorded as opened when its oldest Application was made: that ran before any gate."""
    reasons = tuple(RunsBehindClosedGate(app.key) for app in apps)
    if stops := _untouchable(here):
        return ClosedGate(Verdict(State.UNADOPTED, (*reasons, *stops)))
    oldest = min((app.created_at for app in apps if app.created_at is not None), default=here.now)
    return ClosedGate(Verdict(State.UNADOPTED, reasons), reopens=oldest)


def _of_unknown_sets(here: View) -> Iterator[str]:
    """What lives here and is owned by an ApplicationSet that the hub did not show."""
    for app in here.everything:
        key = owner_key(app)
        if key is not None and key not in here.selected.by_key and app.deleting_since is None:
            yield app.key


def _lost_at(here: View, tier: str) -> Instant | None:
    """When the closed gate was open; None where it never was.

    Under `block` only the annotation tells: a gate without a label is open before anybody gated
    anything with it, and the label that comes then takes nothing away that was admitted.
    """
    remembered = here.policy.gates.polarity is Polarity.ADMIT
    seen = {name: each.open_at for name, each in here.seen.items()} if remembered else {}
    return opened_before(tier, here.opened, seen)


def _untouchable(here: View) -> tuple[Reason, ...]:
    """Why this Secret may not be written at all now."""
    always = tuple(each for each in here.trouble if not isinstance(each, SpokeSkipped | Parked))
    return (*always, *write_stops(here))


def write_stops(here: View) -> tuple[Reason, ...]:
    """Why this Secret is not written again just now."""
    write, refusal = here.inputs.write, here.inputs.refusal
    if write is not None:
        return (AwaitsWrite(write.sent_at),)
    if refusal is not None and here.now < refusal.retry_at:
        return (PatchRefused(refusal.status, refusal.message, refusal.retry_at),)
    return ()


def _stops(here: View, tier: Tier) -> tuple[Reason, ...]:
    """What stops an opening on this spoke or of this tier."""
    failing = here.inputs.context.failing.get(tier.name, ())
    return (*here.trouble, *write_stops(here), *failing)


def _unselected(here: View, tier: Tier) -> tuple[Reason, ...]:
    """What opening it would have Argo CD delete, unless a person lets it."""
    if Through.DELETIONS in here.ordered.through(tier.name):
        return ()
    return unselected_by(here.spoke, tier.name, here.selected, here.policy.gates)


def _candidate(here: View, tier: Tier, *, exempt: bool = False) -> Candidate:
    return Candidate(
        ring=here.policy.rings.index(here.ring),
        rank=-here.policy.depth(tier.name),
        since=_waited_since(here, tier),
        spoke=here.name,
        uid=here.spoke.uid,
        tier=tier.name,
        applications=starts(here, tier),
        exempt=exempt,
        approved=here.ordered.approved(tier.name),
        through=here.ordered.through(tier.name),
    )


def starts(here: View, tier: Tier) -> int:
    """How many Applications the gate will start when it opens, at least."""
    return sum(
        selects.opened if isinstance(selects.opened, int) else 1
        for _, selects in here.mine(tier.name)
    )


def _waited_since(here: View, tier: Tier) -> Instant:
    """Since its last dependency settled, else since the Secret's creation."""
    settled = [
        steady_since(app, here.opened_at(name)) + here.policy.by_name[name].soak_s
        for name in here.policy.needs(tier.name)
        for app in here.apps.get(name, ())
    ]
    created_at = here.spoke.created_at
    return max(settled, default=_FOR_EVER if created_at is None else created_at)
