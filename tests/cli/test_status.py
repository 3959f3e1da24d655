from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from click.testing import CliRunner, Result

from tests.cli.fleets import fleet
from tests.cli.test_fleet_screen import shown
from tests.hub.kubeconfigs import kubeconfig
from watcher.cli import main

FLEET = fleet()
ANSWER = json.loads(msgspec.json.encode(FLEET))
HERE = "/api/v1/fleet"
PROXIED = f"/api/v1/namespaces/argocd/services/http:gate-watcher:http/proxy{HERE}"
LEASE = "/apis/coordination.k8s.io/v1/namespaces/argocd/leases/gate-watcher"
RENEWED = {"holderIdentity": "pod-1_c0ffee", "renewTime": "2026-11-24T12:00:00.000000Z"}


class Place:
    """Somewhere that answers, path by path."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any]] = {}
        self.tokens: dict[str, str | None] = {}
        self.url = ""


def refusal(code: int, reason: str, message: str) -> tuple[int, Any]:
    return code, {"kind": "Status", "code": code, "reason": reason, "message": message}


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.tokens[self.path] = self.headers["Authorization"]
            nothing = refusal(404, "NotFound", "there is no such thing")
            code, said = made.answers.get(self.path, nothing)
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def invoked(*arguments: object, width: int = 80) -> Result:
    environ = {"COLUMNS": str(width), "NO_COLOR": None, "FORCE_COLOR": None}
    return CliRunner(env=environ).invoke(main, ["status", *map(str, arguments)])


def through(place: Place, folder: Path) -> tuple[str, str]:
    """The arguments that ask through a hub."""
    return "--kubeconfig", kubeconfig(folder, place.url, token="mine")


@pytest.mark.parametrize("width", [80, 160])
def test_a_fleet_is_shown_as_wide_as_the_screen(place: Place, width: int) -> None:
    place.answers[HERE] = (200, ANSWER)
    done = invoked("--server", place.url, width=width)
    assert done.exit_code == 0, done.output
    assert [line.rstrip() for line in done.stdout.splitlines()] == shown(FLEET, width).splitlines()
    assert place.tokens == {HERE: None}


def test_the_hub_is_asked_with_the_callers_own_credentials(place: Place, tmp_path: Path) -> None:
    place.answers[PROXIED] = (200, ANSWER)
    done = invoked(*through(place, tmp_path), "--context", "here")
    assert done.exit_code == 0, done.output
    assert place.tokens == {PROXIED: "Bearer mine"}


def test_namespace_service_and_port_can_be_named(place: Place, tmp_path: Path) -> None:
    path = "/api/v1/namespaces/argo/services/http:watcher:8090/proxy/api/v1/fleet"
    place.answers[path] = (200, ANSWER)
    named = ("-n", "argo", "--service", "watcher", "--port", "8090")
    assert invoked(*through(place, tmp_path), *named).exit_code == 0


def test_the_answer_can_be_had_as_it_is(place: Place) -> None:
    place.answers[HERE] = (200, ANSWER)
    as_json = invoked("--server", place.url, "-o", "json")
    assert json.loads(as_json.stdout) == ANSWER
    assert as_json.stdout.count("\n") > 50, "for people too"
    as_yaml = invoked("--server", place.url, "-o", "yaml")
    assert yaml.safe_load(as_yaml.stdout) == ANSWER
    assert as_yaml.stdout.startswith("decidedAt:")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            refusal(403, "Forbidden", "you may not"),
            "403 Forbidden: you may not; ask for `get` on services/proxy in argocd, or "
            "port-forward to the watcher and name it with --server",
        ),
        (
            refusal(404, "NotFound", 'services "gate-watcher" not found'),
            '404 NotFound: services "gate-watcher" not found; name the Service with --service, its '
            "namespace with -n",
        ),
        (
            refusal(503, "ServiceUnavailable", "no endpoints available"),
            "503 ServiceUnavailable: no endpoints available; look at the watcher's Pods in argocd, "
            "and at --port",
        ),
        (
            refusal(503, "NotLeader", "this replica follows, and other leads: ask it"),
            "503 NotLeader: this replica follows, and other leads: ask it",
        ),
    ],
)
def test_a_watcher_that_does_not_answer_is_said_with_what_to_do(
    place: Place, tmp_path: Path, answer: tuple[int, Any], said: str
) -> None:
    place.answers[PROXIED] = answer
    done = invoked(*through(place, tmp_path))
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr == f"gate-watcher: cannot ask service argocd/gate-watcher: {said}\n"


@pytest.mark.parametrize(
    ("spec", "since"),
    [
        (RENEWED, "; pod-1_c0ffee leads, or did when it last said so, 2026-11-24T12:00:00Z"),
        (
            {**RENEWED, "holderIdentity": ""},
            "; the last one to lead ended in order 2026-11-24T12:00:00Z",
        ),
        ({}, ""),
    ],
)
def test_it_says_since_when_as_far_as_the_lease_tells(
    place: Place, tmp_path: Path, spec: dict[str, str], since: str
) -> None:
    place.answers[PROXIED] = refusal(503, "ServiceUnavailable", "no endpoints available")
    place.answers[LEASE] = (200, {"kind": "Lease", "spec": spec})
    done = invoked(*through(place, tmp_path))
    assert done.exit_code == 1
    assert done.stderr.endswith(f"and at --port{since}\n")


def test_a_hub_that_is_away_is_said(tmp_path: Path) -> None:
    done = invoked("--kubeconfig", kubeconfig(tmp_path, "http://127.0.0.1:1"))
    assert done.exit_code == 1
    assert "check that the API server answers at http://127.0.0.1:1" in done.stderr


def test_a_port_forward_that_ended_is_said() -> None:
    done = invoked("--server", "http://127.0.0.1:1")
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert line.endswith("; check the address, and that the port-forward still stands")


@pytest.mark.parametrize("body", [b"{", b"", b"\xff"])
@pytest.mark.parametrize("output", ["json", "yaml"])
def test_what_is_no_json_is_not_passed_on(place: Place, body: bytes, output: str) -> None:
    place.answers[HERE] = (200, body)
    done = invoked("--server", place.url, "-o", output)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "what answers is no watcher of this version" in done.stderr


@pytest.mark.parametrize("body", [b"{}", b"7", b"", b"\xff"])
def test_what_is_no_watcher_is_said_to_be_none(place: Place, body: bytes) -> None:
    place.answers[HERE] = (200, body)
    done = invoked("--server", place.url)
    assert done.exit_code == 1
    assert done.stderr.startswith("gate-watcher: what answers is no watcher of this version: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--server", "localhost:8090"), "it is no plain http or https address"),
        (("--kubeconfig", "absent"), "there is no such file"),
        (("-o", "xml"), "'xml' is not one of"),
    ],
)
def test_what_cannot_be_used_ends_it_with_two(arguments: tuple[str, ...], said: str) -> None:
    done = invoked(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr
