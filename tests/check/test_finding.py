from __future__ import annotations

from tests.check.sights import FAILED, FORBIDDEN
from watcher.check import Check, Level

CHECK = Check("x", "what it is about")


def test_what_may_not_be_looked_at_names_the_right_and_warns() -> None:
    found = CHECK.unseen(FORBIDDEN)
    assert found.level is Level.WARNING
    assert found.what == "not looked at: you may not list pods in argocd (403)"
    assert found.remedy == (
        "ask for the right to list pods in argocd, or have somebody check who has it"
    )


def test_what_nobody_answered_is_a_fault_with_what_was_said() -> None:
    found = CHECK.unseen(FAILED)
    assert found.level is Level.FAULT
    assert found.what == "not looked at: cannot list pods in argocd: 500 InternalError"
    assert found.remedy == "try again"
