"""What of that which lives on the hub goes with the next write to a cluster Secret?

Facts (Argo CD, applicationset/controllers): every write to any cluster Secret sets off every
ApplicationSet with a clusters generator, and what an ApplicationSet owns and does not generate is
deleted then.

Elsewhere: what one gate would unselect, which only the labels of that moment tell (decide/).
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.decide.addons import Selects, owner_key
from watcher.decide.grouping import place
from watcher.lint.finding import Code, Finding, Severity
from watcher.lint.gated import named
from watcher.lint.inventory import Inventory, WrittenApplication
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
    sets = {each.key: each for each in inventory.sets}
    spokes = {each.spoke.uid: each for each in inventory.spokes}
    for each in inventory.applications:
        key = owner_key(each.app)
        uids = inventory.roster.at.get(place(each.app), ())
        if key not in sets or each.app.deleting_since is not None or len(uids) != 1:
            continue
        if sets[key].set.deletes and not sets[key].set.unreadable and _readable(inventory, key):
            selects = inventory.addons[key].on(spokes[uids[0]].spoke)
            yield from _judged(each, selects, spokes[uids[0]].spoke.secret, key)


def _readable(inventory: Inventory, key: str) -> bool:
    """Whether its destinations tell the spokes, and its clusters generators are all it has."""
    addon = inventory.addons[key]
    return addon.destination_varies and not addon.foreign


def _judged(
    each: WrittenApplication, selects: Selects, secret: str, owner: str
) -> Iterator[Finding]:
    if selects.now != 0:
        return
    where = f"ApplicationSet {owner} does not select Secret {secret}"
    if selects.opened != 0 and selects.tiers:
        yield BROWN_FIELD.on(each, f"{where} while the gate of {named(selects.tiers)} is closed")
    elif selects.opened == 0:
        yield PENDING_DELETION.on(each, where)


RULES = (Rule(_living, (PENDING_DELETION, BROWN_FIELD), (Need.SPOKES, Need.APPLICATIONS)),)
