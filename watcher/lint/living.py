"""What of that which lives on the hub goes with the next write to a cluster Secret?

Facts (Argo CD, applicationset/controllers): every write to any cluster Secret sets off every
ApplicationSet with a clusters generator, and what an ApplicationSet owns and does not generate is
deleted then.

Elsewhere: what one gate would unselect, which only the labels of that moment tell (decide/).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from watcher.decide.addons import Selects, owner_key
from watcher.decide.grouping import place
from watcher.lint.finding import Code, Finding, Severity
from watcher.lint.gated import named
from watcher.lint.inventory import Inventory, WrittenApplication, WrittenSet
from watcher.lint.losing import deletes
from watcher.lint.rule import Need, Rule

PENDING_DELETION = Code(
    "GW080",
    "An Application that nothing selects any more",
    Severity.ERROR,
    "Its ApplicationSet owns it and does not select its spoke. The next write to any cluster "
    "Secret makes Argo CD delete it: opening a gate somewhere would, so no gate opens.",
    "Give the Secret back the label that the selector asks for; or let it go, by a write of your "
    "own to any cluster Secret.",
)
BROWN_FIELD = Code(
    "GW081",
    "An Application lives behind a closed gate",
    Severity.WARNING,
    "It was there before its gate, and its ApplicationSet selects the spoke only once the gate is "
    "open. The next write to any cluster Secret makes Argo CD delete it.",
    "Open the gates of what runs already before anything else is written: `gate-watcher adopt`, "
    "or the label gate-watcher.io/TIER: open on the Secret. A watcher that runs does it ahead of "
    "all.",
)


def _living(inventory: Inventory) -> Iterator[Finding]:
    """One for each ApplicationSet and gate: what befalls one spoke mostly befalls many."""
    grouped: dict[tuple[Code, str], list[WrittenApplication]] = defaultdict(list)
    for each in inventory.applications:
        if (found := _goes(inventory, each)) is not None:
            grouped[found].append(each)
    for (code, why), apps in grouped.items():
        more = f", and so do {len(apps) - 1} more" if len(apps) > 1 else ""
        yield code.on(apps[0], f"it lives{more}, and {why}")


def _goes(inventory: Inventory, each: WrittenApplication) -> tuple[Code, str] | None:
    """Why it would be deleted; None where it would not, or that cannot be told."""
    key = owner_key(each.app)
    owner = inventory.by_key.get(key) if key is not None else None
    uids = inventory.roster.at.get(place(each.app), ())
    if owner is None or each.app.deleting_since is not None or len(uids) != 1:
        return None
    addon = inventory.addons[owner.key]
    if not deletes(owner, inventory.controller) or owner.set.unreadable or addon.foreign:
        return None
    if not addon.destination_varies and not each.app.spoke_label:
        return None
    return _judged(addon.on(inventory.by_uid[uids[0]].spoke), owner)


def _judged(selects: Selects, owner: WrittenSet) -> tuple[Code, str] | None:
    who = f"{owner.shown} does not select its spoke"
    if selects.now != 0:
        return None
    if selects.opened == 0:
        return PENDING_DELETION, who
    if selects.tiers:
        return BROWN_FIELD, f"{who} while the gate of {named(selects.tiers)} is closed"
    return None


RULES = (Rule(_living, (PENDING_DELETION, BROWN_FIELD), (Need.SPOKES, Need.APPLICATIONS)),)
