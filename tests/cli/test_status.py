from __future__ import annotations

import json
import subprocess
import sys

import msgspec
import pytest
import yaml

from tests.cli.fleets import fleet
from tests.cli.places import Place, invoked
from tests.cli.test_fleet_screen import shown

FLEET = fleet()
ANSWER = json.loads(msgspec.json.encode(FLEET))
HERE = "/api/v1/fleet"


@pytest.mark.parametrize("width", [80, 160])
def test_a_fleet_is_shown_as_wide_as_the_screen(place: Place, width: int) -> None:
    place.answers[HERE] = (200, ANSWER)
    done = invoked("status", "--server", place.url, width=width)
    assert done.exit_code == 0, done.output
    assert [line.rstrip() for line in done.stdout.splitlines()] == shown(FLEET, width).splitlines()
    assert place.tokens == {HERE: None}


def test_the_answer_can_be_had_as_it_is(place: Place) -> None:
    place.answers[HERE] = (200, ANSWER)
    as_json = invoked("status", "--server", place.url, "-o", "json")
    assert json.loads(as_json.stdout) == ANSWER
    assert as_json.stdout.count("\n") > 50, "for people too"
    as_yaml = invoked("status", "--server", place.url, "-o", "yaml")
    assert yaml.safe_load(as_yaml.stdout) == ANSWER
    assert as_yaml.stdout.startswith("decidedAt:")


@pytest.mark.parametrize("body", [b"{", b"", b"\xff"])
@pytest.mark.parametrize("output", ["json", "yaml"])
def test_what_is_no_json_is_not_passed_on(place: Place, body: bytes, output: str) -> None:
    place.answers[HERE] = (200, body)
    done = invoked("status", "--server", place.url, "-o", output)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "what answers is no watcher of this version" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--server", "localhost:8090"), "it is no plain http or https address"),
        (("--kubeconfig", "absent"), "there is no such file"),
        (("-o", "xml"), "'xml' is not one of"),
    ],
)
def test_what_cannot_be_used_ends_it_with_two(arguments: tuple[str, ...], said: str) -> None:
    done = invoked("status", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr


@pytest.mark.process
def test_it_waits_for_nothing_that_it_does_not_need() -> None:
    """Half a second of its own time is what people bear; most of it goes into importing."""
    ask = "import sys, watcher.cli.status; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    dear = {"watcher.daemon", "watcher.decide.deciding", "kubernetes_asyncio", "aiohttp.web"}
    assert dear & set(done.stdout.split()) == set()
