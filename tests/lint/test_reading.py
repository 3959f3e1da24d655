"""What cannot be read as Argo CD reads it."""

from __future__ import annotations

from tests.lint.written import app, application_set, clusters, codes, judged, said, secret


def test_a_label_that_is_no_text_is_named_and_not_quoted() -> None:
    linted = judged(application_set(clusters("enable_x: true")), secret("a", "n: 7"))
    assert sorted(said(linted, "GW090")) == [
        "metadata.labels cannot be read",
        "spec.generators cannot be read",
    ]


def test_what_cannot_be_read_is_not_judged_for_anything_else() -> None:
    linted = judged(application_set(clusters("enable_x: true")))
    assert codes(linted) - {"GW014"} == {"GW090"}


def test_an_application_that_cannot_be_read_is_a_warning() -> None:
    broken = app("a-x", "a").replace("status: {}", "status: {reconciledAt: now}")
    linted = judged(broken)
    assert [each.severity.value for each in linted.findings if each.code == "GW090"] == ["warning"]


def test_each_thing_that_argo_cd_refuses_is_said() -> None:
    bad = (
        "{matrix: {generators: [{clusters: {}}]}}, "
        "{merge: {generators: [{clusters: {}}, {clusters: {}}]}}, "
        "{clusters: {selector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}}"
    )
    assert said(judged(application_set(bad)), "GW091") == [
        "Kubernetes refuses a Exists [b]",
        "a matrix has 1 children, and must have two",
        "a merge has no mergeKeys",
    ]
