"""`skip-reconcile` stands on the spoke's Secret for twenty seconds.

Argo CD ignores the spoke for that time: its Applications say nothing new, and what they said stays.
"""

from __future__ import annotations

from tests.captured.recorded import Event, stream
from tests.captured.replay import Turn, annotated, replay, start_of, tiers_in_a_row
from watcher.decide import State
from watcher.decide import reasons as r

SPOKE = "spoke-000"
TIERS = ("compute", "metrics", "security", "platform")
RECORDED = stream("parked-and-unparked")
START = start_of(RECORDED)
PARKED_S, UNPARKED_S = 1.530, 21.540


def turns(events: tuple[Event, ...] = RECORDED, *tiers: str) -> list[Turn]:
    return replay(events, tiers_in_a_row(*(tiers or TIERS)), start=START)


def is_parked(turn: Turn) -> bool:
    notes = turn.hub["Secret", SPOKE]["metadata"].get("annotations") or {}
    return "argocd.argoproj.io/skip-reconcile" in notes


def test_while_argo_cd_ignores_the_spoke_nothing_settled_is_believed() -> None:
    for turn in turns():
        states = {turn.state(SPOKE, tier) for tier in TIERS}
        assert states == ({State.PROGRESSING} if is_parked(turn) else {State.SETTLED})


def test_it_says_so_and_says_nothing_else() -> None:
    parked = [turn for turn in turns() if is_parked(turn)]
    assert len(parked) == 4
    for turn in parked:
        for tier in TIERS:
            reasons = turn.verdict(SPOKE, tier).reasons
            assert reasons == (r.SpokeSkipped(), r.OpenedByHand())


def test_what_is_believed_again_is_what_was_said_before() -> None:
    """Nothing was compared in between; the next comparison comes with the periodic resync."""
    of = turns()
    last = of[-1]
    assert last.event is not None
    assert last.event.at_s == UNPARKED_S
    assert [last.state(SPOKE, tier) for tier in TIERS] == ["Settled"] * 4


def test_no_time_alone_ends_it() -> None:
    for turn in turns():
        if is_parked(turn):
            assert turn.decision.wake_at == turn.now + 90.0, "only that nothing is heard of the hub"


def test_no_gate_opens_on_a_spoke_that_is_ignored() -> None:
    """In the copy the highest gate is closed, and nothing is behind it: it would open at once."""
    behind = {f"{SPOKE}-{addon}" for addon in ("argo-rollouts", "ingress-nginx", "keda")}
    closed = tuple(
        without_gate(each, "platform")
        for each in RECORDED
        if each.did or each.kind != "Application" or each.name not in behind
    )
    for turn in turns(closed):
        opens = [tier for patch in turn.decision.patches for tier in patch.opens]
        assert opens == ([] if is_parked(turn) else ["platform"])


def test_what_lives_behind_a_closed_gate_is_kept_alive_even_so() -> None:
    """ApplicationSets do not notice a park: the next write to a Secret would delete."""
    closed = tuple(without_gate(each, "platform") for each in RECORDED)
    for turn in turns(closed):
        assert turn.state(SPOKE, "platform") is State.UNADOPTED
        (patch,) = turn.decision.patches
        assert (patch.urgent, patch.opens) == (True, ("platform",))


def test_a_spoke_that_the_watcher_parked_is_held() -> None:
    parked = annotated(RECORDED, SPOKE, {"gate-watcher.io/parked": "x"}, from_s=PARKED_S)
    for turn in turns(parked):
        if is_parked(turn):
            for tier in TIERS:
                verdict = turn.verdict(SPOKE, tier)
                assert verdict.state is State.HELD
                assert verdict.reasons == (r.Parked(None), r.RecoveryOff())


def test_after_unparking_nothing_is_believed_before_it_was_compared_again() -> None:
    parked = annotated(RECORDED, SPOKE, {"gate-watcher.io/parked": "x"}, from_s=PARKED_S)
    last = turns(parked)[-1]
    assert not is_parked(last)
    for tier in TIERS:
        verdict = last.verdict(SPOKE, tier)
        assert verdict.state is State.PROGRESSING
        assert {type(each) for each in verdict.reasons} == {
            r.ComparedBeforeUnparking,
            r.OpenedByHand,
        }


def without_gate(event: Event, tier: str) -> Event:
    if event.did or event.kind != "Secret":
        return event
    meta = event.object["metadata"]
    labels = {k: v for k, v in meta["labels"].items() if k != f"gate-watcher.io/{tier}"}
    metadata = {**meta, "labels": labels}
    return Event(event.at_s, event.type, {**event.object, "metadata": metadata})
