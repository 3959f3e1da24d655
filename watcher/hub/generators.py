"""What are an ApplicationSet's generators?

As frozen structs, as far as they can be evaluated without rendering.

Facts (Argo CD, pkg/apis/application/v1alpha1/applicationset_types.go; applicationset/utils,
applicationset/generators/generator_spec_processor.go):
- An entry of `generators` has one member that names its kind, and may have `selector`, a filter;
  with several kinds in one entry each of them generates.
- The clusters generator adds the secret-type label to the user's selector, over any value of his.
- A filter sees flattened parameters as text: nested members and entries of lists under dotted keys.

Elsewhere: what the templates read of a spoke (templates.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Raw

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
from watcher.hub.reported import (
    ReportedChildren,
    ReportedClusters,
    ReportedElements,
    ReportedSelector,
    absent,
)

SECRET_TYPE = "argocd.argoproj.io/secret-type"  # noqa: S105 - a label key


def generators(entries: Raw) -> tuple[Generator, ...]:
    """The generators in `entries`, in their order.

    Raises what decoding raises (salvage.UNREADABLE) where there are none to read, or one has a
    shape that Argo CD does not read.
    """
    return tuple(_all(msgspec.json.decode(entries, type=list[dict[str, Raw]])))


def _all(entries: Iterable[Mapping[str, Raw]]) -> Iterator[Generator]:
    for entry in entries:
        kept = None
        if (said := entry.get("selector")) is not None and not absent(said):
            kept = _selector(msgspec.json.decode(said, type=ReportedSelector))
        for kind, body in entry.items():
            if kind != "selector" and not absent(body):
                yield _generator(kind, body, kept)


def _generator(kind: str, body: Raw, kept: Selector | None) -> Generator:
    match kind:
        case "clusters":
            return _clusters(msgspec.json.decode(body, type=ReportedClusters), kept)
        case "list":
            return _elements(msgspec.json.decode(body, type=ReportedElements), kept)
        case "matrix":
            return Matrix(_children(msgspec.json.decode(body, type=ReportedChildren)), kept)
        case "merge":
            said = msgspec.json.decode(body, type=ReportedChildren)
            children = _children(said)
            return (
                Merge(children, tuple(said.merge_keys or ()), kept) if children else Foreign(kind)
            )
        case _:
            return Foreign(kind, kept)


def _children(said: ReportedChildren) -> tuple[Generator, ...]:
    return tuple(_all(said.generators or ()))


def _clusters(said: ReportedClusters, kept: Selector | None) -> Clusters:
    return Clusters(
        selector=_selector(said.selector, without=SECRET_TYPE),
        flat_list=bool(said.flat_list),
        values=said.values or {},
        filter=kept,
    )


def _elements(said: ReportedElements, kept: Selector | None) -> Elements | Foreign:
    if said.elements_yaml:
        return Foreign("list", kept)
    return Elements(tuple(dict(_flattened(each)) for each in said.elements or ()), kept)


def _flattened(value: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in members:
        dotted = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(each, dict | list):
            yield from _flattened(each, dotted)
        else:
            yield dotted, _text(each)


def _text(value: str | float | bool | None) -> str:
    """As Go's `%v` writes it; numbers of seven digits and more it writes otherwise."""
    if isinstance(value, str):
        return value
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


def _selector(said: ReportedSelector | None, *, without: str = "") -> Selector:
    if said is None:
        return Selector()
    labels = said.match_labels or {}
    return Selector(
        (
            *(Expression(key, "In", (value,)) for key, value in labels.items() if key != without),
            *(
                Expression(each.key, each.operator, tuple(each.values or ()))
                for each in said.match_expressions or ()
            ),
        )
    )
