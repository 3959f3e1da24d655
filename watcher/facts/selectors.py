"""What does a label selector ask for?

Facts (Kubernetes, apimachinery/pkg/labels/selector.go): matchLabels and all matchExpressions must
hold; `NotIn` and `DoesNotExist` hold where the key is absent.

Elsewhere: which spokes an ApplicationSet selects with it (decide/selection.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


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
