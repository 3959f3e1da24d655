"""Does `status` show what a running watcher knows, asked through a hub?"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.programs import START

pytestmark = pytest.mark.process


def status(kubeconfig: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", START, "status", "--kubeconfig", str(kubeconfig), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_demo_can_be_asked_while_it_runs_and_no_longer_when_it_has_ended(tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    given = ["--speed", "60", "--spokes", "2", "--kubeconfig-out", str(file)]
    command = [sys.executable, "-u", "-c", START, "demo", *given]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        assert any("gate is Settled" in line for line in demo.stdout)
        shown = status(file)
        assert shown.returncode == 0, shown.stderr
        assert shown.stdout.startswith("2 spokes, 8 gates  decided ")
        assert "\x1b" not in shown.stdout, "it is plain where there is no terminal"
        said = json.loads(status(file, "-o", "json").stdout)
        assert [tier["name"] for tier in said["tiers"]] == [
            "compute",
            "metrics",
            "security",
            "platform",
        ]
        demo.send_signal(signal.SIGINT)
        demo.stdout.read()
    ended = status(file)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("gate-watcher: cannot ask service argocd/gate-watcher: ")
