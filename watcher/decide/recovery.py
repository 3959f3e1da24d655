"""How does a shard that is killed for its memory again and again come back?

At the second kill within ten minutes, and at each further one, half of its unparked spokes are
parked, the least settled first, until the controller stays up. Then they come back one by one, each
once there is room for it as for any cluster that is loaded (admission.py).

Facts (Argo CD, controller/sharding/cache.go; measured on a real controller):
- A controller that starts loads every cluster at once; with all spokes parked it comes up and
  stays.
- `skip-reconcile` on a cluster Secret is heeded from Argo CD 3.4 on; before, it means nothing.
- After unparking nothing happens before the periodic resync, which comes within minutes, unless the
  Applications are asked to be refreshed.

Elsewhere: which spokes go at a kill, and which kill was answered (plans.py); what is written
(parking.py); what a parked gate is (judging.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from msgspec import Struct

from watcher.decide.judgement import Judgement
from watcher.decide.kills import Kills
from watcher.decide.owners import Owners, owner
from watcher.decide.parking import Refresh, is_parked, parked_at, was_taken_back
from watcher.decide.plans import Plan, left_of, may_park, planned, unanswered
from watcher.decide.reasons import (
    ParkedFirst,
    Reason,
    RecoveryRefused,
    RecoveryWaits,
    SpokeReturns,
)
from watcher.decide.rollup import Rollup
from watcher.decide.rooms import shard_name
from watcher.decide.timers import earliest
from watcher.facts import Instant, Pod
from watcher.policy import Policy
from watcher.policy import Recovery as Wish

OLDEST = (3, 4)
"""Before this Argo CD a cluster Secret's skip-reconcile is not heeded."""

RETURNS_S = 300.0
"""How long a spoke's return is waited for: a periodic resync is 3 minutes with its jitter, and may
be late on a controller that has just come up."""

_NEVER: Instant = float("-inf")


class Recovery(Struct, frozen=True):
    """What is done in one turn."""

    parks: Mapping[str, Instant] = {}
    """The spokes to park now, by UID, each with the kill that this answers."""
    returns: frozenset[str] = frozenset()
    """The parked spokes whose turn it is to come back, by UID: one of a shard at a time. Whether
    there is room for it is for the admission to say."""
    first: Mapping[str | None, Reason] = {}
    """Why no new cluster is loaded on a shard, by the Pod's namespace/name; None: on that which is
    charged with what nobody owns."""
    unmarks: frozenset[str] = frozenset()
    """The spokes that a person took back: only the mark is to be taken away."""
    refreshes: tuple[Refresh, ...] = ()
    """What Argo CD is to be asked to look at."""
    said: Mapping[str | None, tuple[Reason, ...]] = {}
    """What a person should know of each shard, by the Pod's namespace/name; None: of the parked
    spokes of which nobody knows on which they are."""
    plans: Mapping[str, Plan] = {}
    """By the Pod's namespace/name, for the next turn."""
    wake_at: Instant | None = None
    """When time alone would change this."""


class _Group(Struct, frozen=True):
    """The spokes of one shard that are parked, or come back; or those of which nobody knows on
    which they are.
    """

    shown: str
    """The shard's name, or all of them."""
    up_at: Instant | None
    """From when on it has stayed up; None while it is not up."""
    parked: tuple[Judgement, ...]
    returning: tuple[Judgement, ...]

    def stays_up(self, now: Instant) -> bool:
        """Whether it has stayed up for the cool-down."""
        return self.up_at is not None and now >= self.up_at


def recovery(
    plans: Mapping[str, Plan],
    *,
    pods: Mapping[str, Pod],
    kills: Mapping[str, Kills],
    owned: Owners,
    judgements: Mapping[str, Judgement],
    rollup: Rollup,
    left_alone: Set[str],
    policy: Policy,
    may_refresh: bool,
    now: Instant,
) -> Recovery:
    """What is parked and what comes back at `now`.

    `plans`: those of the turn before. `left_alone`: UIDs of Secrets that are not written, others
    having the same name or server. `may_refresh`: whether Applications may be asked to be
    refreshed.
    """
    if policy.recovery is Wish.OFF:
        return Recovery()
    groups = _groups(pods, kills, owned, rollup, policy.memory.cool_down_s, now)
    after: dict[str, Plan] = {}
    said: dict[str | None, tuple[Reason, ...]] = {}
    for key, group in groups.items():
        said[key] = tuple(_said(group, now))
        if key is None:
            continue
        if why := refused(pods[key]):
            said[key] = (RecoveryRefused(group.shown, why), *said[key])
            continue
        stays_up, died = group.stays_up(now), kills.get(key, Kills())
        known = left_of(plans.get(key), judgements, left_alone=left_alone, stays_up=stays_up)
        if not stays_up and unanswered(died, known, _marks(rollup, owned, key), now):
            here = _may_park_on(key, owned, judgements, left_alone)
            known = planned(_NEVER if died.last_at is None else died.last_at, here)
        if known is not None:
            after[key] = known
            if not (known.chosen or stays_up):
                nobody = "no spoke that may be parked is left on it"
                said[key] = (RecoveryRefused(group.shown, nobody), *said[key])
    return Recovery(
        parks=dict(_parks(after, judgements, now)),
        returns=frozenset(uid for group in groups.values() for uid in _next(group, now)),
        first={
            key: ParkedFirst(group.shown, len(group.parked))
            for key, group in groups.items()
            if any(each.candidates or each.inputs.write for each in group.parked)
        },
        unmarks=frozenset(
            uid
            for uid, each in rollup.marked.items()
            if was_taken_back(each.inputs.spoke) and _writable(each, left_alone, now)
        ),
        refreshes=tuple(_refreshes(rollup, now)) if may_refresh else (),
        said={key: reasons for key, reasons in said.items() if reasons},
        plans=after,
        wake_at=earliest(_times(after, judgements, groups.values(), now)),
    )


def refused(pod: Pod) -> str:
    """Why parking does nothing under this controller; empty where it does."""
    version = pod.version
    if version is None:
        return f"its image {pod.image or 'is not known, which'} does not tell which Argo CD it is"
    if version < OLDEST:
        return f"Argo CD {version[0]}.{version[1]} does not heed it; from 3.4 on it does"
    return ""


def _groups(
    pods: Mapping[str, Pod],
    kills: Mapping[str, Kills],
    owned: Owners,
    rollup: Rollup,
    cool_down_s: float,
    now: Instant,
) -> dict[str | None, _Group]:
    parked: dict[str | None, list[Judgement]] = {}
    returning: dict[str | None, list[Judgement]] = {}
    for each in rollup.marked.values():
        if is_parked(each.inputs.spoke):
            parked.setdefault(owner(owned, each.inputs.spoke), []).append(each)
    for each in rollup.returning.values():
        if now < _waited_for_until(each):
            returning.setdefault(owner(owned, each.inputs.spoke), []).append(each)
    up_at: dict[str | None, Instant | None] = {
        key: _up_at(pod, kills.get(key, Kills()), cool_down_s) for key, pod in pods.items()
    }
    names: dict[str | None, str] = {key: shard_name(pod) for key, pod in pods.items()}
    if None in parked and pods:
        every = [at for at in up_at.values() if at is not None]
        up_at[None] = max(every) if len(every) == len(pods) else None
        names[None] = ", ".join(sorted(names.values()))
    return {
        key: _Group(shown, up_at[key], tuple(parked.get(key, ())), tuple(returning.get(key, ())))
        for key, shown in names.items()
    }


def _up_at(pod: Pod, died: Kills, cool_down_s: float) -> Instant | None:
    if not pod.ready or pod.started_at is None or pod.deleting_since is not None:
        return None
    return max(pod.started_at, _NEVER if died.last_at is None else died.last_at) + cool_down_s


def _said(group: _Group, now: Instant) -> Iterator[Reason]:
    if not group.parked:
        return
    if not group.stays_up(now):
        yield RecoveryWaits(group.shown, len(group.parked), group.up_at)
    for each in group.returning[:1]:
        yield SpokeReturns(group.shown, each.verdicts.name, len(group.parked))


# --- parking -------------------------------------------------------------------------------------


def _marks(rollup: Rollup, owned: Owners, pod: str) -> list[Instant]:
    """The kills that were answered on this shard, by the marks; those of which nobody knows where
    it was count everywhere.
    """
    return [
        at
        for each in rollup.marked.values()
        if (at := parked_at(each.inputs.spoke)) is not None
        and owner(owned, each.inputs.spoke) in (pod, None)
    ]


def _may_park_on(
    pod: str, owned: Owners, judgements: Mapping[str, Judgement], left_alone: Set[str]
) -> list[Judgement]:
    return [
        each
        for each in judgements.values()
        if may_park(each, left_alone) and owner(owned, each.inputs.spoke) == pod
    ]


def _parks(
    plans: Mapping[str, Plan], judgements: Mapping[str, Judgement], now: Instant
) -> Iterator[tuple[str, Instant]]:
    for plan in plans.values():
        for uid in plan.left:
            if _writable(judgements[uid], frozenset(), now):
                yield uid, plan.killed_at


def _writable(here: Judgement, left_alone: Set[str], now: Instant) -> bool:
    spoke, refusal = here.inputs.spoke, here.inputs.refusal
    return (
        here.inputs.write is None
        and (refusal is None or now >= refusal.retry_at)
        and not spoke.unreadable
        and spoke.deleting_since is None
        and spoke.uid not in left_alone
    )


# --- coming back ---------------------------------------------------------------------------------


def _next(group: _Group, now: Instant) -> Iterator[str]:
    """The one whose turn it is: the most that was open, then the longest. While one is on its way,
    or its patch is, no other.
    """
    on_its_way = group.returning or any(each.inputs.write is not None for each in group.parked)
    waiting = [each for each in group.parked if each.candidates]
    if waiting and group.stays_up(now) and not on_its_way:
        yield min(waiting, key=_how_much_waits).inputs.spoke.uid


def _how_much_waits(here: Judgement) -> tuple[int, float, str]:
    opened_at = max(here.opened.values(), default=_NEVER)
    return -len(here.opened), opened_at, here.inputs.spoke.uid


def _waited_for_until(returning: Judgement) -> Instant:
    return max(each.unparked_at for each in returning.returning) + RETURNS_S


def _refreshes(rollup: Rollup, now: Instant) -> Iterator[Refresh]:
    for each in rollup.returning.values():
        if now < _waited_for_until(each):
            yield from each.returning


def _times(
    plans: Mapping[str, Plan],
    judgements: Mapping[str, Judgement],
    groups: Iterable[_Group],
    now: Instant,
) -> Iterator[Instant]:
    """When something changes by itself: a shard has stayed up, a return was waited for long enough,
    a refused patch may be sent again.
    """
    for group in groups:
        if group.up_at is not None and now < group.up_at:
            yield group.up_at
        if group.parked:
            yield from map(_waited_for_until, group.returning)
    for plan in plans.values():
        for uid in plan.left:
            refusal = judgements[uid].inputs.refusal
            if refusal is not None and now < refusal.retry_at:
                yield refusal.retry_at
