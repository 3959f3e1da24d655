"""What is so on every spoke, as far as each one alone tells?

Which Secret is which spoke, how far each of its gates is, and what all of it comes to. A spoke that
nothing has changed of keeps its judgement from the turn before.

Elsewhere: one spoke's judgement (judging.py); choosing between spokes (admission.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from msgspec import Struct

from watcher.decide.context import Context, context
from watcher.decide.freshness import Freshness
from watcher.decide.grouping import Place, server_place
from watcher.decide.judgement import Inputs, Judgement, stands
from watcher.decide.judging import judge
from watcher.decide.ordered import InForce, in_force
from watcher.decide.reach import disconnected
from watcher.decide.reasons import DeletionPending
from watcher.decide.rollup import NOTHING, Rollup, rolled_up
from watcher.decide.roster import Roster, roster, same_identity
from watcher.decide.snapshot import Snapshot
from watcher.decide.tallies import Tallies, tallied
from watcher.decide.unselected import unplaced_deletions
from watcher.facts import Instant
from watcher.policy import Policy


class Looked(Struct, frozen=True):
    """Every spoke of the hub."""

    orders: InForce
    """The orders in force."""
    disconnected: Set[str]
    """The addresses of clusters that their controllers cannot reach."""
    tallies: Tallies
    """How far each tier is in each ring."""
    context: Context
    roster: Roster
    judged: Mapping[str, Judgement | None]
    """What was judged anew, by UID; None for a spoke that left."""
    judgements: Mapping[str, Judgement]
    """All, by UID."""
    rollup: Rollup
    nowhere: frozenset[Place]
    """Places of Applications that belong to no spoke."""
    pending: tuple[DeletionPending, ...]
    """What any write to any Secret would delete."""


def looked(snapshot: Snapshot, policy: Policy, fresh: Freshness) -> Looked:
    """Every spoke as of the moment for which everything is known."""
    before = snapshot.carried
    every = context(
        snapshot.application_sets,
        policy,
        before=before.context,
        known=before.application_sets,
        now=fresh.as_of,
    )
    who = _roster(snapshot)
    orders = in_force(snapshot.orders, before.orders, fresh.as_of)
    away = disconnected(before.disconnected, snapshot.readings)
    judged = _judged(snapshot, every, who, orders, away, fresh.as_of)
    rollup = rolled_up(before.rollup or NOTHING, judged)
    nowhere = _nowhere(snapshot, who)
    judgements = _replaced(before.judgements, judged)
    return Looked(
        orders=orders,
        disconnected=away,
        tallies=tallied({}, known={}, judged=judgements)
        if before.tallies is None
        else tallied(before.tallies, known=before.judgements, judged=judged),
        context=every,
        roster=who,
        judged=judged,
        judgements=judgements,
        rollup=rollup,
        nowhere=nowhere,
        pending=_pending(snapshot, every, rollup, nowhere),
    )


def _roster(snapshot: Snapshot) -> Roster:
    """The carried one where no Secret came, went or changed its name or server."""
    before, known, spokes = snapshot.carried.roster, snapshot.carried.spokes, snapshot.spokes
    if before is None:
        return roster(spokes.values())
    uids = spokes.keys() | known.keys() if snapshot.touched is None else snapshot.touched.spokes
    for uid in uids:
        here, there = spokes.get(uid), known.get(uid)
        if here is there:
            continue
        if here is None or there is None or not same_identity(here, there):
            return roster(spokes.values())
    return before


def _judged(
    snapshot: Snapshot,
    every: Context,
    who: Roster,
    orders: InForce,
    away: Set[str],
    as_of: Instant,
) -> dict[str, Judgement | None]:
    """The spokes whose judgement does not stand, judged anew; None for those that left."""
    before = snapshot.carried.judgements
    same_roster = who is snapshot.carried.roster
    judged: dict[str, Judgement | None] = {}
    for uid in _to_look_at(snapshot, every, who, orders, away, as_of):
        spoke, known = snapshot.spokes.get(uid), before.get(uid)
        if spoke is None:
            if known is not None:
                judged[uid] = None
            continue
        inputs = Inputs(
            spoke=spoke,
            groups=tuple([snapshot.applications.get(here, ()) for here in who.places[uid]]),
            write=snapshot.writes.get(uid),
            refusal=snapshot.refusals.get(uid),
            context=every,
            ordered=orders.on(spoke, who.names[uid], every.policy),
            disconnected=spoke.server.rstrip("/") in away,
        )
        if known is not None and same_roster and stands(known, inputs, now=as_of):
            continue
        judged[uid] = judge(
            inputs,
            name=who.names[uid],
            duplicate=who.duplicates.get(uid),
            seen={} if known is None else known.seen,
            now=as_of,
        )
    return judged


def _to_look_at(
    snapshot: Snapshot,
    every: Context,
    who: Roster,
    orders: InForce,
    away: Set[str],
    as_of: Instant,
) -> Iterable[str]:
    """The spokes that may have changed; all of them where that is not known."""
    carried, touched = snapshot.carried, snapshot.touched
    if (
        touched is None
        or carried.context is not every
        or carried.roster is not who
        or carried.orders.orders is not orders.orders
    ):
        return (*snapshot.spokes, *(carried.judgements.keys() - snapshot.spokes.keys()))
    moved = map(server_place, away ^ carried.disconnected)
    at_places = {uid for here in (*touched.places, *moved) for uid in who.at.get(here, ())}
    timers = carried.rollup.timers if carried.rollup is not None else {}
    due = {uid for uid, at in timers.items() if at <= as_of}
    return sorted(touched.spokes | at_places | due)


def _replaced(
    before: Mapping[str, Judgement], judged: Mapping[str, Judgement | None]
) -> dict[str, Judgement]:
    after = dict(before)
    for uid, judgement in judged.items():
        if judgement is None:
            del after[uid]
        else:
            after[uid] = judgement
    return after


def _nowhere(snapshot: Snapshot, who: Roster) -> frozenset[Place]:
    """The places of Applications that belong to no spoke."""
    groups, carried, touched = snapshot.applications, snapshot.carried, snapshot.touched
    if touched is None or carried.roster is not who:
        return frozenset(groups.keys() - who.at.keys())
    gone = {here for here in carried.nowhere & touched.places if here not in groups}
    new = {here for here in touched.places if here in groups and here not in who.at}
    return (carried.nowhere - gone) | new if gone or new else carried.nowhere


def _pending(
    snapshot: Snapshot, every: Context, rollup: Rollup, nowhere: frozenset[Place]
) -> tuple[DeletionPending, ...]:
    """Rule 2 over the whole hub: any write to any Secret would carry these deletions out."""
    found = [one for each in rollup.pending.values() for one in each.pending]
    if nowhere:
        addons = {each.key: each for each in every.addons}
        lost = [app for here in nowhere for app in snapshot.applications[here]]
        found += unplaced_deletions(addons, lost)
    return tuple(sorted(found, key=lambda each: each.application))
