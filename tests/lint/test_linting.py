"""Each code against its examples, each shape of ApplicationSet against what is to be said of it."""

from __future__ import annotations

import copy
import re
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lint.written import CANARY, EXAMPLES, codes, example, inventory, judged, policy, secret
from watcher.hub.documents import documents
from watcher.hub.written import Writings
from watcher.lint import CODES, Place, Severity, as_github, as_json, as_text, lint
from watcher.lint.rule import Need

NAMES = [code.code for code in CODES]
SHAPES = sorted(path.stem for path in EXAMPLES.glob("shape-*.yaml"))


@pytest.mark.parametrize("code", NAMES)
def test_the_bad_example_has_the_code_and_the_good_one_has_not(code: str) -> None:
    assert code in codes(example(f"{code}-bad"))
    assert code not in codes(example(f"{code}-good"))


@pytest.mark.parametrize("code", NAMES)
def test_the_good_example_has_no_error_at_all(code: str) -> None:
    assert [
        each for each in example(f"{code}-good").findings if each.severity is Severity.ERROR
    ] == []


def test_every_example_is_of_a_code_or_a_shape() -> None:
    named = {f"{code}-{kind}" for code in NAMES for kind in ("bad", "good")}
    assert {each.stem for each in EXAMPLES.glob("GW*.yaml")} == named


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_judged_as_its_head_says(shape: str) -> None:
    text = (EXAMPLES / f"{shape}.yaml").read_text()
    expected = re.findall(r"^# expect: ?(.*)$", text, re.MULTILINE)[0].split()
    assert sorted(codes(example(shape)) - {"GW014"}) == sorted(expected)


def test_codes_are_in_order_and_each_is_there_once() -> None:
    assert sorted(set(NAMES)) == NAMES
    assert all(re.fullmatch(r"GW\d{3}", code) for code in NAMES)


def test_what_needs_a_policy_is_left_out_without_one_and_said() -> None:
    linted = lint(inventory((EXAMPLES / "GW013-bad.yaml").read_text(), None))
    assert "GW013" not in codes(linted)
    skipped = {each.needs.value: each.codes for each in linted.skipped}
    assert "GW013" in skipped["policy"]
    assert "GW050" in skipped["cluster Secrets"]
    assert "GW080" in skipped["Applications"]


def test_on_a_hub_nothing_is_left_out_for_want_of_objects() -> None:
    left = [each.needs for each in judged(whole=True).skipped]
    assert left == [Need.CONTROLLER], "which a person may have no right to read"


def test_the_same_finding_is_said_once() -> None:
    text = (EXAMPLES / "shape-twins.yaml").read_text()
    findings = lint(inventory(text, policy())).findings
    assert len(set(findings)) == len(findings)


def test_a_threshold_is_reached_by_what_is_as_serious_or_more() -> None:
    warned = example("GW018-bad")
    assert warned.reaches(Severity.WARNING)
    assert not warned.reaches(Severity.ERROR)
    assert warned.reaches(Severity.NOTE)


HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=8),
    st.just("{{ .x }}"),
    st.just("a/b/c"),
)
MEMBERS = (
    "clusters", "matrix", "merge", "generators", "selector", "matchLabels", "list", "labels",
    "matchExpressions", "key", "operator", "values", "metadata", "spec", "template", "data",
    "name", "elements", "mergeKeys", "syncPolicy", "finalizers", "annotations", "destination",
    "goTemplate", "gate-watcher.io/compute", "gate-watcher.io/opened", "templatePatch",
    "managedFields", "manager", "ownerReferences", "status", "resources", "source",
)  # fmt: skip
TREES = st.recursive(
    HOSTILE,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(MEMBERS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(
    trees=st.lists(
        st.tuples(
            st.sampled_from(["ApplicationSet", "Application", "Secret"]), TREES, TREES, TREES
        ),
        max_size=4,
    )
)
def test_no_object_whatever_its_shape_makes_a_rule_raise(
    trees: list[tuple[str, object, object, object]],
) -> None:
    writings = Writings(policy(), namespace="argocd")
    for at, (kind, metadata, spec, data) in enumerate(trees):
        labels = {"argocd.argoproj.io/secret-type": "cluster"}
        meta = {"labels": labels} | (metadata if isinstance(metadata, dict) else {})
        body = {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": meta}
        writings.take(msgspec.json.encode(body | {"spec": spec, "data": data}), Place("x", at))
    linted = lint(writings.inventory(whole=False))
    for shown in (as_text(linted), as_json(linted), as_github(linted)):
        assert shown


def _spots(node: Any) -> list[tuple[Any, Any]]:
    """Every place in a document, as what holds it and under which key."""
    members = node.items() if isinstance(node, dict) else enumerate(node)
    return [
        spot
        for key, each in members
        for spot in ((node, key), *(_spots(each) if isinstance(each, dict | list) else ()))
    ]


EVERY_EXAMPLE = [
    each
    for path in sorted(EXAMPLES.glob("*.yaml"))
    for each in yaml.safe_load_all(path.read_text())
]


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_an_example_with_something_odd_in_it_makes_no_rule_raise(data: st.DataObject) -> None:
    documents = copy.deepcopy(data.draw(st.lists(st.sampled_from(EVERY_EXAMPLE), max_size=3)))
    writings = Writings(policy(), namespace="argocd")
    for at, document in enumerate(documents):
        for _ in range(data.draw(st.integers(1, 3))):
            holder, key = data.draw(st.sampled_from(_spots(document)))
            holder[key] = data.draw(TREES)
            if not _spots(document):
                break
        writings.take(msgspec.json.encode(document), Place("x", at))
    linted = lint(writings.inventory(whole=data.draw(st.booleans())))
    for shown in (as_text(linted), as_json(linted), as_github(linted)):
        assert CANARY not in shown


@settings(max_examples=60, deadline=None)
@given(
    place=st.sampled_from(
        [
            "data: {config: CANARY}",
            "stringData: {config: CANARY, name: a}",
            "stringData: {config: &c CANARY, name: *c}",
            "x: &a {config: CANARY}\ndata: *a",
            "data: {<<: {config: CANARY}}",
            "data: CANARY",
            "data: {config: [CANARY]}",
            "data: {password: CANARY}",
            "data: {config: {CANARY: CANARY}}",
        ]
    ),
    labels=st.sampled_from(
        ["gate-watcher.io/compute: opened", "gate-watcher.io/nope: open", "a: b"]
    ),
    applied=st.booleans(),
)
def test_no_text_of_a_finding_holds_a_credential(place: str, labels: str, applied: bool) -> None:
    note = f"kubectl.kubernetes.io/last-applied-configuration: '{CANARY}'" if applied else ""
    body = (
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: cluster-a\n"
        f"  labels: {{argocd.argoproj.io/secret-type: cluster, {labels}}}\n"
        f"  annotations: {{{note}}}\n" + place.replace("CANARY", CANARY) + "\n"
    )
    found, faults = documents((secret("b") + "---\n" + body).encode(), file="x")
    writings = Writings(policy(), namespace="argocd")
    for each in found:
        writings.take(each.body, Place("x", each.line))
    linted = lint(writings.inventory(whole=False))
    assert faults == []
    assert linted.spokes == 2
    for shown in (as_text(linted), as_json(linted), as_github(linted), *map(str, faults)):
        assert CANARY not in shown
