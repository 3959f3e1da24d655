"""Counting, by hand and against what a real Argo CD made of every recorded case.

The cases (tests/selection/cases) and their form: tests/selection/record.py.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from tests.builders import application_set, asks, clusters, policy, spoke
from tests.selection.recorded import CASES, read_case
from watcher.decide.addons import addon
from watcher.decide.selection import Count, Number, overriding_keys
from watcher.facts import (
    Clusters,
    Elements,
    Expression,
    Foreign,
    Generator,
    Matrix,
    Merge,
    Selector,
    Spoke,
)
from watcher.hub.decode import Decoder
from watcher.policy import Gates

POLICY = policy("compute", "apps")


def given(*generators: Generator, here: Spoke | None = None, go_template: bool = False) -> Count:
    """How many Applications these give for one spoke."""
    each = application_set("x", generators=generators, go_template=go_template)
    return addon(each, POLICY).on(here or spoke(labels={"env": "prod"})).now


def wants(key: str, operator: str, *values: str) -> Clusters:
    return clusters(Expression(key, operator, values))


PROD, DEV, ALL = wants("env", "In", "prod"), wants("env", "In", "dev"), clusters()
TWO = Elements(({"n": "1"}, {"n": "2"}))


# --- clusters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("generator", "number"),
    [
        (ALL, 1),
        (PROD, 1),
        (DEV, 0),
        (wants("env", "Exists"), 1),
        (wants("env", "DoesNotExist"), 0),
        (wants("region", "NotIn", "eu"), 1),
        (wants("region", "DoesNotExist"), 1),
        (wants("region", "Exists"), 0),
        (clusters(Expression("env", "In", ("prod",)), Expression("env", "In", ("dev",))), 0),
    ],
)
def test_all_requirements_must_hold_and_notin_and_doesnotexist_hold_where_the_key_is_absent(
    generator: Generator, number: int
) -> None:
    assert given(generator) == number


@pytest.mark.parametrize(
    "generator",
    [
        wants("env", "Equals", "prod"),
        wants("env", "In"),
        wants("env", "NotIn"),
        wants("env", "Exists", "prod"),
        wants("env", "In", "not a label value"),
        wants("env", "In", "x" * 64),
        clusters(Expression("env", "In", ("dev",)), Expression("env", "Equals", ("prod",))),
    ],
)
def test_what_kubernetes_refuses_fails_the_whole_and_tells_nothing(generator: Generator) -> None:
    assert given(generator) is Number.UNKNOWN
    assert given(PROD, generator) is Number.UNKNOWN


def test_a_template_leaves_it_open_unless_another_requirement_fails_for_certain() -> None:
    templated = Expression("team", "In", ("{{.team}}",))
    assert given(clusters(templated)) is Number.UNKNOWN
    assert given(clusters(templated, Expression("env", "In", ("prod",)))) is Number.UNKNOWN
    assert given(clusters(templated, Expression("env", "In", ("dev",)))) == 0
    assert given(wants("{{.key}}", "In", "prod")) is Number.UNKNOWN


def test_a_flat_list_gives_no_spoke_an_application_of_its_own() -> None:
    assert given(clusters(flat_list=True)) == 0


def test_several_generators_add_up() -> None:
    assert given(PROD, ALL, DEV) == 2


# --- the filter beside a generator ---------------------------------------------------------------


def kept(*expressions: Expression) -> Selector:
    return Selector(expressions)


@pytest.mark.parametrize(
    ("expression", "number"),
    [
        (Expression("name", "In", ("a",)), 1),
        (Expression("server", "In", ("https://b.example.com",)), 0),
        (Expression("project", "In", ("",)), 1),
        (Expression("metadata.labels.env", "In", ("prod",)), 1),
        (Expression("metadata.labels.region", "NotIn", ("eu",)), 1),
        (Expression("values.version", "In", ("1",)), 1),
        (Expression("values.version", "In", ("2",)), 0),
        (Expression("values.other", "Exists"), 0),
        (Expression("metadata.annotations.tenant", "In", ("one",)), Number.UNKNOWN),
        (Expression("anything", "DoesNotExist"), Number.UNKNOWN),
        (Expression("name", "Equals", ("a",)), Number.UNKNOWN),
    ],
)
def test_a_filter_sees_the_parameters_that_can_be_known(
    expression: Expression, number: Count
) -> None:
    assert given(Clusters(values={"version": "1"}, filter=kept(expression))) == number


def test_a_filter_that_a_value_is_rendered_for_tells_nothing() -> None:
    rendered = Clusters(
        values={"version": "{{.name}}"}, filter=kept(Expression("values.version", "Exists"))
    )
    assert given(rendered) is Number.UNKNOWN


def test_where_versions_of_argo_cd_differ_a_filter_counts_only_if_they_agree() -> None:
    """Under goTemplate labels are seen from 3.4 on; before, every one of them was absent."""
    for expression, number in [
        (Expression("metadata.labels.env", "In", ("prod",)), Number.UNKNOWN),
        (Expression("metadata.labels.env", "In", ("dev",)), 0),
        (Expression("metadata.labels.env", "NotIn", ("dev",)), 1),
        (Expression("metadata.labels.env", "NotIn", ("prod",)), Number.UNKNOWN),
        (Expression("metadata.labels.region", "DoesNotExist"), 1),
    ]:
        assert given(Clusters(filter=kept(expression)), go_template=True) == number


# --- matrix --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("children", "number"),
    [
        ((PROD, TWO), 2),
        ((TWO, PROD), 2),
        ((DEV, TWO), 0),
        ((PROD, Elements(())), 0),
        ((PROD, Foreign("git")), Number.SOME),
        ((Foreign("git"), PROD), Number.SOME),
        ((DEV, Foreign("git")), 0),
        ((Foreign("git"), wants("team", "In", "{{.team}}")), Number.UNKNOWN),
        ((Matrix((PROD, TWO)), TWO), 4),
        ((Merge((PROD, DEV), ("server",)), TWO), 2),
        ((PROD, ALL), Number.UNKNOWN),
        ((PROD, DEV), Number.UNKNOWN),
        ((DEV, DEV), 0),
        ((PROD,), Number.UNKNOWN),
        ((PROD, TWO, TWO), Number.UNKNOWN),
        ((PROD, Elements(({"n": "{{.name}}"},))), Number.SOME),
        ((PROD, Elements(({"server": "https://b.example.com"},))), Number.UNKNOWN),
        ((DEV, Elements(({"name": "a"},))), Number.UNKNOWN),
    ],
)
def test_a_matrix_is_the_product_of_two(children: tuple[Generator, ...], number: Count) -> None:
    assert given(Matrix(children)) == number


def test_a_filter_on_a_matrix_is_told_by_what_is_the_spokes_own() -> None:
    own = kept(Expression("metadata.labels.env", "In", ("prod",)))
    other = kept(Expression("n", "In", ("1",)))
    assert given(Matrix((PROD, TWO), own)) == 2
    assert given(Matrix((PROD, TWO), other)) is Number.SOME
    assert given(Matrix((PROD, TWO), kept(Expression("name", "In", ("b",))))) == 0


def test_a_list_is_filtered_by_what_its_elements_say() -> None:
    filtered = Elements(TWO.elements, kept(Expression("n", "In", ("1",))))
    assert given(Matrix((PROD, filtered))) == 1
    faulty = Elements(TWO.elements, kept(Expression("n", "Equals", ("1",))))
    assert given(Matrix((PROD, faulty))) is Number.UNKNOWN


# --- merge ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("children", "keys", "number"),
    [
        ((PROD, DEV), ("server",), 1),
        ((PROD, DEV), ("name",), 1),
        ((PROD, DEV), ("server", "values.x"), 1),
        ((DEV, PROD), ("server",), 0),
        ((PROD, Elements(({"server": "https://a.example.com", "v": "2"},))), ("server",), 1),
        ((PROD, Elements(({"server": "https://a.example.com"},))), ("name",), Number.UNKNOWN),
        ((Matrix((PROD, TWO)), PROD), ("server",), Number.UNKNOWN),
        ((Matrix((PROD, Foreign("git"))), PROD), ("server",), Number.SOME),
        ((PROD, DEV), ("metadata.labels.env",), Number.UNKNOWN),
        ((DEV, PROD), ("metadata.labels.env",), Number.UNKNOWN),
        ((DEV, DEV), ("metadata.labels.env",), 0),
        ((PROD, DEV), (), Number.UNKNOWN),
        ((PROD,), ("server",), Number.UNKNOWN),
    ],
)
def test_the_base_of_a_merge_decides_and_the_others_only_override(
    children: tuple[Generator, ...], keys: tuple[str, ...], number: Count
) -> None:
    assert given(Merge(children, keys)) == number


def test_a_filter_on_a_merge_is_told_by_what_is_the_spokes_own() -> None:
    other = kept(Expression("values.version", "In", ("2",)))
    assert given(Merge((PROD, DEV), ("server",), other)) is Number.SOME
    assert given(Merge((PROD, DEV), ("server",), kept(Expression("name", "In", ("b",))))) == 0


@pytest.mark.parametrize("generator", [Matrix(()), Merge(()), Matrix((Merge(()), TWO))])
def test_one_without_children_reads_no_clusters_and_raises_nothing(generator: Generator) -> None:
    assert given(generator) == 0
    assert addon(application_set("x", generators=[generator]), POLICY).foreign


def test_the_keys_that_only_override_are_those_of_a_merges_later_children() -> None:
    gated = clusters(asks("compute"))
    assert list(overriding_keys(Merge((gated, PROD), ("server",)))) == ["env"]
    inner = Merge((PROD, gated), ("server",))
    assert list(overriding_keys(Matrix((inner, TWO)))) == ["gate-watcher.io/compute"]
    assert list(overriding_keys(gated)) == []


# --- against a real Argo CD ----------------------------------------------------------------------

UNTOLD = {
    # what one child gives, the other is rendered with
    "matrix-in-matrix-second": "two clusters generators: the number depends on other spokes",
    "matrix-second-key-is-templated": "a templated selector",
    "matrix-second-labels-key-is-templated": "a templated selector",
    "matrix-second-value-is-templated": "a templated selector",
    "matrix-templated-empty-first": "Kubernetes refuses a requirement that is never asked",
    "matrix-two-clusters": "two clusters generators: the number depends on other spokes",
    "shape-g-gated": "a templated gate key",
    "shape-g-ungated": "a templated selector",
    "shape-i-rebuilt-and-gated": "a templated selector",
    # what overrides may send an Application elsewhere
    "list-overrides-destination": "a list gives a server of its own",
    "merge-absent-key-one-spoke": "merged by what is not a spoke's own",
    "merge-by-label-fasttemplate": "merged by what is not a spoke's own",
    "merge-of-matrix": "the base of the merge gives a spoke more than one set",
    "merge-override-moves-destination": "a list gives a server of its own",
    # what a filter sees
    "post-selector-absent-key": "it asks for what no parameter is known by",
    "post-selector-by-annotation": "annotations are not read",
    "post-selector-by-gate": "goTemplate: before Argo CD 3.4 labels were not seen",
    "post-selector-by-label": "goTemplate: before Argo CD 3.4 labels were not seen",
    "post-selector-by-value": "a rendered value",
    "post-selector-keeps-synthetic": "goTemplate: before Argo CD 3.4 labels were not seen",
    "post-selector-on-matrix": "goTemplate: before Argo CD 3.4 labels were not seen",
}
"""Cases in which the number is not told, and why. The list may only shrink."""

NONE_AFTER_ALL = {
    "elements-yaml-in-second-child": "what the first child gave is rendered into a list",
    "git-without-files": "Git has nothing",
    "post-selector-on-merge": "the filter asks for what was overridden",
    "shape-e-files-by-annotation": "Git has nothing for the second spoke",
}
"""Cases in which it is told that there are some, and for one spoke there are none."""

ELSEWHERE = {
    "destination-is-another-cluster": "a constant destination: the label `spoke` must tell",
    "in-cluster-secret-with-slash": "the synthetic in-cluster's comes on top",
    "list-only": "a generator that reads no clusters",
    "merge-list-base": "a generator that reads no clusters",
    "same-server-two-names": "two Secrets of one server: both are left alone",
    "shape-i-ungated": "a generator that reads no clusters",
    "template-patch-renames": "a patch of the template moves the destination",
    "then-gate-is-lost-create-only": "what is not selected stays: its owner may not delete",
    "then-gate-is-lost-create-update": "what is not selected stays: its owner may not delete",
    "two-kinds-in-one-generator": "a generator that reads no clusters",
}
"""Cases in which Applications stand on a spoke that were not made for it, or not there that were.
The list may only shrink."""


class Answer(Struct, frozen=True):
    """One ApplicationSet and one spoke of a case: what is told, and what there was."""

    case: str
    told: Count
    recorded: int
    failing: bool
    """Whether the ApplicationSet reported an error: then nothing is generated, and nothing deleted
    (a tier whose ApplicationSet reports one opens no gate)."""


def answers(file: Path) -> Iterator[Answer]:
    case = read_case(file)
    if "seen" in case["expect"]:
        return  # Secrets of one name collapse to one, drawn at each pass: both are left alone
    decoder = Decoder(Gates())
    for compact in case["applicationSets"]:
        each = addon(decoder.application_set(_set(compact)), POLICY)
        rows = case["expect"]["applications"].get(compact["name"], [])
        recorded = Counter(secret for _, secret in rows)
        for secret in _cluster_secrets(case):
            yield Answer(
                case=file.stem,
                told=each.on(decoder.spoke(_secret(secret))).now,
                recorded=recorded[secret["name"]],
                failing=compact["name"] in case["expect"].get("errors", {}),
            )


def _cluster_secrets(case: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that the watcher lists: clusters, in Argo CD's namespace."""
    return [
        secret
        for secret in case["secrets"]
        if secret.get("namespace", "argocd") == "argocd" and secret.get("clusterLabel") is not False
    ]


def _secret(compact: dict[str, Any]) -> bytes:
    data = {key: base64.b64encode(v.encode()).decode() for key, v in compact["data"].items()}
    labels = {"argocd.argoproj.io/secret-type": "cluster", **(compact.get("labels") or {})}
    meta = {"name": compact["name"], "uid": compact["name"], "labels": labels}
    return json.dumps({"metadata": meta, "data": data}).encode()


def _set(compact: dict[str, Any]) -> bytes:
    meta = {"name": compact["name"], "namespace": "argocd"}
    return json.dumps({"metadata": meta, "spec": compact["spec"]}).encode()


EVERY = [answer for file in CASES for answer in answers(file)]


def of(case: str) -> list[Answer]:
    return [answer for answer in EVERY if answer.case == case and not answer.failing]


RECORDED = sorted({answer.case for answer in EVERY})


@pytest.mark.parametrize("case", RECORDED)
def test_what_is_told_is_what_a_real_argo_cd_made(case: str) -> None:
    for answer in of(case):
        if answer.told is Number.UNKNOWN:
            assert case in UNTOLD
        elif answer.told is Number.SOME:
            assert answer.recorded > 0 or case in NONE_AFTER_ALL
        else:
            assert answer.told == answer.recorded or case in ELSEWHERE


def test_the_recorded_cases_are_there() -> None:
    assert len(RECORDED) > 150


def test_the_exceptions_are_no_more_than_they_must_be() -> None:
    assert set(UNTOLD) == {a.case for a in EVERY if a.told is Number.UNKNOWN and not a.failing}
    assert set(NONE_AFTER_ALL) == {
        a.case for a in EVERY if a.told is Number.SOME and not a.recorded and not a.failing
    }
    assert set(ELSEWHERE) == {
        a.case for a in EVERY if isinstance(a.told, int) and a.told != a.recorded and not a.failing
    }
