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
        "{clusters: {selector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}}, "
        "{clusters: {selector: {matchLabels: {not a key: b}}}}, "
        "{matrix: {generators: [{matrix: {generators: [{matrix: {generators: "
        "[{clusters: {}}, {list: {elements: []}}]}}, {list: {elements: []}}]}}, "
        "{list: {elements: []}}]}}"
    )
    assert said(judged(application_set(bad)), "GW091") == [
        "Kubernetes refuses a Exists [b]",
        "Kubernetes refuses not a key In [b]",
        "a matrix has one child, and must have two",
        "a matrix or a merge stands in the third level, and may only in two",
        "a merge has no mergeKeys",
    ]


def test_a_filter_takes_any_value_and_not_any_operator() -> None:
    def filtered(text: str) -> str:
        return f"{{clusters: {{}}, selector: {{matchExpressions: [{{{text}}}]}}}}"

    server = filtered("key: server, operator: In, values: ['https://a.example.invalid']")
    odd = filtered("key: server, operator: Gt, values: [a]")
    assert "GW091" not in codes(judged(application_set(server)))
    assert said(judged(application_set(odd)), "GW091") == [
        "Argo CD refuses server Gt [a] in a filter"
    ]


def test_a_gate_that_a_second_key_drops_is_found() -> None:
    twice = clusters("a: b").replace("selector:", "selector: {matchLabels: {c: d}}, selector:")
    (what,) = said(judged(application_set(twice)), "GW092")
    assert what == "given a second time: selector in line 5"
