"""A spoke is registered, and its four gates are opened one after the other.

The recorded hub waited for health alone, without a soak time, and recorded no opening.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import pytest
from msgspec import structs

from tests.captured.clauses import holds, steady_since
from tests.captured.recorded import stream
from tests.captured.replay import Turn, opened, openings, replay, start_of, tiers_in_a_row
from watcher.decide import Carried, State, decide
from watcher.decide import reasons as r
from watcher.facts import rfc3339

SPOKE = "spoke-000"
ADDONS = {
    "compute": ("karpenter", "vpc-cni"),
    "metrics": ("metrics-server",),
    "security": ("cert-manager", "external-secrets"),
    "platform": ("argo-rollouts", "ingress-nginx", "keda"),
}
APPS = {tier: tuple(f"{SPOKE}-{addon}" for addon in each) for tier, each in ADDONS.items()}
RECORDED = stream("one-spoke-four-tiers")
START = start_of(RECORDED)
OPENED_S = openings(RECORDED, SPOKE)
WHOLE = {tier: float(int(START + at_s)) for tier, at_s in OPENED_S.items()}
"""When each gate opened, as it is recorded: in whole seconds."""
WITH_OPENINGS = opened(RECORDED, SPOKE, OPENED_S, start=START)


def turns(*, soak_s: float, recorded: bool) -> list[Turn]:
    events = WITH_OPENINGS if recorded else RECORDED
    return replay(events, tiers_in_a_row(*ADDONS, soak_s=soak_s), start=START)


def is_open(turn: Turn, tier: str) -> bool:
    secret = turn.hub.get(("Secret", SPOKE))
    return secret is not None and f"gate-watcher.io/{tier}" in secret["metadata"]["labels"]


def settled(turn: Turn, tier: str, *, soak_s: float, opened_at: float | None) -> bool:
    """By the clauses alone, at this turn."""
    return (
        is_open(turn, tier)
        and holds(turn.hub, SPOKE, APPS[tier], opened_at=opened_at)
        and turn.now >= steady_since(turn.hub, APPS[tier], opened_at=opened_at) + soak_s
    )


def first_settled(
    of: Sequence[Turn], tier: str, *, soak_s: float, opened_at: float | None
) -> float:
    """The moment at which the clauses have held for the soak time, by the events alone."""
    events = [turn for turn in of if turn.event is not None]
    ends = [*(turn.now for turn in events[1:]), float("inf")]
    for turn, end in zip(events, ends, strict=True):
        if is_open(turn, tier) and holds(turn.hub, SPOKE, APPS[tier], opened_at=opened_at):
            steady = steady_since(turn.hub, APPS[tier], opened_at=opened_at)
            if (at := max(turn.now, steady + soak_s)) < end:
                return at
    raise AssertionError(f"{tier} never settles")


@pytest.mark.parametrize("soak_s", [2.0, 3.5, 10.0])
@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("tier", ADDONS)
def test_each_gate_settles_when_all_clauses_have_held_for_the_soak_time_and_never_before(
    tier: str, recorded: bool, soak_s: float
) -> None:
    opened_at = WHOLE[tier] if recorded else None
    of = turns(soak_s=soak_s, recorded=recorded)
    said = [turn.now for turn in of if is_open(turn, tier) and turn.state(SPOKE, tier) == "Settled"]
    assert said[0] == first_settled(of, tier, soak_s=soak_s, opened_at=opened_at)
    for turn in of:
        if is_open(turn, tier):
            says_so = turn.state(SPOKE, tier) is State.SETTLED
            assert says_so is settled(turn, tier, soak_s=soak_s, opened_at=opened_at), turn.at_s


@pytest.mark.parametrize("tier", ADDONS)
def test_from_the_first_event_at_which_all_clauses_hold_it_soaks(tier: str) -> None:
    for turn in turns(soak_s=10.0, recorded=True):
        if is_open(turn, tier) and holds(turn.hub, SPOKE, APPS[tier], opened_at=WHOLE[tier]):
            until = steady_since(turn.hub, APPS[tier], opened_at=WHOLE[tier]) + 10.0
            verdict = turn.verdict(SPOKE, tier)
            if turn.now < until:
                (soaks,) = verdict.reasons
                assert isinstance(soaks, r.Soaks)
                assert (verdict.state, soaks.until) == (State.SOAKING, until)
                assert turn.decision.wake_at is not None
                assert turn.decision.wake_at <= until


def test_a_gate_opens_only_when_all_below_it_have_settled() -> None:
    """The recorded hub was quicker; what counts is what would have been sent."""
    sent = set()
    for turn in turns(soak_s=2.0, recorded=True):
        for tier in chain.from_iterable(patch.opens for patch in turn.decision.patches):
            sent.add(tier)
            for below in list(ADDONS)[: list(ADDONS).index(tier)]:
                assert settled(turn, below, soak_s=2.0, opened_at=WHOLE[below])
    assert sent == {"compute"}


def test_without_a_person_who_is_quicker_each_gate_opens_when_the_one_below_has_settled() -> None:
    """Each opening is left out of the copy: the tier before it has settled, and it is its turn."""
    policy = tiers_in_a_row(*ADDONS)
    for below, tier in zip(list(ADDONS), list(ADDONS)[1:], strict=False):
        until_s = OPENED_S[tier]
        events = [each for each in WITH_OPENINGS if each.at_s < until_s]
        of = replay(events, policy, start=START)
        opens = [turn for turn in of if any(tier in p.opens for p in turn.decision.patches)]
        settles = first_settled(of, below, soak_s=2.0, opened_at=WHOLE[below])
        assert [turn.now for turn in opens][:1] == [settles]
        (patch,) = opens[0].decision.patches
        assert patch.labels == {f"gate-watcher.io/{tier}": "open"}
        assert f'"{tier}":"{rfc3339(settles)}"' in (
            patch.annotations["gate-watcher.io/opened"] or ""
        )
        assert (
            patch.resource_version == opens[0].hub["Secret", SPOKE]["metadata"]["resourceVersion"]
        )
        assert not patch.urgent


def test_while_it_is_closed_a_gate_names_what_it_waits_for() -> None:
    registered = next(turn for turn in turns(soak_s=2.0, recorded=True) if turn.has(SPOKE))
    assert [registered.state(SPOKE, tier) for tier in ADDONS] == ["Queued", *["Waiting"] * 3]
    assert registered.verdict(SPOKE, "compute").reasons == (r.Opens(),)
    assert registered.verdict(SPOKE, "platform").reasons[0] == r.DependsOn("compute", "Queued")


@pytest.mark.parametrize(
    ("version", "app", "reason"),
    [
        ("331", "vpc-cni", "NeverCompared"),
        ("337", "karpenter", "OperationPending"),
        ("347", "vpc-cni", "NotHealthy"),
        ("356", "karpenter", "OperationRunning"),
        ("378", "vpc-cni", "ComparedBeforeOperationEnded"),
        ("387", "vpc-cni", "OperationPending"),
        ("390", "vpc-cni", "NotSynced"),
        ("401", "karpenter", "ComparedBeforeOperationEnded"),
        ("406", "karpenter", "NotHealthy"),
        ("444", "metrics-server", "ComparedBeforeOperationEnded"),
        ("522", "external-secrets", "NotHealthy"),
    ],
)
def test_each_step_on_the_way_has_its_reason(version: str, app: str, reason: str) -> None:
    tier = next(tier for tier, addons in ADDONS.items() if app in addons)
    turn = at_version(version)
    assert reason in turn.reasons(SPOKE, tier, f"argocd/{SPOKE}-{app}")


def at_version(version: str) -> Turn:
    (turn,) = (
        turn
        for turn in turns(soak_s=2.0, recorded=True)
        if turn.event is not None and turn.event.object["metadata"]["resourceVersion"] == version
    )
    return turn


def test_what_is_missing_is_counted() -> None:
    turn = at_version("330")
    assert turn.verdict(SPOKE, "compute").reasons == (
        r.ApplicationsMissing("argocd/addon-karpenter", 1, 0),
        r.ApplicationsMissing("argocd/addon-vpc-cni", 1, 0),
    )
    assert at_version("331").verdict(SPOKE, "compute").reasons[0] == (
        r.ApplicationsMissing("argocd/addon-karpenter", 1, 0)
    )


def test_a_status_of_the_opening_s_own_second_is_fresh_and_one_of_the_second_before_is_not() -> (
    None
):
    """The last comparison of karpenter is of 10:16:36, a second before it is healthy."""
    compared_s = 1795515396.0 - START
    for opened_s, settles in ((compared_s, True), (compared_s + 1, False)):
        times = {**OPENED_S, "compute": opened_s}
        events = opened(RECORDED, SPOKE, times, start=START + 1e-6)
        of = replay(events, tiers_in_a_row(*ADDONS), start=START)
        last = of[-1]
        assert (last.state(SPOKE, "compute") is State.SETTLED) is settles
        reasons = last.reasons(SPOKE, "compute", f"argocd/{SPOKE}-karpenter")
        assert ("ComparedBeforeOpening" in reasons) is not settles
        if not settles:
            assert reasons["ComparedBeforeOpening"] == r.ComparedBeforeOpening(
                f"argocd/{SPOKE}-karpenter", 1795515396.0, 1795515397.0
            )


def test_an_opening_of_no_record_is_shown_as_one_by_hand() -> None:
    for recorded in (True, False):
        last = turns(soak_s=2.0, recorded=recorded)[-1]
        for tier in ADDONS:
            notes = () if recorded else (r.OpenedByHand(),)
            assert last.verdict(SPOKE, tier).reasons == notes
            assert last.verdict(SPOKE, tier).opened_at == (WHOLE[tier] if recorded else None)


def test_a_restart_at_any_moment_changes_nothing_of_what_is_recorded() -> None:
    policy = tiers_in_a_row(*ADDONS)
    for turn in replay(WITH_OPENINGS, policy, start=START):
        afresh = decide(structs.replace(turn.snapshot, carried=Carried()), policy, turn.now)
        for gate, verdict in turn.decision.verdicts.items():
            assert afresh.verdicts[gate] == verdict
        assert afresh.patches == turn.decision.patches
