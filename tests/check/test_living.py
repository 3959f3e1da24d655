from __future__ import annotations

import pytest

from tests.builders import NOW
from tests.check.sights import ABSENT, FAILED, said
from watcher.check import Held, Level, Ready, Skew


def held(renewed_s_ago: float, holder: str = "pod-1") -> Held:
    return Held(holder, NOW - 3600.0, NOW - renewed_s_ago, 15.0)


def test_who_leads_is_said_with_since_when_and_when_it_was_last_said() -> None:
    ((level, text),) = said("lease", lease=held(2.0))
    assert level is Level.OK
    assert text.startswith("pod-1 leads since ")
    assert text.endswith(", and renewed it 2 s ago")


@pytest.mark.parametrize(("ago_s", "level"), [(19.0, Level.OK), (21.0, Level.FAULT)])
def test_a_leader_that_is_late_does_not_lead_any_more(ago_s: float, level: Level) -> None:
    ((found, text),) = said("lease", lease=held(ago_s))
    assert found is level
    assert ("nobody leads: pod-1 did" in text) is (level is Level.FAULT)


def test_its_age_is_told_by_the_hubs_clock_and_not_at_all_where_that_is_not_known() -> None:
    late = Skew(NOW, 3600.0, 0.5)
    assert said("lease", lease=held(2.0), skew=late)[0][0] is Level.OK
    ((level, text),) = said("lease", lease=held(900.0), skew=FAILED)
    assert level is Level.OK
    assert "ago" not in text


@pytest.mark.parametrize(
    ("lease", "text"),
    [
        (ABSENT, "there is none: no watcher has begun here"),
        (held(2.0, holder=""), "nobody leads: the last one to lead ended in order"),
        (Held("pod-1", None, None, 15.0), "pod-1 leads, and never renewed it"),
    ],
)
def test_a_lease_that_nobody_holds_is_a_fault(lease: object, text: str) -> None:
    ((level, found),) = said("lease", lease=lease)
    assert level is Level.FAULT
    assert found.startswith(text)
    assert "kubectl -n argocd get pods" in found


def test_a_watcher_that_does_not_answer_is_a_fault_with_what_was_said() -> None:
    ((level, text),) = said("ready", ready=ABSENT)
    assert level is Level.FAULT
    assert text.startswith("no watcher answers: 404 NotFound: it is not there")


def test_what_a_watcher_that_is_ready_does_not_know_is_a_warning() -> None:
    ((level, text),) = said("ready", ready=Ready(("what the policy file says now: x.yaml:3",)))
    assert level is Level.WARNING
    assert text.startswith(
        "a watcher answers, and is ready, but does not know what the policy file says now: x.yaml:3"
    )
    ((level, _),) = said("ready", ready=Ready())
    assert level is Level.OK


@pytest.mark.parametrize(
    ("ahead_s", "within_s", "level"),
    [
        (0.2, 0.5, Level.OK),
        (-5.4, 0.5, Level.OK),
        (5.6, 0.5, Level.WARNING),
        (-5.6, 0.5, Level.WARNING),
        (20.0, 18.0, Level.OK),
    ],
)
def test_clocks_may_differ_by_what_a_settled_gate_bears(
    ahead_s: float, within_s: float, level: Level
) -> None:
    ((found, text),) = said("clock", skew=Skew(NOW, ahead_s, within_s))
    assert found is level
    if level is Level.WARNING:
        assert ("ahead of" if ahead_s > 0 else "behind") in text
