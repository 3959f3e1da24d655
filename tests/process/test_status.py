"""Does a person see what a running watcher knows, asked through a hub, or looking at it?"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.process.programs import START

pytestmark = pytest.mark.process

OURS = [sys.executable, "-c", START]


def asked(
    kubeconfig: Path, *arguments: str, command: list[str] = OURS
) -> subprocess.CompletedProcess[str]:
    verb, *rest = arguments
    whole = [*command, verb, "--kubeconfig", str(kubeconfig), *rest]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        whole,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PATH": path},
    )


@contextmanager
def demo(kubeconfig: Path) -> Iterator[subprocess.Popen[str]]:
    """One in which a gate has settled."""
    given = ["--speed", "60", "--spokes", "2", "--kubeconfig-out", str(kubeconfig)]
    command = [sys.executable, "-u", "-c", START, "demo", *given]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert any("gate is Settled" in line for line in running.stdout)
        try:
            yield running
        finally:
            running.send_signal(signal.SIGINT)
            running.stdout.read()


@contextmanager
def following(kubeconfig: Path) -> Iterator[Iterator[str]]:
    """What `status -w` prints until Ctrl-C."""
    command = [*OURS, "status", "-w", "--kubeconfig", str(kubeconfig)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield iter(running.stdout)
        finally:
            running.send_signal(signal.SIGINT)
            running.stdout.read()
    assert running.returncode == 130


def test_a_demo_can_be_asked_while_it_runs_and_no_longer_when_it_has_ended(tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    with demo(file), following(file) as lines:
        shown = asked(file, "status")
        assert shown.returncode == 0, shown.stderr
        assert shown.stdout.startswith("2 spokes, 8 gates  decided ")
        assert "\x1b" not in shown.stdout, "it is plain where there is no terminal"
        said = json.loads(asked(file, "status", "-o", "json").stdout)
        assert [tier["name"] for tier in said["tiers"]] == [
            "compute",
            "metrics",
            "security",
            "platform",
        ]
        seen = asked(file, "explain", "spoke-000/compute", "--from-hub")
        assert seen.returncode == 0, seen.stderr
        assert "argocd/addon-karpenter" in seen.stdout
        told = asked(file, "events", "--from-hub")
        assert "GateSettled  settled: tier compute" in told.stdout, told.stderr
        waited = asked(file, "wait", "--ring", "default", "--tier", "compute", "--timeout", "50s")
        assert (waited.returncode, waited.stdout.splitlines()[-1]) == (0, "settled: 2 spokes")
        assert next(lines).startswith("2 spokes, 8 gates  decided ")
        assert any("→ ● Settled" in line for line in lines), "a line for each change"
    ended = asked(file, "status")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("gate-watcher: cannot ask service argocd/gate-watcher: ")


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_it_is_a_plugin_of_kubectl_and_called_as_people_type_it(tmp_path: Path) -> None:
    plugin = ["kubectl", "gate"]
    help_ = asked(tmp_path, "explain", "--help", command=plugin).stdout
    assert "Usage: kubectl gate explain [OPTIONS] SPOKE[/TIER]" in help_
    gone = asked(tmp_path / "absent", "status", command=plugin)
    assert gone.returncode == 2
    assert "there is no such file" in gone.stderr
