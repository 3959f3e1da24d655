"""Which tier does an ApplicationSet belong to on a spoke, and does it select the spoke?

An addon joins a tier by its selector, never by a list: a requirement on a gate key that holds
with the gate open and fails with it closed makes it one. With several gate keys in one selector
its Applications belong to the deepest of those tiers.

What is worked out for one spoke depends on nothing but the labels that the ApplicationSet looks
at, so spokes with the same values share the answer.

Elsewhere: counting (selection.py); which Applications there are (expected.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, structs

from watcher.decide.gates import closed_value, open_value
from watcher.decide.selection import (
    IDENTITY,
    Count,
    Number,
    Subject,
    count,
    deciding,
    is_faulty,
    label_key,
    label_keys,
    selectors,
    total,
)
from watcher.facts import (
    Application,
    ApplicationSet,
    Clusters,
    Expression,
    Generator,
    Instant,
    Spoke,
    holds_for,
)
from watcher.policy import Gates, Policy

MOST_KINDS = 20_000
"""Kinds of spokes that are remembered: twice the largest fleet, so that those long gone do not pile
up."""
_VOLATILE = ("resource_version", "conditions", "waiting_steps", "unreadable")


class Selects(Struct, frozen=True):
    """What one ApplicationSet does with one spoke."""

    now: Count
    """Parameter sets that its clusters generators give as the labels are."""
    opened: Count
    """The same with every gate that it looks at open."""
    tiers: frozenset[str]
    """The tiers whose gates decide here."""
    tier: str | None
    """Its Applications belong to it: the one that its template names, else the deepest of these."""
    any_tier: bool
    """Whether a template, of a gate key or of the tier's label, leaves open which tier it is."""


class Addon(Struct, frozen=True, dict=True):
    """An ApplicationSet, prepared for being asked about many spokes."""

    key: str
    created_at: Instant | None
    generators: tuple[Generator, ...]
    go_template: bool
    foreign: bool
    """Whether a generator of it does not read clusters at all."""
    tiers: frozenset[str]
    """The tiers of the policy whose gates decide anywhere in it."""
    any_tier: bool
    named: str | None
    """The tier that its template names, which decides."""
    takes_hub: bool
    """Whether it generates for the hub itself where no Secret stands for it."""
    keys: tuple[str, ...]
    """The label keys that it looks at."""
    gate_keys: frozenset[str]
    by_identity: bool
    """Whether its filters look at more than labels."""
    reads_keys: frozenset[str]
    reads_all_labels: bool
    deletes: bool
    cascades: bool
    destination_varies: bool
    ignored: bool
    rank: Mapping[str, tuple[int, int]]
    """Tier to its depth and its place in the order."""
    gates: Gates

    def on(self, spoke: Spoke) -> Selects:
        """What it does with this spoke."""
        seen: dict[tuple[str | None, ...], Selects] = self.__dict__.setdefault("seen", {})
        labels = spoke.labels
        signature = tuple([labels.get(key) for key in self.keys])
        if self.by_identity:
            signature += (spoke.name, spoke.server, spoke.project)
        found = seen.get(signature)
        if found is None:
            if len(seen) >= MOST_KINDS:
                seen.clear()
            found = seen[signature] = self._work_out(spoke)
        return found

    def selected(self, spoke: Spoke, labels: Mapping[str, str]) -> Count:
        """Parameter sets for the spoke, were these its labels."""
        subject = Subject(labels, spoke.name, spoke.server, spoke.project)
        return total(
            count(each, subject, go_template=self.go_template)
            for each in self.generators
            if any(True for _ in deciding(each))
        )

    def reached_by(self, keys: Iterable[str]) -> bool:
        """Whether a change of these labels or annotations may change more than can be evaluated."""
        templated = any("{{" in key for key in self.gate_keys)
        return self.reads_all_labels or templated or not self.reads_keys.isdisjoint(keys)

    def _work_out(self, spoke: Spoke) -> Selects:
        opened_labels = {
            key: value for key, value in spoke.labels.items() if key not in self.gate_keys
        }
        if (value := open_value(self.gates)) is not None:
            opened_labels |= dict.fromkeys(self.gate_keys, value)
        subject = Subject(opened_labels, spoke.name, spoke.server, spoke.project)
        asked = [
            key
            for leaf in _leaves(self.generators)
            if count(_one_each(leaf), subject, go_template=self.go_template) != 0
            for key in _gates_asked(leaf, self.gates)
        ]
        tiers = _tiers(asked, self.gates, self.rank)
        opened = self.selected(spoke, opened_labels)
        return Selects(
            now=self.selected(spoke, spoke.labels),
            opened=opened,
            tiers=tiers,
            tier=self._tier(tiers, opened),
            any_tier=any("{{" in key for key in asked) or self._templated(opened),
        )

    def _tier(self, tiers: frozenset[str], opened: Count) -> str | None:
        if self.named is None:
            return max(tiers, key=self.rank.__getitem__, default=None)
        return self.named if self.named in self.rank and opened != 0 else None

    def _templated(self, opened: Count) -> bool:
        return self.named is not None and "{{" in self.named and opened != 0


def addon(each: ApplicationSet, policy: Policy) -> Addon:
    """The ApplicationSet as the policy's gates see it."""
    gates = policy.gates
    rank = {tier.name: (policy.depth(tier.name), at) for at, tier in enumerate(policy.order)}
    asked = {key for leaf in _leaves(each.generators) for key in _gates_asked(leaf, gates)}
    keys = {key for generator in each.generators for key in label_keys(generator)}
    return Addon(
        key=each.key,
        created_at=each.created_at,
        generators=each.generators,
        go_template=each.go_template,
        foreign=not all(any(True for _ in deciding(one)) for one in each.generators),
        tiers=_tiers(asked, gates, rank)
        | frozenset(tier for tier in rank if tier == each.tier_label),
        any_tier=any("{{" in key for key in (*asked, each.tier_label or "")),
        named=each.tier_label,
        takes_hub=any(not leaf.selector.expressions for leaf in _leaves(each.generators)),
        keys=tuple(sorted(keys)),
        gate_keys=frozenset(key for key in keys if key.startswith(f"{gates.prefix}/")),
        by_identity=not keys.isdisjoint(IDENTITY),
        reads_keys=each.reads_keys,
        reads_all_labels=each.reads_all_labels,
        deletes=each.deletes,
        cascades=each.cascades,
        destination_varies=each.destination_varies,
        ignored=policy.ignores(each.namespace, each.name),
        rank=rank,
        gates=gates,
    )


def same_addon(before: ApplicationSet, after: ApplicationSet) -> bool:
    """Whether an addon made of the one holds for the other: what its controller reports, and how
    often it was written, does not matter.
    """
    return before is after or all(
        getattr(before, field.name) == getattr(after, field.name)
        for field in structs.fields(ApplicationSet)
        if field.name not in _VOLATILE
    )


def owner_key(app: Application) -> str | None:
    """The ApplicationSet that owns it; always in the Application's own namespace."""
    return None if app.owner is None else f"{app.namespace}/{app.owner.name}"


def lost_by(before: Count, after: Count) -> bool:
    """Whether a selection that gave `before` gives less when it gives `after`."""
    if isinstance(before, int) and isinstance(after, int):
        return after < before
    return before is Number.SOME and after == 0


def _leaves(generators: Iterable[Generator]) -> Iterator[Clusters]:
    for generator in generators:
        yield from deciding(generator)


def _tiers(
    keys: Iterable[str], gates: Gates, rank: Mapping[str, tuple[int, int]]
) -> frozenset[str]:
    """The tiers of the policy that these gate keys are of."""
    named = (gates.tier(key) for key in keys)
    return frozenset(tier for tier in named if tier is not None and tier in rank)


def _one_each(leaf: Clusters) -> Clusters:
    """The leaf with a parameter set for each spoke: a flat list takes the spoke in, or does not."""
    return structs.replace(leaf, flat_list=False) if leaf.flat_list else leaf


def _gates_asked(leaf: Clusters, gates: Gates) -> Iterator[str]:
    """The gate keys that must be open for the leaf to select anything."""
    for selector in selectors(leaf):
        for expression in selector.expressions:
            key = label_key(expression)
            if key.startswith(f"{gates.prefix}/") and _admits(expression, gates):
                yield key


def _admits(expression: Expression, gates: Gates) -> bool:
    """Whether it holds, or may hold, with the gate open, and may fail with it closed."""
    if is_faulty(expression) or any("{{" in value for value in expression.values):
        return True
    with_open = holds_for(expression, open_value(gates))
    return bool(with_open) and not holds_for(expression, closed_value(gates))
