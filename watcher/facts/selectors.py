"""What does a label selector ask for?

Facts (Kubernetes, apimachinery/pkg/labels/selector.go): matchLabels and all matchExpressions must
hold; `NotIn` and `DoesNotExist` hold where the key is absent. As one text it is a list with commas
of `KEY`, `!KEY`, `KEY=VALUE`, `KEY==VALUE`, `KEY!=VALUE`, `KEY in (VALUE,…)` and
`KEY notin (VALUE,…)`.

Elsewhere: which spokes an ApplicationSet selects with it (decide/selection.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

_NAME = "[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_KEY = re.compile(f"(?:[a-z0-9](?:[-a-z0-9.]{{0,251}}[a-z0-9])?/)?{_NAME}")
_VALUE = re.compile(f"(?:{_NAME})?")
_ONE = re.compile("(?P<key>[^ !=]+) *(?P<sign>==?|!=) *(?P<value>.*)")
_SEVERAL = re.compile("(?P<key>[^ ]+) +(?P<word>in|notin) *\\((?P<values>[^()]*)\\)")
_BETWEEN = re.compile("[(),]")


class Expression(Struct, frozen=True):
    """One requirement; matchLabels are held as `In` with one value."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


class Selector(Struct, frozen=True):
    """Requirements that must all hold. Without any it matches everything."""

    expressions: tuple[Expression, ...] = ()


def matches(selector: Selector, labels: Mapping[str, str]) -> bool | None:
    """Whether `labels` satisfy the selector; None where an operator is none of Kubernetes'."""
    for expression in selector.expressions:
        holds = holds_for(expression, labels.get(expression.key))
        if not holds:
            return holds
    return True


def holds_for(expression: Expression, value: str | None) -> bool | None:
    """Whether a label of this value (None: absent) satisfies the one requirement."""
    match expression.operator:
        case "In":
            return value is not None and value in expression.values
        case "NotIn":
            return value is None or value not in expression.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case _:
            return None


def selector(text: str) -> Selector | None:
    """The selector that is written as one text, as people type it; None where it is none. The time
    that it takes grows with the length of the text.
    """
    found = [_expression(each.strip(" ")) for each in _requirements(text)]
    whole = tuple(each for each in found if each is not None)
    return Selector(whole) if len(whole) == len(found) else None


def _requirements(text: str) -> Iterator[str]:
    """The requirements, between the commas that stand in no brackets."""
    begins, inside = 0, False
    for mark in _BETWEEN.finditer(text):
        if mark[0] == ",":
            if not inside:
                yield text[begins : mark.start()]
                begins = mark.end()
        else:
            inside = mark[0] == "("
    yield text[begins:]


def _expression(text: str) -> Expression | None:
    if text.startswith("!"):
        return _keyed(text[1:].lstrip(" "), "DoesNotExist", ())
    if (several := _SEVERAL.fullmatch(text)) is not None:
        values = tuple(each.strip(" ") for each in several["values"].split(","))
        return _keyed(several["key"], "In" if several["word"] == "in" else "NotIn", values)
    if (one := _ONE.fullmatch(text)) is not None:
        return _keyed(one["key"], "NotIn" if one["sign"] == "!=" else "In", (one["value"],))
    return _keyed(text, "Exists", ())


def _keyed(key: str, operator: str, values: tuple[str, ...]) -> Expression | None:
    named = _KEY.fullmatch(key) and all(map(_VALUE.fullmatch, values))
    return Expression(key, operator, values) if named else None
