"""Which labels, or parameters, does a selector inside an ApplicationSet match?

Two kinds use it: the selector of a clusters generator, on a Secret's labels, and the selector
beside a generator, on flattened parameters.

Facts (Kubernetes, apimachinery/pkg/apis/meta/v1/helpers.go; Argo CD, applicationset/utils/
selector.go; each recorded in tests/selection): matchLabels and all matchExpressions must hold;
NotIn and DoesNotExist hold where the key is absent; a bad key or operator, In without values or
Exists with values is an error for the whole generation; the selector beside a generator does not
hold its values to the syntax of labels.

Elsewhere: the `labelSelector` of a request (selectors.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from watcher.embedded_hub.validation import label_key_fault, label_value_fault

Match: TypeAlias = Callable[[Mapping[str, str]], bool]
_Clause: TypeAlias = tuple[str, str, tuple[str, ...]]

_SET_OPERATORS = ("In", "NotIn")
_KEY_OPERATORS = ("Exists", "DoesNotExist")


class SelectorError(Exception):
    """The selector is none; the message is Argo CD's."""


def label_match(selector: Mapping[str, Any], forced: Mapping[str, str]) -> Match:
    """Who matches the selector of a clusters generator, `forced` labels put into it.

    Raises SelectorError.
    """
    labels = {**(selector.get("matchLabels") or {}), **forced}
    clauses = [
        _checked(clause, "label") for clause in _clauses({**selector, "matchLabels": labels})
    ]
    for key, _, values in clauses:
        for at, value in enumerate(values):
            if fault := label_value_fault(value):
                message = f'values[{at}][{key}]: Invalid value: "{value}": {fault}'
                raise SelectorError(message)
    return _match(clauses)


def parameter_match(selector: Mapping[str, Any]) -> Match:
    """Which parameters match the selector beside a generator. Raises SelectorError."""
    return _match([_checked(clause, "pod") for clause in _clauses(selector)])


def _clauses(selector: Mapping[str, Any]) -> Iterator[tuple[str, str, Sequence[str] | None]]:
    for key, value in sorted((selector.get("matchLabels") or {}).items()):
        yield key, "In", (value,)
    for expression in selector.get("matchExpressions") or ():
        yield expression.get("key", ""), expression.get("operator", ""), expression.get("values")


def _checked(clause: tuple[str, str, Sequence[str] | None], kind: str) -> _Clause:
    key, operator, values = clause
    if operator not in _SET_OPERATORS + _KEY_OPERATORS:
        raise SelectorError(f'"{operator}" is not a valid {kind} selector operator')
    said = f"values: Invalid value: {json.dumps(values)}"
    if operator in _SET_OPERATORS and not values:
        raise SelectorError(f"{said}: for 'in', 'notin' operators, values set can't be empty")
    if operator in _KEY_OPERATORS and values:
        raise SelectorError(f"{said}: values set must be empty for exists and does not exist")
    if fault := label_key_fault(key):
        raise SelectorError(f'key: Invalid value: "{key}": {fault}')
    return key, operator, tuple(values or ())


def _match(clauses: Sequence[_Clause]) -> Match:
    return lambda labels: all(_holds(clause, labels) for clause in clauses)


def _holds(clause: _Clause, labels: Mapping[str, str]) -> bool:
    key, operator, values = clause
    match operator:
        case "In":
            return key in labels and labels[key] in values
        case "NotIn":
            return key not in labels or labels[key] not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels
