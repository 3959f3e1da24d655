"""What is known of every shard in this turn?

The controllers' Pods, what they say of their memory and what goes on on each, put together once:
for admission, for recovery, and for people.

Where the Pods themselves are not known, or there is none, nothing is admitted, and the reason is
everybody's.

Elsewhere: one shard's room (rooms.py); what was learned of it (measured.py); whose a spoke is
(owners.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from watcher.decide.carried import ShardsKnown
from watcher.decide.gates import CLOCKS_APART_S
from watcher.decide.judgement import Judgement, Stage
from watcher.decide.kills import Kills, kills
from watcher.decide.looking import Looked
from watcher.decide.measured import measured
from watcher.decide.owners import owner, owners
from watcher.decide.reasons import NoController, PodsUnknown, Reason
from watcher.decide.rollup import Rollup
from watcher.decide.rooms import Room, room, tightest, work_on
from watcher.decide.sites import sites
from watcher.decide.snapshot import Snapshot
from watcher.decide.timers import earliest
from watcher.facts import Instant, Kind, Pod, Readings, Source, Spoke
from watcher.policy import Policy

_WEIGHT = 0.2
"""Of each new one: about the last ten count."""


class Sharding(Struct, frozen=True):
    """Every shard."""

    known: ShardsKnown
    rooms: Mapping[str, Room]
    """By the Pod's key, in the order of the shards' names."""
    stops: tuple[Reason, ...]
    """Why nothing is admitted on any."""
    unowned: str | None
    """The shard that is charged with what nobody owns; None where there is none."""
    valid_until: Instant | None

    def at(self, spoke: Spoke) -> Room | None:
        """The room that a spoke is charged to."""
        pod = owner(self.known.sites.owners, spoke) or self.unowned
        return None if pod is None else self.rooms.get(pod)


def sharding(
    snapshot: Snapshot,
    policy: Policy,
    here: Looked,
    now: Instant,
) -> Sharding:
    """Every shard at `now`."""
    pods, before = snapshot.pods, snapshot.carried.shards
    rollup, judgements, judged = here.rollup, here.judgements, here.judged
    died = kills(before.kills, pods, now)
    owned = owners(before.sites.owners, pods, snapshot.readings)
    count = sites(before.sites, owned, judgements, known=snapshot.carried.judgements, judged=judged)
    typical_s = _typical(before.typical_s, snapshot.carried.judgements, judged, now)
    unowned = any(at.pod is None for at in count.counts)
    seen = {
        key: measured(
            before.measured.get(key),
            pod,
            snapshot.readings.get(key, Readings()),
            work_on(count, key),
            unowned=unowned,
            kills=died.get(key, Kills()),
            memory=policy.memory,
        )
        for key, pod in pods.items()
    }
    known = ShardsKnown(count, seen, died, typical_s)
    rooms = _rooms(snapshot, policy, known, _about(rollup, judgements, known), now)
    stops, ends_at = _stops(snapshot, policy, now)
    alone = tightest(rooms)
    return Sharding(
        known=known,
        rooms=rooms,
        stops=stops,
        unowned=None if alone is None else alone.pod.key,
        valid_until=earliest((*(each.valid_until for each in rooms.values()), ends_at)),
    )


def _rooms(
    snapshot: Snapshot,
    policy: Policy,
    known: ShardsKnown,
    about: Mapping[str | None, Instant],
    now: Instant,
) -> dict[str, Room]:
    """What nobody owns is charged to the tightest shard, which is the tighter for it."""

    def made(key: str, *, unowned: bool = False) -> Room:
        return room(
            pods[key],
            snapshot.readings.get(key, Readings()),
            known.measured[key],
            known.sites,
            unowned=unowned,
            kills=known.kills.get(key, Kills()),
            policy=policy,
            about_at=about.get(key),
            now=now,
        )

    pods = snapshot.pods
    rooms = {key: made(key) for key in sorted(pods, key=lambda key: _place(pods[key]))}
    unowned = any(at.pod is None for at in known.sites.counts)
    if unowned and (alone := tightest(rooms)) is not None:
        rooms[alone.pod.key] = made(alone.pod.key, unowned=True)
    return rooms


def _place(pod: Pod) -> tuple[int, str]:
    return (-1 if pod.number is None else pod.number, pod.key)


def living(pods: Mapping[str, Pod]) -> Mapping[str, Pod]:
    """Those that are controllers still: an evicted Pod of a Deployment stays, and runs no more."""
    return {key: pod for key, pod in pods.items() if pod.phase not in ("Failed", "Succeeded")}


def _stops(
    snapshot: Snapshot, policy: Policy, now: Instant
) -> tuple[tuple[Reason, ...], Instant | None]:
    """Why no shard is known well enough, and when what is known of them turns stale."""
    source = snapshot.sources.get(Kind.PODS, Source(Kind.PODS))
    if not source.listed or source.heard_at is None:
        return (PodsUnknown(source.trouble or "they have not been listed yet"),), None
    ends_at = source.heard_at + policy.stale_after_s
    if not source.heard_at - CLOCKS_APART_S <= now < ends_at:
        return (PodsUnknown(source.trouble or "nothing was heard of them for too long"),), None
    if not snapshot.pods:
        return (NoController(policy.memory.selector),), ends_at
    return (), ends_at


def _about(
    rollup: Rollup, judgements: Mapping[str, Judgement], known: ShardsKnown
) -> dict[str | None, Instant]:
    """By Pod: about when the first of what is in progress there will have settled."""
    first: dict[str | None, Instant] = {}
    for uid in rollup.in_progress:
        judgement = judgements[uid]
        begun_at = max(judgement.opened.values(), default=None)
        if begun_at is not None:
            pod = owner(known.sites.owners, judgement.inputs.spoke)
            first[pod] = min(first.get(pod, begun_at), begun_at)
    return {pod: at + known.typical_s for pod, at in first.items()}


def _typical(
    before_s: float,
    known: Mapping[str, Judgement],
    judged: Mapping[str, Judgement | None],
    now: Instant,
) -> float:
    """`before_s`, and what has just come to rest."""
    for uid, after in judged.items():
        before = known.get(uid)
        if before is None or after is None or after.stage is not Stage.STANDING:
            continue
        begun_at = max(before.opened.values(), default=None)
        if before.in_progress and begun_at is not None:
            before_s += _WEIGHT * (max(0.0, now - begun_at) - before_s)
    return before_s
