"""How findings are printed."""

from __future__ import annotations

import json

import msgspec

from tests.lint.written import example, judged, secret
from watcher.lint import Linted, as_github, as_json, as_text
from watcher.lint.finding import Finding, Place, Severity

ODD = Finding(
    code="GW999",
    severity=Severity.ERROR,
    object="ApplicationSet a/b,c:d%",
    place=Place("dir/x,y.yaml", 7),
    what="one\ntwo \x1b[31m\u202e 100%",
    why="why",
    how="how",
)


def only(finding: Finding) -> Linted:
    return Linted(findings=(finding,), skipped=(), sets=1, spokes=0, applications=0)


def test_the_text_has_a_line_for_each_finding_and_its_code_once() -> None:
    text = as_text(example("GW013-bad"))
    lines = text.splitlines()
    assert lines[0].startswith(
        "GW013-bad.yaml:1: error GW013 ApplicationSet argocd/karpenter: it asks"
    )
    assert sum(line.startswith("GW013: ") for line in lines) == 1
    assert lines[-1].startswith("1 ApplicationSet, 0 cluster Secrets, 0 Applications: 1 error,")


def test_of_many_notes_of_one_code_a_few_are_shown_and_every_warning() -> None:
    notes = [msgspec.structs.replace(ODD, severity=Severity.NOTE, what=str(n)) for n in range(9)]
    warnings = [msgspec.structs.replace(each, severity=Severity.WARNING) for each in notes]
    found = (*warnings, *notes)
    lines = as_text(Linted(findings=found, skipped=(), sets=1, spokes=0, applications=0))
    assert lines.count(": warning GW999 ") == 9
    assert lines.count(": note GW999 ") == 5
    assert "\nnote GW999 and 4 more like it; -o json has them all\n" in lines


def test_what_was_not_judged_is_said() -> None:
    assert "not judged without Applications: GW080, GW081" in as_text(judged(secret()))


def test_nothing_in_a_name_breaks_a_line_or_a_terminal() -> None:
    shown = as_text(only(ODD)).splitlines()[0]
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert shown.endswith("100%")


def test_the_json_has_everything() -> None:
    document = json.loads(as_json(example("GW013-bad")))
    (first,) = [each for each in document["findings"] if each["code"] == "GW013"]
    assert set(first) == {
        "code", "severity", "object", "file", "line", "what", "why", "how",
    }  # fmt: skip
    assert (first["file"], first["line"], first["severity"]) == ("GW013-bad.yaml", 1, "error")
    assert document["read"] == {"applicationSets": 1, "clusterSecrets": 0, "applications": 0}
    assert {each["needs"] for each in document["skipped"]} == {
        "cluster Secrets",
        "managedFields of cluster Secrets",
        "Applications",
        "the ConfigMap argocd-cmd-params-cm",
    }


def test_an_annotation_is_escaped_as_github_wants_it() -> None:
    line, summary = as_github(only(ODD)).split("\n")
    assert line.startswith(
        "::error file=dir/x%2Cy.yaml,line=7,title=GW999 ApplicationSet a/b%2Cc%3Ad%25::one"
    )
    assert line.endswith("100%25%0Awhy%0Ahow")
    assert (
        summary
        == "1 ApplicationSet, 0 cluster Secrets, 0 Applications: 1 error, 0 warnings, 0 notes"
    )


def test_on_a_hub_an_annotation_has_no_file() -> None:
    hub = Finding("GW999", Severity.NOTE, "Secret a/b", Place(), "what", "why", "how")
    assert as_github(only(hub)).startswith("::notice title=GW999 Secret a/b::what")
