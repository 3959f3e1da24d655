"""Where a gate stands."""

from __future__ import annotations

from tests.lint.written import application_set, clusters, codes, judged, said, secret
from watcher.lint import Severity

IN_CLUSTER = "https://kubernetes.default.svc"


def test_an_override_deep_in_a_matrix_is_found() -> None:
    merge = f"{{merge: {{mergeKeys: [server], generators: [{{clusters: {{}}}}, {clusters()}]}}}}"
    nested = f"{{matrix: {{generators: [{merge}, {{list: {{elements: [{{a: b}}]}}}}]}}}}"
    assert said(judged(application_set(nested)), "GW001") == [
        "a later child of a merge asks for gate-watcher.io/compute"
    ]


def test_a_git_generator_beside_a_gated_one_is_a_warning() -> None:
    linted = judged(application_set(f"{clusters()}, {{git: {{repoURL: x}}}}"))
    assert [each.severity for each in linted.findings if each.code == "GW002"] == [Severity.WARNING]


def test_that_the_hub_is_lost_is_certain_only_where_secrets_were_read() -> None:
    alone = judged(application_set(clusters()))
    with_spokes = judged(application_set(clusters()), secret())
    with_hub = judged(application_set(clusters()), secret("hub", server=IN_CLUSTER))
    severities = [
        [each.severity for each in linted.findings if each.code == "GW003"]
        for linted in (alone, with_spokes, with_hub)
    ]
    assert severities == [[Severity.WARNING], [Severity.ERROR], []]


def test_a_selector_that_asks_for_more_than_gates_was_there_before() -> None:
    both = clusters("enable_x: 'true', gate-watcher.io/compute: open")
    assert "GW003" not in codes(judged(application_set(both)))


def test_the_label_of_every_cluster_secret_is_a_selector_too() -> None:
    kind = "argocd.argoproj.io/secret-type: cluster"
    gated = clusters(f"{kind}, gate-watcher.io/compute: open")
    assert not codes(judged(application_set(gated), application_set(clusters(kind)))) & {
        "GW003",
        "GW004",
    }


def test_a_templated_gate_is_only_noted_where_the_template_names_its_tier() -> None:
    matrix = (
        "{matrix: {generators: [{git: {repoURL: x}}, "
        + clusters("'gate-watcher.io/{{ .tier }}': open")
        + "]}}"
    )
    label = "metadata: {name: '{{.name}}', labels: {gate-watcher.io/tier: '{{ .tier }}'}}"
    bare, labelled = (
        judged(application_set(matrix)),
        judged(application_set(matrix, template=label)),
    )
    assert [
        [each.severity for each in linted.findings if each.code == "GW005"]
        for linted in (bare, labelled)
    ] == [[Severity.WARNING], [Severity.NOTE]]


def test_a_filter_by_its_parameter_is_wrong_only_under_go_templates() -> None:
    filtered = (
        "{clusters: {selector: {matchLabels: {a: b}}}, "
        "selector: {matchLabels: {metadata.labels.gate-watcher.io/compute: open}}}"
    )
    go = judged(application_set(filtered))
    fast = judged(application_set(filtered).replace("goTemplate: true", "goTemplate: false"))
    assert [each.severity for each in go.findings if each.code == "GW007"] == [Severity.WARNING]
    assert "GW007" not in codes(fast)
