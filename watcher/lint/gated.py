"""Where does an ApplicationSet ask for a gate?

Elsewhere: whether it stands in a good place there (placing.py), and asks for the right thing
(asking.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from watcher.decide.gates import closed_value, open_value
from watcher.decide.selection import deciding, is_faulty, label_key, selectors
from watcher.facts import Clusters, Expression, Generator, holds_for
from watcher.lint.inventory import WrittenSet
from watcher.policy import Gates


def is_gate(key: str, gates: Gates) -> bool:
    """Whether this label is a gate; one whose tier is a template is."""
    return gates.tier(key) is not None


def leaves(each: WrittenSet) -> Iterator[Clusters]:
    """Its clusters generators that decide which spokes there are."""
    for generator in each.set.generators:
        yield from deciding(generator)


def asked(leaf: Clusters, gates: Gates) -> Iterator[Expression]:
    """What the leaf requires of gates."""
    for selector in selectors(leaf):
        for expression in selector.expressions:
            if is_gate(label_key(expression), gates):
                yield expression


def tiers_asked(generators: Iterable[Generator], gates: Gates) -> frozenset[str]:
    """The tiers, known to a policy or not, whose gates decide in these generators."""
    found = (
        gates.tier(label_key(expression))
        for generator in generators
        for leaf in deciding(generator)
        for expression in asked(leaf, gates)
    )
    return frozenset(tier for tier in found if tier is not None)


def is_gated(each: WrittenSet, gates: Gates) -> bool:
    """Whether a gate decides anywhere in it."""
    return bool(tiers_asked(each.set.generators, gates))


def named(tiers: Iterable[str]) -> str:
    """Tiers in words."""
    return ", ".join(sorted(tiers))


def when(expression: Expression, gates: Gates) -> tuple[bool, bool]:
    """Whether the requirement holds with the gate closed, and with it open."""
    if is_faulty(expression):
        return False, False
    return (
        bool(holds_for(expression, closed_value(gates))),
        bool(holds_for(expression, open_value(gates))),
    )


def wanted(tier: str, gates: Gates) -> str:
    """What a selector should ask for, as one writes it."""
    if (value := open_value(gates)) is not None:
        return f"{gates.key(tier)}: {value}"
    return f"{{key: {gates.key(tier)}, operator: NotIn, values: [{closed_value(gates)}]}}"


def said(expression: Expression) -> str:
    """A requirement in words."""
    values = f" [{', '.join(expression.values)}]" if expression.values else ""
    return f"{expression.key} {expression.operator}{values}"
