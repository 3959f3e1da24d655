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

LONGEST = 4096
"""Characters of a selector as one text: reading one takes time that grows with the square."""

_NAME = "[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_KEY = f"(?:[a-z0-9](?:[-a-z0-9.]{{0,251}}[a-z0-9])?/)?{_NAME}"
_VALUES = rf" *(?:{_NAME})? *(?:, *(?:{_NAME})? *)*"
_REQUIREMENT = re.compile(
    rf" *(?:(?P<absent>!) *(?P<no>{_KEY})"
    rf"|(?P<key>{_KEY})(?: *(?P<sign>==?|!=) *(?P<value>(?:{_NAME})?)"
    rf"| +(?P<word>in|notin) *\((?P<values>{_VALUES})\))?) *(?:,|$)"
)


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
    """The selector that is written as one text, as people type it; None where it is none."""
    found: list[Expression] = []
    at = 0
    if len(text) > LONGEST:
        return None
    while at < len(text) or not found:
        one = _REQUIREMENT.match(text, at)
        if one is None:
            return None
        found += _expressions(one)
        at = one.end()
    return None if text.rstrip().endswith(",") else Selector(tuple(found))


def _expressions(one: re.Match[str]) -> Iterator[Expression]:
    if one["absent"]:
        yield Expression(one["no"], "DoesNotExist")
    elif one["word"]:
        values = tuple(each.strip() for each in one["values"].split(","))
        yield Expression(one["key"], "In" if one["word"] == "in" else "NotIn", values)
    elif one["sign"]:
        yield Expression(one["key"], "NotIn" if one["sign"] == "!=" else "In", (one["value"],))
    else:
        yield Expression(one["key"], "Exists")
