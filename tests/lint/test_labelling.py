"""What a template says of its tier and its spoke."""

from __future__ import annotations

from tests.lint.written import application_set, clusters, codes, judged, said

GATES = "gate-watcher.io/crds: open, gate-watcher.io/compute: open"


def labelled(tier: str) -> str:
    return f"metadata: {{name: '{{{{.name}}}}', labels: {{gate-watcher.io/tier: {tier}}}}}"


def test_of_several_gates_the_label_names_the_deepest() -> None:
    right = judged(application_set(clusters(GATES), template=labelled("compute")))
    wrong = judged(application_set(clusters(GATES), template=labelled("crds")))
    assert "GW017" not in codes(right)
    assert said(wrong, "GW017") == [
        "its template says gate-watcher.io/tier: crds, its selectors ask for compute, which is "
        "deeper"
    ]


def test_a_templated_label_is_left_to_rendering() -> None:
    linted = judged(application_set(clusters(), template=labelled("'{{ .tier }}'")))
    assert not codes(linted) & {"GW016", "GW017", "GW018"}


def test_an_ungated_addon_may_go_to_one_place() -> None:
    constant = "metadata: {name: '{{.name}}'}, spec: {destination: {name: in-cluster}}"
    gated = judged(application_set(clusters(), template=constant))
    free = judged(application_set(clusters("a: b"), template=constant))
    assert "GW019" in codes(gated)
    assert "GW019" not in codes(free)
