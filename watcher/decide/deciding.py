"""Which gates open now, and what is the state of every other?

A pure function of a snapshot, the policy and the time. It never raises on anything that a hub can
report: what is bad becomes a reason that names it.

The steps, as people would explain them:
1. What is known of the hub, and as of when? (freshness.py)
2. What do the ApplicationSets say, for every spoke alike? (context.py)
3. Which Secret is which spoke? (roster.py)
4. How far is each gate, by its own spoke alone? (judging.py) Kept from the turn before where
   nothing that it was made from has changed.
5. Of those that may open, whose turn is it? (admission.py)
6. What is sent (patch.py), and when would time alone change the answer? (timers.py)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from watcher.decide.admission import Admission, admission
from watcher.decide.carried import Carried
from watcher.decide.context import Context, context
from watcher.decide.decision import Decision, Said, Spokes
from watcher.decide.freshness import Freshness, freshness
from watcher.decide.judgement import Inputs, Judgement, stands
from watcher.decide.judging import judge
from watcher.decide.patch import PatchGates, patch_gates
from watcher.decide.reasons import (
    BrokeGeneration,
    DeletionPending,
    GuardNotInForce,
    Reason,
)
from watcher.decide.roster import Roster, roster, same_identity
from watcher.decide.snapshot import Snapshot
from watcher.decide.timers import earliest, ends_at
from watcher.decide.unselected import unplaced_deletions
from watcher.decide.verdicts import SpokeVerdicts, State, Verdict
from watcher.facts import Instant
from watcher.policy import Polarity, Policy

_SOON_AFTER_S = 60.0
"""An ApplicationSet reconciles within seconds of a Secret's write; one that began to fail within a
minute of an opening failed by it, as far as anybody can tell."""


def decide(snapshot: Snapshot, policy: Policy, now: Instant) -> Decision:
    """The decision for this snapshot at `now`."""
    fresh = freshness(snapshot.sources, stale_after_s=policy.stale_after_s, now=now)
    if fresh.unlisted:
        return _nothing_known(snapshot, policy, fresh)
    every = context(snapshot.application_sets, policy, snapshot.carried, now=fresh.as_of)
    who = _roster(snapshot)
    judgements = _judgements(snapshot, every, who, fresh.as_of)
    pending = _pending(snapshot, every, who, judgements)
    may = _may_write(snapshot, policy)
    turn = admission(
        judgements, policy.budgets, pending=pending, stops=(*fresh.stale, *may), now=now
    )
    said = Said(
        waits_for=turn.waits_for,
        chosen=turn.chosen,
        stale=fresh.stale,
        also=_broke_generation(every, judgements),
    )
    return Decision(
        spokes=Spokes(judgements, said),
        patches=() if may else tuple(_patches(judgements, turn, policy, fresh, now)),
        carried=Carried(judgements, every, snapshot.application_sets, snapshot.spokes, who),
        wake_at=_wake_at(judgements, turn, fresh, now),
        stops=(*fresh.stale, *may, *pending),
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
    return Decision(Spokes(judgements, Said()), (), snapshot.carried, None, fresh.unlisted)


def _roster(snapshot: Snapshot) -> Roster:
    """The carried one where no Secret came, went or changed its name or server."""
    before, known = snapshot.carried.roster, snapshot.carried.spokes
    if (
        before is not None
        and known.keys() == snapshot.spokes.keys()
        and all(same_identity(known[uid], spoke) for uid, spoke in snapshot.spokes.items())
    ):
        return before
    return roster(snapshot.spokes.values())


def _judgements(
    snapshot: Snapshot, every: Context, who: Roster, as_of: Instant
) -> dict[str, Judgement]:
    """Each spoke's judgement: the carried one where it stands."""
    before = snapshot.carried.judgements
    same_roster = who is snapshot.carried.roster
    answers: dict[str, Judgement] = {}
    groups, writes, refusals = snapshot.applications, snapshot.writes, snapshot.refusals
    for uid, spoke in snapshot.spokes.items():
        theirs = tuple([groups.get(here, ()) for here in who.places[uid]])
        write, refusal, known = writes.get(uid), refusals.get(uid), before.get(uid)
        if (
            known is not None
            and same_roster
            and stands(
                known,
                spoke=spoke,
                groups=theirs,
                write=write,
                refusal=refusal,
                context=every,
                now=as_of,
            )
        ):
            answers[uid] = known
            continue
        answers[uid] = judge(
            Inputs(spoke, theirs, write, refusal, every),
            name=who.names[uid],
            duplicate=who.duplicates.get(uid),
            seen={} if known is None else known.seen,
            now=as_of,
        )
    return answers


def _pending(
    snapshot: Snapshot, every: Context, who: Roster, judgements: Mapping[str, Judgement]
) -> tuple[DeletionPending, ...]:
    """Rule 2 over the whole hub: any write to any Secret would carry these deletions out."""
    addons = {each.key: each for each in every.addons}
    nowhere = [
        app
        for here in snapshot.applications.keys() - who.known
        for app in snapshot.applications[here]
    ]
    found = [one for each in judgements.values() if each.pending for one in each.pending]
    found += unplaced_deletions(addons, nowhere)
    return tuple(sorted(found, key=lambda each: each.application))


def _may_write(snapshot: Snapshot, policy: Policy) -> tuple[Reason, ...]:
    """Under `block` a label that comes back deletes: nothing is written without the guard."""
    guarded = policy.gates.polarity is Polarity.ADMIT or snapshot.guarded is True
    return () if guarded else (GuardNotInForce(),)


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
    turn: Admission,
    policy: Policy,
    fresh: Freshness,
    now: Instant,
) -> Iterator[PatchGates]:
    """Urgent ones first. Stale data opens nothing and closes nothing; a label that is lost may be
    set again as long as the Secret itself was freshly read.
    """
    if not fresh.secrets_fresh:
        return
    later = []
    for uid, each in judgements.items():
        chosen = turn.chosen.get(uid, ())
        closes = () if fresh.stale else each.closes
        if not (each.urgent or chosen or closes):
            continue
        patch = patch_gates(
            each.inputs.spoke,
            policy.gates,
            opens=dict.fromkeys(chosen, now) | dict(each.urgent),
            closes=closes,
            urgent=bool(each.urgent),
        )
        if patch.urgent:
            yield patch
        else:
            later.append(patch)
    yield from later


def _wake_at(
    judgements: Mapping[str, Judgement], turn: Admission, fresh: Freshness, now: Instant
) -> Instant | None:
    """While data is stale only the hub can change the answer; nothing that time alone ends is
    believed to have ended.
    """
    times = [ends_at(reason) for reason in turn.waits_for]
    if not fresh.stale:
        times += [each.valid_until for each in judgements.values() if each.valid_until is not None]
    return earliest((*(at for at in times if at is not None and at > now), fresh.wake_at))
