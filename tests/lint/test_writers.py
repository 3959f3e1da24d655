"""Who writes the cluster Secrets."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.lint.written import codes, judged, policy, said, secret
from watcher.lint import Severity
from watcher.policy import Gates, Polarity

WRITERS = {"GW060", "GW061", "GW062", "GW063"}


def by(manager: str, name: str = "a") -> str:
    fields = f", resourceVersion: '7', managedFields: [{{manager: {manager}, operation: Update}}]"
    return secret(name, metadata=fields)


@pytest.mark.parametrize(
    ("manager", "found"),
    [
        ("HashiCorp", {"GW060"}),
        ("argocd-server", {"GW061"}),
        ("argocd-application-controller", {"GW061"}),
        ("kubectl-replace", {"GW062"}),
        ("capargo", {"GW062"}),
        ("something-else", {"GW063"}),
        ("externalsecrets.external-secrets.io/clusters", set()),
        ("argocd-controller", set()),
        ("kubectl-client-side-apply", set()),
        ("gate-watcher", set()),
    ],
)
def test_each_writer_is_judged_by_what_it_does(manager: str, found: set[str]) -> None:
    assert codes(judged(by(manager))) & WRITERS == found


def test_a_fleet_has_one_finding_for_each_writer() -> None:
    linted = judged(by("HashiCorp", "a"), by("HashiCorp", "b"), by("HashiCorp", "c"))
    assert said(linted, "GW060") == ["HashiCorp has written it, and 2 more"]


def test_terraform_beside_polarity_block_is_an_error() -> None:
    block = replace(policy(), gates=Gates(polarity=Polarity.BLOCK))
    found = [each for each in judged(by("HashiCorp"), of=block).findings if each.code == "GW060"]
    assert [each.severity for each in found] == [Severity.ERROR]


def test_a_gate_on_a_copy_from_the_hub_was_written_by_the_watcher() -> None:
    written = secret("a", "gate-watcher.io/compute: open")
    copied = secret("a", "gate-watcher.io/compute: open", metadata=", resourceVersion: '7'")
    assert "GW064" in codes(judged(written))
    assert "GW064" not in codes(judged(copied))


def test_files_do_not_tell_who_writes_and_that_is_said() -> None:
    skipped = {code for each in judged(secret()).skipped for code in each.codes}
    assert skipped >= WRITERS
    skipped = {code for each in judged(by("helm")).skipped for code in each.codes}
    assert not skipped & WRITERS
