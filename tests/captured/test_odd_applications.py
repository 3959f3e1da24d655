"""Seven addons behind one gate, each odd in its own way.

`broken` (no such path), `empty` (no resources), `failing` (a kind that the spoke does not have),
`manual` (no automated sync), `suspended` (a paused Deployment), `postsync` (a hook that never
ends), `degraded`. Only `empty` ever settles as it is.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.captured.clauses import holds
from tests.captured.recorded import Event, stream
from tests.captured.replay import Turn, replay, replayed, start_of, tiers_in_a_row
from watcher.decide import State
from watcher.decide import reasons as r
from watcher.policy import Accept

SPOKE = "spoke-001"
RECORDED = stream("odd-applications")
START = start_of(RECORDED)
ODD = ("broken", "degraded", "empty", "failing", "manual", "postsync", "suspended")
SINCE = 1795515552.0
"""2026-11-24T10:19:12Z, when each was first compared."""


def app(addon: str) -> str:
    return f"argocd/{SPOKE}-{addon}"


def alone(addon: str, *accept: Accept) -> list[Turn]:
    """The stream as if this had been the only addon behind the gate."""
    others = {f"addon-{each}" for each in ODD if each != addon}
    others |= {f"{SPOKE}-{each}" for each in ODD if each != addon}
    events = tuple(each for each in RECORDED if each.did or each.name not in others)
    policy = tiers_in_a_row("odd", soak_s=10.0, accept=frozenset(accept))
    return replay(events, policy, start=START)


def on_the_gate(turns: Iterable[Turn]) -> list[Turn]:
    """Those from its opening on."""
    return [
        turn
        for turn in turns
        if turn.has(SPOKE)
        and "gate-watcher.io/odd" in turn.hub["Secret", SPOKE]["metadata"]["labels"]
    ]


def at_version(turns: Iterable[Turn], version: str) -> Turn:
    return next(
        turn
        for turn in turns
        if turn.event is not None and turn.event.object["metadata"]["resourceVersion"] == version
    )


@pytest.mark.parametrize(
    ("addon", "names"),
    [
        ("broken", {"NotSynced", "ErrorCondition"}),
        ("degraded", {"NotHealthy"}),
        ("empty", set()),
        ("failing", {"OperationRetrying", "NotSynced", "NotHealthy"}),
        ("manual", {"SyncedByHandOnly", "NotHealthy"}),
        ("postsync", {"OperationRunning"}),
        ("suspended", {"NotHealthy"}),
    ],
)
def test_each_has_its_own_reasons_in_the_end(addon: str, names: set[str]) -> None:
    last = replayed("odd-applications", tiers_in_a_row("odd"))[-1]
    assert set(last.reasons(SPOKE, "odd", app(addon))) == names


def test_broken_is_healthy_and_yet_not_believed() -> None:
    last = alone("broken")[-1]
    raw = last.hub["Application", f"{SPOKE}-broken"]["status"]
    assert raw["health"]["status"] == "Healthy"
    reasons = last.reasons(SPOKE, "odd", app("broken"))
    assert reasons["NotSynced"] == r.NotSynced(app("broken"), "Unknown")
    error = reasons["ErrorCondition"]
    assert isinstance(error, r.ErrorCondition)
    assert error.condition == "ComparisonError"
    assert "no-such-path: app path does not exist" in error.message


def test_empty_settles_without_any_operation() -> None:
    turns = on_the_gate(alone("empty"))
    compared = at_version(turns, "992")
    (soaks,) = (x for x in compared.verdict(SPOKE, "odd").reasons if isinstance(x, r.Soaks))
    assert soaks.until == SINCE + 10.0
    settled = [turn.now for turn in turns if turn.state(SPOKE, "odd") is State.SETTLED]
    assert settled[0] == SINCE + 10.0
    assert "operationState" not in turns[-1].hub["Application", f"{SPOKE}-empty"]["status"]


def test_failing_fails_and_tries_again_and_again() -> None:
    turns = alone("failing")
    said = {
        version: at_version(turns, version).reasons(SPOKE, "odd", app("failing"))
        for version in ("975", "978", "984", "1048", "1049", "1058", "1059")
    }
    assert "OperationPending" in said["975"]
    for version in ("978", "1048", "1058"):
        assert "OperationRunning" in said[version]
        assert "OperationRetrying" not in said[version]
    for version, retries in (("984", 1), ("1049", 2), ("1059", 3)):
        again = said[version]["OperationRetrying"]
        assert isinstance(again, r.OperationRetrying)
        assert again.retries == retries
        assert "could not find the requested resource" in again.message


def test_manual_waits_for_a_person() -> None:
    reasons = alone("manual")[-1].reasons(SPOKE, "odd", app("manual"))
    assert reasons["SyncedByHandOnly"] == r.SyncedByHandOnly(app("manual"))
    assert reasons["NotHealthy"] == r.NotHealthy(app("manual"), "Missing", SINCE)


def test_suspended_is_neither_failed_nor_on_its_way() -> None:
    last = alone("suspended")[-1]
    assert last.state(SPOKE, "odd") is State.PROGRESSING
    reasons = last.reasons(SPOKE, "odd", app("suspended"))
    assert reasons == {"NotHealthy": r.NotHealthy(app("suspended"), "Suspended", SINCE)}


def test_postsync_is_synced_and_healthy_and_not_done() -> None:
    turns = alone("postsync")
    for version in ("1034", "1040", "1043"):
        turn = at_version(turns, version)
        raw = turn.hub["Application", f"{SPOKE}-postsync"]["status"]
        assert (raw["sync"]["status"], raw["health"]["status"]) == ("Synced", "Healthy")
        (running,) = turn.reasons(SPOKE, "odd", app("postsync")).values()
        assert isinstance(running, r.OperationRunning)
        assert running.phase == "Running"


def test_degraded_was_progressing_and_is_degraded() -> None:
    turns = alone("degraded")
    before, after = at_version(turns, "1036"), at_version(turns, "1054")
    assert before.state(SPOKE, "odd") is State.PROGRESSING
    assert before.reasons(SPOKE, "odd", app("degraded")) == {
        "NotHealthy": r.NotHealthy(app("degraded"), "Progressing", SINCE)
    }
    assert after.state(SPOKE, "odd") is State.DEGRADED
    assert after.reasons(SPOKE, "odd", app("degraded")) == {
        "NotHealthy": r.NotHealthy(app("degraded"), "Degraded", SINCE + 24.0)
    }


@pytest.mark.parametrize(
    ("addon", "accept"),
    [("empty", ()), ("manual", (Accept.MANUAL_SYNC,)), ("suspended", (Accept.SUSPENDED,))],
)
def test_with_what_its_tier_accepts_it_settles(addon: str, accept: tuple[Accept, ...]) -> None:
    assert alone(addon, *accept)[-1].state(SPOKE, "odd") is State.SETTLED


@pytest.mark.parametrize("addon", ["manual", "suspended"])
def test_with_all_else_that_a_tier_may_accept_it_does_not(addon: str) -> None:
    its_own = {"manual": Accept.MANUAL_SYNC, "suspended": Accept.SUSPENDED}[addon]
    for turn in on_the_gate(alone(addon, *(set(Accept) - {its_own}))):
        assert turn.state(SPOKE, "odd") is not State.SETTLED


@pytest.mark.parametrize("addon", ["broken", "degraded", "failing", "postsync"])
def test_what_is_wrong_in_earnest_no_tier_can_accept(addon: str) -> None:
    for turn in on_the_gate(alone(addon, *Accept)):
        assert turn.state(SPOKE, "odd") is not State.SETTLED


@pytest.mark.parametrize("addon", ODD)
def test_none_settles_but_where_all_clauses_hold(addon: str) -> None:
    for turn in on_the_gate(alone(addon)):
        if turn.state(SPOKE, "odd") is State.SETTLED:
            assert holds(turn.hub, SPOKE, [f"{SPOKE}-{addon}"], opened_at=None)


def test_all_together_the_gate_stalls_at_its_deadline_and_says_why() -> None:
    policy = tiers_in_a_row("odd", deadline_s=40.0)
    turns = on_the_gate(replay(RECORDED, policy, start=START))
    states = [(turn.at_s, turn.state(SPOKE, "odd")) for turn in turns]
    stalled = [at_s for at_s, state in states if state is State.STALLED]
    youngest = SINCE - 1.0
    assert stalled[0] == pytest.approx(youngest + 40.0 - START)
    assert {state for at_s, state in states if at_s >= stalled[0]} == {State.STALLED}
    assert isinstance(turns[-1].verdict(SPOKE, "odd").reasons[0], r.DeadlinePassed)


def test_a_tier_with_nothing_for_a_spoke_passes_there_once_the_list_has_stood_still() -> None:
    """spoke-000 is in another ring: no addon of the tier would ever select it."""
    turns = replayed("odd-applications", tiers_in_a_row("odd"))
    changed = max(
        turn.now
        for turn in turns
        if turn.event is not None
        and (turn.event.type, turn.event.kind) == ("ADDED", "ApplicationSet")
    )
    for turn in turns:
        if turn.at_s > 1.7:
            passed = turn.state("spoke-000", "odd") is State.UNGATED
            assert passed is (turn.now >= changed + 60.0)
    assert turns[-1].state("spoke-000", "odd") is State.UNGATED


def test_an_event_that_only_repeats_changes_nothing() -> None:
    """Whatever came as new comes once more, as from a watch that begins anew."""
    twice = [
        one
        for each in RECORDED
        for one in (each, *([Event(each.at_s, "MODIFIED", each.object)] * (each.type == "ADDED")))
    ]
    policy = tiers_in_a_row("odd")
    last, again = (replay(events, policy, start=START)[-1] for events in (RECORDED, twice))
    assert dict(last.decision.verdicts) == dict(again.decision.verdicts)
