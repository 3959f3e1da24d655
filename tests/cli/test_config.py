from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from tests.policy.test_reader import THEIR_PLACES, TWELVE_FAULTS
from watcher.cli import main
from watcher.guards import Shape, shipped
from watcher.policy import Gates, Polarity, schema


def invoked(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["config", *arguments])


def test_the_schema_is_printed_as_json() -> None:
    done = invoked("schema")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == schema()


def test_a_good_policy_is_said_to_be_one(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(
        "apiVersion: config.gate-watcher.io/v1alpha1\nkind: GateWatcherConfiguration\n"
        "tiers: [{name: crds}, {name: compute}]\n"
    )
    done = invoked("check", str(file))
    assert done.exit_code == 0
    assert done.stdout == (
        f"{file}: it is a policy, with the tiers crds, compute; the rings default\n"
    )


def test_of_a_good_policy_all_that_has_a_name_is_named(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(
        "apiVersion: config.gate-watcher.io/v1alpha1\nkind: GateWatcherConfiguration\n"
        "tiers: [{name: crds}]\nrings: [{name: canary, selector: ring=canary}]\n"
        "windows: [{name: night, kind: deny, schedule: 0 22 * * *, duration: 8h}]\n"
    )
    done = invoked("check", str(file))
    assert done.stdout == (
        f"{file}: it is a policy, with the tiers crds; the rings canary, default; "
        "the windows night\n"
    )


def test_twelve_faults_are_twelve_lines_each_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(TWELVE_FAULTS)
    done = invoked("check", str(file))
    assert done.exit_code == 2
    lines = done.stderr.splitlines()
    starts = [f"gate-watcher: {file}:{line}: {key}: " for line, key in THEIR_PLACES]
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts
    assert all("; " in line for line in lines), "each says what to do"


def guards(folder: Path, more: str, *options: str) -> list[dict[str, Any]]:
    file = folder / "policy.yaml"
    file.write_text(
        "apiVersion: config.gate-watcher.io/v1alpha1\nkind: GateWatcherConfiguration\n"
        f"tiers: [{{name: crds}}]\n{more}"
    )
    done = invoked("guards", str(file), *options)
    assert done.exit_code == 0
    return list(yaml.safe_load_all(done.stdout))


def policies(documents: list[dict[str, Any]]) -> list[str]:
    kind = "ValidatingAdmissionPolicy"
    return [each["metadata"]["name"] for each in documents if each["kind"] == kind]


def test_the_guards_of_a_policy_are_printed(tmp_path: Path) -> None:
    assert policies(guards(tmp_path, "")) == [
        "open-gates-stay-open.argocd.gate-watcher.io",
        "watcher-writes-gates-only.argocd.gate-watcher.io",
    ]
    more = "namespace: gitops\ngates: {prefix: g.example.com, polarity: block}\nrecovery: park\n"
    printed = guards(tmp_path, more, "--strict", "--service-account", "tools/w")
    assert policies(printed) == [
        "open-gates-stay-open.gitops.g.example.com",
        "watcher-writes-gates-only.gitops.g.example.com",
        "removals-are-named.gitops.g.example.com",
        "gated-secrets-stay.gitops.g.example.com",
        "watcher-refreshes-only.gitops.g.example.com",
    ]
    shipped_ = shipped(
        Shape(
            Gates("g.example.com", Polarity.BLOCK),
            "gitops",
            ("gitops",),
            "system:serviceaccount:tools:w",
            parks=True,
        )
    )
    for one in shipped_.values():
        assert one.policy in printed
        assert one.binding in printed


def test_what_is_no_policy_has_no_guards(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(TWELVE_FAULTS)
    done = invoked("guards", str(file))
    assert done.exit_code == 2
    assert done.stdout == ""


@pytest.mark.parametrize("arguments", [(), ("check",), ("check", "a", "b"), ("chek",)])
def test_what_is_no_command_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    assert invoked(*arguments).exit_code == 2
