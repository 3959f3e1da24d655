"""What do an ApplicationSet's generators and templates read of a spoke?

The generators as frozen structs, as far as they can be evaluated without rendering; and which
labels the rest of the spec names, since a label that a template reads changes what it renders.

Facts (Argo CD, pkg/apis/application/v1alpha1/applicationset_types.go):
- An entry of `generators` has one member that names its kind, and may have `selector`, a filter;
  with several kinds in one entry each of them generates.
- The clusters generator adds the secret-type label to the user's selector, over any value of his.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from watcher.facts import (
    Clusters,
    Elements,
    Expression,
    Foreign,
    Generator,
    Matrix,
    Merge,
    Selector,
)

SECRET_TYPE = "argocd.argoproj.io/secret-type"  # noqa: S105 - a label key

_NOT_KINDS = ("selector", "template")
_FAST = re.compile(r"metadata\.labels\.([^}\s\"|]+)")
_GO_FIELD = re.compile(r"\.metadata\.labels\.([A-Za-z_]\w*)")
_GO_INDEX = re.compile(r"(?:index|get|hasKey)\s+\$?\.metadata\.labels\s+\"([^\"]+)\"")
_GO_SINGLE_ANNOTATION = re.compile(
    r"\.metadata\.annotations\.[A-Za-z_]\w*"
    r"|(?:index|get|hasKey)\s+\$?\.metadata\.annotations\s+\"[^\"]+\""
)
_GO_WHOLE = re.compile(r"\.metadata\b|\{\{-?\s*(?:\w+\s+)*\$?\.\s*(?:\||-?\}\})")
"""What is left of `.metadata` once single labels and annotations are taken out, or the dot itself:
the template takes them all."""


def generators(entries: list[Any]) -> tuple[Generator, ...]:
    """The top-level generators, in their order."""
    return tuple(each for entry in entries for each in _generators(entry))


def labels_read(spec_text: str, *, go_template: bool) -> tuple[frozenset[str], bool]:
    """The label keys that the spec's templates name, and whether one takes all labels (or
    annotations, which we write too) at once.
    """
    text = spec_text.replace('\\"', '"')
    if not go_template:
        return frozenset(_FAST.findall(text)), False
    named = frozenset(_GO_FIELD.findall(text)) | frozenset(_GO_INDEX.findall(text))
    rest = _GO_INDEX.sub("", _GO_FIELD.sub("", text))
    return named, bool(_GO_WHOLE.search(_GO_SINGLE_ANNOTATION.sub("", rest)))


def _generators(entry: Any) -> Iterator[Generator]:
    if not isinstance(entry, dict):
        yield Foreign("unreadable")
        return
    kept = _filter(entry.get("selector"))
    for kind, body in entry.items():
        if kind not in _NOT_KINDS and body is not None:
            yield _generator(kind, body, kept)


def _generator(kind: str, body: Any, kept: Selector | None) -> Generator:
    if not isinstance(body, dict):
        return Foreign(kind, kept)
    match kind:
        case "clusters":
            return _clusters(body, kept)
        case "list" if not body.get("elementsYaml"):
            return _elements(body, kept)
        case "matrix":
            return Matrix(_children(body), kept)
        case "merge" if body.get("generators"):
            keys = body.get("mergeKeys")
            return Merge(_children(body), tuple(map(str, keys)) if keys else (), kept)
        case _:
            return Foreign(kind, kept)


def _children(body: Mapping[str, Any]) -> tuple[Generator, ...]:
    return generators(body.get("generators") or [])


def _clusters(body: Mapping[str, Any], kept: Selector | None) -> Clusters:
    values = body.get("values")
    return Clusters(
        selector=_selector(body.get("selector"), without=SECRET_TYPE),
        flat_list=bool(body.get("flatList")),
        values={str(key): str(value) for key, value in values.items()} if values else {},
        filter=kept,
    )


def _elements(body: Mapping[str, Any], kept: Selector | None) -> Elements:
    elements = body.get("elements") or []
    return Elements(tuple(dict(_flattened(each)) for each in elements), kept)


def _flattened(value: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _flattened(each, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, value if isinstance(value, str) else str(value)


def _filter(body: Any) -> Selector | None:
    return None if body is None else _selector(body)


def _selector(body: Any, *, without: str = "") -> Selector:
    if not isinstance(body, dict):
        return Selector()
    labels = body.get("matchLabels") or {}
    expressions = body.get("matchExpressions") or []
    return Selector(
        (
            *(Expression(key, "In", (str(labels[key]),)) for key in labels if key != without),
            *(_expression(each) for each in expressions),
        )
    )


def _expression(body: Mapping[str, Any]) -> Expression:
    values = body.get("values") or ()
    return Expression(
        str(body.get("key", "")), str(body.get("operator", "")), tuple(map(str, values))
    )
