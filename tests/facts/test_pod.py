from __future__ import annotations

import pytest

from watcher.facts import Ended, Pod


@pytest.mark.parametrize(
    ("reason", "exit_code"),
    [("OOMKilled", 137), ("OOMKilled", 1), ("OOMKilled", None), ("Error", 137), ("", 137)],
)
def test_a_container_was_killed_for_memory_by_either_sign(
    reason: str, exit_code: int | None
) -> None:
    assert Ended(reason=reason, exit_code=exit_code, at=0.0).for_memory


@pytest.mark.parametrize(
    ("reason", "exit_code"), [("Error", 1), ("Completed", 0), ("Error", 143), ("", None)]
)
def test_a_container_that_ended_otherwise_was_not(reason: str, exit_code: int | None) -> None:
    assert not Ended(reason=reason, exit_code=exit_code, at=0.0).for_memory


def test_a_pod_is_known_by_namespace_and_name() -> None:
    pod = Pod(uid="u", namespace="argocd", name="controller-0", resource_version="1")
    assert pod.key == "argocd/controller-0"
