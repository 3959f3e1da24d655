from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.builders import policy
from tests.check.sights import ABSENT, POD, SET_POD, levels, said
from watcher.check import Level
from watcher.check.versions import ARGO_CD, OLDEST_KUBERNETES, kubernetes_version
from watcher.policy import Policy, Recovery

README = (Path(__file__).parent.parent.parent / "README.md").read_text()


def test_what_is_supported_is_what_the_manual_says() -> None:
    (oldest, newest), kubernetes = ARGO_CD, OLDEST_KUBERNETES
    assert (
        f"Argo CD {oldest[0]}.{oldest[1]} to {newest[0]}.{newest[1]}, "
        f"Kubernetes {kubernetes[0]}.{kubernetes[1]} and later"
    ) in README


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v1.36.1", (1, 36)),
        ("v1.29.10-eks-7f9249a", (1, 29)),
        ("v1.30.0+k3s1", (1, 30)),
        ("1.36", None),
        ("", None),
    ],
)
def test_an_api_server_tells_its_version(text: str, version: tuple[int, int] | None) -> None:
    assert kubernetes_version(text) == version


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("v1.36.1", Level.OK),
        ("v1.30.0", Level.OK),
        ("v1.29.9", Level.WARNING),
        ("v1.27.3", Level.FAULT),
        ("odd\n", Level.WARNING),
    ],
)
def test_old_versions_of_kubernetes_are_said(text: str, level: Level) -> None:
    assert levels("kubernetes", kubernetes=text) == [level]


def test_a_hub_without_guards_is_told_what_to_do_instead() -> None:
    ((_, text),) = said("kubernetes", kubernetes="v1.29.9")
    assert "applicationsSync: create-update" in text


def test_a_hub_without_argo_cd_or_without_its_application_sets_is_a_fault() -> None:
    assert levels("kinds", kinds=ABSENT) == [Level.FAULT]
    ((level, text),) = said("kinds", kinds=frozenset({"applications"}))
    assert level is Level.FAULT
    assert "no applicationsets of argoproj.io/v1alpha1" in text


def tagged(*tags: str) -> dict[str, object]:
    """An application controller and an ApplicationSet controller with these tags."""
    pods = [
        replace(pod, image=f"quay.io/argoproj/argocd:{tag}")
        for pod, tag in zip((POD, SET_POD), tags, strict=True)
    ]
    return {"controllers": (pods[0],), "set_controllers": (pods[1],)}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (("v2.14.0", "v2.14.0"), [Level.OK]),
        (("v3.5.1", "v3.5.0"), [Level.OK]),
        (("v2.13.9", "v2.13.9"), [Level.FAULT]),
        (("v3.6.0", "v3.6.0"), [Level.WARNING]),
        (("v3.4.0", "v3.5.0"), [Level.WARNING]),
        (("latest", "v3.5.0"), [Level.WARNING, Level.OK]),
        (("latest", "latest"), [Level.WARNING, Level.WARNING]),
    ],
)
def test_versions_of_argo_cd_are_held_against_those_that_are_supported(
    tags: tuple[str, str], expected: list[Level]
) -> None:
    assert levels("argo-cd", **tagged(*tags)) == expected


def test_controllers_that_differ_are_named_with_both_versions() -> None:
    ((_, text),) = said("argo-cd", **tagged("v3.4.0", "v3.5.0"))
    assert text.startswith("its controllers differ: 3.4, 3.5")


def test_a_policy_that_parks_asks_for_a_version_that_heeds_it() -> None:
    parks = Policy(policy("crds").tiers, recovery=Recovery.PARK)
    tags = tagged("v3.3.0", "v3.3.0")
    assert levels("argo-cd", **tags) == [Level.OK]
    ((level, text),) = said("argo-cd", policy=parks, **tags)
    assert level is Level.WARNING
    assert "recovery: park" in text
