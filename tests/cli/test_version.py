from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from tests.cli.places import PROXY, Place, invoked, refusal, through

OWN = version("gate-watcher")
PROXIED = f"{PROXY}/api/v1/version"


def test_each_says_its_own(place: Place, tmp_path: Path) -> None:
    place.answers[PROXIED] = (200, {"version": "9.8.7"})
    place.answers["/version"] = (200, {"gitVersion": "v1.35.0"})
    done = invoked("version", *through(place, tmp_path))
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"client      {OWN}",
        "watcher     9.8.7",
        "kubernetes  v1.35.0",
    ]
    said = json.loads(invoked("version", *through(place, tmp_path), "-o", "json").stdout)
    assert said == {"client": OWN, "watcher": "9.8.7", "kubernetes": "v1.35.0"}


def test_where_one_does_not_answer_the_others_are_said(place: Place, tmp_path: Path) -> None:
    place.answers[PROXIED] = refusal(503, "ServiceUnavailable", "no endpoints available")
    place.answers["/version"] = refusal(403, "Forbidden", "you may not")
    done = invoked("version", *through(place, tmp_path))
    assert done.exit_code == 1
    assert done.stdout == f"client      {OWN}\n"
    watcher, hub = done.stderr.splitlines()
    assert "no endpoints available; look at the watcher's Pods in argocd" in watcher
    assert "you may not" in hub


def test_at_its_own_address_the_watcher_alone_is_asked(place: Place) -> None:
    place.answers["/api/v1/version"] = (200, {"version": "9.8.7"})
    done = invoked("version", "--server", place.url)
    assert done.exit_code == 0
    assert "kubernetes" not in done.stdout


def test_of_the_command_alone_nobody_is_asked(tmp_path: Path) -> None:
    done = invoked("version", "--client", "--kubeconfig", str(tmp_path / "absent"))
    assert (done.exit_code, done.stdout) == (0, f"client      {OWN}\n")
