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

from watcher.decide.addons import Addon, Selects, lost_by, owner_key
from watcher.decide.gates import open_value
from watcher.decide.grouping import place
from watcher.decide.reasons import DeletionPending, LabelsReach, Reason, WouldUnselect
from watcher.decide.roster import HUB_PLACES
from watcher.decide.selected import Selected
from watcher.decide.selection import (
    Number,
    Subject,
    count,
    deciding,
    label_keys,
    overriding_keys,
)
from watcher.facts import Application, Generator, Spoke
from watcher.policy import Gates


def unselected_by(spoke: Spoke, tier: str, chosen: Selected, gates: Gates) -> tuple[Reason, ...]:
    """Rule 1: what is selected after the gate opens contains what is selected before.

    Asked of each generator by itself: one that stops selecting is not made up for by another that
    begins, since their Applications may have different names. The answer is that of every spoke of
    the kind.
    """
    known: dict[str, tuple[Reason, ...]] = chosen.__dict__.setdefault("unselected", {})
    if tier not in known:
        known[tier] = tuple(_unselected_by(spoke, tier, chosen.addons, gates))
    return known[tier]


def _unselected_by(
    spoke: Spoke, tier: str, addons: Iterable[tuple[Addon, Selects]], gates: Gates
) -> Iterator[Reason]:
    key, value = gates.key(tier), open_value(gates)
    labels = {each: text for each, text in spoke.labels.items() if each != key}
    if value is not None:
        labels[key] = value
    for addon, _ in addons:
        if addon.ignored:
            continue
        if addon.reached_by((key, gates.opened_key)):
            yield LabelsReach(addon.key)
        elif key in addon.gate_keys:
            found = {_unselects(addon, one, spoke, labels, key) for one in addon.generators}
            yield from (kind(addon.key) for kind in (WouldUnselect, LabelsReach) if kind in found)


def _unselects(
    addon: Addon, generator: Generator, spoke: Spoke, labels: Mapping[str, str], key: str
) -> type[WouldUnselect | LabelsReach] | None:
    """What these labels instead of the spoke's own, which differ in `key`, do to what one generator
    gives; a merge that looks at the key in a later child may give it another name.
    """
    if key not in label_keys(generator) or not any(True for _ in deciding(generator)):
        return None
    before, after = (
        count(
            generator,
            Subject(each, spoke.name, spoke.server, spoke.project),
            go_template=addon.go_template,
        )
        for each in (spoke.labels, labels)
    )
    if before == 0:
        return None
    if Number.UNKNOWN in (before, after):
        return LabelsReach
    if lost_by(before, after):
        return WouldUnselect if addon.deletes else None
    return LabelsReach if key in overriding_keys(generator) else None


def pending_deletions(
    addons: Mapping[str, tuple[Addon, Selects]],
    apps: Iterable[Application],
    but: frozenset[str],
) -> Iterator[DeletionPending]:
    """Rule 2 on one spoke: nothing that lives here is owned and not selected.

    `but`: not of these tiers. What a teardown names is meant to go, and what a patch of ours opens
    may be shown before the patch is.
    """
    found: dict[str, list[Application]] = {}
    for app in apps:
        pair = addons.get(owner_key(app) or "")
        if pair is not None and _may_go(pair[0], app):
            found.setdefault(pair[0].key, []).append(app)
    for key, living in found.items():
        _, selects = addons[key]
        if not selects.tiers.isdisjoint(but) or not isinstance(selects.now, int):
            continue
        if len(living) > selects.now:
            yield DeletionPending(min(app.key for app in living), key)


def unplaced_deletions(
    addons: Mapping[str, Addon], apps: Iterable[Application]
) -> Iterator[DeletionPending]:
    """Rule 2 where no Secret is: Applications whose spoke is gone, or no longer a cluster. The hub
    itself needs none for a clusters generator without a selector.
    """
    for app in apps:
        addon = addons.get(owner_key(app) or "")
        if addon is None or not _may_go(addon, app):
            continue
        if not (addon.takes_hub and place(app) in HUB_PLACES):
            yield DeletionPending(app.key, addon.key)


def _may_go(addon: Addon, app: Application) -> bool:
    """Whether the Application would be deleted, were it not selected. Where neither its label nor
    its destination tells its spoke, nobody can say whether it is.
    """
    located = addon.destination_varies or app.spoke_label is not None
    judged = addon.deletes and located and not addon.ignored and not addon.foreign
    return judged and app.deleting_since is None
