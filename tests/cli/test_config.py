from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.policy.test_reader import THEIR_PLACES, TWELVE_FAULTS
from watcher.cli import main
from watcher.policy import schema


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
    assert done.stdout == f"{file}: it is a policy, with the tiers crds, compute\n"


def test_twelve_faults_are_twelve_lines_each_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(TWELVE_FAULTS)
    done = invoked("check", str(file))
    assert done.exit_code == 2
    lines = done.stderr.splitlines()
    starts = [f"gate-watcher: {file}:{line}: {key}: " for line, key in THEIR_PLACES]
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts
    assert all("; " in line for line in lines), "each says what to do"


@pytest.mark.parametrize("arguments", [(), ("check",), ("check", "a", "b"), ("chek",)])
def test_what_is_no_command_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    assert invoked(*arguments).exit_code == 2
