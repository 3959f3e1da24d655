from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.captured.recorded import captured
from watcher.hub.compared import digests
from watcher.hub.reported import ReportedComparedTo, ReportedSpec
from watcher.hub.salvage import UNREADABLE

HERE = {"server": "https://a.example.com", "namespace": "x"}
SOURCE = {"repoURL": "https://git.example.invalid/a.git", "path": "x", "targetRevision": "HEAD"}
OTHER = {**SOURCE, "targetRevision": "v2"}
HYDRATOR = {
    "drySource": {
        "repoURL": SOURCE["repoURL"],
        "path": "dry",
        "targetRevision": "main",
    },
    "syncSource": {"path": "x", "targetBranch": "env/prod"},
}
SYNC_SOURCE = {"repoURL": SOURCE["repoURL"], "path": "x", "targetRevision": "env/prod"}
IGNORED = [{"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas"]}]


def same(spec: Any, compared: Any) -> bool:
    """Whether the digests say that `compared` is what `spec` asks for."""
    asked, seen = digests(
        msgspec.json.decode(json.dumps(spec), type=ReportedSpec),
        msgspec.json.decode(json.dumps(compared), type=ReportedComparedTo),
    )
    return asked == seen


def both(**members: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A spec, and what was compared, that agree but for nothing."""
    spec = {"source": SOURCE, "destination": HERE, **members}
    return spec, json.loads(json.dumps(spec))


def helm(**members: Any) -> dict[str, Any]:
    return {**SOURCE, "helm": members}


@pytest.mark.parametrize("name", captured("application-"))
def test_what_a_real_hub_compared_is_what_its_applications_ask_for(name: str) -> None:
    app = captured("application-")[name]
    assert same(app["spec"], app["status"]["sync"]["comparedTo"])


@pytest.mark.parametrize("name", captured("application-"))
def test_each_member_of_what_is_compared_matters(name: str) -> None:
    """Any leaf of a real spec that changes and is not empty makes another digest."""
    app = captured("application-")[name]
    compared = app["status"]["sync"]["comparedTo"]
    for member in ("source", "sources", "destination", "ignoreDifferences"):
        for changed in one_leaf_changed(app["spec"].get(member)):
            assert not same({**app["spec"], member: changed}, compared), changed


def one_leaf_changed(value: Any) -> list[Any]:
    """Every way to change one leaf of `value`; what is empty is no leaf."""
    if isinstance(value, dict):
        return [
            {**value, key: changed}
            for key, each in value.items()
            for changed in one_leaf_changed(each)
        ]
    if isinstance(value, list):
        return [
            [*value[:at], changed, *value[at + 1 :]]
            for at, each in enumerate(value)
            for changed in one_leaf_changed(each)
        ]
    return ["something else"] if value else []


def test_what_was_never_compared_has_no_digest() -> None:
    spec = msgspec.json.decode(json.dumps({"source": SOURCE}), type=ReportedSpec)
    assert digests(spec, None)[1] is None


def test_what_a_new_application_has_compared_is_not_its_spec() -> None:
    """The status of a fresh Application is there, with empty strings."""
    assert not same({"source": SOURCE, "destination": HERE}, {"source": {"repoURL": ""}})


@pytest.mark.parametrize(
    ("spec", "compared"),
    [
        ({"source": OTHER}, {"source": SOURCE}),
        ({"destination": {**HERE, "namespace": "y"}}, {"destination": HERE}),
        ({"destination": {"name": "a", "namespace": "x"}}, {"destination": HERE}),
        ({"ignoreDifferences": IGNORED}, {}),
        ({}, {"ignoreDifferences": IGNORED}),
        ({"source": None, "sources": [SOURCE]}, {}),
        ({"source": None, "sources": [SOURCE, OTHER]}, {"sources": [OTHER, SOURCE]}),
        ({"source": None, "sources": [SOURCE, OTHER]}, {"sources": [SOURCE]}),
        ({"source": helm(values="a: 1\n")}, {"source": helm(values="a: 2\n")}),
        ({"source": helm(parameters=[{"name": "a", "value": "1"}])}, {"source": SOURCE}),
        ({"source": {**SOURCE, "chart": "x"}}, {"source": SOURCE}),
        ({"sourceHydrator": HYDRATOR}, {"source": SOURCE}),
    ],
)
def test_another_spec_has_another_digest(spec: dict[str, Any], compared: dict[str, Any]) -> None:
    whole = {"source": SOURCE, "destination": HERE}
    assert not same({**whole, **spec}, {**whole, **compared})


def test_with_several_sources_the_one_source_does_not_matter() -> None:
    spec, compared = both(sources=[SOURCE, OTHER])
    assert same({**spec, "source": {}}, {**compared, "source": {"repoURL": ""}})


def test_one_source_in_a_list_is_not_the_one_source() -> None:
    assert not same({"sources": [SOURCE]}, {"source": SOURCE})


def test_under_a_hydrator_its_sync_source_is_compared() -> None:
    spec = {"destination": HERE, "sourceHydrator": HYDRATOR}
    assert same(spec, {"destination": HERE, "source": SYNC_SOURCE})
    assert not same(spec, {"destination": HERE, "source": {**SYNC_SOURCE, "path": "dry"}})


def test_a_sync_source_may_have_a_repository_of_its_own() -> None:
    elsewhere = "https://git.example.invalid/hydrated.git"
    own = {**HYDRATOR, "syncSource": {**HYDRATOR["syncSource"], "repoURL": elsewhere}}
    assert same({"sourceHydrator": own}, {"source": {**SYNC_SOURCE, "repoURL": elsewhere}})


def test_under_a_hydrator_source_and_sources_do_not_matter() -> None:
    spec = {"source": SOURCE, "sources": [OTHER], "sourceHydrator": HYDRATOR}
    assert same(spec, {"source": SYNC_SOURCE})


@pytest.mark.parametrize(
    "empty",
    [
        {"helm": {}},
        {"helm": None},
        {"chart": ""},
        {"directory": {"recurse": False, "jsonnet": {}}},
        {"helm": {"parameters": [], "skipCrds": False, "valueFiles": None, "version": ""}},
        {"plugin": {"env": []}},
        {"kustomize": {"images": [], "commonLabels": {}}},
    ],
)
def test_empty_members_are_the_same_as_absent_ones(empty: dict[str, Any]) -> None:
    assert same({"source": {**SOURCE, **empty}}, {"source": SOURCE})
    assert same({"source": SOURCE}, {"source": {**SOURCE, **empty}})


def test_an_entry_of_a_list_keeps_its_place_though_its_members_are_empty() -> None:
    named = {"name": "a", "value": ""}
    assert same(
        {"source": helm(parameters=[named, {"name": "b"}])},
        {"source": helm(parameters=[{"name": "a"}, {"name": "b"}])},
    )
    assert not same(
        {"source": helm(parameters=[{}, {"name": "b"}])},
        {"source": helm(parameters=[{"name": "b"}])},
    )


@pytest.mark.parametrize("empty", ["", 0, 0.0, False, [], {}, [None], [{}]])
def test_an_empty_value_of_a_chart_is_a_value(empty: Any) -> None:
    """`replicas: 0` is not the chart's default, nor is `enabled: false`."""
    spec, compared = both(source=helm(valuesObject={"of": {"key": empty}}))
    assert same(spec, compared)
    assert not same(spec, {**compared, "source": helm(valuesObject={"of": {}})})
    assert not same(spec, {**compared, "source": helm(valuesObject={"of": {"key": 3}})})


def test_a_null_of_a_chart_never_gets_into_what_was_compared() -> None:
    spec = {"source": helm(valuesObject={"a": None, "b": {"c": None, "d": 1}})}
    assert same(spec, {"source": helm(valuesObject={"b": {"d": 1}})})


def test_a_null_in_a_list_of_a_chart_stays() -> None:
    listed = [{"a": None}, None]
    assert same(
        {"source": helm(valuesObject={"l": listed})}, {"source": helm(valuesObject={"l": listed})}
    )
    assert not same(
        {"source": helm(valuesObject={"l": listed})}, {"source": helm(valuesObject={"l": [{}]})}
    )


def test_empty_values_in_each_of_several_sources_are_values() -> None:
    spec = {"sources": [SOURCE, helm(valuesObject={"replicas": 0})]}
    assert not same(spec, {"sources": [SOURCE, helm(valuesObject={})]})


def test_false_and_zero_are_told_apart_in_values_and_one_from_true() -> None:
    for one, other in ((0, False), (1, True), (0, 0.5), ("1", 1)):
        assert not same(
            {"source": helm(valuesObject={"a": one})}, {"source": helm(valuesObject={"a": other})}
        )


def test_the_order_of_members_does_not_matter_and_that_of_entries_does() -> None:
    turned = dict(reversed(SOURCE.items()))
    assert same({"source": turned, "ignoreDifferences": []}, {"source": SOURCE})
    assert same({"source": turned}, {"source": SOURCE})
    assert not same(
        {"ignoreDifferences": [*IGNORED, {"kind": "ConfigMap"}]},
        {"ignoreDifferences": [{"kind": "ConfigMap"}, *IGNORED]},
    )


def test_white_space_does_not_matter() -> None:
    spec = msgspec.json.decode(b'{"source": {"path":  "x"}, "destination": {}}', type=ReportedSpec)
    seen = msgspec.json.decode(b'{"source":{"path":"x"}}', type=ReportedComparedTo)
    assert digests(spec, seen)[0] == digests(spec, seen)[1]


@pytest.mark.parametrize("member", ["source", "sources", "sourceHydrator", "ignoreDifferences"])
@pytest.mark.parametrize(
    "junk", [7, "x", [], {}, [7], {"drySource": 7, "syncSource": "x"}, True, [[[]]]]
)
def test_junk_is_compared_like_anything_else(member: str, junk: Any) -> None:
    whole = {"source": SOURCE, "destination": HERE, "sources": [SOURCE]}
    assert not same({**whole, member: junk}, {"source": OTHER})


@pytest.mark.parametrize("junk", [b"1e400", b'"\xff"', b"[" * 1_500 + b"]" * 1_500])
def test_what_cannot_be_decoded_raises_one_of_three(junk: bytes) -> None:
    spec = ReportedSpec(source=msgspec.Raw(junk))
    with pytest.raises(UNREADABLE):
        digests(spec, ReportedComparedTo())


values = st.recursive(
    st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(values, values)
def test_values_are_the_same_exactly_where_they_are_equal(one: Any, other: Any) -> None:
    equal = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert same({"source": helm(valuesObject=one)}, {"source": helm(valuesObject=other)}) is equal
