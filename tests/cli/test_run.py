from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.policy.test_reader import THEIR_PLACES, TWELVE_FAULTS
from watcher.cli import main

GOOD = (
    "apiVersion: config.gate-watcher.io/v1alpha1\nkind: GateWatcherConfiguration\n"
    "tiers: [{name: crds}]\n"
)


def invoked(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["run", *map(str, arguments)])


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "policy.yaml"
    file.write_text(GOOD)
    return file


def test_a_policy_with_twelve_faults_ends_it_with_all_of_them(policy: Path) -> None:
    policy.write_text(TWELVE_FAULTS)
    done = invoked("--config", policy, "--kubeconfig", "absent")
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == len(THEIR_PLACES)


def test_a_kubeconfig_that_is_not_there_ends_it_with_what_to_do(policy: Path) -> None:
    done = invoked("--config", policy, "--kubeconfig", policy.parent / "absent")
    assert done.exit_code == 2
    (line,) = done.stderr.splitlines()
    assert line == (
        f"gate-watcher: {policy.parent}/absent: there is no such file; name an existing "
        "kubeconfig with --kubeconfig or $KUBECONFIG"
    )


def test_a_kubeconfig_without_a_current_context_ends_it_with_those_there_are(
    policy: Path, tmp_path: Path
) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text("apiVersion: v1\nkind: Config\ncontexts: [{name: hub, context: {}}]\n")
    done = invoked("--config", policy, "--kubeconfig", kubeconfig)
    assert done.exit_code == 2
    assert "it has no current context; it has hub; name one with --context" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Missing option '--config'"),
        (("--config", "p", "--listen", "everywhere"), "is no HOST:PORT"),
        (("--config", "p", "--log-level", "loud"), "'loud' is not one of"),
        (("--config", "p", "--dry-rnu"), "--dry-run"),
    ],
)
def test_what_is_no_argument_is_a_usage_error(arguments: tuple[str, ...], said: str) -> None:
    done = invoked(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr
