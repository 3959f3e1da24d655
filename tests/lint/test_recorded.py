"""Is lint of one mind with a real Argo CD?

What the ApplicationSet controller reported of each hub in tests/selection/cases/ was recorded.
Where it refused to generate, lint must have said something beforehand; where it did not, lint may
not say that it would.
"""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from tests.lint.written import codes
from tests.selection.recorded import CASES, read_case
from watcher.hub.written import Writings
from watcher.lint import Linted, Place, lint

REFUSES = {"GW030", "GW032", "GW034", "GW050", "GW053", "GW070", "GW091"}
"""The codes that foretell that Argo CD generates nothing, or the wrong thing."""

UNFORESEEN = {
    "destination-by-name-and-server": "the destination is not looked at",
    "destination-does-not-exist": "the destination is not looked at",
    "invalid-config-is-selected": "credentials are not read",
    "invalid-config-without-deletion": "credentials are not read",
    "matrix-first-template-is-literal": "needs rendering",
    "matrix-second-template-is-missing": "needs rendering",
    "matrix-two-clusters-fasttemplate": "needs rendering",
    "matrix-values-of-second-child": "needs rendering",
    "merge-absent-key": "needs rendering",
    "merge-list-overrides-values": "an operation of Argo CD that never ends",
    "project-does-not-exist": "AppProjects are not read",
    "server-is-empty": "a Secret without a server is on its way",
    "shape-g-tier-is-missing": "what is in Git is not read",
    "synthetic-meets-its-name": "needs rendering",
    "then-creation-fails": "needs rendering",
    "truncated-names-collide": "needs rendering",
}
"""Refused by Argo CD, and not seen by lint. The list may only shrink."""

EARLY = {
    "matrix-templated-empty-first": "refused as soon as the first child gives anything",
    "no-name-collapses": "one of several is taken, in no order",
    "no-name-is-selected": "one of several is taken, in no order",
    "same-name-collapses": "one of several is taken, in no order",
    "same-name-distinct-servers-in-names": "one of several is taken, in no order",
    "same-name-one-selected": "one of several is taken, in no order",
    "same-server-two-names": "the watcher leaves both alone",
}
"""Not refused by Argo CD, and spoken of all the same."""


def linted(case: dict[str, Any]) -> Linted:
    writings = Writings(None, namespace="argocd")
    for at, each in enumerate(case.get("secrets", ())):
        labels = {"argocd.argoproj.io/secret-type": "cluster", **each.get("labels", {})}
        metadata = {"name": each["name"], "labels": labels, "annotations": each.get("annotations")}
        data = {key: b64encode(text.encode()).decode() for key, text in each["data"].items()}
        body = {"kind": "Secret", "metadata": metadata, "data": data}
        writings.take(json.dumps(body).encode(), Place(str(at)))
    for each in case["applicationSets"]:
        metadata = {"name": each["name"]}
        body = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "ApplicationSet",
            "spec": each["spec"],
        }
        writings.take(json.dumps({**body, "metadata": metadata}).encode(), Place())
    return lint(writings.inventory(whole=True))


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_what_argo_cd_refuses_was_foretold_and_nothing_else(file: Path) -> None:
    case = read_case(file)
    refused = bool(case["expect"].get("errors"))
    found = linted(case)
    foretold = bool(codes(found) & REFUSES)
    if refused and not foretold:
        assert file.stem in UNFORESEEN
    elif foretold and not refused:
        certain = {each.code for each in found.findings if each.severity.value == "error"} & REFUSES
        assert not certain or file.stem in EARLY
    else:
        assert file.stem not in UNFORESEEN.keys() | EARLY.keys()
