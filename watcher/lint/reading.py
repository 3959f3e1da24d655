"""Can what was read be read as Argo CD reads it?

Facts (Argo CD, applicationset/generators; applicationset/generators/utils.go): a matrix has
exactly two children, a merge at least two and the keys to merge by; a requirement that Kubernetes
refuses is an error, but a filter takes any text as a value. A matrix or a merge may stand in
another one, and no deeper. An error generates nothing, and deletes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from watcher.decide.selection import is_faulty
from watcher.facts import Clusters, Generator, Matrix, Merge
from watcher.lint.finding import Code, Finding, Severity
from watcher.lint.gated import said
from watcher.lint.inventory import Inventory
from watcher.lint.rule import Rule

UNREADABLE = Code(
    "GW090",
    "An object that cannot be read",
    Severity.ERROR,
    "A field has another type than the API server takes, such as a label whose value is true "
    'instead of "true". The watcher cannot tell what it selects, and treats it as unknown.',
    "Correct the field; quote values that are to be text.",
)
REFUSED = Code(
    "GW091",
    "A generator that Argo CD refuses",
    Severity.ERROR,
    "The ApplicationSet reports an error and generates nothing: open gates bring nothing, and its "
    "tier opens no gate while the error lasts.",
    "Correct the generator.",
)
REPEATED = Code(
    "GW092",
    "A key that is given twice",
    Severity.WARNING,
    "One of the two is lost without a word, mostly the first: a second matchLabels drops the gate "
    "that stands in the first. Other readers refuse the file.",
    "Write the key once, with all that belongs to it.",
)

_DEEPEST = 2
_NAME = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_KEY = re.compile(rf"(?:[a-z0-9][-a-z0-9.]{{0,252}}/)?{_NAME}")
"""Kubernetes, apimachinery/pkg/util/validation: what a label key, and so a selector's, may be."""


def _unreadable(inventory: Inventory) -> Iterator[Finding]:
    for one in inventory.sets:
        if one.set.unreadable:
            yield UNREADABLE.on(one, "; ".join(one.set.unreadable))
    for other in inventory.spokes:
        if other.spoke.unreadable:
            yield UNREADABLE.on(other, "; ".join(other.spoke.unreadable))
    for last in inventory.applications:
        if last.app.unreadable:
            what = "; ".join(last.app.unreadable)
            yield UNREADABLE.on(last, what, severity=Severity.WARNING)


def _refused(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        for generator in each.set.generators:
            for what in _wrong(generator):
                yield REFUSED.on(each, what)


def _wrong(generator: Generator, depth: int = 1) -> Iterator[str]:
    if isinstance(generator, Clusters):
        for expression in generator.selector.expressions:
            bad_key = "{{" not in expression.key and not _KEY.fullmatch(expression.key)
            if bad_key or is_faulty(expression):
                yield f"Kubernetes refuses {said(expression)}"
    if generator.filter is not None:
        for expression in generator.filter.expressions:
            if is_faulty(replace(expression, values=tuple("x" for _ in expression.values))):
                yield f"Argo CD refuses {said(expression)} in a filter"
    if isinstance(generator, Matrix | Merge):
        yield from _shapes(generator, depth)
        for child in generator.children:
            yield from _wrong(child, depth + 1)


def _shapes(generator: Matrix | Merge, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        yield "a matrix or a merge stands in the third level, and may only in two"
    if isinstance(generator, Matrix) and len(generator.children) != 2:
        number = len(generator.children)
        children = "one child" if number == 1 else f"{number} children"
        yield f"a matrix has {children}, and must have two"
    if isinstance(generator, Merge) and len(generator.children) < 2:
        yield "a merge has one child, and must have at least two"
    if isinstance(generator, Merge) and not generator.keys:
        yield "a merge has no mergeKeys"


def _repeated(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        if each.repeated:
            yield REPEATED.on(each, f"given a second time: {', '.join(each.repeated)}")


RULES = (
    Rule(_unreadable, (UNREADABLE,)),
    Rule(_refused, (REFUSED,)),
    Rule(_repeated, (REPEATED,)),
)
