from __future__ import annotations

from itertools import pairwise

import pytest

from tests.captured.recorded import stream, streams
from tests.captured.replay import (
    annotated,
    opened,
    openings,
    replayed,
    stamps,
    start_of,
    tiers_in_a_row,
)
from watcher.decide import Decision, Gate, State, decide


def states(decision: Decision) -> dict[Gate, State]:
    return {gate: verdict.state for gate, verdict in decision.verdicts.items()}


POLICY = tiers_in_a_row("compute", "metrics", "security", "platform", "late", "odd", "odd2")


@pytest.mark.parametrize("name", streams())
def test_the_start_puts_every_stamp_into_the_second_in_which_it_was_seen(name: str) -> None:
    events = stream(name)
    start = start_of(events)
    seen: dict[tuple[str, str], set[float]] = {}
    for each in events:
        if each.did:
            continue
        here = set(stamps(each.object))
        new = here - seen.get((each.kind, each.name), set())
        seen[each.kind, each.name] = here
        if each.type != "LISTED":
            assert all(at <= start + each.at_s + 1e-6 for at in here)
            assert not new or max(new) > start + each.at_s - 1.0


@pytest.mark.parametrize("name", streams())
def test_until_the_time_that_a_decision_asks_for_nothing_changes_by_itself(name: str) -> None:
    for turn, after in pairwise(replayed(name, POLICY)):
        wake_at = turn.decision.wake_at
        assert wake_at is None or after.now <= wake_at
        assert after.event is not None or after.now == wake_at
        between = decide(turn.snapshot, POLICY, (turn.now + after.now) / 2)
        assert states(between) == states(turn.decision)


@pytest.mark.parametrize("name", streams())
def test_the_same_stream_gives_the_same_decisions(name: str) -> None:
    once, again = replayed(name, POLICY), replayed(name, POLICY)
    assert [(t.now, dict(t.decision.verdicts), t.decision.patches) for t in once] == [
        (t.now, dict(t.decision.verdicts), t.decision.patches) for t in again
    ]


@pytest.mark.parametrize("name", streams())
def test_no_gate_is_without_a_reason_but_those_that_have_passed(name: str) -> None:
    for turn in replayed(name, POLICY):
        for verdict in turn.decision.verdicts.values():
            assert verdict.reasons or verdict.state in ("Settled", "Ungated")


def test_a_copy_has_the_annotation_from_its_moment_on_and_the_stream_has_none() -> None:
    events = stream("parked-and-unparked")
    copy = annotated(events, "spoke-000", {"a": "b"}, from_s=10.0)
    notes = [
        each.object["metadata"]["annotations"]
        for each in copy
        if not each.did and each.kind == "Secret"
    ]
    assert [each.get("a") for each in notes] == [None, None, "b"]
    assert stream("parked-and-unparked") is events


def test_an_opening_is_recorded_from_its_event_on_in_whole_seconds() -> None:
    events = stream("one-spoke-four-tiers")
    start = start_of(events)
    times = openings(events, "spoke-000")
    assert list(times) == ["compute", "metrics", "security", "platform"]
    copy = opened(events, "spoke-000", times, start=start)
    found = [
        each.object["metadata"]["annotations"].get("gate-watcher.io/opened")
        for each in copy
        if not each.did and each.kind == "Secret"
    ]
    assert found[0] is None
    assert found[1] == '{"compute": "2026-11-24T10:16:34Z"}'
    assert found[4].count("2026-11-24T10:16:") == 4
