"""Does a process that cannot begin say why, and end with 2?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.policy.test_reader import THEIR_PLACES, TWELVE_FAULTS
from tests.process.programs import POLICY, START

pytestmark = pytest.mark.process


def ended(*arguments: object, environ: dict[str, str] | None = None) -> tuple[int, list[str]]:
    """The exit code, and the lines on standard error."""
    done = subprocess.run(
        [sys.executable, "-c", START, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=30,
        env=environ or {},
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr.splitlines()


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY)
    return file


def test_twelve_faults_are_twelve_lines(policy: Path) -> None:
    policy.write_text(TWELVE_FAULTS)
    code, lines = ended("run", "--config", policy)
    assert code == 2
    starts = [f"gate-watcher: {policy}:{line}: {key}: " for line, key in THEIR_PLACES]
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts


def test_a_policy_that_is_not_there_is_said(tmp_path: Path) -> None:
    code, lines = ended("run", "--config", tmp_path / "absent")
    assert code == 2
    assert lines == [
        f"gate-watcher: {tmp_path}/absent:1: it cannot be read: No such file or directory; name a "
        "file that exists and may be read"
    ]


def test_without_any_kubeconfig_it_says_where_one_is_looked_for(policy: Path) -> None:
    home = {"HOME": str(policy.parent)}
    code, lines = ended("run", "--config", policy, environ=home)
    assert code == 2
    assert lines == [
        "gate-watcher: ~/.kube/config: there is no kubeconfig, and this is no pod with a service "
        "account; name a kubeconfig with --kubeconfig or $KUBECONFIG"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "there is no such file; name an existing kubeconfig"),
        ("}{", "it is not YAML"),
        ("7", "it holds no mapping, so it is no kubeconfig"),
        ("contexts: [{name: hub, context: {}}]", "it has no current context; it has hub"),
        ("current-context: hub", "there is no context 'hub'"),
    ],
)
def test_a_kubeconfig_that_cannot_be_used_is_said(
    policy: Path, text: str | None, said: str
) -> None:
    kubeconfig = policy.parent / "kubeconfig"
    if text is not None:
        kubeconfig.write_text(text)
    code, lines = ended("run", "--config", policy, "--kubeconfig", kubeconfig)
    assert code == 2
    (line,) = lines
    assert line.startswith(f"gate-watcher: {kubeconfig}: ")
    assert said in line
