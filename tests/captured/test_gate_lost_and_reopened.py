"""The label of an open gate is removed, and eight seconds later set again.

Argo CD deletes its three addons within tens of milliseconds, and makes them anew afterwards.
"""

from __future__ import annotations

import pytest
from msgspec import structs

from tests.captured.clauses import holds, steady_since
from tests.captured.recorded import Event, stream
from tests.captured.replay import Turn, opened, replay, start_of, tiers_in_a_row
from watcher.decide import Carried, PatchGates, State, decide
from watcher.decide import reasons as r
from watcher.policy import Budgets, Policy

SPOKE = "spoke-000"
RECORDED = stream("gate-lost-and-reopened")
START = start_of(RECORDED)
TIERS = ("compute", "metrics", "security", "platform")
APPS = tuple(f"{SPOKE}-{addon}" for addon in ("argo-rollouts", "ingress-nginx", "keda"))
POLICY = tiers_in_a_row(*TIERS)
OPENED_S = dict(zip(TIERS, (-42.0, -35.0, -30.0, -24.0), strict=True))
"""Before the stream: when the gates had opened, in whole seconds of wall time less the start."""
WITH_OPENINGS = opened(
    RECORDED,
    SPOKE,
    {tier: float(int(START + s)) - START for tier, s in OPENED_S.items()},
    start=START,
)
LOST, REOPENED = "657", "758"
"""The Secret's versions."""


def turns(events: tuple[Event, ...] = WITH_OPENINGS, policy: Policy = POLICY) -> list[Turn]:
    return replay(events, policy, start=START)


def version(turn: Turn) -> str:
    return str(turn.hub["Secret", SPOKE]["metadata"]["resourceVersion"])


def living(turn: Turn) -> int:
    found = (turn.hub.get(("Application", each)) for each in APPS)
    return sum(each is not None and "deletionTimestamp" not in each["metadata"] for each in found)


def patches(turn: Turn) -> list[PatchGates]:
    return [patch for patch in turn.decision.patches if "platform" in patch.opens]


@pytest.mark.parametrize("recorded", [True, False])
def test_it_is_lost_at_the_event_that_takes_its_label(recorded: bool) -> None:
    of = turns(WITH_OPENINGS if recorded else RECORDED)
    states = [(version(turn) == LOST, turn.state(SPOKE, "platform")) for turn in of]
    assert all((state is State.LOST) is lost for lost, state in states)


@pytest.mark.parametrize("recorded", [True, False])
def test_it_is_opened_again_at_once_while_one_of_its_applications_lives(recorded: bool) -> None:
    of = turns(WITH_OPENINGS if recorded else RECORDED)
    lost = [turn for turn in of if version(turn) == LOST]
    assert [living(turn) for turn in lost][:4] == [3, 2, 1, 0]
    for turn in lost[:3]:
        (patch,) = turn.decision.patches
        assert patch.urgent
        assert patch.opens == ("platform",)
        assert patch.labels == {"gate-watcher.io/platform": "open"}
        assert patch.resource_version == LOST
        assert turn.verdict(SPOKE, "platform").reasons[0] == r.LabelGone(
            turn.verdict(SPOKE, "platform").opened_at, living(turn), r.Costs.WORKLOADS
        )


def test_the_time_of_its_first_opening_is_kept() -> None:
    of = turns()
    lost = next(turn for turn in of if version(turn) == LOST)
    (patch,) = lost.decision.patches
    assert patch.annotations == {}
    assert lost.verdict(SPOKE, "platform").opened_at == float(int(START + OPENED_S["platform"]))


def test_where_nothing_recorded_it_the_opening_is_what_this_process_saw() -> None:
    lost = next(turn for turn in turns(RECORDED) if version(turn) == LOST)
    (patch,) = lost.decision.patches
    assert lost.verdict(SPOKE, "platform").opened_at == START
    assert "platform" in (patch.annotations["gate-watcher.io/opened"] or "")


def test_after_a_restart_the_record_alone_says_that_it_was_lost() -> None:
    lost = next(turn for turn in turns() if version(turn) == LOST)
    afresh = decide(structs.replace(lost.snapshot, carried=Carried()), POLICY, lost.now)
    assert afresh.verdicts == lost.decision.verdicts
    assert afresh.patches == lost.decision.patches


def test_without_record_and_memory_what_lives_behind_it_is_unadopted_and_kept_alive() -> None:
    lost = next(turn for turn in turns(RECORDED) if version(turn) == LOST)
    afresh = decide(structs.replace(lost.snapshot, carried=Carried()), POLICY, lost.now)
    verdict = next(v for gate, v in afresh.verdicts.items() if gate.tier == "platform")
    assert verdict.state is State.UNADOPTED
    assert {type(reason) for reason in verdict.reasons} == {r.RunsBehindClosedGate}
    (patch,) = afresh.patches
    assert (patch.urgent, patch.opens) == (True, ("platform",))


def test_no_budget_holds_back_what_keeps_applications_alive() -> None:
    none = structs.replace(POLICY, budgets=Budgets(spokes_in_progress=0))
    lost = [turn for turn in turns(policy=none) if version(turn) == LOST]
    assert [bool(patches(turn)) for turn in lost] == [bool(living(turn)) for turn in lost]


def test_once_all_are_terminating_it_waits_for_its_turn_like_any_other() -> None:
    lost = [turn for turn in turns() if version(turn) == LOST and not living(turn)]
    assert len(lost) > 10
    for turn in lost:
        assert not any(patch.urgent for patch in turn.decision.patches)
        gone = turn.verdict(SPOKE, "platform").reasons[0]
        assert isinstance(gone, r.LabelGone)
        assert (gone.opened_at, gone.living) == (float(int(START + OPENED_S["platform"])), 0)


def test_in_its_turn_it_opens_only_once_the_tiers_below_have_settled() -> None:
    """In the copy an addon of the lowest tier is being synced all the while."""
    busy = tuple(
        each
        if each.did or each.name != f"{SPOKE}-karpenter"
        else Event(each.at_s, each.type, {**each.object, "operation": {"sync": {}}})
        for each in WITH_OPENINGS
    )
    lost = [turn for turn in turns(busy) if version(turn) == LOST]
    assert [bool(patches(turn)) for turn in lost] == [bool(living(turn)) for turn in lost]
    waits = lost[-1].verdict(SPOKE, "platform").reasons
    assert r.DependsOn("compute", "Progressing") in waits


def test_the_other_gates_do_not_notice() -> None:
    for turn in turns():
        assert [turn.state(SPOKE, tier) for tier in TIERS[:-1]] == ["Settled"] * 3


def test_made_anew_behind_the_open_gate_they_settle_as_the_first_time() -> None:
    of = turns()
    again = [turn for turn in of if version(turn) == REOPENED]
    opened_at = float(int(START + OPENED_S["platform"]))
    for turn in again:
        whole = holds(turn.hub, SPOKE, APPS, opened_at=opened_at)
        steady = whole and turn.now >= steady_since(turn.hub, APPS, opened_at=opened_at) + 2.0
        assert (turn.state(SPOKE, "platform") is State.SETTLED) is steady
    assert again[0].state(SPOKE, "platform") is State.PROGRESSING
    assert again[-1].state(SPOKE, "platform") is State.SETTLED


def test_while_they_are_made_anew_they_take_their_place_in_the_budgets() -> None:
    of = [turn for turn in turns() if version(turn) == REOPENED]
    (begun,), (done,) = (turn.decision.carried.judgements.values() for turn in (of[1], of[-1]))
    assert begun.in_progress
    assert not done.in_progress
