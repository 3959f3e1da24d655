"""Does `check`, as a process of its own, see a watcher that runs, and that it no longer does?"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.programs import START

pytestmark = pytest.mark.process


def check(kubeconfig: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", START, "check", "--kubeconfig", str(kubeconfig), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def found(done: subprocess.CompletedProcess[str]) -> dict[str, tuple[str, str]]:
    """Of each check the gravest that it said."""
    said: dict[str, tuple[str, str]] = {}
    for each in json.loads(done.stdout)["findings"]:
        said.setdefault(each["check"], (each["level"], each["what"]))
    return said


def test_a_watcher_that_leads_and_answers_is_seen_and_its_end_too(tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    given = ["--speed", "1", "--spokes", "2", "--kubeconfig-out", str(file)]
    command = [sys.executable, "-u", "-c", START, "demo", *given]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        assert any("gate is Progressing" in line for line in demo.stdout)
        done = check(file, "-o", "json")
        said = found(done)
        assert done.returncode == 1, "the demo's watcher has no service account"
        assert said["kubernetes"] == ("ok", "v1.35.0")
        assert said["controllers"][0] == "ok"
        assert said["ready"] == ("ok", "a watcher answers, and is ready")
        assert said["lease"][0] == "ok"
        assert " leads since " in said["lease"][1]
        assert said["service-account"][0] == "fault"
        demo.send_signal(signal.SIGINT)
        demo.stdout.read()
    ended = check(file)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("gate-watcher: cannot read /version: ")
