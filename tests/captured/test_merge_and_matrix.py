"""Two ApplicationSets in the shapes of the field join one tier.

A merge with the gate in its base child gives one Application, and that is known. A matrix of
clusters and git gives as many as Git has directories, which nobody here can know. The recorded
addons share their resources with others and so never come to rest.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.captured.clauses import holds, steady_since
from tests.captured.recorded import Event, Object, stream
from tests.captured.replay import Turn, opened, openings, replay, start_of, tiers_in_a_row
from watcher.decide import State
from watcher.decide import reasons as r
from watcher.policy import Accept

SPOKE, TIER = "spoke-000", "late"
MERGED, MATRIX = "argocd/addon-merged", "argocd/addon-matrix"
RECORDED = stream("merge-and-matrix")
START = start_of(RECORDED)
BELOW = ("compute", "metrics", "security", "platform")
OPENED_S = {TIER: openings(RECORDED, SPOKE)[TIER]}
WITH_OPENING = opened(RECORDED, SPOKE, OPENED_S, start=START)
OPENED_AT = float(int(START + OPENED_S[TIER]))
OF_THE_MERGE = (f"{SPOKE}-merged-1.1",)
OF_THE_MATRIX = (f"{SPOKE}-m-cert-manager", f"{SPOKE}-m-metrics-server")


def turns(events: tuple[Event, ...] = WITH_OPENING, **fields: Any) -> list[Turn]:
    return replay(events, tiers_in_a_row(*BELOW, TIER, **fields), start=START)


def at_version(of: list[Turn], version: str) -> Turn:
    return next(
        turn
        for turn in of
        if turn.event is not None and turn.event.object["metadata"]["resourceVersion"] == version
    )


def reasons(turn: Turn) -> tuple[object, ...]:
    return turn.verdict(SPOKE, TIER).reasons


# --- the merge ------------------------------------------------------------------------------------


def test_the_gate_in_the_base_child_makes_the_tier() -> None:
    of = turns()
    assert r.TierUnused(TIER) in reasons(of[0])
    created = at_version(of, "1128")
    assert created.state(SPOKE, TIER) is State.QUEUED
    (patch,) = created.decision.patches
    assert (patch.opens, patch.labels) == ((TIER,), {"gate-watcher.io/late": "open"})


def test_of_a_merge_the_number_is_known_and_the_other_child_adds_nothing() -> None:
    of = turns()
    assert reasons(at_version(of, "1131")) == (r.ApplicationsMissing(MERGED, 1, 0),)
    for turn in of[of.index(at_version(of, "1133")) :]:
        assert not any(isinstance(each, r.ApplicationsMissing) for each in reasons(turn))


def test_alone_it_settles_by_its_one_application() -> None:
    """Until the matrix comes, and others begin to fight over what it made."""
    events = tuple(each for each in WITH_OPENING if each.at_s < 5.4)
    of = turns(events)
    settled = [turn.now for turn in of if turn.state(SPOKE, TIER) is State.SETTLED]
    steady = steady_since(of[-1].hub, OF_THE_MERGE, opened_at=OPENED_AT)
    assert settled[0] == max(at_version(of, "1168").now, steady + 2.0)


def test_while_its_applications_fight_over_resources_it_never_settles() -> None:
    for turn in turns():
        if turn.at_s >= OPENED_S[TIER]:
            assert turn.state(SPOKE, TIER) is not State.SETTLED


@pytest.mark.parametrize("tier", ["metrics", "security", "platform"])
def test_the_settled_tiers_that_they_fight_with_are_settled_only_when_they_are(tier: str) -> None:
    apps = {
        "metrics": ("metrics-server",),
        "security": ("cert-manager", "external-secrets"),
        "platform": ("argo-rollouts", "ingress-nginx", "keda"),
    }[tier]
    names = [f"{SPOKE}-{each}" for each in apps]
    for turn in turns():
        whole = holds(turn.hub, SPOKE, names, opened_at=None)
        steady = whole and turn.now >= steady_since(turn.hub, names, opened_at=None) + 2.0
        assert (turn.state(SPOKE, tier) is State.SETTLED) is steady, turn.at_s


# --- the matrix -----------------------------------------------------------------------------------


def test_of_a_matrix_with_git_the_number_is_unknown_until_one_is_there() -> None:
    of = turns()
    created = at_version(of, "1169")
    assert created.state(SPOKE, TIER) is State.PROGRESSING
    assert r.NumberUnknown(MATRIX) in reasons(created)
    assert r.NumberUnknown(MATRIX) not in reasons(at_version(of, "1170"))


def test_a_matrix_that_makes_nothing_never_settles_unless_its_tier_accepts_empty() -> None:
    """In the copy the matrix is there, and Git has no such directory."""
    events = tuple(
        each
        for each in WITH_OPENING
        if each.at_s < 5.46 and (each.did or each.name not in OF_THE_MATRIX)
    )
    assert not any(turn.state(SPOKE, TIER) is State.SETTLED for turn in turns(events))
    last = turns(events)[-1]
    assert last.state(SPOKE, TIER) is State.PROGRESSING
    assert reasons(last) == (r.NumberUnknown(MATRIX),)
    accepted = turns(events, accept=frozenset({Accept.EMPTY}), empty_after_s=20.0)
    settled = [turn.now for turn in accepted if turn.state(SPOKE, TIER) is State.SETTLED]
    assert settled[0] == OPENED_AT + 20.0
    waits = at_version(accepted, "1169")
    assert r.EmptyUntil(OPENED_AT + 20.0) in reasons(waits)


def at_rest(app: Object, *, created_at: str) -> Object:
    """A copy of an Application that has converged, and did so before it was made here."""
    copy: Object = json.loads(json.dumps(app))
    copy["metadata"]["creationTimestamp"] = created_at
    source = {"source": copy["spec"]["source"], "destination": copy["spec"]["destination"]}
    copy["status"] = {
        "reconciledAt": "2026-11-24T10:20:57Z",
        "health": {"status": "Healthy", "lastTransitionTime": "2026-11-24T10:20:30Z"},
        "sync": {"status": "Synced", "comparedTo": source},
    }
    return copy


def quiet_one_by_one() -> tuple[Event, ...]:
    """A copy in which nothing fights: those of the matrix come at rest, and one goes later on."""
    kept = [each for each in WITH_OPENING if each.at_s < 5.46]
    cert, metrics = (
        next(each for each in RECORDED if each.type == "ADDED" and each.name == name)
        for name in OF_THE_MATRIX
    )
    made = "2026-11-24T10:20:54Z"
    return (
        *kept,
        Event(5.6, "ADDED", at_rest(cert.object, created_at=made)),
        Event(6.9, "ADDED", at_rest(metrics.object, created_at=made)),
        Event(20.3, "DELETED", metrics.object),
        Event(21.3, "MODIFIED", at_rest(cert.object, created_at=made)),
    )


def test_what_is_there_must_have_been_quiet_creations_and_deletions_included() -> None:
    """The Applications' own times say that they are steady long since; that they came does not."""
    of = turns(quiet_one_by_one())
    for turn in of:
        if turn.at_s >= 5.55:
            quiet = START + 6.9 + 2.0 <= turn.now < START + 20.3 or turn.now >= START + 20.3 + 2.0
            assert (turn.state(SPOKE, TIER) is State.SETTLED) is quiet, turn.at_s
    assert r.NotQuiet(START + 6.9 + 2.0) in reasons(next(t for t in of if t.now == START + 6.9))
    gone = next(turn for turn in of if turn.now == START + 20.3)
    assert gone.state(SPOKE, TIER) is State.SOAKING
    assert reasons(gone) == (r.NotQuiet(START + 20.3 + 2.0),)


def test_what_only_changes_is_no_coming_and_going() -> None:
    of = turns(quiet_one_by_one())
    changed = next(turn for turn in of if turn.now == START + 21.3)
    assert reasons(changed) == (r.NotQuiet(START + 20.3 + 2.0),)


def test_on_a_spoke_whose_gate_is_closed_nothing_of_either_is_expected() -> None:
    for turn in turns():
        for spoke in ("spoke-001", "spoke-002"):
            assert turn.state(spoke, TIER) in (State.WAITING, State.QUEUED)
