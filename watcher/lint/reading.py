"""Can what was read be read as Argo CD reads it?

Facts (Argo CD, applicationset/generators; applicationset/generators/utils.go): a matrix has
exactly two children, a merge at least two and the keys to merge by; a requirement that Kubernetes
refuses is an error. An error generates nothing, and deletes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.decide.selection import is_faulty, selectors
from watcher.facts import Generator, Matrix, Merge
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


def _wrong(generator: Generator) -> Iterator[str]:
    for selector in selectors(generator):
        for expression in selector.expressions:
            if is_faulty(expression):
                yield f"Kubernetes refuses {said(expression)}"
    yield from _shapes(generator)


def _shapes(generator: Generator) -> Iterator[str]:
    if isinstance(generator, Matrix) and len(generator.children) != 2:
        yield f"a matrix has {len(generator.children)} children, and must have two"
    if isinstance(generator, Merge) and len(generator.children) < 2:
        yield "a merge has one child, and must have at least two"
    if isinstance(generator, Merge) and not generator.keys:
        yield "a merge has no mergeKeys"
    if isinstance(generator, Matrix | Merge):
        for child in generator.children:
            yield from _shapes(child)


RULES = (Rule(_unreadable, (UNREADABLE,)), Rule(_refused, (REFUSED,)))
