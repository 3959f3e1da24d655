"""Which tier does each ApplicationSet get, and which get none?

What is written down goes first: a gate in its selectors, a tier that its template names, then the
person's own file. What nobody wrote down is proposed: from sync waves, where most ApplicationSets
have one, since that is an order that people have already agreed on; else from the names of addons
that are commonly known. What cannot or must not have a gate is left apart, with the reason.

Facts (Argo CD, gitops-engine/pkg/sync/syncwaves): an object without the annotation is in wave 0.

Elsewhere: the table of names (known.py); the file (tier_file.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from msgspec import Struct, structs

from watcher.adopt.known import KINDS, known, never_gated
from watcher.decide.selection import deciding
from watcher.lint import Inventory, WrittenSet
from watcher.lint.gated import tiers_asked
from watcher.lint.progressing import makes_sets
from watcher.policy import Policy, Tier
from watcher.policy.faults import near


class Assigned(Struct, frozen=True, rename="camel"):
    """An ApplicationSet, and the tier that it belongs to."""

    key: str
    """`namespace/name`."""
    tier: str
    because: str
    gated: bool = False
    """Whether its selectors ask for the gate already."""


class Apart(Struct, frozen=True, rename="camel"):
    """An ApplicationSet that gets no gate, why, and what could be done about it."""

    key: str
    because: str
    remedy: str = ""
    left: bool = False
    """Whether a person wants it behind a gate, and it is their word that keeps it from one: then it
    is left to be done."""


class Assignment(Struct, frozen=True):
    """Every ApplicationSet of the hub, one way or the other."""

    assigned: tuple[Assigned, ...]
    apart: tuple[Apart, ...]
    policy: Policy
    """The one that was given, or found and has every tier; else the one that this needs."""
    proposed: bool
    """Whether the latter is so."""
    lacking: tuple[str, ...] = ()
    """The tiers that were put into the one that was found, as their order is in it now."""


def assignment(
    inventory: Inventory, wanted: Mapping[str, str | None], *, found: bool = False
) -> Assignment:
    """`wanted`: the person's own, by `name` or `namespace/name`; None keeps it without a gate.
    `found`: the inventory's policy is the one on the hub, and nobody gave it: it is no law, but its
    tiers and their order are kept.
    """
    by_wave = _go_by_waves(inventory)
    every = [_of(inventory, each, wanted, by_wave=by_wave) for each in inventory.sets]
    assigned = sorted(
        (each for each in every if isinstance(each, Assigned)), key=lambda each: each.key
    )
    apart = [each for each in every if isinstance(each, Apart)]
    given = inventory.policy
    if given is not None and not found:
        unknown = [each for each in assigned if each.tier not in given.by_name]
        apart += [
            Apart(
                each.key,
                f"its tier would be {each.tier} ({each.because}), which the policy does not have",
                _other_tier(each.tier, given),
                left=_said(inventory, each, wanted),
            )
            for each in unknown
        ]
        assigned = [each for each in assigned if each not in unknown]
    needed = {each.tier for each in assigned}
    if given is None or (found and needed and needed.isdisjoint(given.by_name)):
        policy, lacking = _needed(inventory, assigned), frozenset[str]()
    else:
        lacking = frozenset(needed - given.by_name.keys())
        policy = _with(given, lacking)
    return Assignment(
        assigned=tuple(sorted(assigned, key=lambda each: (policy.depth(each.tier), each.key))),
        apart=tuple(sorted(apart, key=lambda each: each.key)),
        policy=policy,
        proposed=policy is not given,
        lacking=tuple(each.name for each in policy.order if each.name in lacking),
    )


def _said(inventory: Inventory, each: Assigned, wanted: Mapping[str, str | None]) -> bool:
    """Whether its tier is a person's word, and no proposal."""
    written = inventory.by_key[each.key].set
    return each.gated or bool(
        written.tier_label or wanted.get(each.key) or wanted.get(written.name)
    )


def _other_tier(tier: str, policy: Policy) -> str:
    there = ", ".join(each.name for each in policy.order)
    close = near(tier, policy.by_name)
    meant = f"is it {close}? Else " if close else ""
    return f"{meant}add the tier to the policy, or name one of {there} in the file of tiers"


def wave_tier(wave: int) -> str:
    """The name of the tier of a sync wave, as a label key takes it."""
    return f"wave-{wave}" if wave >= 0 else f"wave-minus-{-wave}"


def _of(
    inventory: Inventory, each: WrittenSet, wanted: Mapping[str, str | None], *, by_wave: bool
) -> Assigned | Apart:
    named = each.key if each.key in wanted else each.set.name
    if each.set.unreadable:
        return Apart(each.key, f"it cannot be read: {'; '.join(each.set.unreadable)}")
    if (tiers := tiers_asked(each.set.generators, inventory.gates)) or each.set.tier_label:
        return _written(inventory, each, tiers, wanted.get(named))
    if named in wanted and wanted[named] is None:
        return Apart(each.key, "the file of tiers says so")
    if (why := _must_not(inventory, each)) is not None:
        return why
    if (tier := wanted.get(named)) is not None:
        return Assigned(each.key, tier, "the file of tiers says so")
    if (why := _cannot_be_proposed(each)) is not None:
        return why
    if by_wave:
        wave = each.wave or 0
        said = f"sync wave {wave}" if each.wave is not None else "sync wave 0, having none"
        return Assigned(each.key, wave_tier(wave), said)
    if (found := known(each)) is not None:
        name, kind = found
        return Assigned(each.key, kind.tier, f"{name}: {kind.why}")
    return Apart(
        each.key,
        "nothing tells its tier: no sync wave, and its name is not known",
        "name its tier in the file of tiers",
    )


def _written(
    inventory: Inventory, each: WrittenSet, tiers: frozenset[str], wanted: str | None
) -> Assigned | Apart:
    """What its own selectors and template say already."""
    label = each.set.tier_label
    if any("{{" in tier for tier in (*tiers, label or "")):
        return Apart(
            each.key,
            "its tier is a template, so that one ApplicationSet makes the addons of many tiers",
            "adopt it by hand, as the manual says",
        )
    if not tiers and label is not None:
        return Assigned(each.key, label, "its template names the tier")
    tier = label if label in tiers else _deepest(tiers, inventory.policy)
    if wanted is not None and wanted != tier:
        return Apart(
            each.key,
            f"it asks for the gate of {tier}, and the file of tiers says {wanted}",
            "change one of the two; the manual has how an addon moves between tiers",
            left=True,
        )
    return Assigned(each.key, tier or "", "its selectors ask for the gate", gated=True)


def _deepest(tiers: Iterable[str], policy: Policy | None) -> str:
    depths = {tier: policy.depth(tier) for tier in tiers if policy and tier in policy.by_name}
    return max(sorted(tiers), key=lambda tier: depths.get(tier, -1))


def _must_not(inventory: Inventory, each: WrittenSet) -> Apart | None:
    """Why it must have no gate, whatever anybody says."""
    if why := never_gated(each):
        return Apart(each.key, why)
    if (makes := makes_sets(inventory, each)) is not None:
        what, _ = makes
        return Apart(each.key, f"it makes ApplicationSets, and those get the gates: {what}")
    leaves = [leaf for one in each.set.generators for leaf in deciding(one)]
    if not leaves:
        return Apart(
            each.key,
            "none of its generators reads clusters, so no label of a spoke can gate it",
            "rebuild it as a matrix of what it has and a clusters generator that names the spoke: "
            "matchLabels: {cluster_name: '{{ .cluster_name }}', and the gate}",
        )
    if any(leaf.flat_list for leaf in leaves):
        return Apart(
            each.key,
            "its clusters generator has flatList: one Application, whatever it selects",
            "gate the addon in a generator without flatList",
        )
    return None


def _cannot_be_proposed(each: WrittenSet) -> Apart | None:
    """Why nobody but a person can say what its tier is."""
    keys = [
        one.key
        for generator in each.set.generators
        for leaf in deciding(generator)
        for one in leaf.selector.expressions
        if "{{" in one.key
    ]
    if keys:
        return Apart(
            each.key,
            f"its selector asks for {keys[0]}, so that one ApplicationSet makes many addons",
            "read the tier from where the addon's name comes from, and ask for "
            "gate-watcher.io/{{ .tier }} beside it, once all its gates are open; or, if all of it "
            "is one tier, name that in the file of tiers",
        )
    if each.template.name and "{{" not in each.template.name + each.template.patch:
        return Apart(
            each.key,
            f"its Application is called {each.template.name} on every spoke, as bootstraps are",
            "if it is an addon, name its tier in the file of tiers",
        )
    return None


def _go_by_waves(inventory: Inventory) -> bool:
    """Whether most ApplicationSets that could have a gate have a sync wave."""
    addons = [
        each
        for each in inventory.sets
        if not each.set.unreadable
        and _must_not(inventory, each) is None
        and _cannot_be_proposed(each) is None
    ]
    waves = [each.wave for each in addons if each.wave is not None]
    return len(set(waves)) > 1 and 2 * len(waves) >= len(addons)


def _needed(inventory: Inventory, assigned: Iterable[Assigned]) -> Policy:
    """A policy of these tiers, each after the one before it."""
    tiers = sorted({each.tier for each in assigned}, key=_order)
    namespaces = sorted({each.namespace for each in inventory.sets})
    homes = sorted({each.namespace for each in inventory.spokes})
    chain = (None, *tiers)
    return Policy(
        tuple(
            Tier(name, () if before is None else (before,))
            for before, name in zip(chain, tiers, strict=False)
        ),
        inventory.gates,
        namespace=homes[0] if len(homes) == 1 else "argocd",
        application_namespaces=tuple(namespaces),
    )


def _with(policy: Policy, lacking: Set[str]) -> Policy:
    """The policy with these tiers, too, each before the first that commonly comes after it."""
    if not lacking:
        return policy
    tiers = list(policy.order)
    for name in sorted(lacking, key=_order):
        later = (at for at, each in enumerate(tiers) if _order(each.name) > _order(name))
        at = next(later, len(tiers))
        below = (tiers[at - 1].name,) if at else ()
        if at < len(tiers):
            others = (each for each in tiers[at].depends_on if each not in below)
            tiers[at] = structs.replace(tiers[at], depends_on=(name, *others))
        tiers.insert(at, Tier(name, below))
    return structs.replace(policy, tiers=tuple(tiers))


def _order(tier: str) -> tuple[int, int, str]:
    """Waves by their number, kinds as they are admitted, others behind them."""
    kinds = [kind.tier for kind in KINDS]
    number = tier.removeprefix("wave-").replace("minus-", "-")
    if tier.startswith("wave-") and number.lstrip("-").isdecimal():
        return 0, int(number), tier
    return (1, kinds.index(tier), tier) if tier in kinds else (2, 0, tier)
