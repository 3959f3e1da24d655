"""Which spokes are parked in answer to a kill?

Half of those that take memory on the shard, the least settled first, at the second kill within ten
minutes and at each further one. The hub itself never is, nor what a person has a say in.

The mark on a parked Secret holds the moment of the kill that it answers. So a kill is answered
once, whoever leads by then: one that is not after the youngest mark was. And the marks of ten
minutes stand for the kills that this process did not see.

Elsewhere: when a controller was killed (kills.py); when spokes come back (recovery.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Set

from msgspec import Struct
from msgspec.structs import replace

from watcher.decide.gates import CLOCKS_APART_S
from watcher.decide.judgement import Judgement, Stage
from watcher.decide.kills import REMEMBERED_S, Kills
from watcher.decide.roster import IN_CLUSTER_NAME, IN_CLUSTER_SERVER
from watcher.decide.verdicts import State
from watcher.facts import Instant, Spoke

_NEVER: Instant = float("-inf")


class Plan(Struct, frozen=True):
    """What is parked in answer to one kill."""

    killed_at: Instant
    chosen: int
    """How many spokes."""
    left: frozenset[str]
    """Those that are still to be parked, by UID."""


def unanswered(died: Kills, known: Plan | None, marks: Iterable[Instant], now: Instant) -> bool:
    """Whether the last kill is the second one within ten minutes, and nothing was parked for it.

    `known`: the plan for the kill before, or for this one. `marks`: the kills that the marks on the
    shard's Secrets name, in whole seconds; one ahead of `now` is no record of anything.
    """
    at = died.last_at
    if at is None or not died.at:
        return False
    if known is not None and known.killed_at >= at:
        return False
    past = [mark for mark in marks if mark <= now + CLOCKS_APART_S]
    if any(mark > at - 1.0 for mark in past):
        return False
    return len(died.at) >= 2 or any(mark > at - REMEMBERED_S for mark in past)


def planned(killed_at: Instant, here: Iterable[Judgement]) -> Plan:
    """What is parked for this kill of those that may be parked on the shard."""
    every = sorted(here, key=_how_settled)
    chosen = every[: math.ceil(len(every) / 2)]
    return Plan(killed_at, len(chosen), frozenset(each.inputs.spoke.uid for each in chosen))


def _how_settled(here: Judgement) -> tuple[int, bool, float, str]:
    """The least settled first: what it loses is what it has least of. Then what is unfinished, then
    what opened last.
    """
    settled = sum(each.state is State.SETTLED for each in here.verdicts.tiers.values())
    opened_at = max(here.opened.values(), default=_NEVER)
    return settled, not here.in_progress, -opened_at, here.inputs.spoke.uid


def left_of(
    plan: Plan | None,
    judgements: Mapping[str, Judgement],
    *,
    left_alone: Set[str],
    stays_up: bool,
) -> Plan | None:
    """What of a plan is still to be done. A spoke that was parked is done with, whoever unparks it
    then; and where the controller stays up, nothing more is needed.
    """
    if plan is None or not plan.left:
        return plan
    left = frozenset(
        uid
        for uid in plan.left
        if (each := judgements.get(uid)) is not None and may_park(each, left_alone)
    )
    return replace(plan, left=frozenset() if stays_up else left)


def may_park(here: Judgement, left_alone: Set[str]) -> bool:
    """Whether parking the spoke would give memory back, and nobody else has a say in it.

    `left_alone`: UIDs of Secrets that cannot be told from others.
    """
    spoke = here.inputs.spoke
    return (
        here.stage not in (Stage.NOTHING, Stage.PARKED)
        and not spoke.skip_reconcile
        and not spoke.unreadable
        and spoke.deleting_since is None
        and spoke.uid not in left_alone
        and not _is_the_hub(spoke)
    )


def _is_the_hub(spoke: Spoke) -> bool:
    """What Argo CD itself runs on."""
    return spoke.server.rstrip("/") == IN_CLUSTER_SERVER or spoke.name == IN_CLUSTER_NAME
