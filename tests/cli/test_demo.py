from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.process.programs import START
from watcher.cli import main
from watcher.embedded_hub.scenarios import SCENARIOS

FAST = ("--speed", "300", "--spokes", "2", "--until-settled")


def invoked(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["demo", *map(str, arguments)])


def test_a_fleet_settles_and_it_says_how_long_each_tier_took() -> None:
    done = invoked(*FAST)
    assert done.exit_code == 0, done.output
    *log, compute, metrics, security, platform, end = done.stdout.splitlines()
    assert compute.startswith("compute: 2 settled, the fastest in ")
    assert [each.split(":")[0] for each in (metrics, security, platform)] == [
        "metrics",
        "security",
        "platform",
    ]
    assert end.startswith("every gate has settled, after ")
    assert sum("gate is Settled" in line for line in log) == 8


def test_an_addon_that_never_comes_up_ends_it_with_one() -> None:
    done = invoked("--scenario", "broken-addon", *FAST[:2], "--spokes", 4, "--until-settled")
    assert done.exit_code == 1, done.output
    assert "gate is Stalled spoke=spoke-002 tier=security" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("a gate has stalled, after ")


def test_others_may_look_meanwhile_and_stopping_it_before_is_not_said_to_be_settling(
    tmp_path: Path,
) -> None:
    file = tmp_path / "kubeconfig"
    arguments = ["demo", "--until-settled", "--speed", "1", "--kubeconfig-out", str(file)]
    command = [sys.executable, "-c", START, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        next(line for line in process.stdout if "watches hub=" in line)
        plan = CliRunner().invoke(main, ["plan", "--kubeconfig", str(file)])
        process.send_signal(signal.SIGINT)
        *_, last = process.stdout
    assert process.returncode == 1
    assert last.startswith("it was stopped before every gate had settled, after ")
    assert (plan.exit_code, plan.stderr) == (0, "")
    assert "by configmap argocd/gate-watcher-policy" in " ".join(plan.stdout.split())


def test_labels_that_were_lost_are_set_again() -> None:
    done = invoked("--scenario", "labels-lost", *FAST)
    assert done.exit_code == 0, done.output
    assert "gate is Lost" in done.stdout


def test_a_kubeconfig_is_written_for_kubectl(tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    done = invoked(*FAST, "--kubeconfig-out", file)
    assert done.exit_code == 0, done.output
    config = json.loads(file.read_text())
    assert config["clusters"][0]["cluster"]["server"].startswith("http://127.0.0.1:")


def test_a_kubeconfig_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    done = invoked(*FAST, "--kubeconfig-out", tmp_path / "absent" / "kubeconfig")
    assert done.exit_code == 2
    said = "".join(done.output.replace("│", " ").split())  # a long line is wrapped, even in a word
    assert "itcannotbewritten:Nosuchfileordirectory;nameanotherfile" in said


def test_no_credential_is_shown() -> None:
    assert "CANARY" not in invoked(*FAST).output


@pytest.mark.parametrize(
    "arguments",
    [("--spokes", 0), ("--speed", 0), ("--scenario", "none"), ("--kubeconfig-out",)],
)
def test_what_is_no_argument_is_a_usage_error(arguments: tuple[object, ...]) -> None:
    assert invoked(*arguments).exit_code == 2


def test_its_help_names_every_scenario() -> None:
    said = CliRunner().invoke(main, ["demo", "--help"], terminal_width=400).output
    assert [name for name in SCENARIOS if name not in said] == []
