"""Which objects does a `labelSelector` or `fieldSelector` of a request mean?

Facts (Kubernetes, staging/src/k8s.io/apimachinery/pkg/labels/selector.go): the grammar and its
messages; `notin` and `!=` also match where the key is absent; an empty selector matches all.
Field selectors know `=`, `==` and `!=`, on `metadata.name`, `metadata.namespace` and a few fields
of each kind.

Elsewhere: the selectors inside ApplicationSets, which follow other rules (selection.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from watcher.embedded_hub.errors import BadRequest
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.validation import label_key_fault, label_value_fault

Matcher: TypeAlias = Callable[[Object], bool]

_TOKEN = re.compile(r"\s*(==|!=|[=!(),<>]|[^\s=!(),<>]+)")
_SYMBOLS = frozenset({"==", "!=", "=", "!", "(", ")", ",", "<", ">"})
_OPERATORS = ("in", "notin", "=", "==", "!=", "gt", "lt")
_END = ""
_NAMES_ONE = re.compile(r"\s*metadata\.name\s*==?\s*([^=!\s]+)\s*")

_FIELDS_OF_EVERY_KIND = ("metadata.name", "metadata.namespace")
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "Secret": ("type",),
    "Namespace": ("status.phase",),
    "Pod": ("spec.nodeName", "spec.serviceAccountName", "status.phase", "status.podIP"),
    "Event": (
        *(f"{subject}.{field}" for subject in ("involvedObject", "regarding")
          for field in ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion")),
        "reason", "reportingController", "type",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Requirement:
    """One clause of a label selector."""

    key: str
    operator: str
    """`in`, `notin`, `exists`, `!`, `>` or `<`; `=` and its kin are an `in` or `notin` of one."""
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels is meant."""
        value = labels.get(self.key)
        match self.operator:
            case "in":
                return value in self.values
            case "notin":
                return value is None or value not in self.values
            case "exists":
                return value is not None
            case "!":
                return value is None
            case _:
                return value is not None and _compares(value, self.operator, self.values[0])


def label_matcher(selector: str) -> Matcher | None:
    """Who matches `selector`; None when that is everybody. Raises BadRequest."""
    requirements = label_requirements(selector)
    if not requirements:
        return None

    def matches(obj: Object) -> bool:
        labels = obj["metadata"].get("labels") or {}
        return all(requirement.matches(labels) for requirement in requirements)

    return matches


def label_requirements(selector: str) -> tuple[Requirement, ...]:
    """The clauses of a label selector, in order. Raises BadRequest."""
    return tuple(_Parser(selector).requirements())


def field_matcher(selector: str, kind: str) -> Matcher | None:
    """Who matches `selector`; None when that is everybody. Raises BadRequest."""
    clauses = [_field_clause(clause, kind) for clause in selector.split(",") if clause]
    if not clauses:
        return None
    return lambda obj: all((_field(obj, path) == value) is is_ for path, value, is_ in clauses)


def only_name(selector: str) -> str | None:
    """The one name that a field selector asks for; None where it leaves the name open."""
    found = (_NAMES_ONE.fullmatch(clause) for clause in selector.split(","))
    return next((clause[1] for clause in found if clause is not None), None)


def both(one: Matcher | None, other: Matcher | None) -> Matcher | None:
    """Who matches `one` and `other`."""
    if one is None or other is None:
        return one or other
    return lambda obj: one(obj) and other(obj)


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = [*(match[1] for match in _TOKEN.finditer(text)), _END]
        self._at = 0

    def requirements(self) -> Iterator[Requirement]:
        if self._peek() == _END:
            return
        if self._peek() in _SYMBOLS - {"!"}:
            raise BadRequest(f"found '{self._peek()}', expected: !, identifier, or 'end of string'")
        while True:
            yield self._requirement()
            after = self._next()
            if after == _END:
                return
            if after != ",":
                raise BadRequest(f"found '{after}', expected: ',' or 'end of string'")
            if self._peek() in _SYMBOLS - {"!"} | {_END}:
                raise BadRequest(f"found '{self._peek()}', expected: identifier after ','")

    def _requirement(self) -> Requirement:
        absent = self._peek() == "!"
        if absent:
            self._next()
        key = self._identifier()
        if fault := label_key_fault(key):
            raise _unparsable(f'key: Invalid value: "{key}": {fault}')
        if absent:
            return Requirement(key, "!")
        if self._peek() in (_END, ","):
            return Requirement(key, "exists")
        operator = self._next()
        if operator not in (*_OPERATORS, "<", ">"):
            raise _unparsable(f"found '{operator}', expected: {', '.join(_OPERATORS)}")
        values = self._values() if operator in ("in", "notin") else (self._value(),)
        return _checked(key, operator, values)

    def _values(self) -> tuple[str, ...]:
        if (opening := self._next()) != "(":
            raise _unparsable(f"found '{opening}' expected: '('")
        values = [self._value()]
        while (after := self._next()) == ",":
            values.append(self._value())
        if after != ")":
            raise _unparsable(f"found '{after}', expected: ',' or ')'")
        return tuple(values)

    def _value(self) -> str:
        return "" if self._peek() in (_END, ",", ")") else self._identifier()

    def _identifier(self) -> str:
        token = self._next()
        if token in _SYMBOLS or token == _END:
            raise _unparsable(f"found '{token}', expected: identifier")
        return token

    def _peek(self) -> str:
        return self._tokens[self._at]

    def _next(self) -> str:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token


def _checked(key: str, operator: str, values: tuple[str, ...]) -> Requirement:
    if operator in ("<", ">"):
        if not values[0].lstrip("-").isdigit():
            raise _unparsable(f"for 'Gt', 'Lt' operators, the value must be an integer: {values}")
        return Requirement(key, operator, values)
    for value in values:
        if fault := label_value_fault(value):
            raise _unparsable(f'values[0][{key}]: Invalid value: "{value}": {fault}')
    return Requirement(key, "notin" if operator in ("notin", "!=") else "in", values)


def _unparsable(why: str) -> BadRequest:
    return BadRequest(f"unable to parse requirement: {why}")


def _compares(value: str, operator: str, bound: str) -> bool:
    if not value.lstrip("-").isdigit():
        return False
    return int(value) > int(bound) if operator == ">" else int(value) < int(bound)


def _field_clause(clause: str, kind: str) -> tuple[str, str, bool]:
    parts = re.fullmatch(r"\s*([^=!]+?)\s*(==|!=|=)\s*(.*?)\s*", clause)
    if parts is None:
        raise BadRequest(f"invalid selector: '{clause}'; can't understand '{clause}'")
    path, operator, value = parts.groups()
    if path not in _FIELDS_OF_EVERY_KIND + _FIELDS.get(kind, ()):
        raise BadRequest(f"field label not supported: {path}")
    return path, value, operator != "!="


def _field(obj: Object, path: str) -> str:
    value: Any = obj
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)
