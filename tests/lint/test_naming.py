"""When two Applications get one name."""

from __future__ import annotations

import pytest

from tests.lint.written import (
    application_set,
    clusters,
    codes,
    inventory,
    judged,
    policy,
    said,
    secret,
)
from watcher.lint.naming import name_template

GATE = "gate-watcher.io/compute: open"


def called(name: str) -> str:
    return f"metadata: {{name: '{name}'}}, spec: {{destination: {{name: '{{{{.name}}}}'}}}}"


def test_names_that_mean_the_same_are_written_the_same() -> None:
    values = "{clusters: {selector: {matchLabels: {a: b}}, values: {chart: x}}}"
    texts = [
        application_set(clusters(), name="one", template=called("{{ .name }}-x")),
        application_set(clusters(), name="two", template=called("{{name}}-x")),
        application_set(values, name="three", template=called("{{.name}}-{{.values.chart}}")),
    ]
    assert {name_template(each) for each in inventory("".join(texts), policy()).sets} == {
        "{{name}}-x"
    }


def test_a_value_that_children_give_differently_is_no_constant() -> None:
    merge = (
        "{merge: {mergeKeys: [server], generators: [{clusters: {values: {v: '1'}}}, "
        "{clusters: {values: {v: '2'}}}]}}"
    )
    (each,) = inventory(application_set(merge, template=called("{{.values.v}}")), policy()).sets
    assert name_template(each) == "{{values.v}}"


def test_with_spokes_at_hand_it_is_asked_whether_one_has_both() -> None:
    pair = application_set(clusters(f"a: b, {GATE}"), name="one") + application_set(
        clusters(f"c: d, {GATE}"), name="two"
    )
    apart = judged(pair, secret("a", "a: b"), secret("b", "c: d"), whole=True)
    together = judged(pair, secret("a", "a: b, c: d"), whole=True)
    assert "GW030" not in codes(apart)
    assert said(together, "GW030") == [
        "it and ApplicationSet argocd/two both make {{name}}-x, on cluster-a"
    ]


def test_selectors_that_exclude_each_other_share_a_name_in_peace() -> None:
    pair = application_set(clusters(f"env: a, {GATE}"), name="one") + application_set(
        clusters(f"env: b, {GATE}"), name="two"
    )
    assert not codes(judged(pair)) & {"GW030", "GW031"}


def test_the_same_names_in_two_namespaces_are_two_names() -> None:
    other = application_set(clusters(), name="two").replace(
        "{name: two}", "{name: two, namespace: n}"
    )
    assert not codes(judged(application_set(clusters()), other)) & {"GW030", "GW031"}


def test_ungated_twins_that_may_never_meet_are_not_spoken_of() -> None:
    pair = application_set(clusters("a: b"), name="one") + application_set(
        clusters("c: d"), name="two"
    )
    assert not codes(judged(pair)) & {"GW030", "GW031"}


SHAPE_E = (
    "{{matrix: {{generators: [{{clusters: {{}}}}, {{git: {{directories: [{{path: {}}}]}}}}]}}}}"
)


@pytest.mark.parametrize(
    ("name", "alike"),
    [
        ("{{.name}}-{{.path.basename}}", False),
        ("{{.name}}-{{ index .path.segments 1 }}", False),
        ("{{.name}}-{{ .values.folder }}", False),
        ('{{ printf "%s-%s" $.name $.path.basename }}', False),
        ("{{.name}}", True),
        ("{{ .nameNormalized | trunc 30 }}-x", True),
        ('{{ printf "%s.x" .metadata.labels.y }}', True),
    ],
)
def test_names_are_alike_only_where_all_in_them_is_the_spokes_own(name: str, alike: bool) -> None:
    pair = "".join(
        application_set(SHAPE_E.format(folder), name=folder, template=called(name))
        for folder in ("one", "two")
    )
    assert ("GW030" in codes(judged(pair, secret("a"), whole=True))) is alike


def test_the_same_holds_without_go_templates() -> None:
    pair = "".join(
        application_set(SHAPE_E.format(folder), name=f"{folder}{at}", template=called(name))
        for at, name in enumerate(("{{name}}-{{path.basename}}", "{{name}}-x"))
        for folder in ("one", "two")
    ).replace("goTemplate: true", "goTemplate: false")
    assert said(judged(pair, secret("a"), whole=True), "GW030") == [
        "it and ApplicationSet argocd/two1 both make {{name}}-x, on cluster-a"
    ]


def overlapping(first: str, second: str, name: str = "{{.name}}-x") -> str:
    both = f"{clusters(f'{first}, {GATE}')}, {clusters(f'{second}, {GATE}')}"
    return application_set(both, template=called(name))


def test_two_generators_meet_only_on_a_spoke_that_has_both_labels() -> None:
    pair = overlapping("a: b", "c: d")
    assert said(judged(pair, secret("a", "a: b, c: d")), "GW034") == [
        "generators[0] and generators[1] both select cluster-a"
    ]
    assert "GW034" not in codes(judged(pair, secret("a", "a: b"), secret("b", "c: d")))
    assert said(judged(pair), "GW034") == [
        "generators[0] and generators[1] do not exclude each other"
    ]


def test_generators_that_exclude_each_other_or_name_otherwise_may_stand_together() -> None:
    for made in (
        overlapping("env: a", "env: b"),
        overlapping("a: b", "c: d", "{{.name}}-{{.values.x}}"),
    ):
        assert "GW034" not in codes(judged(made))


def test_a_flat_list_may_have_a_constant_name() -> None:
    flat = "{clusters: {flatList: true, selector: {matchLabels: {a: b}}}}"
    assert "GW032" not in codes(judged(application_set(flat, template=called("all"))))
