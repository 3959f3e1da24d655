from __future__ import annotations

from typing import Any

from tests.guards.hubs import ACCOUNT, hub
from watcher.facts import Guard
from watcher.guards import Component, component_of, installation, kustomization, objects, shipped


def every(component: Component, **shape: Any) -> list[dict[str, Any]]:
    files = objects(component, hub(**shape))
    return [each for documents in files.values() for each in documents]


def named(documents: list[dict[str, Any]], kind: str) -> list[str]:
    return [each["metadata"]["name"] for each in documents if each["kind"] == kind]


def test_every_guard_is_in_one_component() -> None:
    assert sorted(each for component in Component for each in component.guards) == list(Guard)
    assert component_of(Guard.A) is Component.GUARDS


def test_the_account_may_read_just_the_guards_that_it_comes_with() -> None:
    for component in Component:
        documents = every(component)
        (role,) = [each for each in documents if each["kind"] == "ClusterRole"]
        (rule,) = role["rules"]
        assert rule["verbs"] == ["get"]
        assert rule["resourceNames"] == named(documents, "ValidatingAdmissionPolicy")
        (binding,) = [each for each in documents if each["kind"] == "ClusterRoleBinding"]
        assert binding["roleRef"]["name"] == role["metadata"]["name"]
        assert binding["subjects"] == [
            {"kind": "ServiceAccount", "name": "gate-watcher", "namespace": "argocd"}
        ]
        assert ACCOUNT.endswith("argocd:gate-watcher")


def test_only_recovery_may_write_applications_and_only_patch_them() -> None:
    for component in Component:
        roles = [each for each in every(component) if each["kind"] == "Role"]
        assert bool(roles) is (component is Component.RECOVERY)
    (role,) = [each for each in every(Component.RECOVERY) if each["kind"] == "Role"]
    assert role["rules"] == [
        {"apiGroups": ["argoproj.io"], "resources": ["applications"], "verbs": ["patch"]}
    ]
    apart = every(Component.RECOVERY, application_namespaces=("a", "b"))
    roles = [each for each in apart if each["kind"] == "Role"]
    assert [each["metadata"]["namespace"] for each in roles] == ["a", "b"]


def test_the_strict_guards_come_with_the_list_that_they_read() -> None:
    assert named(every(Component.GUARDS_STRICT), "ConfigMap") == ["gate-watcher-removals"]


def test_recovery_lets_guard_b_park() -> None:
    (patch,) = kustomization(Component.RECOVERY, hub())["patches"]
    assert patch["target"]["name"] == shipped(hub())[Guard.B].name
    assert "patches" not in kustomization(Component.GUARDS, hub())


def test_what_is_to_be_applied_brings_the_guard() -> None:
    """The components of the manifests are for one shape of hub."""
    for guard in Guard:
        component = component_of(guard)
        assert installation(guard, hub()) == f"apply the component {component} of the manifests"
    assert installation(Guard.B, hub(parks=True)) == (
        "apply the component recovery of the manifests after guards, which lets B park"
    )
    assert installation(Guard.A, hub(parks=True)) == "apply the component guards of the manifests"
    apart = hub(application_namespaces=("argocd", "team-a"))
    assert installation(Guard.A, apart) == "apply the component guards of the manifests"
    assert installation(Guard.C, apart) == (
        "apply what `gate-watcher config guards FILE --strict` prints, or with Helm set "
        "guards.strict beside guards.enabled"
    )
    assert installation(Guard.E, hub(account="system:serviceaccount:gw:own")) == (
        "apply what `gate-watcher config guards FILE --service-account gw/own` prints, or with "
        "Helm set guards.enabled"
    )
