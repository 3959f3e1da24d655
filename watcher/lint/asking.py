"""Does the selector ask for the right thing, of a tier that there is?

Facts (Kubernetes, apimachinery/pkg/labels/selector.go): NotIn and DoesNotExist hold where the label
is absent. (Argo CD, applicationset/generators/cluster.go): a requirement that Kubernetes refuses is
an error, and the ApplicationSet generates nothing.

Elsewhere: where the gate stands (placing.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.decide.gates import closed_value
from watcher.decide.selection import is_faulty, is_templated, label_key, selectors
from watcher.facts import Expression
from watcher.lint.finding import Code, Everything, Finding, Place, Severity
from watcher.lint.gated import asked, leaves, named, said, tiers_asked, wanted, when
from watcher.lint.inventory import Inventory, WrittenSet
from watcher.lint.rule import Need, Rule
from watcher.policy import RESERVED, Gates, Policy

NEGATIVE = Code(
    "GW010",
    "Opening the gate unselects the spoke",
    Severity.ERROR,
    "The requirement holds while the gate is closed and fails once it is open. NotIn and "
    "DoesNotExist hold where a label is absent: opening the gate deletes the Applications behind "
    "it.",
    "Ask for the open gate: under polarity admit the label with the value open, under polarity "
    "block the operator NotIn with the value closed.",
)
UNDECIDED = Code(
    "GW011",
    "A requirement on a gate that the gate does not decide",
    Severity.ERROR,
    "It holds, or fails, whether the gate is open or closed: then the addon is never gated, or "
    "never installed. The value of an open gate is open, in small letters.",
    "Ask for the open gate: under polarity admit the label with the value open, under polarity "
    "block the operator NotIn with the value closed.",
)
LOOSE = Code(
    "GW012",
    "Several gates in one selector, and no order between their tiers",
    Severity.ERROR,
    "The Applications belong to the deepest of the tiers that the selector names. Where neither "
    "depends on the other there is no deepest: one tier settles without the addon, and its gate "
    "opens into nothing.",
    "Ask for one gate only; what that tier depends on is waited for anyway. Or let one tier "
    "depend on the other in the policy.",
)
UNKNOWN_TIER = Code(
    "GW013",
    "A gate of a tier that the policy does not know",
    Severity.ERROR,
    "Nothing ever opens that gate: the addon is not installed, and where it ran before the gate "
    "came to its selector, it is deleted.",
    "Add the tier to the policy, or correct the name in the selector.",
)
UNUSED_TIER = Code(
    "GW014",
    "A tier that no ApplicationSet uses",
    Severity.WARNING,
    "A tier without any addon waits for one to come, and so does every tier that depends on it.",
    "Correct the tier's name, remove it from the policy, or say `optional: true` there.",
)
RESERVED_NAME = Code(
    "GW015",
    "A reserved name in the place of a tier",
    Severity.ERROR,
    "The names tier, opened, teardown, spoke and parked mean something else under the prefix, so "
    "no gate of such a name ever opens.",
    "Ask for the gate of a tier.",
)


def _each(inventory: Inventory) -> Iterator[tuple[WrittenSet, Expression]]:
    for each in inventory.sets:
        for leaf in leaves(each):
            for expression in asked(leaf, inventory.gates):
                if not any("{{" in value for value in expression.values):
                    yield each, expression


def _negative(inventory: Inventory) -> Iterator[Finding]:
    gates = inventory.gates
    for each, expression in _each(inventory):
        if when(expression, gates) == (True, False):
            hint = wanted(gates.tier(label_key(expression)) or "", gates)
            yield NEGATIVE.on(each, f"it asks for {said(expression)}; ask for {hint}")


def _undecided(inventory: Inventory) -> Iterator[Finding]:
    gates = inventory.gates
    for each, expression in _each(inventory):
        hint = wanted(gates.tier(label_key(expression)) or "", gates)
        ask = f"it asks for {said(expression)}"
        match when(expression, gates):
            case (False, False):
                wrong = is_faulty(expression) and not is_templated(expression)
                why = "which Kubernetes refuses" if wrong else "which an open gate does not meet"
                yield UNDECIDED.on(each, f"{ask}, {why}; ask for {hint}")
            case (True, True):
                yield UNDECIDED.on(each, f"{ask}, which a closed gate meets too; ask for {hint}")
            case (False, True) if _any_value(expression, gates):
                what = f"{ask}, which any value meets, also one that is not open; ask for {hint}"
                yield UNDECIDED.on(each, what, severity=Severity.WARNING)
            case _:
                pass


def _any_value(expression: Expression, gates: Gates) -> bool:
    return closed_value(gates) is None and expression.operator == "Exists"


def _loose(inventory: Inventory) -> Iterator[Finding]:
    policy = _policy(inventory)
    for each in inventory.sets:
        for generator in each.set.generators:
            tiers = sorted(tiers_asked([generator], policy.gates) & policy.by_name.keys())
            for at, one in enumerate(tiers):
                for other in tiers[at + 1 :]:
                    if one not in policy.needs(other) and other not in policy.needs(one):
                        what = f"it asks for {one} and {other}, and neither depends on the other"
                        yield LOOSE.on(each, what)


def _unknown(inventory: Inventory) -> Iterator[Finding]:
    policy = _policy(inventory)
    for each in inventory.sets:
        tiers = tiers_asked(each.set.generators, policy.gates)
        if strange := {one for one in tiers - policy.by_name.keys() if "{{" not in one}:
            yield UNKNOWN_TIER.on(
                each, f"it asks for {named(strange)}; the policy has {named(policy.by_name)}"
            )


def _unused(inventory: Inventory) -> Iterator[Finding]:
    policy = _policy(inventory)
    if not inventory.sets or any(one.any_tier for one in inventory.addons.values()):
        return
    used = frozenset().union(*(each.tiers for each in inventory.addons.values()))
    for tier in policy.order:
        if tier.name not in used and not tier.optional:
            where = "on the hub" if inventory.whole else "that was read"
            yield UNUSED_TIER.on(
                Everything(f"tier {tier.name}", Place()),
                f"no ApplicationSet {where} belongs to the tier {tier.name}",
                severity=None if inventory.whole else Severity.NOTE,
            )


def _reserved(inventory: Inventory) -> Iterator[Finding]:
    names = {inventory.gates.key(name) for name in RESERVED}
    for each in inventory.sets:
        keys = {
            label_key(expression)
            for leaf in leaves(each)
            for selector in selectors(leaf)
            for expression in selector.expressions
        }
        if found := sorted(keys & names):
            yield RESERVED_NAME.on(each, f"it asks for {', '.join(found)}")


def _policy(inventory: Inventory) -> Policy:
    """The policy; a rule that needs it is asked only with one."""
    return inventory.policy or Policy(())


RULES = (
    Rule(_negative, (NEGATIVE,)),
    Rule(_undecided, (UNDECIDED,)),
    Rule(_loose, (LOOSE,), (Need.POLICY,)),
    Rule(_unknown, (UNKNOWN_TIER,), (Need.POLICY,)),
    Rule(_unused, (UNUSED_TIER,), (Need.POLICY,)),
    Rule(_reserved, (RESERVED_NAME,)),
)
