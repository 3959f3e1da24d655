from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from watcher.facts import (
    Clusters,
    Elements,
    Expression,
    Foreign,
    Generator,
    Matrix,
    Merge,
    Selector,
)
from watcher.hub.generators import generators
from watcher.hub.salvage import UNREADABLE

GATE = "gate-watcher.io/compute"
GATED = {"key": GATE, "operator": "In", "values": ["open"]}
BY_GATE = Expression(GATE, "In", ("open",))


def made(*entries: Any) -> tuple[Generator, ...]:
    return generators(Raw(json.dumps(entries).encode()))


def clusters(**selector: Any) -> dict[str, Any]:
    return {"clusters": {"selector": selector}}


# --- the shapes in which addons are found in the wild ---------------------------------------------


def test_a_merge_whose_base_has_the_gate() -> None:
    base = {
        "clusters": {
            "values": {"addonChart": "x"},
            "selector": {
                "matchExpressions": [
                    {"key": "akuity.io/argo-cd-cluster-name", "operator": "NotIn", "values": ["a"]},
                    GATED,
                ]
            },
        }
    }
    staging = {
        "clusters": {
            "selector": {"matchLabels": {"environment": "staging"}},
            "values": {"addonChartVersion": "1"},
        }
    }
    merge = {"merge": {"mergeKeys": ["server"], "generators": [base, staging]}}
    assert made(merge) == (
        Merge(
            (
                Clusters(
                    Selector(
                        (
                            Expression("akuity.io/argo-cd-cluster-name", "NotIn", ("a",)),
                            BY_GATE,
                        )
                    ),
                    values={"addonChart": "x"},
                ),
                Clusters(
                    Selector((Expression("environment", "In", ("staging",)),)),
                    values={"addonChartVersion": "1"},
                ),
            ),
            ("server",),
        ),
    )


def test_one_clusters_generator_with_expressions() -> None:
    wanted = clusters(matchExpressions=[{"key": "enable_x", "operator": "Exists"}, GATED])
    assert made(wanted) == (Clusters(Selector((Expression("enable_x", "Exists"), BY_GATE))),)


def test_one_clusters_generator_with_labels() -> None:
    assert made(clusters(matchLabels={"fleet_member": "spoke", GATE: "open"})) == (
        Clusters(Selector((Expression("fleet_member", "In", ("spoke",)), BY_GATE))),
    )


@pytest.mark.parametrize(
    "body", [{}, {"selector": {}}, {"selector": None}, {"selector": {"matchLabels": {}}}]
)
def test_one_clusters_generator_without_a_selector(body: dict[str, Any]) -> None:
    assert made({"clusters": body}) == (Clusters(),)


def test_a_matrix_of_clusters_and_git() -> None:
    git = {"git": {"directories": [{"path": "{{metadata.annotations.path}}/*"}]}}
    matrix = {"matrix": {"generators": [clusters(matchLabels={GATE: "open"}), git]}}
    assert made(matrix) == (Matrix((Clusters(Selector((BY_GATE,))), Foreign("git"))),)


def test_a_matrix_in_a_matrix_with_templated_elements() -> None:
    inner = {"matrix": {"generators": [clusters(matchLabels={GATE: "open"}), {"git": {}}]}}
    listed = {"list": {"elementsYaml": "{{ .addons | toYaml }}"}}
    assert made({"matrix": {"generators": [inner, listed]}}) == (
        Matrix((Matrix((Clusters(Selector((BY_GATE,))), Foreign("git"))), Foreign("list"))),
    )


def test_a_matrix_whose_second_selector_is_a_template() -> None:
    files = {"git": {"files": [{"path": "addons/*.yaml"}]}, "selector": {"matchLabels": {"a": "b"}}}
    wanted = clusters(
        matchExpressions=[
            {"key": "enable_{{ .feature }}", "operator": "In", "values": ["true"]},
            {"key": "gate-watcher.io/{{ .tier }}", "operator": "In", "values": ["open"]},
        ]
    )
    assert made({"matrix": {"generators": [files, wanted]}}) == (
        Matrix(
            (
                Foreign("git", Selector((Expression("a", "In", ("b",)),))),
                Clusters(
                    Selector(
                        (
                            Expression("enable_{{ .feature }}", "In", ("true",)),
                            Expression("gate-watcher.io/{{ .tier }}", "In", ("open",)),
                        )
                    )
                ),
            )
        ),
    )


def test_a_matrix_of_a_list_and_clusters() -> None:
    listed = {"list": {"elements": [{"name": "a"}, {"name": "b"}]}}
    assert made({"matrix": {"generators": [listed, {"clusters": {}}]}}) == (
        Matrix((Elements(({"name": "a"}, {"name": "b"})), Clusters())),
    )


@pytest.mark.parametrize(
    "kind", ["git", "plugin", "scmProvider", "pullRequest", "clusterDecisionResource", "brandNew"]
)
def test_generators_that_do_not_read_clusters(kind: str) -> None:
    assert made({kind: {"anything": [1]}}) == (Foreign(kind),)


# --- what else an entry may hold ------------------------------------------------------------------


def test_several_generators_stay_in_their_order() -> None:
    assert made({"git": {}}, {"clusters": {}}, {"git": {}}) == (
        Foreign("git"),
        Clusters(),
        Foreign("git"),
    )


def test_several_kinds_in_one_entry_each_generate_and_share_its_filter() -> None:
    kept = Selector((Expression("name", "In", ("a",)),))
    entry = {"clusters": {}, "git": {}, "selector": {"matchLabels": {"name": "a"}}}
    assert made(entry) == (Clusters(filter=kept), Foreign("git", kept))


def test_a_matrix_child_of_two_kinds_makes_three_children() -> None:
    matrix = {"matrix": {"generators": [{"clusters": {}, "list": {"elements": []}}, {"git": {}}]}}
    assert made(matrix) == (Matrix((Clusters(), Elements(()), Foreign("git"))),)


def test_an_entry_without_a_kind_generates_nothing() -> None:
    assert made({}, {"selector": {}}, {"clusters": None}) == ()


def test_a_filter_that_asks_for_nothing_is_not_the_same_as_none() -> None:
    assert made({"clusters": {}, "selector": {}}) == (Clusters(filter=Selector()),)
    assert made({"clusters": {}, "selector": None}) == (Clusters(),)


def test_a_flat_list_is_marked() -> None:
    assert made({"clusters": {"flatList": True}}) == (Clusters(flat_list=True),)


def test_the_users_own_secret_type_label_is_overwritten_and_an_expression_is_not() -> None:
    key = "argocd.argoproj.io/secret-type"
    wanted = clusters(
        matchLabels={key: "repository", "a": "b"},
        matchExpressions=[{"key": key, "operator": "Exists"}],
    )
    assert made(wanted) == (
        Clusters(Selector((Expression("a", "In", ("b",)), Expression(key, "Exists")))),
    )


def test_the_filter_of_a_generator_may_ask_for_the_secret_type() -> None:
    wanted = {"metadata.labels.argocd.argoproj.io/secret-type": "cluster"}
    (only,) = made({"clusters": {}, "selector": {"matchLabels": wanted}})
    assert only.filter == Selector((Expression(next(iter(wanted)), "In", ("cluster",)),))


def test_elements_are_flattened_to_text_as_a_filter_sees_them() -> None:
    element = {"a": {"b": "x", "c": {"d": 1}}, "e": True, "f": None, "g": ["h", {"i": 1.5}]}
    (only,) = made({"list": {"elements": [element]}})
    assert only == Elements(
        (
            {
                "a.b": "x",
                "a.c.d": "1",
                "e": "true",
                "f": "<nil>",
                "g.0": "h",
                "g.1.i": "1.5",
            },
        )
    )


@pytest.mark.parametrize("body", [{}, {"elements": None}, {"elements": []}])
def test_a_list_without_elements_generates_nothing(body: dict[str, Any]) -> None:
    assert made({"list": body}) == (Elements(()),)


def test_a_list_with_templated_elements_cannot_be_counted_whatever_else_it_has() -> None:
    assert made({"list": {"elements": [{"a": "b"}], "elementsYaml": "- a: c"}}) == (
        Foreign("list"),
    )


@pytest.mark.parametrize("children", [None, [], [{}], [{"selector": {}}]])
def test_a_merge_without_children_has_no_base_to_go_by(children: Any) -> None:
    assert made({"merge": {"generators": children, "mergeKeys": ["server"]}}) == (Foreign("merge"),)


@pytest.mark.parametrize("children", [None, [], [{}]])
def test_a_matrix_without_children_stays_one(children: Any) -> None:
    assert made({"matrix": {"generators": children}}) == (Matrix(()),)


@pytest.mark.parametrize(
    "entries",
    [
        b"null",
        b"7",
        b"{}",
        b"[7]",
        b"[null]",
        b"[[]]",
        b'[{"clusters": 7}]',
        b'[{"clusters": []}]',
        b'[{"clusters": {"selector": 7}}]',
        b'[{"clusters": {"selector": {"matchLabels": ["a"]}}}]',
        b'[{"clusters": {"selector": {"matchLabels": {"a": 7}}}}]',
        b'[{"clusters": {"selector": {"matchExpressions": [7]}}}]',
        b'[{"clusters": {"selector": {"matchExpressions": [{"operator": "In"}]}}}]',
        b'[{"clusters": {"selector": {"matchExpressions": [{"key": "a", "operator": 7}]}}}]',
        b'[{"clusters": {"values": {"a": 1e400}}}]',
        b'[{"clusters": {}, "selector": 7}]',
        b'[{"list": {"elements": {"a": "b"}}}]',
        b'[{"list": {"elements": [7]}}]',
        b'[{"list": {"elements": [{"a": 1e400}]}}]',
        b'[{"matrix": {"generators": 7}}]',
        b'[{"matrix": {"generators": [7, {"clusters": {}}]}}]',
        b'[{"merge": {"generators": [{"clusters": {"selector": []}}]}}]',
        b'[{"list": {"elements": [{"a": ' + b"[" * 1_500 + b"]" * 1_500 + b"}]}}]",
    ],
)
def test_what_argo_cd_would_not_read_is_never_taken_for_nothing(entries: bytes) -> None:
    with pytest.raises(UNREADABLE):
        generators(Raw(entries))


KINDS = ("clusters", "matrix", "merge", "list", "git", "selector")
PARTS = ("generators", "elements", "matchLabels", "matchExpressions", "key", "operator", "values")
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from((*KINDS, *PARTS)), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(junk)
def test_whatever_stands_there_is_read_or_refused(entries: Any) -> None:
    try:
        found = generators(Raw(json.dumps(entries).encode()))
    except UNREADABLE:
        return
    assert all(isinstance(each, Generator) for each in found)
