"""Asked by `status`, which does nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.cli.fleets import fleet
from tests.cli.places import LEASE, PROXY, Place, invoked, refusal, through
from tests.hub.kubeconfigs import kubeconfig

ANSWER = json.loads(msgspec.json.encode(fleet()))
HERE = "/api/v1/fleet"
PROXIED = f"{PROXY}{HERE}"
RENEWED = {"holderIdentity": "pod-1_c0ffee", "renewTime": "2026-11-24T12:00:00.000000Z"}


def test_the_hub_is_asked_with_the_callers_own_credentials(place: Place, tmp_path: Path) -> None:
    place.answers[PROXIED] = (200, ANSWER)
    done = invoked("status", *through(place, tmp_path), "--context", "here")
    assert done.exit_code == 0, done.output
    assert place.tokens == {PROXIED: "Bearer mine"}


def test_namespace_service_and_port_can_be_named(place: Place, tmp_path: Path) -> None:
    path = "/api/v1/namespaces/argo/services/http:watcher:8090/proxy/api/v1/fleet"
    place.answers[path] = (200, ANSWER)
    named = ("-n", "argo", "--service", "watcher", "--port", "8090")
    assert invoked("status", *through(place, tmp_path), *named).exit_code == 0


def test_a_watcher_that_runs_apart_from_argo_cd_is_asked_there_and_its_lease_here(
    place: Place, tmp_path: Path
) -> None:
    """The chart allows it; the lease is in the namespace of the Secrets that it guards."""
    path = "/api/v1/namespaces/tools/services/http:gate-watcher:http/proxy/api/v1/fleet"
    place.answers[path] = refusal(503, "ServiceUnavailable", "no endpoints available")
    place.answers[LEASE] = (200, {"kind": "Lease", "spec": RENEWED})
    done = invoked("status", *through(place, tmp_path), "--service", "tools/gate-watcher")
    assert "cannot ask service tools/gate-watcher: 503" in done.stderr
    assert "look at the watcher's Pods in tools" in done.stderr
    assert "pod-1_c0ffee leads" in done.stderr
    wrong = invoked("status", *through(place, tmp_path), "--service", "tools/")
    assert wrong.exit_code == 2
    assert "'tools/' is no [NAMESPACE/]NAME" in wrong.stderr


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
            '404 NotFound: services "gate-watcher" not found; name Argo CD\'s namespace with -n, '
            "and the Service with --service, as NAMESPACE/NAME where the watcher runs in another",
        ),
        (
            refusal(503, "ServiceUnavailable", "no endpoints available"),
            "503 ServiceUnavailable: no endpoints available; look at the watcher's Pods in argocd, "
            "and at --port",
        ),
        (
            refusal(503, "NotLeader", "this replica follows, and other leads"),
            "503 NotLeader: this replica follows, and other leads; look at the watcher's Pods in "
            "argocd",
        ),
    ],
)
def test_a_watcher_that_does_not_answer_is_said_with_what_to_do(
    place: Place, tmp_path: Path, answer: tuple[int, Any], said: str
) -> None:
    place.answers[PROXIED] = answer
    done = invoked("status", *through(place, tmp_path))
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
    done = invoked("status", *through(place, tmp_path))
    assert done.exit_code == 1
    assert done.stderr.endswith(f"and at --port{since}\n")


def test_who_leads_is_said_once(place: Place, tmp_path: Path) -> None:
    place.answers[PROXIED] = refusal(503, "NotLeader", "this replica follows, and pod-1 leads")
    place.answers[LEASE] = (200, {"kind": "Lease", "spec": RENEWED})
    assert invoked("status", *through(place, tmp_path)).stderr.count("leads") == 1


def test_a_hub_that_is_away_is_said(tmp_path: Path) -> None:
    done = invoked("status", "--kubeconfig", kubeconfig(tmp_path, "http://127.0.0.1:1"))
    assert done.exit_code == 1
    assert "check that the API server answers at http://127.0.0.1:1" in done.stderr


def test_a_port_forward_that_ended_is_said() -> None:
    done = invoked("status", "--server", "http://127.0.0.1:1")
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert line.endswith("; check the address, and that the port-forward still stands")


@pytest.mark.parametrize("body", [b"{}", b"7", b"", b"\xff"])
def test_what_is_no_watcher_is_said_to_be_none(place: Place, body: bytes) -> None:
    place.answers[HERE] = (200, body)
    done = invoked("status", "--server", place.url)
    assert done.exit_code == 1
    assert "what answers is no watcher of this version: " in done.stderr
