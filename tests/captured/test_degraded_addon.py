"""One addon: Progressing, Degraded by its deadline, Healthy, Progressing again.

`reconciledAt` stays at the first second all the while: what a live object sets off moves health and
not the time of the comparison.
"""

from __future__ import annotations

import pytest

from tests.captured.clauses import holds, seconds, steady_since
from tests.captured.recorded import objects, stream
from tests.captured.replay import Turn, opened, openings, replay, start_of, tiers_in_a_row
from watcher.decide import State
from watcher.decide import reasons as r

SPOKE, APP = "spoke-002", "argocd/spoke-002-degraded"
RECORDED = stream("degraded-addon")
START = start_of(RECORDED)
OPENED_S = {"odd2": openings(RECORDED, SPOKE)["odd2"]}
WITH_OPENING = opened(RECORDED, SPOKE, OPENED_S, start=START)
POLICY = tiers_in_a_row("odd2")


def turns(*, recorded: bool = True) -> list[Turn]:
    return replay(WITH_OPENING if recorded else RECORDED, POLICY, start=START)


def at_version(of: list[Turn], version: str) -> Turn:
    return next(
        turn
        for turn in of
        if turn.event is not None and turn.event.object["metadata"]["resourceVersion"] == version
    )


MOMENTS = [
    ("1078", State.PROGRESSING, set()),
    ("1083", State.PROGRESSING, {"NeverCompared", "NotSynced", "NotHealthy"}),
    ("1087", State.PROGRESSING, {"OperationPending", "NeverCompared", "NotSynced", "NotHealthy"}),
    ("1091", State.PROGRESSING, {"OperationPending", "NotSynced", "NotHealthy"}),
    ("1092", State.PROGRESSING, {"OperationRunning", "NotSynced", "NotHealthy"}),
    ("1094", State.PROGRESSING, {"OperationRunning", "NotSynced", "NotHealthy"}),
    ("1095", State.PROGRESSING, {"NotSynced", "NotHealthy"}),
    ("1097", State.PROGRESSING, {"OperationPending", "NotSynced", "NotHealthy"}),
    ("1099", State.PROGRESSING, {"OperationRunning", "NotSynced", "NotHealthy"}),
    ("1102", State.PROGRESSING, {"OperationRunning", "NotHealthy"}),
    ("1103", State.PROGRESSING, {"NotHealthy"}),
    ("1109", State.DEGRADED, {"NotHealthy"}),
    ("1117", State.SOAKING, {"Soaks"}),
    ("1125", State.PROGRESSING, {"NotHealthy"}),
]


@pytest.mark.parametrize(("version", "state", "names"), MOMENTS)
@pytest.mark.parametrize("recorded", [True, False])
def test_each_moment_has_its_state_and_its_reasons(
    version: str, state: State, names: set[str], recorded: bool
) -> None:
    turn = at_version(turns(recorded=recorded), version)
    assert turn.state(SPOKE, "odd2") is state
    assert set(turn.reasons(SPOKE, "odd2", APP)) == names


@pytest.mark.parametrize(
    ("version", "status", "since"),
    [
        ("1103", "Progressing", "2026-11-24T10:20:03Z"),
        ("1109", "Degraded", "2026-11-24T10:20:15Z"),
        ("1125", "Progressing", "2026-11-24T10:20:39Z"),
    ],
)
def test_its_health_is_said_with_its_time(version: str, status: str, since: str) -> None:
    reasons = at_version(turns(), version).reasons(SPOKE, "odd2", APP)
    assert reasons["NotHealthy"] == r.NotHealthy(APP, status, seconds(since))


def test_it_settles_two_seconds_after_it_became_healthy_and_not_after_it_was_compared() -> None:
    of = turns()
    settled = [
        turn.now for turn in of if turn.has(SPOKE) and turn.state(SPOKE, "odd2") == "Settled"
    ]
    healthy = seconds("2026-11-24T10:20:27Z")
    assert healthy is not None
    assert settled[0] == healthy + 2.0
    for turn in of:
        if not turn.has(SPOKE):
            continue
        opened_at = turn.verdict(SPOKE, "odd2").opened_at
        apps = ["spoke-002-degraded"]
        whole = opened_at is not None and holds(turn.hub, SPOKE, apps, opened_at=opened_at)
        steady = whole and turn.now >= steady_since(turn.hub, apps, opened_at=opened_at) + 2.0
        assert (turn.state(SPOKE, "odd2") is State.SETTLED) is steady


def test_all_the_while_its_comparison_is_of_the_first_second() -> None:
    compared = {
        each["status"]["reconciledAt"]
        for each in objects("degraded-addon", "Application")
        if each["metadata"]["name"] == "spoke-002-degraded" and "reconciledAt" in each["status"]
    }
    assert compared == {"2026-11-24T10:20:03Z"}


def test_until_it_has_settled_it_is_in_progress_though_its_operation_succeeded() -> None:
    """An operation succeeds when all is applied; the next spoke must wait for more than that."""
    of = turns()
    uid = of[-1].hub["Secret", SPOKE]["metadata"]["uid"]
    for version in ("1094", "1103", "1109", "1117"):
        assert at_version(of, version).decision.carried.judgements[uid].in_progress, version
    settled = next(t for t in of if t.has(SPOKE) and t.state(SPOKE, "odd2") is State.SETTLED)
    assert not settled.decision.carried.judgements[uid].in_progress


def test_where_it_stays_degraded_to_its_deadline_it_is_stalled() -> None:
    events = [each for each in WITH_OPENING if each.at_s < 25.0]
    of = replay(events, tiers_in_a_row("odd2", deadline_s=30.0), start=START)
    deadline_at = float(int(START + OPENED_S["odd2"])) + 30.0
    for turn in of:
        if turn.at_s > 13.7:
            stalled = turn.state(SPOKE, "odd2") is State.STALLED
            assert stalled is (turn.now >= deadline_at)
    last = of[-1].verdict(SPOKE, "odd2")
    assert last.state is State.STALLED
    assert last.reasons[0] == r.DeadlinePassed(deadline_at)
