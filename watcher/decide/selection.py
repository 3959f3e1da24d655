"""How many Applications does a generator give for one spoke?

Counts parameter sets; renders no template and no name. What cannot be told without rendering is
UNKNOWN, and unknown is never treated as none.

Facts (Argo CD, applicationset/generators; applicationset/utils/selector.go):
- clusters: the selector over the Secret's labels; a bad operator, key or value is an error, and an
  error generates nothing and deletes nothing.
- flatList gives one parameter set whatever matches, so no spoke of its own.
- matrix: the product of exactly two children; the second is rendered with what the first gave, so
  its selector may be a template. No child of it may be empty, or the product is.
- merge: the first of at least two children defines the set, and the others only override. Two
  parameter sets with the same merge keys are an error. By a key that is not a spoke's own, another
  spoke's parameters may override.
- What overrides `name` or `server` sends the Application to another spoke.
- The generator-level `selector` filters the flattened parameters (`name`, `server`, `project`,
  `metadata.labels.K`, `values.K`) and checks no values. Under goTemplate it sees labels only from
  Argo CD 3.4 on, so there an answer counts only if both versions agree.

Elsewhere: which tiers that makes (addons.py); name collisions between spokes (roster.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from enum import Enum
from typing import NamedTuple, TypeAlias, assert_never

from watcher.facts import (
    Clusters,
    Elements,
    Expression,
    Foreign,
    Generator,
    Matrix,
    Merge,
    Selector,
    holds_for,
    matches,
)


class Number(Enum):
    """What a count is where it is not a number."""

    SOME = "some"
    """It selects the spoke; how many Applications that makes is unknown (and may be none)."""
    UNKNOWN = "unknown"
    """Whether it selects the spoke cannot be told."""


Count: TypeAlias = int | Number

_TEMPLATED = "{{"
_LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
"""Kubernetes, apimachinery/pkg/util/validation: what a label value, and so a selector's, may be."""
_LABELS = "metadata.labels."
IDENTITY = ("name", "server", "project")
"""The parameters that are a spoke's own, besides its labels."""


class Subject(NamedTuple):
    """One spoke, as generators see it."""

    labels: Mapping[str, str]
    name: str
    server: str
    project: str


def count(generator: Generator, subject: Subject, *, go_template: bool) -> Count:
    """The number of parameter sets that `generator` gives for `subject`."""
    match generator:
        case Clusters():
            return _clusters(generator, subject, go_template=go_template)
        case Matrix():
            return _matrix(generator, subject, go_template=go_template)
        case Merge():
            return _merge(generator, subject, go_template=go_template)
        case Elements():
            return _elements(generator)
        case Foreign():
            return Number.SOME
        case _:
            assert_never(generator)


def deciding(generator: Generator) -> Iterator[Clusters]:
    """The clusters generators that decide whether a spoke is selected: of a merge, the base's."""
    match generator:
        case Clusters():
            yield generator
        case Matrix():
            for child in generator.children:
                yield from deciding(child)
        case Merge():
            for base in generator.children[:1]:
                yield from deciding(base)
        case Elements() | Foreign():
            return
        case _:
            assert_never(generator)


def clusters(generator: Generator) -> Iterator[Clusters]:
    """Its clusters generators, also those that decide nothing."""
    if isinstance(generator, Clusters):
        yield generator
    if isinstance(generator, Matrix | Merge):
        for child in generator.children:
            yield from clusters(child)


def selectors(generator: Generator) -> Iterator[Selector]:
    """Every selector and filter in `generator`, also those that decide nothing."""
    if isinstance(generator, Clusters):
        yield generator.selector
    if isinstance(generator, Matrix | Merge):
        for child in generator.children:
            yield from selectors(child)
    if generator.filter is not None:
        yield generator.filter


def label_keys(generator: Generator) -> Iterator[str]:
    """Every label key that a selector or a filter in `generator` looks at."""
    for selector in selectors(generator):
        for expression in selector.expressions:
            yield label_key(expression)


def overriding_keys(generator: Generator) -> Iterator[str]:
    """The label keys that only override: those that the later children of a merge look at."""
    if isinstance(generator, Matrix | Merge):
        for at, child in enumerate(generator.children):
            overrides = at > 0 and isinstance(generator, Merge)
            yield from label_keys(child) if overrides else overriding_keys(child)


def label_key(expression: Expression) -> str:
    """The label that a requirement looks at: a filter names it as a parameter."""
    return expression.key.removeprefix(_LABELS)


def total(counts: Iterator[Count]) -> Count:
    """What several generators give together."""
    there = list(counts)
    if Number.UNKNOWN in there:
        return Number.UNKNOWN
    if Number.SOME in there:
        return Number.SOME
    return sum(there)  # type: ignore[arg-type]  # only numbers are left


def _clusters(generator: Clusters, subject: Subject, *, go_template: bool) -> Count:
    if generator.flat_list:
        return 0
    selected = _selected(generator.selector, subject.labels)
    if selected is None:
        return Number.UNKNOWN
    if not selected or generator.filter is None:
        return int(selected)
    return _filtered(generator.filter, _parameters(generator, subject), go_template=go_template)


def _matrix(generator: Matrix, subject: Subject, *, go_template: bool) -> Count:
    if len(generator.children) != 2 or _moves(generator.children):
        return Number.UNKNOWN
    first, second = (count(child, subject, go_template=go_template) for child in generator.children)
    if all(any(True for _ in deciding(child)) for child in generator.children):
        return 0 if first == second == 0 else Number.UNKNOWN
    product = _product(first, second)
    if product == 0 or generator.filter is None:
        return product
    return _narrowed(product, generator.filter, subject, go_template=go_template)


def _merge(generator: Merge, subject: Subject, *, go_template: bool) -> Count:
    if len(generator.children) < 2:
        return Number.UNKNOWN
    counts = [count(child, subject, go_template=go_template) for child in generator.children]
    own = {"server", "name"} & set(generator.keys)
    if not own or _moves(generator.children[1:], own):
        return Number.UNKNOWN if any(each != 0 for each in counts) else 0
    base = counts[0]
    if base == 0:
        return 0
    if base != 1 and base is not Number.SOME:
        return Number.UNKNOWN
    if generator.filter is None:
        return base
    return _narrowed(base, generator.filter, subject, go_template=go_template)


def _moves(children: Iterable[Generator], keys: Set[str] = frozenset()) -> bool:
    """Whether a list among these gives a name or server of its own, other than the merge's keys."""
    named = {"server", "name"} - keys
    return any(
        not named.isdisjoint(each)
        for child in children
        if isinstance(child, Elements)
        for each in child.elements
    )


def _elements(generator: Elements) -> Count:
    if any(_TEMPLATED in value for each in generator.elements for value in each.values()):
        return Number.SOME
    if generator.filter is None:
        return len(generator.elements)
    kept = [matches(generator.filter, each) for each in generator.elements]
    return Number.UNKNOWN if None in kept else sum(map(bool, kept))


def _product(first: Count, second: Count) -> Count:
    if first == 0 or second == 0:
        return 0
    if isinstance(first, int) and isinstance(second, int):
        return first * second
    return Number.UNKNOWN if Number.UNKNOWN in (first, second) else Number.SOME


def _selected(selector: Selector, labels: Mapping[str, str]) -> bool | None:
    """As `matches`, but an error anywhere leaves it open, and so does a template, unless another
    requirement fails for certain.
    """
    if any(is_faulty(each) for each in selector.expressions):
        return None
    unsure = False
    for expression in selector.expressions:
        if is_templated(expression):
            unsure = True
        elif not holds_for(expression, labels.get(expression.key)):
            return False
    return None if unsure else True


def is_templated(expression: Expression) -> bool:
    """Whether what it asks for depends on what another generator gives."""
    return _TEMPLATED in expression.key or any(_TEMPLATED in each for each in expression.values)


def is_faulty(expression: Expression) -> bool:
    """Whether Kubernetes refuses the requirement, and with it the whole ApplicationSet."""
    wants_values = expression.operator in ("In", "NotIn")
    return (
        holds_for(expression, None) is None
        or bool(expression.values) != wants_values
        or not all(
            _LABEL_VALUE.fullmatch(value) for value in expression.values if _TEMPLATED not in value
        )
    )


def _parameters(generator: Clusters, subject: Subject) -> dict[str, str]:
    """The flattened parameters that can be known; those of annotations cannot."""
    identity = dict(zip(IDENTITY, (subject.name, subject.server, subject.project), strict=True))
    labels = {f"{_LABELS}{key}": value for key, value in subject.labels.items()}
    values = {f"values.{key}": value for key, value in generator.values.items()}
    return identity | labels | values


def _filtered(kept: Selector, parameters: Mapping[str, str], *, go_template: bool) -> Count:
    """1 or 0 for one parameter set, where that can be told."""
    answers = set()
    for expression in kept.expressions:
        key, value = expression.key, parameters.get(expression.key)
        if not _knowable(key) or (value is not None and _TEMPLATED in value):
            return Number.UNKNOWN
        answers.add(holds_for(expression, value))
        if go_template and key.startswith(_LABELS):
            older = holds_for(expression, None)
            if older != holds_for(expression, value):
                return Number.UNKNOWN
    if None in answers:
        return Number.UNKNOWN
    return int(all(answers))


def _knowable(key: str) -> bool:
    return key in IDENTITY or key.startswith((_LABELS, "values."))


def _narrowed(most: Count, kept: Selector, subject: Subject, *, go_template: bool) -> Count:
    """A filter on what several generators gave together: told only by what is the spoke's own."""
    own = Selector(
        tuple(
            each
            for each in kept.expressions
            if each.key in IDENTITY or each.key.startswith(_LABELS)
        )
    )
    passes = _filtered(own, _parameters(Clusters(), subject), go_template=go_template)
    if passes == 0 or own == kept:
        return most if passes == 1 else passes
    return Number.UNKNOWN if passes is Number.UNKNOWN else Number.SOME
