from __future__ import annotations

import pytest

from watcher.embedded_hub.errors import BadRequest
from watcher.embedded_hub.selectors import both, field_matcher, label_matcher

LABELS = {"env": "prod", "n": "5", "a.io/b": "", "in": "x"}


@pytest.mark.parametrize(
    "selector",
    [
        "env", "env=prod", "env==prod", "env != dev", "env in (dev, prod)", "!absent",
        "absent!=x", "absent notin (x)", "env notin (dev)", "n>4", "n < 6", "a.io/b", "a.io/b=",
        "env=prod,n", "env in (prod),!absent , n!=6", "in", "in in (x)", "a.io/b in (,q)",
    ],
)  # fmt: skip
def test_selectors_that_match(selector: str) -> None:
    matches = label_matcher(selector)
    assert matches is not None
    assert matches({"metadata": {"labels": LABELS}})


@pytest.mark.parametrize(
    "selector",
    [
        "absent", "!env", "env=dev", "env!=prod", "env in (dev)", "env notin (prod,dev)", "n>5",
        "n<5", "env>1", "env,absent", "absent in ()",
    ],
)  # fmt: skip
def test_selectors_that_do_not_match(selector: str) -> None:
    matches = label_matcher(selector)
    assert matches is not None
    assert not matches({"metadata": {"labels": LABELS}})


def test_an_object_without_labels_can_match_too() -> None:
    matches = label_matcher("!x")
    assert matches is not None
    assert matches({"metadata": {}})


def test_an_empty_selector_is_no_selector() -> None:
    assert label_matcher("") is None
    assert field_matcher("", "Secret") is None


@pytest.mark.parametrize(
    ("selector", "why"),
    [
        ("a===b", "unable to parse requirement: found '=', expected: identifier"),
        ("=b", "found '=', expected: !, identifier, or 'end of string'"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a,", "found '', expected: identifier after ','"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
    ],
)
def test_selectors_that_cannot_be_read_say_why(selector: str, why: str) -> None:
    with pytest.raises(BadRequest) as refused:
        label_matcher(selector)
    assert refused.value.message == why


@pytest.mark.parametrize("selector", ["a b=c", "x/y/z", "a>b", f"a={'x' * 64}", "!"])
def test_selectors_with_impossible_keys_or_values_are_refused(selector: str) -> None:
    with pytest.raises(BadRequest):
        label_matcher(selector)


def test_fields_that_can_be_selected_depend_on_the_kind() -> None:
    obj = {"metadata": {"name": "a", "namespace": "argocd"}, "type": "Opaque"}
    for selector, expected in {
        "metadata.name=a": True,
        "metadata.name!=a": False,
        "metadata.name==a,metadata.namespace=argocd": True,
        "metadata.name=b": False,
        "type=Opaque": True,
    }.items():
        matches = field_matcher(selector, "Secret")
        assert matches is not None
        assert matches(obj) is expected
    with pytest.raises(BadRequest, match="field label not supported: type"):
        field_matcher("type=Opaque", "Application")
    with pytest.raises(BadRequest, match="invalid selector"):
        field_matcher("nonsense", "Secret")


def test_two_matchers_are_both_asked() -> None:
    name, label = field_matcher("metadata.name=a", "Secret"), label_matcher("x=y")
    matches = both(name, label)
    assert matches is not None
    assert matches({"metadata": {"name": "a", "labels": {"x": "y"}}})
    assert not matches({"metadata": {"name": "a"}})
    assert both(None, label) is label
    assert both(None, None) is None
