"""Was a gate open whose label says closed, or does something run behind a gate that never was?

Lost: the annotation or this process's own memory says it was open. Unadopted: closed, with
neither, and an Application lives behind it whose ApplicationSet does not select the spoke now and
would with the gate open. Opening either only prevents deletions while its Applications live.

Facts (Argo CD, applicationset/controllers/applicationset_controller.go): a label that goes deletes
within tens of milliseconds; a terminating Application is not saved by the label's return, it is
made anew when it is gone. Whether what it installed goes with it is for its finalizers to say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from watcher.decide.addons import Addon, Selects, owner_key
from watcher.decide.gates import Opened
from watcher.decide.reasons import Costs
from watcher.facts import Application, Instant


def opened_before(tier: str, opened: Opened, seen: Mapping[str, Instant]) -> Instant | None:
    """When a gate that is closed now was open: by the annotation, else by memory."""
    at = opened.at.get(tier)
    return seen.get(tier) if at is None else at


def costs(
    apps: Collection[Application],
    addons: Mapping[str, tuple[Addon, Selects]],
    asking: Iterable[tuple[Addon, Selects]],
) -> Costs:
    """What the loss of a gate costs whose Applications these are, terminating ones too; `asking`:
    the addons that ask for it. Where no Application is left, their templates tell what it cost.
    """
    if apps:
        cascades = [app.cascades for app in apps if _may_be_deleted(app, addons)]
    else:
        cascades = [
            addon.cascades for addon, selects in asking if addon.deletes and selects.opened != 0
        ]
    if any(cascades):
        return Costs.WORKLOADS
    return Costs.APPLICATION if cascades else Costs.NOTHING


def _may_be_deleted(app: Application, addons: Mapping[str, tuple[Addon, Selects]]) -> bool:
    found = addons.get(owner_key(app) or "")
    return found is None or found[0].deletes


def unadopted(
    apps: Iterable[Application], addons: Mapping[str, tuple[Addon, Selects]]
) -> Iterator[tuple[Application, frozenset[str]]]:
    """Each Application that lives behind closed gates, with the tiers whose gates would keep it.

    One that is generated as the gates are proves nothing; nor does one that stands here only since
    all of its ApplicationSet's do, whichever spoke they are made for.
    """
    for app in apps:
        found = addons.get(owner_key(app) or "")
        if found is None or app.deleting_since is not None:
            continue
        addon, selects = found
        if not (addon.destination_varies or app.spoke_label):
            continue
        if selects.now == 0 and selects.opened != 0 and selects.tiers:
            yield app, selects.tiers
