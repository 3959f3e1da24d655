"""Selectors inside ApplicationSets; the sentences of the real controller are in tests/selection."""

from __future__ import annotations

from typing import Any

import pytest

from watcher.embedded_hub.cluster_selectors import SelectorError, label_match, parameter_match

CLUSTER = {"type": "cluster"}


def expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("selector", "labels", "matches"),
    [
        ({}, {}, True),
        ({"matchLabels": {"a": "1"}}, {"a": "1"}, True),
        ({"matchLabels": {"a": "1"}}, {"a": "2"}, False),
        (expression("a", "In", "1", "2"), {"a": "2"}, True),
        (expression("a", "In", "1"), {}, False),
        (expression("a", "NotIn", "1"), {}, True),
        (expression("a", "NotIn", "1"), {"a": "1"}, False),
        (expression("a", "Exists"), {"a": ""}, True),
        (expression("a", "Exists"), {}, False),
        (expression("a", "DoesNotExist"), {}, True),
        (expression("a", "DoesNotExist"), {"a": ""}, False),
        ({"matchLabels": {"a": "1"}, **expression("b", "Exists")}, {"a": "1"}, False),
    ],
)
def test_matching(selector: dict[str, Any], labels: dict[str, str], matches: bool) -> None:
    assert label_match(selector, {})(labels) is matches
    assert parameter_match(selector)(labels) is matches


def test_what_is_forced_wins_over_what_is_asked() -> None:
    match = label_match({"matchLabels": {"type": "repository"}}, CLUSTER)
    assert match({"type": "cluster"})
    assert not match({"type": "repository"})


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        (expression("a", "Gt", "1"), '"Gt" is not a valid label selector operator'),
        (expression("a", "In"), "values set can't be empty"),
        (expression("a", "Exists", "1"), "values set must be empty"),
        ({"matchLabels": {"a b": "1"}}, 'key: Invalid value: "a b"'),
        ({"matchLabels": {"a": "no label value"}}, 'values[0][a]: Invalid value: "no label value"'),
    ],
)
def test_a_selector_that_is_none_says_why(selector: dict[str, Any], said: str) -> None:
    with pytest.raises(SelectorError) as raised:
        label_match(selector, {})
    assert said in str(raised.value)


def test_parameters_need_not_look_like_label_values() -> None:
    server = "https://a.example.invalid"
    assert parameter_match({"matchLabels": {"server": server}})({"server": server})
