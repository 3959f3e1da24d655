"""Gates are closed one after the other, the deepest first, each when the one before is gone.

The recorded hub had no teardown annotation; in the copies a person has set one.
"""

from __future__ import annotations

import json

import pytest

from tests.captured.recorded import Event, stream
from tests.captured.replay import (
    Turn,
    altered,
    annotated,
    opened,
    replay,
    start_of,
    tiers_in_a_row,
)
from watcher.decide import PatchGates, State
from watcher.decide import reasons as r

SPOKE = "spoke-000"
RECORDED = stream("teardown-in-order")
START = start_of(RECORDED)
APPS = {
    "compute": ("karpenter", "vpc-cni"),
    "metrics": ("metrics-server",),
    "security": ("cert-manager", "external-secrets"),
    "platform": ("argo-rollouts", "ingress-nginx", "keda"),
    "late": ("merged-1.1", "m-cert-manager", "m-metrics-server"),
}
TIERS = tuple(APPS)
DEEPEST_FIRST = TIERS[::-1]
CLOSED_S = dict(zip(DEEPEST_FIRST, (1.539, 9.546, 17.551, 25.557, 33.566), strict=True))
TEARDOWN, OPENED = "gate-watcher.io/teardown", "gate-watcher.io/opened"
LEFT_BEHIND = opened(RECORDED, SPOKE, dict.fromkeys(TIERS, -300.0), start=START)
"""Each gate has its time recorded, and keeps it though a person took its label away."""


def without_closed(event: Event) -> Event:
    """As the watcher closes a gate: its time goes with its label."""
    if event.did or event.kind != "Secret" or event.name != SPOKE:
        return event
    meta = event.object["metadata"]
    times = json.loads(meta["annotations"][OPENED])
    kept = {t: at for t, at in times.items() if f"gate-watcher.io/{t}" in meta["labels"]}
    return altered(event, "metadata", "annotations", {OPENED: json.dumps(kept)})


WITH_OPENINGS = tuple(without_closed(each) for each in LEFT_BEHIND)


def turns(events: tuple[Event, ...]) -> list[Turn]:
    return replay(events, tiers_in_a_row(*TIERS), start=START)


def torn(named: str, *, from_s: float = 0.0, recorded: bool = True) -> list[Turn]:
    events = WITH_OPENINGS if recorded else RECORDED
    return turns(annotated(events, SPOKE, {TEARDOWN: named}, from_s=from_s))


def is_open(turn: Turn, tier: str) -> bool:
    return f"gate-watcher.io/{tier}" in turn.hub["Secret", SPOKE]["metadata"]["labels"]


def there(turn: Turn, tier: str) -> int:
    """Its Applications, terminating ones too."""
    return sum(("Application", f"{SPOKE}-{each}") in turn.hub for each in APPS[tier])


def patches(turn: Turn) -> list[PatchGates]:
    uid = turn.hub["Secret", SPOKE]["metadata"]["uid"]
    return [patch for patch in turn.decision.patches if patch.spoke == uid]


@pytest.mark.parametrize(
    "named", ["*", ",".join(TIERS), " late , platform,security,metrics,compute"]
)
@pytest.mark.parametrize("recorded", [True, False])
def test_what_a_teardown_names_is_held_and_never_lost(named: str, recorded: bool) -> None:
    for turn in torn(named, recorded=recorded):
        for tier in TIERS:
            verdict = turn.verdict(SPOKE, tier)
            assert verdict.state is State.HELD
            assert verdict.reasons[0] == r.TornDown(named)


@pytest.mark.parametrize("recorded", [True, False])
def test_each_closes_when_all_that_is_deeper_is_closed_and_gone(recorded: bool) -> None:
    closing = []
    for turn in torn("*", recorded=recorded):
        closes = [tier for patch in patches(turn) for tier in patch.closes]
        deeper = ""
        for tier in DEEPEST_FIRST:
            if is_open(turn, tier):
                assert closes == ([] if deeper else [tier])
                break
            deeper = deeper or (tier if there(turn, tier) else "")
        closing += closes
    assert list(dict.fromkeys(closing)) == list(DEEPEST_FIRST)


def test_what_waits_says_for_what() -> None:
    of = torn("*")
    first = of[0]
    assert r.Closes() in first.verdict(SPOKE, "late").reasons
    assert r.TeardownWaits("late", 3) in first.verdict(SPOKE, "platform").reasons
    terminating = next(turn for turn in of if turn.at_s >= CLOSED_S["platform"] + 0.1)
    assert r.TeardownWaits("platform", 3) in terminating.verdict(SPOKE, "security").reasons


def test_the_patch_that_closes_removes_label_and_time_and_opens_nothing() -> None:
    (patch,) = patches(torn("*")[0])
    assert patch.labels == {"gate-watcher.io/late": None}
    assert (patch.closes, patch.opens, patch.urgent) == (("late",), (), False)
    times = patch.annotations["gate-watcher.io/opened"] or ""
    assert "late" not in times
    assert all(tier in times for tier in TIERS[:-1])


def test_a_time_that_was_left_behind_goes_too() -> None:
    of = turns(annotated(LEFT_BEHIND, SPOKE, {TEARDOWN: "late"}))
    (patch,) = patches(next(turn for turn in of if turn.now >= START + CLOSED_S["late"]))
    assert (patch.labels, patch.closes) == ({}, ("late",))
    assert json.loads(patch.annotations[OPENED] or "{}").keys() == set(TIERS[:-1])


@pytest.mark.parametrize("recorded", [True, False])
def test_nothing_that_was_torn_down_is_opened_again(recorded: bool) -> None:
    for turn in torn("*", recorded=recorded):
        assert not any(patch.opens for patch in patches(turn))


def test_of_a_teardown_of_one_tier_the_others_stand() -> None:
    for turn in torn("late"):
        assert turn.state(SPOKE, "late") is State.HELD
        for patch in patches(turn):
            assert patch.closes in ((), ("late",))
        if turn.at_s < CLOSED_S["platform"]:
            states = [turn.state(SPOKE, tier) for tier in TIERS[:-1]]
            assert set(states) <= {State.SETTLED, State.SOAKING, State.PROGRESSING}


def test_what_no_teardown_names_is_lost_and_opened_again_while_it_lives() -> None:
    """Only `late` is named: when the others go too, nobody has ordered it."""
    of = torn("late")
    lost = next(turn for turn in of if turn.at_s >= CLOSED_S["platform"])
    assert lost.state(SPOKE, "platform") is State.LOST
    (patch,) = patches(lost)
    assert (patch.urgent, patch.opens) == (True, ("platform",))


def test_closed_by_hand_with_the_annotation_it_is_held_from_the_first_moment() -> None:
    """The person sets the annotation and takes the label away in one write."""
    of = torn("late", from_s=CLOSED_S["late"])
    before = [turn for turn in of if turn.at_s < 1.5]
    after = [turn for turn in of if turn.now >= START + CLOSED_S["late"]]
    assert {turn.state(SPOKE, "late") for turn in before} == {State.PROGRESSING}
    assert {turn.state(SPOKE, "late") for turn in after} == {State.HELD}


def test_a_teardown_of_what_no_policy_names_closes_nothing() -> None:
    for turn in torn("storage"):
        assert not any(patch.closes for patch in patches(turn))


def test_other_spokes_are_left_alone() -> None:
    for turn in torn("*"):
        for spoke in ("spoke-001", "spoke-002"):
            states = {turn.state(spoke, tier) for tier in TIERS}
            assert states.isdisjoint({State.HELD, State.LOST})


def test_what_a_teardown_deletes_stops_no_admission_on_the_hub() -> None:
    """Between the closing and Argo CD's deletion they are owned and not selected."""
    closed = [turn for turn in torn("*") if turn.at_s > CLOSED_S["late"]]
    for turn in closed:
        assert not [each for each in turn.decision.stops if isinstance(each, r.DeletionPending)]
