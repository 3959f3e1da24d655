"""Which gates are to be opened because something runs behind them, and since when?

A gate of a tier opens on a spoke where an Application of one of the tier's ApplicationSets lives,
or where one of them that has no gate yet selects the spoke: what it selects is admitted already.
Where neither is so the gate stays closed, and the watcher opens it in its turn once the addon is
wanted there.

When it opened is when the oldest of these Applications was made: what Argo CD has reported since
then proves that the gate has settled.

Elsewhere: whether it is safe (proving.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct, structs

from watcher.adopt.assigning import Assigned
from watcher.adopt.proving import Doubt, of_labels
from watcher.decide.addons import owner_key
from watcher.decide.gates import is_open, opened, torn_down
from watcher.decide.grouping import place
from watcher.decide.patch import PatchGates, patch_gates
from watcher.decide.selection import Number
from watcher.facts import Application, Instant, Spoke
from watcher.lint import Inventory

Living: TypeAlias = Mapping[str, Mapping[str, tuple[Application, ...]]]
"""Spoke's UID to ApplicationSet to its Applications there, but those that are going."""


class Opening(Struct, frozen=True):
    """The gates that open together on one spoke."""

    spoke: Spoke
    name: str
    opens: Mapping[str, Instant]
    """Tier to the time that is recorded."""
    patch: PatchGates
    after: Spoke
    """The spoke with it."""


class Unopened(Struct, frozen=True):
    """A gate behind which something runs, and that is not opened."""

    name: str
    tier: str
    doubts: tuple[Doubt, ...]


def living(inventory: Inventory) -> Living:
    """Where each Application lives, as far as that can be told."""
    found: dict[str, dict[str, list[Application]]] = defaultdict(lambda: defaultdict(list))
    for each in inventory.applications:
        app, key = each.app, owner_key(each.app)
        owner = inventory.by_key.get(key) if key is not None else None
        uids = inventory.roster.at.get(place(app), ())
        if owner is None or app.deleting_since is not None or len(uids) != 1:
            continue
        if owner.set.destination_varies or app.spoke_label:
            found[uids[0]][owner.key].append(app)
    return {uid: {key: tuple(apps) for key, apps in sets.items()} for uid, sets in found.items()}


def openings(
    inventory: Inventory, assigned: Iterable[Assigned], there: Living, now: Instant
) -> tuple[tuple[Opening, ...], tuple[Unopened, ...]]:
    """The openings that are proved, and the gates that stay closed for a doubt."""
    tiers: dict[str, list[Assigned]] = defaultdict(list)
    for each in assigned:
        tiers[each.tier].append(each)
    proved: list[Opening] = []
    stuck: list[Unopened] = []
    for written in inventory.spokes:
        spoke, runs = written.spoke, there.get(written.uid, {})
        wanted: dict[str, Instant] = {}
        for tier, sets in tiers.items():
            at = _runs_since(inventory, sets, spoke, runs, now)
            if at is None or _is_recorded(inventory, tier, spoke, now):
                continue
            with_it = {**wanted, tier: at}
            if doubts := tuple(_against(inventory, spoke, with_it, runs, now)):
                stuck.append(Unopened(inventory.roster.names[spoke.uid], tier, doubts))
            else:
                wanted = with_it
        if wanted:
            proved.append(_opening(inventory, spoke, wanted, now))
    return tuple(sorted(proved, key=lambda each: each.name)), tuple(stuck)


def with_openings(inventory: Inventory, done: Iterable[Opening]) -> Inventory:
    """The hub once these are done."""
    after = {each.spoke.uid: each.after for each in done}
    spokes = tuple(
        structs.replace(each, spoke=after.get(each.uid, each.spoke)) for each in inventory.spokes
    )
    return structs.replace(inventory, spokes=spokes)


def _runs_since(
    inventory: Inventory,
    sets: Iterable[Assigned],
    spoke: Spoke,
    runs: Mapping[str, tuple[Application, ...]],
    now: Instant,
) -> Instant | None:
    """Since when something of the tier runs on the spoke; None where nothing does."""
    oldest, admitted = now, False
    for each in sets:
        if apps := runs.get(each.key, ()):
            oldest = min(oldest, *(app.created_at or now for app in apps))
            admitted = True
        elif not each.gated:
            selected = inventory.addons[each.key].on(spoke).now
            admitted = admitted or (selected != 0 and selected is not Number.UNKNOWN)
    return oldest if admitted else None


def _is_recorded(inventory: Inventory, tier: str, spoke: Spoke, now: Instant) -> bool:
    """Whether the gate is open, and it is written down since when."""
    gates = inventory.gates
    held = is_open(spoke.labels.get(gates.key(tier)), gates)
    return held and tier in opened(spoke, now).at


def _against(
    inventory: Inventory,
    spoke: Spoke,
    opens: Mapping[str, Instant],
    runs: Mapping[str, tuple[Application, ...]],
    now: Instant,
) -> Iterator[Doubt]:
    name = inventory.roster.names[spoke.uid]
    torn = torn_down(spoke)
    for tier in opens:
        if tier in torn or "*" in torn:
            yield Doubt(f"a teardown names the gate of {tier}: take it back first", name)
    if (other := inventory.roster.duplicates.get(spoke.uid)) is not None:
        others = ", ".join(other.others)
        yield Doubt(f"it cannot be told from {others}: give each a {other.field} of its own", name)
    if spoke.unreadable:
        yield Doubt(f"its Secret cannot be read: {'; '.join(spoke.unreadable)}", name)
    if spoke.deleting_since is not None:
        yield Doubt("its Secret is being deleted", name)
    after = _opening(inventory, spoke, opens, now).after
    number = {key: len(apps) for key, apps in runs.items()}
    yield from of_labels(inventory, spoke, opens, after, number)


def _opening(
    inventory: Inventory, spoke: Spoke, opens: Mapping[str, Instant], now: Instant
) -> Opening:
    gates = inventory.gates
    patch = patch_gates(spoke, gates, opens=opens, now=now)
    labels = {key: text for key, text in spoke.labels.items() if key not in patch.labels}
    labels |= {key: text for key, text in patch.labels.items() if text is not None}
    after = structs.replace(
        spoke, labels=labels, opened=patch.annotations.get(gates.opened_key, spoke.opened)
    )
    return Opening(spoke, inventory.roster.names[spoke.uid], opens, patch, after)
