"""What would a lost gate cost?

Losing an open gate is an order to delete. What goes depends on the ApplicationSet alone, as far as
the controller's own policy lets it decide.

Facts (Argo CD, applicationset/controllers/applicationset_controller.go, applicationset/utils):
- `applicationsSync` create-only and create-update forbid deletions. It counts unless the controller
  was started with a policy (in the ConfigMap argocd-cmd-params-cm, applicationsetcontroller.policy)
  and not told that ApplicationSets may override it (….enable.policy.override there).
- The resources finalizer is added where the template has no finalizers and
  `preserveResourcesOnDeletion` is not true; one that is written out is never taken away.
- The finalizer makes the deletion of an Application delete what it installed.
- `templatePatch` may write finalizers of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.lint.finding import Code, Finding, Severity
from watcher.lint.gated import is_gated, named, tiers_asked
from watcher.lint.inventory import Controller, Inventory, WrittenSet
from watcher.lint.rule import Need, Rule

RESOURCES_FINALIZER = "resources-finalizer.argocd.argoproj.io"

_CONTROLLER = (
    "A --policy in the ApplicationSet controller's own command line, which lint does not see, goes "
    "over all of this."
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


DISOBEYED = Code(
    "GW023",
    "The controller does not obey applicationsSync",
    Severity.ERROR,
    "The ApplicationSet controller was started with a policy of its own, and ApplicationSets may "
    "not override it. This one forbids deletions, and they come all the same; the watcher, which "
    "goes by what the ApplicationSet says, takes them for impossible.",
    'Set applicationsetcontroller.enable.policy.override: "true" in the ConfigMap '
    "argocd-cmd-params-cm, or a policy there that forbids deletions, and restart the controller.",
)

_KEEPING = ("create-only", "create-update")


def _cost(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        if is_gated(each, inventory.gates):
            tiers = named(tiers_asked(each.set.generators, inventory.gates))
            code, because = cost(each, inventory.controller)
            yield code.on(each, f"behind the gate of {tiers}: {because}")


def _disobeyed(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        if not each.set.deletes and deletes(each, inventory.controller):
            policy = (inventory.controller and inventory.controller.policy) or "sync"
            what = f"it says {each.applications_sync}, the controller {policy}"
            yield DISOBEYED.on(each, what)


def deletes(each: WrittenSet, controller: Controller | None) -> bool:
    """Whether the ApplicationSet may delete Applications."""
    if controller is None or (controller.overridable and each.applications_sync):
        return each.set.deletes
    return controller.policy not in _KEEPING


def cost(each: WrittenSet, controller: Controller | None) -> tuple[Code, str]:
    """What a lost gate costs here, and what makes it so."""
    if not deletes(each, controller):
        own = not each.set.deletes
        said = f"applicationsSync is {each.applications_sync}"
        return NOTHING, said if own else "the controller's own policy forbids deletions"
    return (WORKLOADS, _deleting(each)) if each.set.cascades else (APPLICATION, _sparing(each))


def _deleting(each: WrittenSet) -> str:
    """What makes an Application of it delete its workloads."""
    written = [one for one in each.template.finalizers if one.startswith(RESOURCES_FINALIZER)]
    beside = " in spite of preserveResourcesOnDeletion" if each.preserve else ""
    if written:
        return f"its template has the finalizer {written[0]}{beside}"
    if "finalizers" in each.template.patch:
        return f"its templatePatch writes finalizers, which may delete them{beside}"
    if b'"finalizers"' in each.generators:
        return f"a generator's own template writes finalizers, which may delete them{beside}"
    return "preserveResourcesOnDeletion is not true, so Argo CD adds its finalizer"


def _sparing(each: WrittenSet) -> str:
    """What makes an Application of it leave its workloads."""
    if each.preserve:
        return "preserveResourcesOnDeletion is true"
    return "its template has finalizers of its own, and not Argo CD's"


RULES = (
    Rule(_cost, (WORKLOADS, APPLICATION, NOTHING)),
    Rule(_disobeyed, (DISOBEYED,), (Need.CONTROLLER,)),
)
