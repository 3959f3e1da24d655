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


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("quay.io/argoproj/argocd:v3.5.1", (3, 5)),
        ("mirror.example.com:5000/argocd:2.14.0-rc1@sha256:abc", (2, 14)),
        ("quay.io/argoproj/argocd:latest", None),
        ("mirror.example.com:5000/argocd", None),
        ("quay.io/argoproj/argocd@sha256:abc", None),
        ("", None),
    ],
)
def test_the_images_tag_tells_the_version_where_it_has_one(
    image: str, version: tuple[int, int] | None
) -> None:
    pod = Pod(uid="u", namespace="argocd", name="c", resource_version="1", image=image)
    assert pod.version == version
