"""What is the state of every gate of one spoke?

The rules in the order in which people would explain them: what a person tore down is held; a
closed gate waits for the tiers below it, then for its turn (closed_gate.py); an open one is as far
as its Applications are (open_gate.py).

Knows one spoke. Choosing between spokes is the admission's (admission.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import structs

from watcher.decide.closed_gate import (
    ClosedGate,
    closed_gate,
    lost_stranger,
    slipping,
    starts,
    write_stops,
)
from watcher.decide.counted import standings
from watcher.decide.judgement import Candidate, Inputs, Judgement, Stage
from watcher.decide.lost import unadopted
from watcher.decide.memory import Seen
from watcher.decide.open_gate import OpenGate, open_gate
from watcher.decide.ordered import under_orders
from watcher.decide.parking import UNPARK, Refresh, compared_since, is_parked, parked_at
from watcher.decide.reasons import (
    Closes,
    DuplicateSpoke,
    Parked,
    Reason,
    RecoveryOff,
    SpokeUnreadable,
    TeardownNamesNothing,
    TornDown,
)
from watcher.decide.seen import seen_after
from watcher.decide.teardown import closing
from watcher.decide.timers import earliest, ends_at
from watcher.decide.unselected import pending_deletions
from watcher.decide.verdicts import SpokeVerdicts, State, Verdict
from watcher.decide.view import View, view
from watcher.facts import Application, Instant
from watcher.policy import Recovery, Tier

_BEFORE_ALL: Instant = float("-inf")
"""Since when a parked spoke has waited: it comes back before any new cluster is loaded."""


def judge(
    inputs: Inputs,
    *,
    name: str,
    duplicate: DuplicateSpoke | None,
    seen: Mapping[str, Seen],
    now: Instant,
) -> Judgement:
    """The judgement of one spoke at `now`; `seen` as it was carried."""
    looked = view(inputs, name=name, duplicate=duplicate, seen=seen, now=now)
    here = structs.replace(looked, seen=seen_after(looked))
    if inputs.spoke.unreadable:
        return _unreadable(here)
    teardown = _teardown(here)
    closed: dict[str, ClosedGate] = {}
    opened: dict[str, OpenGate] = {}
    verdicts: dict[str, Verdict] = {}
    adoptable = _adoptable(here)
    for tier in here.policy.order:
        if (held := _held(here, tier, teardown, adoptable)) is not None:
            verdicts[tier.name] = held
        elif tier.name in here.open_tiers:
            opened[tier.name] = open_gate(here, tier)
            verdicts[tier.name] = under_orders(here.ordered, tier.name, opened[tier.name].verdict)
        else:
            closed[tier.name] = _closed(here, closed_gate(here, tier, verdicts, adoptable), tier)
            verdicts[tier.name] = closed[tier.name].verdict
    for stranger in sorted(here.strangers):
        if (lost := lost_stranger(here, stranger)) is not None:
            closed[stranger] = lost
            verdicts[stranger] = lost.verdict
    if (misspelt := _names_nothing(here)) is not None:
        first = next(iter(verdicts))
        reasons = (*verdicts[first].reasons, misspelt)
        verdicts[first] = structs.replace(verdicts[first], reasons=reasons)
    in_progress = inputs.write is not None or any(each.in_progress for each in opened.values())
    return Judgement(
        inputs=inputs,
        verdicts=_named(here, verdicts),
        ring=here.ring.name,
        standings=standings(here, verdicts),
        unreachable=bool(here.unreachable),
        candidates=tuple(_candidates(here, closed.values())),
        urgent={tier: each.reopens for tier, each in closed.items() if each.reopens is not None},
        closes=tuple(tier for tier, reason in teardown.items() if isinstance(reason, Closes)),
        in_progress=in_progress,
        stage=_stage(here, opened.values(), in_progress=in_progress),
        applications_in_progress=0
        if here.unreachable
        else sum(each.applications for each in opened.values()) + _on_its_way(here),
        pending=tuple(
            pending_deletions(here.selected.by_key, here.everything, here.torn | here.written)
        ),
        seen=here.seen,
        opened=here.opened.at,
        returning=tuple(_returning(here)),
        valid_until=earliest((*_timers(verdicts.values()), *(e.turns_at for e in opened.values()))),
    )


def _closed(here: View, gate: ClosedGate, tier: Tier) -> ClosedGate:
    """The closed gate with what people ordered of it: then it is not to be opened in its turn."""
    verdict = under_orders(here.ordered, tier.name, gate.verdict)
    if verdict is gate.verdict:
        return gate
    return structs.replace(gate, verdict=verdict, candidate=None)


def _candidates(here: View, closed: Iterable[ClosedGate]) -> Iterator[Candidate]:
    """The gates that may open; and where the spoke is parked, that it may come back."""
    yield from (each.candidate for each in closed if each.candidate is not None)
    if here.policy.recovery is Recovery.OFF or not is_parked(here.spoke) or write_stops(here):
        return
    if all(isinstance(each, Parked) for each in here.trouble):
        yield Candidate(
            ring=0,
            rank=0,
            since=_BEFORE_ALL,
            spoke=here.name,
            uid=here.spoke.uid,
            tier=UNPARK,
            applications=len(here.everything),
        )


def _returning(here: View) -> Iterator[Refresh]:
    """What Argo CD has not looked at since the spoke was unparked, and would look at if asked."""
    times = [at for tier in here.open_tiers if (at := here.seen[tier].unparked_at) is not None]
    if not times:
        return
    unparked_at = max(times)
    for app in here.everything:
        if app.deleting_since is not None or app.skip_reconcile:
            continue
        if not compared_since(app, unparked_at):
            yield Refresh(app.namespace, app.name, app.uid, unparked_at)


def _unreadable(here: View) -> Judgement:
    reasons = tuple(SpokeUnreadable(problem) for problem in here.spoke.unreadable)
    unknown = Verdict(State.UNKNOWN, reasons)
    verdicts = {tier.name: unknown for tier in here.policy.order}
    return Judgement(
        here.inputs,
        _named(here, verdicts),
        ring=here.ring.name,
        standings=standings(here, verdicts),
        seen=here.seen,
    )


def _named(here: View, verdicts: Mapping[str, Verdict]) -> SpokeVerdicts:
    return SpokeVerdicts(here.name, here.spoke.namespace, here.spoke.secret, verdicts)


def _teardown(here: View) -> Mapping[str, Reason]:
    """For each gate that a teardown names and that is open, or still has its time recorded: that
    it closes now, or what it waits for.
    """
    if not here.torn:
        return {}
    recorded = here.torn & here.opened.at.keys()
    answers = closing(
        here.torn,
        open_tiers=here.open_tiers | recorded,
        applications={tier: len(apps) for tier, apps in here.apps.items()},
        policy=here.policy,
    )
    stops = (*here.trouble, *write_stops(here))
    return {tier: stops[0] if stops else reason for tier, reason in answers.items()}


def _stage(here: View, gates: Iterable[OpenGate], *, in_progress: bool) -> Stage:
    """How much memory the spoke takes: of what is in progress, whether anything went before it."""
    unparks = is_parked(here.spoke) and here.inputs.write is not None
    if here.spoke.skip_reconcile and not unparks:
        return Stage.PARKED
    open_ones = [each for each in gates if each.verdict.state is not State.UNGATED]
    if in_progress:
        if unparks or any(_returning(here)):
            return Stage.LOADING
        if here.inputs.write is None and all(map(_works_no_more, open_ones)):
            return Stage.SOAKING
        before = any(not each.in_progress for each in open_ones) or _ran_before(here)
        return Stage.LATER if before else Stage.LOADING
    return Stage.STANDING if open_ones or here.everything else Stage.NOTHING


def _works_no_more(gate: OpenGate) -> bool:
    return gate.verdict.state is State.SOAKING or not gate.in_progress


def _ran_before(here: View) -> bool:
    """Whether something ran on the spoke before any of its gates opened: its cluster is loaded."""
    first_at = min((here.opened.at.get(tier, here.now) for tier in here.open_tiers), default=None)
    return first_at is not None and any(
        app.created_at is not None and app.created_at < first_at for app in here.everything
    )


def _names_nothing(here: View) -> TeardownNamesNothing | None:
    """What a person ordered torn down and that is no tier: said of the spoke's first gate."""
    known = here.policy.by_name.keys() | here.strangers
    named = tuple(sorted(here.named - known - {"*"}))
    return TeardownNamesNothing(named, tuple(here.policy.by_name)) if named else None


def _on_its_way(here: View) -> int:
    """The Applications of gates that a patch opens which the hub has not shown yet."""
    write = here.inputs.write
    if write is None:
        return 0
    return sum(
        starts(here, tier)
        for tier in here.policy.order
        if tier.name in write.tiers - here.open_tiers - here.torn
    )


def _held(
    here: View,
    tier: Tier,
    teardown: Mapping[str, Reason],
    adoptable: Mapping[str, list[Application]],
) -> Verdict | None:
    """What a person or the watcher itself holds. A gate that is lost is not left to be: the
    controller of ApplicationSets heeds no parking, and would delete.
    """
    opened_at = here.opened_at(tier.name)
    if tier.name in here.torn:
        named = TornDown(here.spoke.teardown or "")
        closes = teardown.get(tier.name)
        reasons = (named,) if closes is None else (named, closes)
        return Verdict(State.HELD, reasons, opened_at)
    if is_parked(here.spoke) and not slipping(here, tier, adoptable):
        stays = (RecoveryOff(),) if here.policy.recovery is Recovery.OFF else ()
        return Verdict(State.HELD, (Parked(parked_at(here.spoke)), *stays), opened_at)
    return None


def _adoptable(here: View) -> dict[str, list[Application]]:
    """Tier to the Applications that live behind its closed gate, though it was never open.

    The hub may show what our own patch started before it shows the patch.
    """
    found: dict[str, list[Application]] = {}
    for app, tiers in unadopted(here.everything, here.selected.by_key):
        for tier in tiers - here.open_tiers - here.written:
            found.setdefault(tier, []).append(app)
    return found


def _timers(verdicts: Iterable[Verdict]) -> Iterator[Instant | None]:
    for verdict in verdicts:
        for reason in verdict.reasons:
            yield ends_at(reason)
