from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.facts import Expression, Selector, holds_for, matches, selector

OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
expressions = st.builds(
    Expression,
    st.sampled_from("ab"),
    st.sampled_from(OPERATORS),
    st.lists(st.sampled_from("xy"), max_size=2).map(tuple),
)
labels = st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"))


@pytest.mark.parametrize(
    ("operator", "value", "holds"),
    [
        ("In", "x", True),
        ("In", "z", False),
        ("In", None, False),
        ("NotIn", "x", False),
        ("NotIn", "z", True),
        ("NotIn", None, True),
        ("Exists", "z", True),
        ("Exists", "", True),
        ("Exists", None, False),
        ("DoesNotExist", "z", False),
        ("DoesNotExist", None, True),
        ("Gt", "3", None),
        ("in", "x", None),
        ("", None, None),
    ],
)
def test_each_operator_is_kubernetes_own(
    operator: str, value: str | None, holds: bool | None
) -> None:
    assert holds_for(Expression("a", operator, ("x", "y")), value) is holds


def test_no_requirement_matches_everything() -> None:
    assert matches(Selector(), {}) is True
    assert matches(Selector(), {"a": "x"}) is True


def test_all_requirements_must_hold() -> None:
    both = Selector((Expression("a", "In", ("x",)), Expression("b", "Exists")))
    assert matches(both, {"a": "x", "b": "y"}) is True
    assert matches(both, {"a": "x"}) is False
    assert matches(both, {"b": "y"}) is False


def test_an_operator_that_kubernetes_does_not_know_leaves_it_open() -> None:
    odd = Selector((Expression("a", "In", ("x",)), Expression("b", "Near", ("y",))))
    assert matches(odd, {"a": "x", "b": "y"}) is None


@given(st.lists(expressions, max_size=4), labels)
def test_requirements_are_anded(wanted: list[Expression], there: dict[str, str]) -> None:
    one_by_one = all(matches(Selector((each,)), there) for each in wanted)
    assert matches(Selector(tuple(wanted)), there) is one_by_one


@given(expressions, labels)
def test_an_operator_and_its_opposite_never_agree(
    wanted: Expression, there: dict[str, str]
) -> None:
    opposite = dict(zip(OPERATORS, ("NotIn", "In", "DoesNotExist", "Exists"), strict=True))
    other = Expression(wanted.key, opposite[wanted.operator], wanted.values)
    value = there.get(wanted.key)
    assert holds_for(wanted, value) is not holds_for(other, value)


@pytest.mark.parametrize(
    ("text", "expressions"),
    [
        ("env", [("env", "Exists", ())]),
        ("!env", [("env", "DoesNotExist", ())]),
        (" a = b , c!=d", [("a", "In", ("b",)), ("c", "NotIn", ("d",))]),
        ("a==b", [("a", "In", ("b",))]),
        ("a=", [("a", "In", ("",))]),
        ("x.io/a in (b, c),d notin (e)", [("x.io/a", "In", ("b", "c")), ("d", "NotIn", ("e",))]),
        ("in in (in)", [("in", "In", ("in",))]),
    ],
)
def test_a_selector_is_read_as_people_type_it(
    text: str, expressions: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    assert selector(text) == Selector(tuple(Expression(*each) for each in expressions))


@pytest.mark.parametrize(
    "text",
    ["", " ", ",", "a,", ",a", "a b", "a in b", "a in (b", "a=b=c", "a in ()b", "-a", "!", "a=b c"],
)
def test_what_is_no_selector_is_none(text: str) -> None:
    assert selector(text) is None


def test_no_text_takes_long() -> None:
    """What made a parser of one expression try every way to read it."""
    for text in ("a in (" + ", " * 50_000, "a in (" + " " * 100_000, "a" * 100_000 + "!", "!" * 99):
        assert selector(text) is None
