"""What do an ApplicationSet's generators and templates read of a spoke?

The generators as frozen structs, as far as they can be evaluated without rendering; and which
labels the templates name, since a label that a template reads changes what it renders.

Facts (Argo CD, pkg/apis/application/v1alpha1/applicationset_types.go; applicationset/utils,
applicationset/generators/generator_spec_processor.go):
- An entry of `generators` has one member that names its kind, and may have `selector`, a filter;
  with several kinds in one entry each of them generates.
- The clusters generator adds the secret-type label to the user's selector, over any value of his.
- A filter sees flattened parameters as text: nested members and entries of lists under dotted keys.
- What stands outside of `{{ }}` reads nothing.
"""

from __future__ import annotations

import re
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

_GO_ACTION = re.compile(r"(?:\"[^\"]*\"|`[^`]*`|[^\"`}]|\}(?!\}))*+")
"""One action, up to the braces that end it: those in a string of it do not. It never goes back, so
a text of a megabyte takes no longer than its length."""
_FAST = re.compile(r"metadata\.(labels|annotations)\.(.+)", re.DOTALL)
_GO_KEY = re.compile(
    r"(?:\$\w*)?\.metadata\.(?:labels|annotations)\.([A-Za-z_]\w*)"
    r"|(?:index|get|hasKey)\s+(?:\$\w*)?\.metadata\.(?:labels|annotations)\s+"
    r"(?:\"([^\"]+)\"|`([^`]+)`)"
)
_GO_STRAIGHT = re.compile(r"(?:\$\w*)?\.metadata\.(labels|annotations)\.([A-Za-z_]\w*)")
"""A read that fails, or leaves a hole, where there is no such key; `index` and `get` do not."""
_GO_TEXT = re.compile(r"\"[^\"]*\"|`[^`]*`")
_GO_WHOLE = re.compile(r"\.metadata\b|(?<![\w.)])\.(?![\w.])|\$(?![\w.])")
"""What is left of `.metadata` once single labels and annotations are taken out, or the dot or the
dollar itself, which hold everything: the action takes them all."""


def generators(entries: Raw) -> tuple[Generator, ...]:
    """The generators in `entries`, in their order.

    Raises what decoding raises (salvage.UNREADABLE) where there are none to read, or one has a
    shape that Argo CD does not read.
    """
    return tuple(_all(msgspec.json.decode(entries, type=list[dict[str, Raw]])))


def keys_read(spec_text: str, *, go_template: bool) -> tuple[frozenset[str], bool]:
    """The keys of labels and annotations that the templates in the spec, as JSON text, name, and
    whether one takes all of either at once: we write both.
    """
    actions = tuple(_actions(_unescaped(spec_text), go_template=go_template))
    if not go_template:
        named = (_FAST.fullmatch(action.strip()) for action in actions)
        return frozenset(each[2] for each in named if each is not None), False
    found = [match for action in actions for match in _GO_KEY.finditer(action)]
    keys = frozenset(key for match in found for key in match.groups() if key)
    return keys, any(map(_takes_all, actions))


def reads(spec_text: str, *, go_template: bool) -> frozenset[tuple[str, str]]:
    """The labels and annotations that the templates read straight, each as (labels or annotations,
    key): those that a spoke must have.
    """
    actions = _actions(_unescaped(spec_text), go_template=go_template)
    if go_template:
        bare = (_GO_TEXT.sub("", action) for action in actions)
        return frozenset((m[1], m[2]) for action in bare for m in _GO_STRAIGHT.finditer(action))
    found = (_FAST.fullmatch(action.strip()) for action in actions)
    return frozenset((m[1], m[2]) for m in found if m is not None)


def _unescaped(spec_text: str) -> str:
    """What stands between the braces of JSON text, as the template has it."""
    return spec_text.replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t")


def _actions(text: str, *, go_template: bool) -> Iterator[str]:
    """What stands in `{{ }}`; where nothing ends it, all the rest."""
    at = text.find("{{")
    while at >= 0:
        found = _GO_ACTION.match(text, at + 2) if go_template else None
        end = text.find("}}", at) if found is None else found.end()
        if not text.startswith("}}", end):
            yield text[at + 2 :]
            return
        yield text[at + 2 : end]
        at = text.find("{{", end)


def _takes_all(action: str) -> bool:
    rest = _GO_KEY.sub("", action)
    return bool(_GO_WHOLE.search(_GO_TEXT.sub("", rest)))


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
