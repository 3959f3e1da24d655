"""What holds for every spoke alike?

The policy, and what the ApplicationSets of the hub say. While it does not change, what was worked
out for a spoke stands; so it leaves out all that changes without meaning anything here, such as
how often an ApplicationSet was written.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from watcher.decide.addons import MOST_KINDS, Addon, addon, same_addon
from watcher.decide.reasons import ApplicationSetFailing
from watcher.decide.selected import Selected, selected
from watcher.facts import ApplicationSet, Instant, Spoke
from watcher.policy import Policy


class Context(Struct, frozen=True, dict=True):
    """Everything about the hub that one spoke's verdicts rest on.

    `dict=True`: what is worked out for one kind of spoke is kept with it.
    """

    policy: Policy
    addons: tuple[Addon, ...]
    used: frozenset[str]
    """The tiers that some ApplicationSet on the hub belongs to."""
    any_tier: bool
    """Whether an ApplicationSet may belong to any tier, its gate key being templated."""
    failing: Mapping[str, tuple[ApplicationSetFailing, ...]]
    """Tier to its ApplicationSets that report ErrorOccurred."""
    rolling: Mapping[str, Mapping[str, str]]
    """ApplicationSet to its Applications that RollingSync holds, with their status."""
    sets_since: Instant
    """When the complete list of ApplicationSets last changed in what it means."""

    def selected(self, spoke: Spoke) -> Selected:
        """What all ApplicationSets do with this spoke."""
        known: dict[tuple[int, ...], Selected] = self.__dict__.setdefault("known", {})
        each = [addon.on(spoke) for addon in self.addons]
        kind = tuple(map(id, each))  # an addon answers alike with one and the same object
        found = known.get(kind)
        if found is None:
            if len(known) >= MOST_KINDS:
                known.clear()
            pairs = zip(self.addons, each, strict=True)
            found = known[kind] = selected(pairs, self.policy)
        return found


def context(
    sets: Mapping[str, ApplicationSet],
    policy: Policy,
    *,
    before: Context | None,
    known: Mapping[str, ApplicationSet],
    now: Instant,
) -> Context:
    """The context of these ApplicationSets; `before` itself, made of the `known` ones, where
    nothing changed.
    """
    addons = _addons(sets, policy, before, known)
    unchanged = before is not None and before.addons == addons
    made = Context(
        policy=policy,
        addons=addons,
        used=frozenset(tier for each in addons for tier in each.tiers),
        any_tier=any(each.any_tier for each in addons),
        failing=_failing(sets, addons, policy),
        rolling={
            key: each.waiting_steps
            for key, each in sets.items()
            if each.rolling and each.waiting_steps
        },
        sets_since=before.sets_since
        if before is not None and unchanged
        else _since(sets, before, now),
    )
    return before if before is not None and before == made else made


def _addons(
    sets: Mapping[str, ApplicationSet],
    policy: Policy,
    before: Context | None,
    known: Mapping[str, ApplicationSet],
) -> tuple[Addon, ...]:
    """One for each, those of before where they hold: they know the answers for many spokes."""
    made = {each.key: each for each in before.addons} if before and before.policy is policy else {}
    return tuple(
        made[key] if key in made and same_addon(known[key], each) else addon(each, policy)
        for key, each in sorted(sets.items())
    )


def _since(sets: Mapping[str, ApplicationSet], before: Context | None, now: Instant) -> Instant:
    """After a start the youngest creation is the best record of when the list last changed. One
    that went just before the start is not seen by it; but a start that took every passed gate back
    for a minute would be worse.
    """
    if before is not None:
        return now
    return max((each.created_at for each in sets.values() if each.created_at), default=now)


def _failing(
    sets: Mapping[str, ApplicationSet], addons: tuple[Addon, ...], policy: Policy
) -> dict[str, tuple[ApplicationSetFailing, ...]]:
    failing: dict[str, tuple[ApplicationSetFailing, ...]] = {}
    for each in addons:
        if not (tiers := frozenset(policy.by_name) if each.any_tier else each.tiers):
            continue
        for condition in sets[each.key].conditions:
            if condition.type == "ErrorOccurred" and condition.status == "True":
                said = f"{condition.reason}: {condition.message}"
                reason = ApplicationSetFailing(each.key, said, condition.since)
                failing |= {tier: (*failing.get(tier, ()), reason) for tier in tiers}
    return failing
