"""Can two Applications get one name?

Names are compared as they are written, with the constants that the generators give put in; nothing
is rendered, so two templates that come to the same only for some spokes are not found. Nor are
those that hold what is not the spoke's own, such as a folder in Git.

Facts (Argo CD, applicationset/controllers/applicationset_controller.go):
- An Application belongs to one ApplicationSet: the other one fails, and leaves it as it is.
- Two of one name within an ApplicationSet are neither created nor updated.
- What is no longer generated under its name is deleted.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, product

from watcher.decide.selection import clusters, deciding
from watcher.facts import Clusters, Expression, Generator, some
from watcher.lint.finding import Code, Finding, Severity
from watcher.lint.gated import is_gate, leaves, named, tiers_asked
from watcher.lint.inventory import Inventory, WrittenSet
from watcher.lint.rule import Rule
from watcher.policy import Gates

SAME_NAME = Code(
    "GW030",
    "Two ApplicationSets make Applications of one name",
    Severity.ERROR,
    "Both would select the same spoke with every gate open, and only one of them can own the "
    "Application. Once its gate closes, or the addon moves from one to the other, the Application "
    "is deleted and made anew.",
    "Let the names differ, or let the selectors exclude each other by a label.",
)
UNEQUAL_TWINS = Code(
    "GW031",
    "Two ApplicationSets share a name, and not the gate",
    Severity.WARNING,
    "Their selectors exclude each other, so each spoke has one of them. Without the same gate on "
    "both, a spoke that changes sides loses its Application until the other gate opens.",
    "Ask for the same gate in both.",
)
CONSTANT_NAME = Code(
    "GW032",
    "A constant Application name, and a generator of many clusters",
    Severity.ERROR,
    "With a second spoke two Applications have one name, and then neither is created nor updated. "
    "A gate that opens on the second spoke stops the first.",
    "Put the cluster's name into the Application's name, or select by a label that one Secret has.",
)
VERSIONED_NAME = Code(
    "GW033",
    "A version in the Application's name",
    Severity.NOTE,
    "A new version makes a new Application and deletes the old one, with its workloads where that "
    "has the finalizer. With guard C the deletion needs `gate-watcher teardown SPOKE --addon A` "
    "first.",
    "Name the Application after the cluster and the addon only.",
)

OVERLAP = Code(
    "GW034",
    "Two generators of an ApplicationSet select one spoke",
    Severity.ERROR,
    "Each makes an Application of the same name. Argo CD then creates and updates neither, and "
    "reports an error for the whole ApplicationSet.",
    "Let the selectors exclude each other by a label, or put something into the name that differs.",
)

_OF_SPOKE = frozenset({"name", "nameNormalized", "server", "project", "metadata"})
"""The parameters that are the spoke's own."""
_TEXT = re.compile(r"\"[^\"]*\"|`[^`]*`")
_TAG = re.compile(r"\{\{([^{}]*)\}\}")
_PARAMETER = re.compile(r"(?<![\w.)])\.([A-Za-z_]\w*)(?:\.(\w+))?")
_ACTION = re.compile(r"\{\{-?\s*\.?([^{}]*?)\s*-?\}\}")
_VALUE = re.compile(r"\{\{values\.([\w-]+)\}\}")
_VERSION = re.compile(r"\{\{[^{}]*version[^{}]*\}\}", re.IGNORECASE)


def name_template(each: WrittenSet) -> str:
    """The name of its Applications, so that two that mean the same are written the same."""
    plain = _ACTION.sub(lambda match: f"{{{{{match[1]}}}}}", each.template.name)
    values = _constants(each)
    return _VALUE.sub(lambda match: values.get(match[1], match[0]), plain)


def _of_spoke_only(each: WrittenSet) -> bool:
    """Whether its Applications' names hold nothing but what is the spoke's own. With a folder in
    Git in them, or anything else that a generator gives, names that are written alike may differ.
    """
    constants = _constants(each)
    return all(
        first in _OF_SPOKE or (first == "values" and second in constants)
        for first, second in _parameters(each)
    )


def _parameters(each: WrittenSet) -> Iterator[tuple[str, str]]:
    """The parameters that the name reads, each by its first two parts."""
    for tag in _TAG.findall(each.template.name):
        if each.set.go_template:
            yield from _PARAMETER.findall(_TEXT.sub("", tag))
        else:
            first, _, second = tag.strip().partition(".")
            yield first, second


def _constants(each: WrittenSet) -> Mapping[str, str]:
    """The values that each of its clusters generators gives alike, and that are no templates."""
    given: dict[str, set[str]] = defaultdict(set)
    for generator in each.set.generators:
        for leaf in clusters(generator):
            for key, value in leaf.values.items():
                given[key].add(value)
    only = {key: next(iter(values)) for key, values in given.items() if len(values) == 1}
    return {key: value for key, value in only.items() if "{{" not in value}


def _twins(inventory: Inventory) -> Iterator[Finding]:
    by_name: dict[tuple[str, str], list[WrittenSet]] = defaultdict(list)
    for each in inventory.sets:
        if each.template.name and any(True for _ in leaves(each)) and _of_spoke_only(each):
            by_name[each.namespace, name_template(each)].append(each)
    for (_, name), sets in by_name.items():
        for one, other in combinations(sets, 2):
            if one.key != other.key:
                yield from _pair(inventory, one, other, name)


def _pair(inventory: Inventory, one: WrittenSet, other: WrittenSet, name: str) -> Iterator[Finding]:
    tiers = [tiers_asked(each.set.generators, inventory.gates) for each in (one, other)]
    who = f"it and {other.shown} both make {name}"
    if not _exclude(leaves(one), leaves(other), inventory.gates):
        both = [
            spoke.spoke.secret
            for spoke in inventory.spokes
            if inventory.selects(one, spoke) and inventory.selects(other, spoke)
        ]
        if both:
            yield SAME_NAME.on(one, f"{who}, on {some(sorted(both))}")
        elif any(tiers) and not (inventory.whole and inventory.spokes):
            yield SAME_NAME.on(one, f"{who}, and their selectors do not exclude each other")
    elif tiers[0] != tiers[1]:
        asks = " and ".join(named(each) or "none" for each in tiers)
        yield UNEQUAL_TWINS.on(one, f"{who}; the gates they ask for are {asks}")


def _exclude(one: Iterable[Clusters], other: Iterable[Clusters], gates: Gates) -> bool:
    """Whether no spoke can satisfy both, whatever gates are open."""
    return all(
        any(_contradict(a, b) for a in _labels(first, gates) for b in _labels(second, gates))
        for first, second in product(one, other)
    )


def _labels(leaf: Clusters, gates: Gates) -> Iterator[Expression]:
    for expression in leaf.selector.expressions:
        templated = "{{" in expression.key or any("{{" in each for each in expression.values)
        if not templated and not is_gate(expression.key, gates):
            yield expression


def _contradict(one: Expression, other: Expression) -> bool:
    return one.key == other.key and (_refuses(one, other) or _refuses(other, one))


def _refuses(one: Expression, other: Expression) -> bool:
    match one.operator, other.operator:
        case "In", "In":
            return not set(one.values) & set(other.values)
        case "In", "NotIn":
            return set(one.values) <= set(other.values)
        case (("In" | "Exists"), "DoesNotExist"):
            return True
        case _:
            return False


def _constant(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        reads = any(not leaf.flat_list for leaf in leaves(each))
        if not each.template.name or "{{" in each.template.name + each.template.patch or not reads:
            continue
        chosen = [spoke.spoke.secret for spoke in inventory.selected(each)]
        what = f"each of its Applications is called {each.template.name}"
        if len(chosen) > 1:
            yield CONSTANT_NAME.on(each, f"{what}, and it selects {some(sorted(chosen))}")
        elif not inventory.spokes:
            yield CONSTANT_NAME.on(
                each, f"{what}, so it may select one spoke only", severity=Severity.WARNING
            )


def _overlaps(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        same = _of_spoke_only(each) and "name" not in each.template.patch
        if same and len(each.set.generators) > 1:
            numbered = enumerate(each.set.generators)
            for (at, one), (other_at, other) in combinations(numbered, 2):
                yield from _overlap(inventory, each, (at, one), (other_at, other))


def _overlap(
    inventory: Inventory, each: WrittenSet, one: tuple[int, Generator], other: tuple[int, Generator]
) -> Iterator[Finding]:
    which = f"generators[{one[0]}] and generators[{other[0]}]"
    first, second = list(deciding(one[1])), list(deciding(other[1]))
    if not first or not second or _exclude(first, second, inventory.gates):
        return
    both = [
        spoke.spoke.secret
        for spoke in inventory.spokes
        if all(inventory.gives(each, generator, spoke) for generator in (one[1], other[1]))
    ]
    if both:
        yield OVERLAP.on(each, f"{which} both select {some(sorted(both))}")
    elif not inventory.spokes and tiers_asked(each.set.generators, inventory.gates):
        what = f"{which} do not exclude each other"
        yield OVERLAP.on(each, what, severity=Severity.WARNING)


def _versioned(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        found = _VERSION.search(each.template.name)
        if found and tiers_asked(each.set.generators, inventory.gates):
            yield VERSIONED_NAME.on(each, f"its Applications are called {each.template.name}")


RULES = (
    Rule(_twins, (SAME_NAME, UNEQUAL_TWINS)),
    Rule(_constant, (CONSTANT_NAME,)),
    Rule(_overlaps, (OVERLAP,)),
    Rule(_versioned, (VERSIONED_NAME,)),
)
