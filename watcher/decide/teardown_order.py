"""What does the teardown annotation say after a person's order, and after they took it back?

The annotation is merged, never replaced: what others named stays named. A name that is no tier's is
somebody's too, and stays as it stands.

A gate is not closed under what depends on it: whoever names a tier names what runs on top of it,
and whoever takes a tier back takes back what would be closed beneath it.

Elsewhere: which gates close now (teardown.py); what becomes of their Applications (ending.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from watcher.decide.gates import names
from watcher.decide.patch import PatchGates, annotating
from watcher.decide.reasons import Closes
from watcher.decide.teardown import closing, torn_tiers
from watcher.facts import Spoke
from watcher.policy import Gates, Policy

EVERY = "*"
"""Stands for every tier, also for one that the policy gets later."""


def ordered(annotation: str | None, tiers: Iterable[str]) -> str:
    """The annotation that names these tiers, too; `EVERY` goes for all there are."""
    before, wanted = names(annotation), tuple(tiers)
    if EVERY in before:
        return ",".join(before)
    if EVERY in wanted:
        return EVERY
    return ",".join(dict.fromkeys((*before, *wanted)))


def released(annotation: str | None, tiers: Iterable[str], *, every: Iterable[str]) -> str | None:
    """The annotation without these tiers, or none where nothing is left; without tiers: none.

    `every`: the tiers of the policy, which `EVERY` is written out as where one of them goes.
    """
    gone, before = frozenset(tiers), names(annotation)
    if not gone or EVERY in gone:
        return None
    if EVERY in before:
        before = tuple(dict.fromkeys((*every, *before)))
    return ",".join(each for each in before if each not in {*gone, EVERY}) or None


def annotated(spoke: Spoke, gates: Gates, annotation: str | None) -> PatchGates:
    """The patch by which a person gives the Secret this annotation, or takes it away."""
    return annotating(spoke, {gates.teardown_key: annotation})


def undermined(
    annotation: str | None,
    *,
    open_tiers: Set[str],
    applications: Mapping[str, int],
    policy: Policy,
) -> dict[str, tuple[str, ...]]:
    """Each tier that would close beneath others, and those: they depend on it, are open or have
    Applications, and the annotation does not name them. Where nothing is behind its gate, nobody
    loses anything.
    """
    torn = torn_tiers(frozenset(names(annotation)), policy)
    above = {
        tier: tuple(
            other.name
            for other in policy.order
            if other.name in policy.dependents(tier) - torn
            and (other.name in open_tiers or applications.get(other.name, 0))
        )
        for tier in torn & open_tiers
        if applications.get(tier, 0)
    }
    return {tier: others for tier, others in sorted(above.items()) if others}


def steps(
    annotation: str | None,
    *,
    open_tiers: Set[str],
    applications: Mapping[str, int],
    policy: Policy,
) -> tuple[tuple[str, ...], ...]:
    """The gates that will close, those together that close together, in the order of closing. A
    tier whose gate is closed already stands where it is waited for, while it has Applications.
    """
    torn = torn_tiers(frozenset(names(annotation)), policy)
    left = {tier for tier in torn if tier in open_tiers or applications.get(tier, 0)}
    found: list[tuple[str, ...]] = []
    while left:
        answer = closing(torn, open_tiers=frozenset(left), applications={}, policy=policy)
        now = tuple(tier for tier, reason in answer.items() if isinstance(reason, Closes))
        found.append(now)
        left -= set(now)
    return tuple(found)
