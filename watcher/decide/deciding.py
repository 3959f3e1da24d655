"""Which gates open now, and what is the state of every other?

A pure function of a snapshot, the policy and the time. It never raises on anything that a hub can
report: what is bad becomes a reason that names it.

The steps, as people would explain them:
1. What is known of the hub, and as of when? (freshness.py)
2. What do the ApplicationSets say, for every spoke alike? (context.py)
3. Which Secret is which spoke? (roster.py)
4. How far is each gate, by its own spoke alone? (judging.py) Kept from the turn before where
   nothing that it was made from has changed.
5. What has room on each shard? (sharding.py, rooms.py)
6. What is parked, and what may come back? (recovery.py)
7. Of those that may open, whose turn is it? (admission.py)
8. What is sent (patch.py), and when would time alone change the answer? (timers.py)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import structs

from watcher.decide.admission import Admission, admission
from watcher.decide.capacity import Shards
from watcher.decide.carried import Carried
from watcher.decide.context import Context, context
from watcher.decide.decision import Decision, Said, Spokes
from watcher.decide.freshness import Freshness, freshness
from watcher.decide.gates import CLOCKS_APART_S
from watcher.decide.grouping import Place
from watcher.decide.judgement import Inputs, Judgement, stands
from watcher.decide.judging import judge
from watcher.decide.parking import UNPARK
from watcher.decide.patch import Parking, PatchGates, patch_gates
from watcher.decide.reasons import (
    BrokeGeneration,
    DeletionPending,
    GuardNotInForce,
    Reason,
)
from watcher.decide.recovery import Recovery, recovery
from watcher.decide.rollup import NOTHING, Rollup, rolled_up
from watcher.decide.roster import Roster, roster, same_identity
from watcher.decide.sharding import Sharding, sharding
from watcher.decide.snapshot import Snapshot
from watcher.decide.timers import earliest, ends_at
from watcher.decide.unselected import unplaced_deletions
from watcher.decide.verdicts import SpokeVerdicts, State, Verdict
from watcher.facts import Guard, Instant, in_force, standing_of
from watcher.policy import Polarity, Policy

_SOON_AFTER_S = 60.0
"""An ApplicationSet reconciles within seconds of a Secret's write; one that began to fail within a
minute of an opening failed by it, as far as anybody can tell."""


def decide(snapshot: Snapshot, policy: Policy, now: Instant) -> Decision:
    """The decision for this snapshot at `now`."""
    before = snapshot.carried
    fresh = freshness(
        snapshot.sources,
        stale_after_s=policy.stale_after_s,
        believed_at=before.as_of,
        now=now,
    )
    if fresh.unlisted:
        return _nothing_known(snapshot, policy, fresh)
    every = context(
        snapshot.application_sets,
        policy,
        before=before.context,
        known=before.application_sets,
        now=fresh.as_of,
    )
    who = _roster(snapshot)
    judged = _judged(snapshot, every, who, fresh.as_of)
    judgements = _replaced(before.judgements, judged)
    rollup = rolled_up(before.rollup or NOTHING, judged)
    nowhere = _nowhere(snapshot, who)
    pending = _pending(snapshot, every, rollup, nowhere)
    may = _may_write(snapshot, policy)
    shards = sharding(snapshot, policy, rollup, judgements, judged, before.shards, now)
    rescue = recovery(
        before.plans,
        pods=snapshot.pods,
        kills=shards.known.kills,
        owned=shards.known.sites.owners,
        judgements=judgements,
        rollup=rollup,
        left_alone=who.duplicates.keys(),
        policy=policy,
        may_refresh=in_force(snapshot.guards, Guard.E),
        now=now,
    )
    turn = admission(
        rollup,
        shards,
        policy.budgets,
        pending=pending,
        stops=(*fresh.stale, *may),
        recovery=rescue,
        last_at=_last_admission(judgements, now) if policy.budgets.interval_s else now,
        now=now,
    )
    said = Said(
        waits_for=tuple(each for each in turn.waits_for if each not in fresh.stale),
        chosen=turn.chosen,
        in_line=turn.in_line,
        sharding=shards,
        recovery=rescue,
        stale=fresh.stale,
        also=_broke_generation(every, judgements),
    )
    return Decision(
        spokes=Spokes(judgements, said),
        patches=()
        if may
        else tuple(
            _patches(
                judgements,
                rollup,
                turn,
                Recovery() if pending else rescue,
                policy,
                fresh,
                now,
            )
        ),
        refreshes=rescue.refreshes,
        carried=Carried(
            judgements=judgements,
            context=every,
            application_sets=snapshot.application_sets,
            spokes=snapshot.spokes,
            roster=who,
            rollup=rollup,
            shards=shards.known,
            plans=rescue.plans,
            nowhere=nowhere,
            as_of=fresh.as_of,
        ),
        wake_at=_wake_at(rollup, turn, shards, rescue, fresh, now),
        shards=Shards(shards.rooms, rescue.said),
        stops=(*fresh.stale, *may, *shards.stops, *pending),
        follows=before,
        judged=frozenset(judged),
    )


def _nothing_known(snapshot: Snapshot, policy: Policy, fresh: Freshness) -> Decision:
    """Before every kind was listed once, nothing is decided, and what was carried is kept."""
    unknown = Verdict(State.UNKNOWN, fresh.unlisted)
    tiers = {tier.name: unknown for tier in policy.order}
    who = roster(snapshot.spokes.values())
    nothing = Context(policy, (), frozenset(), False, {}, {}, fresh.as_of)
    judgements = {
        uid: Judgement(
            Inputs(spoke, (), None, None, nothing),
            SpokeVerdicts(who.names[uid], spoke.namespace, spoke.secret, tiers),
        )
        for uid, spoke in snapshot.spokes.items()
    }
    # What was touched now is told once: the next turn looks at every spoke.
    carried = structs.replace(snapshot.carried, context=None, roster=None)
    return Decision(
        Spokes(judgements, Said()), (), carried=carried, wake_at=None, stops=fresh.unlisted
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
    snapshot: Snapshot, every: Context, who: Roster, as_of: Instant
) -> dict[str, Judgement | None]:
    """The spokes whose judgement does not stand, judged anew; None for those that left."""
    before = snapshot.carried.judgements
    same_roster = who is snapshot.carried.roster
    judged: dict[str, Judgement | None] = {}
    for uid in _to_look_at(snapshot, every, who, as_of):
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


def _to_look_at(snapshot: Snapshot, every: Context, who: Roster, as_of: Instant) -> Iterable[str]:
    """The spokes that may have changed; all of them where that is not known."""
    carried, touched = snapshot.carried, snapshot.touched
    if touched is None or carried.context is not every or carried.roster is not who:
        return (*snapshot.spokes, *(carried.judgements.keys() - snapshot.spokes.keys()))
    at_places = {uid for here in touched.places for uid in who.at.get(here, ())}
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


def _last_admission(judgements: Mapping[str, Judgement], now: Instant) -> Instant:
    """By the record on the Secrets, so that it survives a restart; and by what is on its way.

    A record from the future is nobody's admission: it would stop the whole hub until it comes.
    """
    times = [at for each in judgements.values() for at in each.opened.values()]
    writes = [each.inputs.write for each in judgements.values()]
    times += [each.sent_at for each in writes if each is not None]
    return max((at for at in times if at <= now + CLOCKS_APART_S), default=float("-inf"))


def _may_write(snapshot: Snapshot, policy: Policy) -> tuple[Reason, ...]:
    """Under `block` a label that comes back deletes: nothing is written without the guard."""
    if policy.gates.polarity is Polarity.ADMIT or in_force(snapshot.guards, Guard.A):
        return ()
    return (GuardNotInForce(standing_of(snapshot.guards, Guard.A).why),)


def _broke_generation(
    every: Context, judgements: Mapping[str, Judgement]
) -> dict[str, dict[str, Reason]]:
    """Names the spoke whose opening an ApplicationSet's error followed."""
    also: dict[str, dict[str, Reason]] = {}
    for tier, failing in every.failing.items():
        for each in failing:
            if each.since is None:
                continue
            openings = [
                (at, uid)
                for uid, judgement in judgements.items()
                if (at := judgement.opened.get(tier)) is not None
                and at <= each.since <= at + _SOON_AFTER_S
            ]
            if openings:
                _, uid = max(openings)
                broke = BrokeGeneration(each.application_set, each.message, each.since)
                also.setdefault(uid, {})[tier] = broke
    return also


def _patches(
    judgements: Mapping[str, Judgement],
    rollup: Rollup,
    turn: Admission,
    rescue: Recovery,
    policy: Policy,
    fresh: Freshness,
    now: Instant,
) -> list[PatchGates]:
    """Urgent ones first. Stale data opens nothing and closes nothing; a label that is lost may be
    set again, and a spoke parked, as long as the Secret itself was freshly read.
    """
    if not fresh.secrets_fresh:
        return []
    patches = []
    for uid in sorted(
        rollup.acting.keys() | turn.chosen.keys() | rescue.parks.keys() | rescue.unmarks
    ):
        each, tiers = judgements[uid], turn.chosen.get(uid, ())
        parking = _parking(uid, tiers, rescue)
        closes = () if fresh.stale or parking is Parking.PARKS else each.closes
        opens = {tier: now for tier in tiers if tier != UNPARK} | dict(each.urgent)
        if opens or closes or parking is not None:
            patches.append(
                patch_gates(
                    each.inputs.spoke,
                    policy.gates,
                    opens=opens,
                    closes=closes,
                    urgent=bool(each.urgent),
                    parking=parking,
                    killed_at=rescue.parks.get(uid, now),
                    now=now,
                )
            )
    return sorted(patches, key=lambda patch: not patch.urgent)


def _parking(uid: str, tiers: tuple[str, ...], rescue: Recovery) -> Parking | None:
    if UNPARK in tiers:
        return Parking.UNPARKS
    if uid in rescue.parks:
        return Parking.PARKS
    return Parking.UNMARKS if uid in rescue.unmarks else None


def _wake_at(
    rollup: Rollup,
    turn: Admission,
    shards: Sharding,
    rescue: Recovery,
    fresh: Freshness,
    now: Instant,
) -> Instant | None:
    """While data is stale only the hub can change the answer; nothing that time alone ends is
    believed to have ended.
    """
    waits = [at for reason in turn.waits_for if (at := ends_at(reason)) is not None and at > now]
    if fresh.stale:
        return earliest((*waits, fresh.wake_at))
    first = min(rollup.timers.values(), default=None)
    return earliest((*waits, first, shards.valid_until, rescue.wake_at, fresh.wake_at))
