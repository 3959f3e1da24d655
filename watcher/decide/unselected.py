"""Would Argo CD delete something, were this Secret written?

The two rules before a patch. Losing the selection of a spoke is an order to delete at once, and
any write to any cluster Secret sets off every ApplicationSet with a clusters generator, so a
deletion that nobody has noticed yet would happen with our patch.

Facts (Argo CD, applicationset/controllers/applicationset_controller.go, deleteInCluster): every
Application that an ApplicationSet owns and no longer generates is deleted, without grace, unless
the policy is create-only or create-update.

Elsewhere: what is exempt, lost and unadopted gates and teardowns (judging.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from watcher.decide.addons import Addon, Selects, lost_by
from watcher.decide.gates import open_value
from watcher.decide.reasons import DeletionPending, LabelsReach, Reason, WouldUnselect
from watcher.decide.selection import Number
from watcher.facts import Application, Spoke
from watcher.policy import Gates


def unselected_by(
    spoke: Spoke, tier: str, addons: Iterable[tuple[Addon, Selects]], gates: Gates
) -> Iterator[Reason]:
    """Rule 1: what is selected after the gate opens contains what is selected before."""
    key, value = gates.key(tier), open_value(gates)
    labels = {each: text for each, text in spoke.labels.items() if each != key}
    if value is not None:
        labels[key] = value
    for addon, selects in addons:
        if addon.ignored:
            continue
        if addon.reached_by((key,)):
            yield LabelsReach(addon.key)
        elif key in addon.gate_keys:
            after = addon.selected(spoke, labels)
            if after is Number.UNKNOWN or selects.now is Number.UNKNOWN:
                yield LabelsReach(addon.key)
            elif addon.deletes and lost_by(selects.now, after):
                yield WouldUnselect(addon.key)


def pending_deletions(
    addons: Mapping[str, tuple[Addon, Selects]],
    apps: Iterable[Application],
    torn: frozenset[str],
) -> Iterator[DeletionPending]:
    """Rule 2 on one spoke: nothing that lives here is owned and not selected.

    `torn`: the tiers that a teardown names; what it closes is meant to go.
    """
    found: dict[str, list[Application]] = {}
    for app in apps:
        if app.owner is not None and app.deleting_since is None:
            found.setdefault(f"{app.namespace}/{app.owner.name}", []).append(app)
    for key, living in found.items():
        if key not in addons:
            continue
        addon, selects = addons[key]
        if not addon.deletes or addon.ignored or addon.foreign or not addon.destination_varies:
            continue
        if "*" in torn or selects.tier in torn or not isinstance(selects.now, int):
            continue
        if len(living) > selects.now:
            yield DeletionPending(min(app.key for app in living), key)


def unplaced_deletions(
    addons: Mapping[str, Addon], apps: Iterable[Application]
) -> Iterator[DeletionPending]:
    """Rule 2 where no Secret is: Applications whose spoke is gone, or no longer a cluster."""
    for app in apps:
        if app.owner is None or app.deleting_since is not None:
            continue
        addon = addons.get(f"{app.namespace}/{app.owner.name}")
        if addon is None or addon.ignored or not addon.deletes:
            continue
        if addon.destination_varies and not addon.foreign:
            yield DeletionPending(app.key, addon.key)
