"""Somewhere that answers as a watcher does, or the API server in front of one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
from click.testing import CliRunner, Result

from tests.hub.kubeconfigs import kubeconfig
from watcher.cli import main

PROXY = "/api/v1/namespaces/argocd/services/http:gate-watcher:http/proxy"
LEASE = "/apis/coordination.k8s.io/v1/namespaces/argocd/leases/gate-watcher"


class Place:
    """What it answers, path by path with its query or without, and how it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any]] = {}
        self.asked: list[str] = []
        """Each path with its query."""
        self.tokens: dict[str, str | None] = {}
        self.acted_as: list[tuple[str | None, list[str]]] = []
        self.url = ""


def refusal(code: int, reason: str, message: str) -> tuple[int, Any]:
    """As Kubernetes refuses."""
    return code, {"kind": "Status", "code": code, "reason": reason, "message": message}


@contextmanager
def answering() -> Iterator[Place]:
    """A place that answers to GET."""
    made = Place()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.tokens[self.path] = self.headers["Authorization"]
            groups = self.headers.get_all("Impersonate-Group", [])
            made.acted_as.append((self.headers["Impersonate-User"], groups))
            nothing = refusal(404, "NotFound", "there is no such thing")
            made.asked.append(self.path)
            plain = made.answers.get(self.path.partition("?")[0], nothing)
            code, said = made.answers.get(self.path, plain)
            body = said if isinstance(said, bytes) else msgspec.json.encode(said)
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def invoked(*arguments: object, width: int = 80) -> Result:
    """What came of a verb, on a screen so wide that is no terminal."""
    environ = {"COLUMNS": str(width), "NO_COLOR": None, "FORCE_COLOR": None}
    return CliRunner(env=environ).invoke(main, list(map(str, arguments)))


def through(place: Place, folder: Path) -> tuple[str, str]:
    """The arguments that ask through a hub."""
    return "--kubeconfig", kubeconfig(folder, place.url, token="mine")
