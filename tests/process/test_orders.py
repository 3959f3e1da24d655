"""Can a person steer a watcher that runs, at a terminal and without one?"""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.programs import START

pytestmark = pytest.mark.process


def typed(kubeconfig: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What came of it, where nobody can be asked."""
    command = [sys.executable, "-c", START, *arguments, "--kubeconfig", str(kubeconfig)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL
    )


def answered(kubeconfig: Path, *arguments: str, answers: str) -> tuple[int, str]:
    """What came of it at a terminal, where somebody answers; and all that stood on the screen."""
    command = [sys.executable, "-c", START, *arguments, "--kubeconfig", str(kubeconfig)]
    ours, its = pty.openpty()
    with subprocess.Popen(command, stdin=its, stdout=its, stderr=its) as process:
        os.close(its)
        os.write(ours, answers.encode())
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:  # the other end is closed
            pass
        code = process.wait(60)
    os.close(ours)
    return code, shown.decode()


def test_a_hold_is_seen_and_a_release_asks_whether_and_why(tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    given = ["--speed", "60", "--spokes", "2", "--kubeconfig-out", str(file)]
    command = [sys.executable, "-u", "-c", START, "demo", *given]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        assert any("gate is Progressing" in line for line in demo.stdout)
        held = typed(file, "hold", "--all", "--why", "a look")
        assert held.returncode == 0, held.stderr
        assert "every tier of every spoke is on hold; that names 2 spokes now" in held.stdout
        assert any("order" in line and "a look" in line for line in demo.stdout)
        code, shown = answered(file, "release", "--ring", "default", answers="y\nit was well\n")
        assert code == 0, shown
        assert shown.index("names some of it, too: hold-") < shown.index("? [y/N]")
        standing = json.loads(typed(file, "release", "-o", "json").stdout)["orders"]
        said = [(each["order"], each["why"]) for each in standing]
        assert said == [("hold", "a look"), ("release", "it was well")]
        demo.send_signal(signal.SIGINT)
        demo.stdout.read()
