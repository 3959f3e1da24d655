"""Which Applications would these generators give one spoke? The dumb way, by listing them.

An oracle for the properties: it lists every parameter set by the path that it came by, shares no
line with what it judges, and answers nothing (UntoldError) where a person could not tell either.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from watcher.facts import (
    ApplicationSet,
    Clusters,
    Elements,
    Expression,
    Foreign,
    Generator,
    Matrix,
    Merge,
    Spoke,
)


class UntoldError(Exception):
    """It depends on what is not known here."""


def generated(
    each: ApplicationSet, spoke: Spoke, labels: Mapping[str, str] | None = None
) -> frozenset[str]:
    """The parameter sets that its clusters generators give for `spoke`, had it these labels."""
    shown = spoke.labels if labels is None else labels
    found: set[str] = set()
    for at, generator in enumerate(each.generators):
        if reads_clusters(generator):
            found |= {f"{at}.{path}" for path in _given(generator, shown)}
    return frozenset(found)


def reads_clusters(generator: Generator) -> bool:
    """Whether clusters decide what it gives."""
    match generator:
        case Clusters():
            return True
        case Matrix():
            return any(map(reads_clusters, generator.children))
        case Merge():
            return any(map(reads_clusters, generator.children[:1]))
        case _:
            return False


def _given(generator: Generator, labels: Mapping[str, str]) -> list[str]:
    if generator.filter is not None:
        raise UntoldError
    match generator:
        case Clusters():
            wanted = [_holds(each, labels) for each in generator.selector.expressions]
            return [] if generator.flat_list or not all(wanted) else ["spoke"]
        case Elements():
            return [f"element {at}" for at, _ in enumerate(generator.elements)]
        case Foreign():
            raise UntoldError
        case Matrix():
            if len(generator.children) != 2 or all(map(reads_clusters, generator.children)):
                raise UntoldError
            return _product(generator, labels)
        case Merge():
            if len(generator.children) < 2 or "server" not in generator.keys:
                raise UntoldError
            base = _given(generator.children[0], labels)
            if len(base) > 1:
                raise UntoldError
            return base
        case _:
            raise AssertionError(generator)


def _product(generator: Matrix, labels: Mapping[str, str]) -> list[str]:
    sides: list[list[str]] = []
    for child in generator.children:
        try:
            sides.append(_given(child, labels))
        except UntoldError:
            sides.append(["?"])
    if not all(sides):
        return []
    if ["?"] in sides:
        raise UntoldError
    return [f"{one} x {other}" for one, other in itertools.product(*sides)]


def _holds(expression: Expression, labels: Mapping[str, str]) -> bool:
    if "{{" in f"{expression.key}{expression.values}":
        raise UntoldError
    there, value = expression.key in labels, labels.get(expression.key)
    match expression.operator:
        case "In":
            return there and value in expression.values
        case "NotIn":
            return not there or value not in expression.values
        case "Exists":
            return there
        case "DoesNotExist":
            return not there
        case _:
            raise UntoldError
