"""What will open next, in which order, and what does each gate wait for?

Pure: a decision in, a plan out. Every gate that has not passed stands in exactly one place: it
opens now; it is under way; it is in line, with its place there; it is kept back though nothing of
its own spoke is missing; it waits for another tier; it is torn down, and nothing of it is left; or
somebody has to look at it.

Elsewhere: how the line is made (decide/admission.py); what a plan looks like (plan_screen.py); how
the hub is looked at (daemon/looking.py).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from math import isfinite

from msgspec import Struct

from watcher.decide import Decision, Gate, PatchGates, Reason, State, say
from watcher.decide.coming import coming
from watcher.decide.judgement import Candidate
from watcher.decide.parking import UNPARK
from watcher.decide.reasons import Closes, Opens, RingReason, Unparks
from watcher.decide.removal import seen_by
from watcher.decide.torn import torn_down
from watcher.decide.verdicts import PASSED, URGENT
from watcher.decide.words import name
from watcher.facts import Selector, matches, rfc3339
from watcher.policy import Policy
from watcher.serve import Decided
from watcher.serve.shapes import Reason as Said
from watcher.serve.shapes import RingTier, Shape
from watcher.serve.shown import View

_FEW = 3
"""Reasons where not all can be shown: a gate of a hundred Applications has a hundred."""

_TOLD_APART = 3
"""Gates that wait for reasons of one name are told apart by their words, if these are so few."""

_OF_ITSELF = frozenset({State.PROGRESSING, State.SOAKING, State.QUEUED, State.WAITING})
_NEEDS_SOMEBODY = tuple(state for state in URGENT if state not in _OF_ITSELF)


class Act(Shape, frozen=True):
    """Something that a watcher would do now."""

    spoke: str
    tier: str | None
    """Null where it is about the spoke as a whole."""
    does: str
    """opens, closes, parks, unparks, or unmarks: takes the mark of having been parked away."""
    ahead: bool
    """Whether it goes ahead of every queue, since it only prevents worse."""
    reasons: tuple[Said, ...] = ()


class Next(Shape, frozen=True):
    """A gate in line, or a parked spoke that may come back."""

    place: int
    """In the line of the whole hub, from 1."""
    spoke: str
    tier: str | None
    """Null where the spoke comes back."""
    since: str | None
    """Since when it has waited; null where nobody knows."""
    reasons: tuple[Said, ...]
    """Why not now."""


class Group(Shape, frozen=True):
    """Gates of one tier and in one state that wait for the same."""

    tier: str
    state: str
    reasons: tuple[Said, ...]
    """Of the first of these spokes."""
    alike: bool
    """Whether the others' words are the same."""
    spokes: tuple[str, ...]
    """All of them, by name."""


class Plan(Shape, frozen=True):
    """What comes next."""

    planned_at: str
    policy_from: str
    spokes: int
    """Those that the plan is about."""
    gates: Mapping[str, int]
    """State to how many gates have it."""
    stops: tuple[Said, ...]
    """Why nothing at all is admitted now."""
    now: tuple[Act, ...]
    """Those first that go ahead of every queue."""
    under_way: tuple[Group, ...]
    in_line: tuple[Next, ...]
    kept_back: tuple[Group, ...]
    """In no line, though no other gate of their spoke is missing: it is not their ring's turn, a
    window is shut, or opening them is not safe."""
    waits: tuple[Group, ...]
    """For another tier on their spoke."""
    needs_somebody: tuple[Group, ...]
    torn_down: tuple[Group, ...]
    """Their teardown is done, so that nothing is left to do until somebody takes it back."""
    rings: tuple[RingTier, ...]
    """How far each tier is in each ring."""
    unknown: tuple[str, ...] = ()
    """What was not looked at, and what the plan goes by instead."""


class Wanted(Struct, frozen=True):
    """Which gates a plan is about: those of which all holds that is given here."""

    spokes: frozenset[str] = frozenset()
    """By their names."""
    labels: Selector = Selector()
    rings: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()

    def spoke(self, decision: Decision, uid: str) -> bool:
        """Whether it is about this spoke."""
        spokes = decision.spokes
        return (
            (not self.spokes or spokes.own(uid).name in self.spokes)
            and (not self.rings or spokes.ring(uid) in self.rings)
            and matches(self.labels, spokes.fact(uid).labels) is True
        )

    def tier(self, tier: str) -> bool:
        """Whether it is about this tier; what is about a spoke as a whole always counts."""
        return not self.tiers or tier == UNPARK or tier in self.tiers

    def gate(self, decision: Decision, gate: Gate) -> bool:
        """Whether it is about this gate."""
        return self.tier(gate.tier) and self.spoke(decision, gate.spoke)


EVERYTHING = Wanted()


def planned(decided: Decided, *, policy_from: str, wanted: Wanted = EVERYTHING) -> Plan:
    """The plan by this decision."""
    decision, policy = decided.decision, decided.policy
    uids = [uid for uid in decision.spokes if wanted.spoke(decision, uid)]
    turns = _turns(decision)
    acts = dict(_acts(decision, turns))
    line = dict(_line(decision, policy, {each: turns[each] for each in turns if each not in acts}))
    elsewhere = acts.keys() | line.keys()
    standing = [each for each in _standing(decision, uids, wanted) if each.gate not in elsewhere]
    torn = frozenset(_torn_down(decision, uids))
    done = [each for each in standing if each.gate in torn]
    standing = [each for each in standing if each.gate not in torn]
    tiers = [tier.name for tier in policy.order]
    grouped = partial(_grouped, standing, tiers)
    return Plan(
        planned_at=rfc3339(decided.at),
        policy_from=policy_from,
        spokes=len(uids),
        gates=_counted(decision, uids, wanted),
        stops=_said(decision.stops),
        now=tuple(act for gate, act in acts.items() if wanted.gate(decision, gate)),
        under_way=grouped(State.PROGRESSING, State.SOAKING),
        in_line=tuple(each for gate, each in line.items() if wanted.gate(decision, gate)),
        kept_back=grouped(State.QUEUED),
        waits=grouped(State.WAITING),
        needs_somebody=grouped(*_NEEDS_SOMEBODY),
        torn_down=_grouped(done, tiers, State.HELD),
        rings=tuple(
            each
            for each in View(decided).rings.tiers
            if wanted.tier(each.tier) and (not wanted.rings or each.ring in wanted.rings)
        ),
    )


class _Standing(Struct, frozen=True):
    """A gate that has not passed."""

    gate: Gate
    spoke: str
    state: State
    reasons: tuple[Reason, ...]


def _turns(decision: Decision) -> dict[Gate, Candidate]:
    """Every gate that may open, as far as its own spoke is concerned, in order."""
    return {Gate(each.uid, each.tier): each for each in coming(decision, sys.maxsize)}


def _acts(decision: Decision, turns: Mapping[Gate, Candidate]) -> list[tuple[Gate, Act]]:
    """What would be sent: what prevents worse, then by whose turn it is."""
    places = {gate: place for place, gate in enumerate(turns)}
    found = [
        (gate, _act(decision, gate, does, ahead=patch.urgent))
        for patch in decision.patches
        for gate, does in _does(patch)
    ]
    return sorted(
        found, key=lambda each: (not each[1].ahead, places.get(each[0], -1), each[1].spoke)
    )


def _does(patch: PatchGates) -> Iterator[tuple[Gate, str]]:
    yield from ((Gate(patch.spoke, tier), "opens") for tier in patch.opens)
    yield from ((Gate(patch.spoke, tier), "closes") for tier in patch.closes)
    if patch.parking is not None:
        yield Gate(patch.spoke, UNPARK), patch.parking.value


def _act(decision: Decision, gate: Gate, does: str, *, ahead: bool) -> Act:
    return Act(
        spoke=decision.spokes.own(gate.spoke).name,
        tier=gate.tier or None,
        does=does,
        ahead=ahead,
        reasons=_said(_reasons(decision, gate)),
    )


def _line(
    decision: Decision, policy: Policy, turns: Mapping[Gate, Candidate]
) -> Iterator[tuple[Gate, Next]]:
    """Those that wait for their own turn, and not for that of their ring, each with its place."""
    first = policy.order[0].name  # its reasons are those of the spoke as a whole
    place = 0
    for gate, each in turns.items():
        unparks = gate.tier == UNPARK
        reasons = _reasons(decision, Gate(gate.spoke, first) if unparks else gate)
        if any(isinstance(reason, RingReason) for reason in reasons):
            continue
        place += 1
        made = Next(
            place=place,
            spoke=each.spoke,
            tier=None if unparks else gate.tier,
            since=rfc3339(each.since) if isfinite(each.since) else None,
            reasons=_said(reasons or decision.stops),
        )
        yield gate, made


def _reasons(decision: Decision, gate: Gate) -> tuple[Reason, ...]:
    """Those of a gate that say more than what would be done now."""
    verdict = decision.spokes[gate.spoke].tiers.get(gate.tier)
    reasons = () if verdict is None else verdict.reasons
    return tuple(each for each in reasons if not isinstance(each, Opens | Closes | Unparks))


def _standing(decision: Decision, uids: Iterable[str], wanted: Wanted) -> Iterator[_Standing]:
    """Every gate that has not passed, by its spoke's name."""
    spokes = decision.spokes
    for uid in sorted(uids, key=lambda uid: spokes.own(uid).name):
        for tier, verdict in spokes.own(uid).tiers.items():
            if verdict.state not in PASSED and wanted.tier(tier):
                yield _Standing(
                    Gate(uid, tier),
                    spokes.own(uid).name,
                    verdict.state,
                    _telling(decision, Gate(uid, tier)),
                )


def _torn_down(decision: Decision, uids: Iterable[str]) -> Iterator[Gate]:
    """Those whose teardown is done."""
    for uid in uids:
        if decision.spokes.fact(uid).teardown is not None:
            here = seen_by(decision, uid, decision.carried.as_of)
            yield from (Gate(uid, tier) for tier in torn_down(here))


def _telling(decision: Decision, gate: Gate) -> tuple[Reason, ...]:
    """The few that a closed gate has; of what goes on in an open one that which says most."""
    verdict = decision.spokes.verdict(gate.spoke, gate.tier)
    if verdict.state in (State.QUEUED, State.WAITING):
        return verdict.reasons[:_FEW]
    return (decision.spokes.foremost(gate.spoke, gate.tier),)


def _counted(decision: Decision, uids: Iterable[str], wanted: Wanted) -> dict[str, int]:
    counts = Counter(
        verdict.state
        for uid in uids
        for tier, verdict in decision.spokes.own(uid).tiers.items()
        if wanted.tier(tier)
    )
    return {state.value: counts[state] for state in State if counts[state]}


def _grouped(
    standing: Iterable[_Standing], tiers: Sequence[str], *states: State
) -> tuple[Group, ...]:
    """Those in these states: those first that most need a person, then in the tiers' order."""
    alike: dict[tuple[State, str, str], list[_Standing]] = {}
    for each in standing:
        if each.state in states:
            key = (each.state, each.gate.tier, name(each.reasons[0]))
            alike.setdefault(key, []).append(each)
    depths = {tier: at for at, tier in enumerate(tiers)}
    ordered = sorted(
        alike, key=lambda key: (URGENT.index(key[0]), depths.get(key[1], len(depths)), key[2])
    )
    return tuple(group for key in ordered for group in _told_apart(alike[key]))


def _told_apart(gates: list[_Standing]) -> Iterator[Group]:
    """By their words where these are few, most gates first; else all together."""
    by_words: dict[tuple[Said, ...], list[_Standing]] = {}
    for each in gates:
        by_words.setdefault(_said(each.reasons), []).append(each)
    if len(by_words) > _TOLD_APART:
        yield _group(gates, alike=False)
        return
    for group in sorted(by_words.values(), key=len, reverse=True):
        yield _group(group, alike=True)


def _group(gates: list[_Standing], *, alike: bool) -> Group:
    first = gates[0]
    return Group(
        tier=first.gate.tier,
        state=first.state,
        reasons=_said(first.reasons if alike else first.reasons[:1]),
        alike=alike,
        spokes=tuple(each.spoke for each in gates),
    )


def _said(reasons: Sequence[Reason]) -> tuple[Said, ...]:
    return tuple(Said(name(each), say(each)) for each in reasons[:_FEW])
