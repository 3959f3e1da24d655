"""Which gates open now, and what is the state of every other?

A pure function of a snapshot, the policy and the time. It never raises on anything that a hub can
report: what is bad becomes a reason that names it.

The steps, as people would explain them:
1. What is known of the hub, and as of when? (freshness.py)
2. What do the ApplicationSets say, for every spoke alike? (context.py)
3. Which Secret is which spoke? (roster.py)
4. How far is each gate, by its own spoke alone? (looking.py, judging.py)
5. What has room on each shard? (sharding.py, rooms.py)
6. What is parked, and what may come back? (recovery.py)
7. Which ring's turn has come? (rings.py)
8. Of those that may open, whose turn is it? (admission.py)
9. What is sent (writing.py), and when would time alone change the answer? (timers.py)
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import structs

from watcher.decide.admission import Admission, admission
from watcher.decide.capacity import Shards
from watcher.decide.carried import Carried
from watcher.decide.context import Context
from watcher.decide.decision import Decision, Said, Spokes
from watcher.decide.freshness import Freshness, freshness
from watcher.decide.gates import CLOCKS_APART_S
from watcher.decide.judgement import Inputs, Judgement
from watcher.decide.looking import Looked, looked
from watcher.decide.reasons import (
    BrokeGeneration,
    Reason,
)
from watcher.decide.recovery import Recovery, recovery
from watcher.decide.rings import Rings
from watcher.decide.rollup import Rollup
from watcher.decide.roster import roster
from watcher.decide.sharding import Sharding, living, sharding
from watcher.decide.snapshot import Snapshot
from watcher.decide.timers import earliest, ends_at
from watcher.decide.verdicts import SpokeVerdicts, State, Verdict
from watcher.decide.writing import against_writing, patches
from watcher.facts import Guard, Instant, in_force
from watcher.policy import Policy

_SOON_AFTER_S = 60.0
"""An ApplicationSet reconciles within seconds of a Secret's write; one that began to fail within a
minute of an opening failed by it, as far as anybody can tell."""


def decide(snapshot: Snapshot, policy: Policy, now: Instant) -> Decision:
    """The decision for this snapshot at `now`."""
    snapshot = structs.replace(snapshot, pods=living(snapshot.pods))
    fresh = freshness(
        snapshot.sources,
        stale_after_s=policy.stale_after_s,
        believed_at=snapshot.carried.as_of,
        now=now,
    )
    if fresh.unlisted:
        return _nothing_known(snapshot, policy, fresh)
    here = looked(snapshot, policy, fresh)
    shards = sharding(snapshot, policy, here, now)
    rescue = recovery(
        snapshot.carried.plans,
        pods=snapshot.pods,
        kills=shards.known.kills,
        owned=shards.known.sites.owners,
        judgements=here.judgements,
        rollup=here.rollup,
        left_alone=here.roster.duplicates.keys(),
        policy=policy,
        may_refresh=in_force(snapshot.guards, Guard.E),
        now=now,
    )
    turns = Rings(policy, here.tallies, here.orders, here.judgements, now)
    stops = (*fresh.stale, *against_writing(snapshot, policy))
    spaced = policy.budgets.interval_s > 0
    turn = admission(
        here.rollup,
        shards,
        turns,
        policy.budgets,
        pending=here.pending,
        stops=stops,
        recovery=rescue,
        last_at=_last_admission(here.judgements, now) if spaced else now,
        now=now,
    )
    return _decision(snapshot, policy, fresh, here, shards, rescue, turns, turn, now)


def _decision(
    snapshot: Snapshot,
    policy: Policy,
    fresh: Freshness,
    here: Looked,
    shards: Sharding,
    rescue: Recovery,
    turns: Rings,
    turn: Admission,
    now: Instant,
) -> Decision:
    """What the steps came to. While a deletion is pending, parking would set it off."""
    against = against_writing(snapshot, policy)
    parks = Recovery() if here.pending else rescue
    said = Said(
        waits_for=tuple(each for each in turn.waits_for if each not in fresh.stale),
        chosen=turn.chosen,
        in_line=turn.in_line,
        rings=turns,
        sharding=shards,
        recovery=rescue,
        stale=fresh.stale,
        also=_broke_generation(here.context, here.judgements),
    )
    return Decision(
        spokes=Spokes(here.judgements, said),
        patches=() if against else patches(here, turn, parks, policy=policy, fresh=fresh, now=now),
        refreshes=rescue.refreshes,
        carried=Carried(
            judgements=here.judgements,
            context=here.context,
            application_sets=snapshot.application_sets,
            spokes=snapshot.spokes,
            roster=here.roster,
            rollup=here.rollup,
            shards=shards.known,
            plans=rescue.plans,
            orders=here.orders,
            disconnected=here.disconnected,
            tallies=here.tallies,
            nowhere=here.nowhere,
            as_of=fresh.as_of,
        ),
        wake_at=_wake_at(here.rollup, turn, shards, rescue, turns, fresh, now),
        shards=Shards(shards.rooms, rescue.said),
        stops=(*fresh.stale, *against, *shards.stops, *here.pending),
        follows=snapshot.carried,
        judged=frozenset(here.judged),
        given=snapshot.orders,
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


def _last_admission(judgements: Mapping[str, Judgement], now: Instant) -> Instant:
    """By the record on the Secrets, so that it survives a restart; and by what is on its way.

    A record from the future is nobody's admission: it would stop the whole hub until it comes.
    """
    times = [at for each in judgements.values() for at in each.opened.values()]
    writes = [each.inputs.write for each in judgements.values()]
    times += [each.sent_at for each in writes if each is not None]
    return max((at for at in times if at <= now + CLOCKS_APART_S), default=float("-inf"))


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


def _wake_at(
    rollup: Rollup,
    turn: Admission,
    shards: Sharding,
    rescue: Recovery,
    turns: Rings,
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
    others = (shards.valid_until, rescue.wake_at, turns.wake_at(), fresh.wake_at)
    return earliest((*waits, first, *others))
