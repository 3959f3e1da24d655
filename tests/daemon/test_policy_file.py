from __future__ import annotations

from pathlib import Path

import pytest

from watcher.daemon.policy_file import Loaded, PolicyFile, Rejected, moved
from watcher.policy import Policy, Tier

HEAD = "apiVersion: config.gate-watcher.io/v1alpha1\nkind: GateWatcherConfiguration\n"
GOOD = HEAD + "tiers: [{name: crds}]\n"
OTHER = HEAD + "tiers: [{name: crds}, {name: compute}]\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "policy.yaml"
    file.write_text(GOOD)
    return file


def names(policy: object) -> list[str]:
    assert isinstance(policy, Policy), policy
    return [tier.name for tier in policy.tiers]


def started(path: Path) -> PolicyFile:
    file = PolicyFile(path)
    assert names(file.read()) == ["crds"]
    return file


def test_a_file_that_is_as_it_was_brings_nothing(path: Path) -> None:
    assert started(path).reread() is None


def test_a_file_that_changed_brings_its_policy_once(path: Path) -> None:
    file = started(path)
    path.write_text(OTHER)
    brought = file.reread()
    assert isinstance(brought, Loaded)
    assert names(brought.policy) == ["crds", "compute"]
    assert file.reread() is None


def test_a_bad_file_brings_all_its_faults_once(path: Path) -> None:
    file = started(path)
    path.write_text(HEAD + "tiers: [{name: crds, soak: 1}]\nnamespace: 7\n")
    brought = file.reread()
    assert isinstance(brought, Rejected)
    assert [fault.key for fault in brought.faults] == ["tiers[0].soak", "namespace"]
    assert file.reread() is None
    path.write_text(OTHER)
    assert isinstance(file.reread(), Loaded)


def test_as_long_as_the_file_cannot_be_used_it_says_so(path: Path) -> None:
    file = started(path)
    assert file.trouble == ""
    path.write_text(HEAD + "tiers: [{name: crds, soak: 1}]\nnamespace: 7\n")
    for _ in range(2):
        file.reread()
        said = "what the policy file says now, so the policy before stays: "
        assert file.trouble.startswith(f"{said}{path}:")
        assert file.trouble.endswith("; and 1 more fault")
    path.write_text(GOOD + "namespace: argo\napplicationNamespaces: [argocd]\n")
    file.reread()
    assert "restart the watcher to change it" in file.trouble
    path.write_text(GOOD)
    file.reread()
    assert file.trouble == ""


def test_a_mounted_config_map_is_seen_to_change(tmp_path: Path) -> None:
    for version, text in (("one", GOOD), ("two", OTHER)):
        (tmp_path / version).mkdir()
        (tmp_path / version / "policy.yaml").write_text(text)
    (tmp_path / "..data").symlink_to("one")
    path = tmp_path / "policy.yaml"
    path.symlink_to("..data/policy.yaml")
    file = started(path)
    (tmp_path / "..new").symlink_to("two")
    (tmp_path / "..new").replace(tmp_path / "..data")
    brought = file.reread()
    assert isinstance(brought, Loaded)
    assert names(brought.policy) == ["crds", "compute"]


def test_a_file_that_is_gone_is_a_fault_and_its_return_is_seen(path: Path) -> None:
    file = started(path)
    path.unlink()
    brought = file.reread()
    assert isinstance(brought, Rejected)
    assert "No such file" in str(brought.faults[0])
    assert file.reread() is None
    path.write_text(GOOD)
    assert isinstance(file.reread(), Loaded)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (GOOD + "gates: {prefix: gates.example.com}\n", "gates.prefix"),
        (GOOD + "gates: {polarity: block}\n", "gates.polarity"),
        (GOOD + "namespace: argo\napplicationNamespaces: [argocd]\n", "namespace"),
        (GOOD + "applicationNamespaces: [argocd, team-a]\n", "applicationNamespaces"),
    ],
)
def test_what_the_stores_were_filled_for_changes_only_at_a_restart(
    path: Path, text: str, key: str
) -> None:
    file = started(path)
    path.write_text(text)
    brought = file.reread()
    assert isinstance(brought, Rejected)
    (fault,) = brought.faults
    assert fault.key == key
    assert "restart" in fault.remedy


def test_what_cannot_be_read_at_all_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"tiers: [caf\xe9]")
    for name, problem in (
        ("absent", "No such file"),
        ("latin", "no UTF-8"),
        ("", "Is a directory"),
    ):
        read = PolicyFile(tmp_path / name).read()
        assert isinstance(read, tuple)
        assert problem in read[0].problem


def test_a_namespace_that_is_given_goes_before_the_files(path: Path) -> None:
    policy = PolicyFile(path, namespace="argo").read()
    assert isinstance(policy, Policy)
    assert (policy.namespace, policy.application_namespaces) == ("argo", ("argo",))


def test_applications_that_are_elsewhere_stay_there() -> None:
    policy = Policy((Tier("crds"),), application_namespaces=("argocd", "team-a"))
    assert moved(policy, "argo").application_namespaces == ("argocd", "team-a")


def test_a_namespace_that_is_given_changes_nothing_else(path: Path) -> None:
    path.write_text(GOOD + "recovery: park\nmemory: {port: 9090}\npacing: {withoutLimit: 7}\n")
    here, there = PolicyFile(path).read(), PolicyFile(path, namespace="argo").read()
    assert isinstance(here, Policy)
    assert isinstance(there, Policy)
    assert (there.recovery, there.memory, there.pacing) == (
        here.recovery,
        here.memory,
        here.pacing,
    )
    assert there.memory.port == 9090
