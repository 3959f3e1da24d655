"""Does the template say which tier and which spoke its Applications belong to?

The label of the tier decides where it is set, and it is what guard C goes by: the ApplicationSet
controller may not delete an Application that carries it. The label of the spoke tells where an
Application belongs whose destination does not.

Elsewhere: which gates the selectors ask for (asking.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.lint.finding import Code, Finding, Severity
from watcher.lint.gated import is_gated, named, tiers_asked
from watcher.lint.inventory import Inventory
from watcher.lint.rule import Rule

NO_TIER_LABEL = Code(
    "GW016",
    "The template does not carry the tier's label",
    Severity.NOTE,
    "Guard C, where you install it, refuses to let the ApplicationSet controller delete an "
    "Application that carries the label gate-watcher.io/tier. Without it the guard does not see "
    "the Application, and a lost gate deletes it.",
    "Add the label gate-watcher.io/tier with the tier's name to spec.template.metadata.labels.",
)
OTHER_TIER = Code(
    "GW017",
    "The template's label names another tier than its gate",
    Severity.ERROR,
    "The label decides which tier waits for the Application, the gate when it comes. Where they "
    "differ, one tier waits for what another lets in, and settles without what it lets in itself.",
    "Let the label and the selector name the same tier: the deepest one that the selector asks "
    "for.",
)
LABEL_ONLY = Code(
    "GW018",
    "The template names a tier, and no gate holds it",
    Severity.WARNING,
    "Its Applications belong to the tier and are waited for, but nothing keeps them from starting "
    "before the gate opens: on a new spoke they come all at once.",
    "Ask for the tier's gate in the selector of the clusters generator, or remove the label.",
)
NO_SPOKE = Code(
    "GW019",
    "A constant destination, and no label that names the spoke",
    Severity.ERROR,
    "Which spoke an Application belongs to is read from its destination. Where that is the same "
    "for all, such as the hub, the Application counts for no other spoke: their gate finds "
    "nothing to wait for and never settles.",
    "Add the label gate-watcher.io/spoke with the cluster's name to "
    "spec.template.metadata.labels, as '{{.name}}' or '{{name}}'.",
)


def _tier_label(inventory: Inventory) -> Iterator[Finding]:
    gates = inventory.gates
    for each in inventory.sets:
        if each.set.unreadable:
            continue
        tiers = tiers_asked(each.set.generators, gates)
        label = each.set.tier_label
        if tiers and label is None and not any("{{" in tier for tier in tiers):
            what = (
                f"it asks for the gate of {named(tiers)}, and its template has no {gates.tier_key}"
            )
            yield NO_TIER_LABEL.on(each, what)
        elif label is not None and "{{" not in label:
            if not tiers:
                yield LABEL_ONLY.on(each, f"its template says {gates.tier_key}: {label}")
            elif wrong := _wrong(inventory, label, tiers):
                yield OTHER_TIER.on(each, wrong)


def _wrong(inventory: Inventory, label: str, tiers: frozenset[str]) -> str:
    """What is wrong with this label beside these gates; empty where nothing is."""
    if any("{{" in tier for tier in tiers):
        return ""
    said = f"its template says {inventory.gates.tier_key}: {label}, its selectors ask for"
    if label not in tiers:
        return f"{said} {named(tiers)}"
    policy = inventory.policy
    if policy is None or not tiers <= policy.by_name.keys():
        return ""
    deepest = max(tiers, key=policy.depth)
    if policy.depth(deepest) > policy.depth(label):
        return f"{said} {deepest}, which is deeper"
    return ""


def _spoke_label(inventory: Inventory) -> Iterator[Finding]:
    gates = inventory.gates
    for each in inventory.sets:
        varies = each.set.destination_varies or gates.spoke_key in each.template.labels
        if not varies and is_gated(each, gates):
            yield NO_SPOKE.on(each, "every Application of it goes to one and the same cluster")


RULES = (
    Rule(_tier_label, (NO_TIER_LABEL, OTHER_TIER, LABEL_ONLY)),
    Rule(_spoke_label, (NO_SPOKE,)),
)
