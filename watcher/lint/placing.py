"""Does the gate stand where it decides?

Facts (Argo CD, applicationset/generators):
- merge: the first child defines the set, later ones only override parameters.
- Several generators of one ApplicationSet are added up; two Applications of one name are neither
  created nor updated.
- clusters: without any selector the hub itself is selected even where no Secret stands for it; with
  any selector it is not. `flatList` gives one parameter set, whatever matches.
- The `selector` beside a generator filters parameters: a label is `metadata.labels.KEY` there, and
  under goTemplate labels are seen only from Argo CD 3.4 on.

Elsewhere: what the selector asks of the gate (asking.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.decide.roster import IN_CLUSTER_SERVER
from watcher.decide.selection import deciding, label_key, overriding_keys
from watcher.facts import Expression, Generator, Matrix, Merge
from watcher.lint.finding import Code, Finding, Severity
from watcher.lint.gated import asked, is_gate, leaves, named, tiers_asked
from watcher.lint.inventory import Inventory, WrittenSet
from watcher.lint.rule import Rule
from watcher.policy import Gates

OVERRIDES = Code(
    "GW001",
    "A gate in a later child of a merge",
    Severity.ERROR,
    "Only the first child of a merge decides which spokes there are. A later one only overrides "
    "values: a gate there gates nothing, and while it is closed the override it stands beside is "
    "silently dropped, so another version of the addon is installed.",
    "Move the requirement into the first child's selector, and into no other.",
)
UNGATED_SIBLING = Code(
    "GW002",
    "A gate is missing on one of several generators",
    Severity.ERROR,
    "What the generators of an ApplicationSet select is added up: the one without the gate lets a "
    "spoke in whatever the gate says, and once both select it, two Applications of one name are "
    "neither created nor updated.",
    "Put the same gate on every generator of the ApplicationSet, or split it in two.",
)
HUB_LOST = Code(
    "GW003",
    "A selector where there was none loses the hub itself",
    Severity.ERROR,
    "A clusters generator without any selector selects the hub itself, even where no Secret "
    "stands for it; with any selector it does not. Where the gate is all that the selector asks "
    "for, the hub's own Application is deleted the moment the selector arrives.",
    "Register the hub with a cluster Secret of its own (name in-cluster, as its Applications have "
    "it, server https://kubernetes.default.svc) and open its gate first, or leave this "
    "ApplicationSet without a gate.",
)
HUB_AT_STAKE = Code(
    "GW004",
    "No selector: a gate here would lose the hub itself",
    Severity.NOTE,
    "This clusters generator has no selector, so it selects every cluster and the hub itself. Any "
    "selector, a gate too, drops the hub where no Secret stands for it.",
    "Before you add a gate here, register the hub with a cluster Secret (name in-cluster, as its "
    "Applications have it) and open its gate.",
)
TEMPLATED_GATE = Code(
    "GW005",
    "The gate's key is a template",
    Severity.WARNING,
    "Which tier an Application belongs to is then known only after rendering. Without the label "
    "that names its tier, every tier waits for all Applications of this ApplicationSet; and a "
    "parameter that is missing fails the whole ApplicationSet.",
    "Give the template the label gate-watcher.io/tier with the same expression, and the parameter "
    "a default.",
)
FLAT = Code(
    "GW006",
    "A gate on a flat list",
    Severity.ERROR,
    "With flatList a clusters generator gives one parameter set, whatever it matches. The "
    "Application exists whether the gate is open or not; the gate only changes what is in it.",
    "Gate the addon in a generator without flatList; keep the flat list ungated.",
)
FILTERED = Code(
    "GW007",
    "A gate in the filter beside a generator",
    Severity.ERROR,
    "The selector beside a generator filters parameters, not Secrets. A label is called "
    "metadata.labels.KEY there, and under goTemplate Argo CD before 3.4 sees no label at all: the "
    "requirement fails for every spoke, and its Applications are deleted.",
    "Move the gate into clusters.selector.",
)


def _overrides(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        keys = {key for one in each.set.generators for key in overriding_keys(one)}
        if found := sorted(key for key in keys if is_gate(key, inventory.gates)):
            yield OVERRIDES.on(each, f"a later child of a merge asks for {', '.join(found)}")


def _ungated_siblings(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        asks = [tiers_asked([one], inventory.gates) for one in each.set.generators]
        if not any(asks):
            continue
        others = named(frozenset().union(*asks))
        for at, (generator, tiers) in enumerate(zip(each.set.generators, asks, strict=True)):
            if not tiers:
                reads = any(True for _ in deciding(generator))
                yield UNGATED_SIBLING.on(
                    each,
                    f"generators[{at}] has no gate, others ask for {others}",
                    severity=Severity.ERROR if reads else Severity.WARNING,
                )


def _hub(inventory: Inventory) -> Iterator[Finding]:
    if any(each.spoke.server == IN_CLUSTER_SERVER for each in inventory.spokes):
        return
    known = inventory.whole or bool(inventory.spokes)
    for each in inventory.sets:
        for leaf in leaves(each) if not each.names_secret_type else ():
            keys = [expression.key for expression in leaf.selector.expressions]
            if not keys and not leaf.flat_list:
                yield HUB_AT_STAKE.on(each, "a clusters generator of it has no selector")
            elif keys and all(is_gate(key, inventory.gates) for key in keys):
                yield HUB_LOST.on(
                    each,
                    f"its selector asks for nothing but {', '.join(keys)}, and no Secret "
                    f"{'stands' if known else 'that was read stands'} for the hub",
                    severity=Severity.ERROR if known else Severity.WARNING,
                )


def _templated(inventory: Inventory) -> Iterator[Finding]:
    gates = inventory.gates
    for each in inventory.sets:
        keys = {label_key(one) for leaf in leaves(each) for one in asked(leaf, gates)}
        for key in sorted(key for key in keys if "{{" in key):
            labelled = gates.tier_key in each.template.labels
            yield TEMPLATED_GATE.on(
                each,
                f"it asks for {key}, and its template "
                + (f"names the tier in {gates.tier_key}" if labelled else "names no tier"),
                severity=Severity.NOTE if labelled else None,
            )


def _flat(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        for leaf in leaves(each):
            if leaf.flat_list and (found := list(asked(leaf, inventory.gates))):
                keys = ", ".join(one.key for one in found)
                yield FLAT.on(each, f"a clusters generator with flatList asks for {keys}")


def _filtered(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        for one in each.set.generators:
            for expression in _in_filters(one):
                yield from _filter_found(each, expression, inventory.gates)


def _filter_found(each: WrittenSet, expression: Expression, gates: Gates) -> Iterator[Finding]:
    if not is_gate(label_key(expression), gates):
        return
    if label_key(expression) == expression.key:
        yield FILTERED.on(each, f"a filter asks for {expression.key}, which is no parameter")
    elif each.set.go_template:
        what = f"a filter asks for {expression.key} under goTemplate"
        yield FILTERED.on(each, what, severity=Severity.WARNING)


def _in_filters(generator: Generator) -> Iterator[Expression]:
    if generator.filter is not None:
        yield from generator.filter.expressions
    if isinstance(generator, Matrix | Merge):
        for child in generator.children:
            yield from _in_filters(child)


RULES = (
    Rule(_overrides, (OVERRIDES,)),
    Rule(_ungated_siblings, (UNGATED_SIBLING,)),
    Rule(_hub, (HUB_LOST, HUB_AT_STAKE)),
    Rule(_templated, (TEMPLATED_GATE,)),
    Rule(_flat, (FLAT,)),
    Rule(_filtered, (FILTERED,)),
)
