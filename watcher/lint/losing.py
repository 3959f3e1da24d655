"""What would a lost gate cost?

Losing an open gate is an order to delete. What goes depends on the ApplicationSet alone, as far as
the controller's own policy lets it decide.

Facts (Argo CD, applicationset/controllers/applicationset_controller.go, applicationset/utils):
- `applicationsSync` create-only and create-update forbid deletions. It counts unless the controller
  was started with a policy and not told that ApplicationSets may override it.
- The resources finalizer is added where the template has no finalizers and
  `preserveResourcesOnDeletion` is not true; one that is written out is never taken away.
- The finalizer makes the deletion of an Application delete what it installed.
- `templatePatch` may write finalizers of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.lint.finding import Code, Finding, Severity
from watcher.lint.gated import is_gated, named, tiers_asked
from watcher.lint.inventory import Inventory, WrittenSet
from watcher.lint.rule import Rule

RESOURCES_FINALIZER = "resources-finalizer.argocd.argoproj.io"

_CONTROLLER = (
    "The ApplicationSet controller's own --policy, which lint does not see, goes over "
    "applicationsSync unless overriding is enabled."
)
WORKLOADS = Code(
    "GW020",
    "A lost gate deletes the addon's workloads",
    Severity.WARNING,
    "Whoever removes the gate's label from a Secret has Argo CD delete the Application and all "
    f"that it installed on that spoke, within milliseconds. {_CONTROLLER}",
    "Set spec.syncPolicy.preserveResourcesOnDeletion: true and write no resources finalizer into "
    "the template; or set applicationsSync: create-update; or install the guards.",
)
APPLICATION = Code(
    "GW021",
    "A lost gate deletes the Application, and its workloads stay",
    Severity.NOTE,
    "The workloads go on running without anybody who keeps them as Git says, until the gate opens "
    f"again and the new Application adopts them. {_CONTROLLER}",
    "Nothing needs to be done. With applicationsSync: create-update the Application would stay, "
    "too.",
)
NOTHING = Code(
    "GW022",
    "A lost gate costs nothing",
    Severity.NOTE,
    "The ApplicationSet may not delete Applications. Nor does it when an addon is disabled, a "
    "spoke is torn down or a version changes an Application's name: those stay, too. "
    f"{_CONTROLLER}",
    "Nothing needs to be done; delete by hand what is no longer wanted.",
)


def _cost(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        if is_gated(each, inventory.gates):
            tiers = named(tiers_asked(each.set.generators, inventory.gates))
            code, because = cost(each)
            yield code.on(each, f"behind the gate of {tiers}: {because}")


def cost(each: WrittenSet) -> tuple[Code, str]:
    """What a lost gate costs here, and what makes it so."""
    if not each.set.deletes:
        return NOTHING, f"applicationsSync is {each.applications_sync}"
    written = [one for one in each.template.finalizers if one.startswith(RESOURCES_FINALIZER)]
    beside = " in spite of preserveResourcesOnDeletion" if each.preserve else ""
    if written:
        return WORKLOADS, f"its template has the finalizer {written[0]}{beside}"
    if "finalizers" in each.template.patch:
        return WORKLOADS, f"its templatePatch writes finalizers, which may delete them{beside}"
    if each.preserve:
        return APPLICATION, "preserveResourcesOnDeletion is true"
    if each.template.finalizers:
        return APPLICATION, "its template has finalizers of its own, and not Argo CD's"
    return WORKLOADS, "preserveResourcesOnDeletion is not true, so Argo CD adds its finalizer"


RULES = (Rule(_cost, (WORKLOADS, APPLICATION, NOTHING)),)
