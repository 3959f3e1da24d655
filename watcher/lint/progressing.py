"""Can what comes behind the gate settle by itself?

Facts (Argo CD, applicationset/progressivesync/progressive_sync.go): RollingSync takes the automated
sync away and begins a step only once every Application of the step before is healthy, on all spokes
of the ApplicationSet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from watcher.decide.addons import owner_key
from watcher.lint.finding import Code, Finding, Severity
from watcher.lint.gated import is_gated, tiers_asked
from watcher.lint.inventory import Inventory, WrittenSet
from watcher.lint.rule import Need, Rule
from watcher.policy import Accept

ROLLING = Code(
    "GW040",
    "RollingSync beside a gate",
    Severity.WARNING,
    "RollingSync holds back a step until the one before is healthy on every spoke of the "
    "ApplicationSet. A gate that opens on a slow spoke puts a new Application into the first step "
    "and stops the later steps everywhere; a tier waits for what another spoke holds back.",
    "Use one of the two: make the steps tiers of their own, and remove spec.strategy.",
)
MAKES_SETS = Code(
    "GW041",
    "A gate on an ApplicationSet that makes ApplicationSets",
    Severity.ERROR,
    "What it installs are the ApplicationSets themselves. Losing this gate deletes them, and with "
    "them every Application of every spoke, whatever gates are open.",
    "Leave bootstrap ApplicationSets without a gate, and gate the addons that they make.",
)
BY_HAND = Code(
    "GW042",
    "A gated Application that nobody syncs",
    Severity.WARNING,
    "The template has no syncPolicy.automated, or has it with enabled: false. The Application that "
    "comes with the gate waits for a person to sync it, and with it everything that depends on its "
    "tier, until the deadline.",
    "Add spec.template.spec.syncPolicy.automated, enabled, or let the tier accept ManualSync.",
)

OUT_OF_SIGHT = Code(
    "GW043",
    "A gated ApplicationSet where the watcher does not look",
    Severity.ERROR,
    "The watcher reads ApplicationSets and Applications only in the namespaces that the policy "
    "names. Its gate opens, and nobody waits for what comes: the tier settles without it. A lost "
    "gate is not seen to cost anything either.",
    "Add the namespace to applicationNamespaces in the policy, or move the ApplicationSet.",
)

_BOOTSTRAP = re.compile(
    r"(^|[/_-])(bootstrap|application-?sets?|app-?sets?|gitops-bridge)([/_-]|$)", re.IGNORECASE
)
"""What the paths and charts are called from which ApplicationSets are installed (GitOps Bridge's
templates, its charts application-sets, appset-chart and gitops-bridge)."""


def _rolling(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        if each.set.rolling and is_gated(each, inventory.gates):
            yield ROLLING.on(each, "spec.strategy.type is RollingSync")


def makes_sets(inventory: Inventory, each: WrittenSet) -> tuple[str, Severity] | None:
    """By what it is known, and how surely, that it installs ApplicationSets; None where nothing
    says so.
    """
    for app in inventory.applications:
        if app.creates_sets and owner_key(app.app) == each.key:
            return f"its Application {app.app.name} has made an ApplicationSet", Severity.ERROR
    if source := _bootstrap(each, inventory):
        what = f"it installs {source} into Argo CD's namespace, which looks like one"
        return what, Severity.WARNING
    return None


def _makes_sets(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        if is_gated(each, inventory.gates) and (found := makes_sets(inventory, each)) is not None:
            what, severity = found
            yield MAKES_SETS.on(each, what, severity=severity)


def _bootstrap(each: WrittenSet, inventory: Inventory) -> str:
    """The source that looks like ApplicationSets; empty where none does."""
    where = inventory.policy.namespace if inventory.policy else each.namespace
    if each.template.destination_namespace not in (where, "*"):
        return ""
    return next((one for one in each.template.sources if _BOOTSTRAP.search(one)), "")


def _by_hand(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        patched = "automated" in each.template.patch
        if each.template.automated or each.set.rolling or patched or each.set.unreadable:
            continue
        tiers = tiers_asked(each.set.generators, inventory.gates)
        known = inventory.policy.by_name if inventory.policy else {}
        if any(tier not in known or Accept.MANUAL_SYNC not in known[tier].accept for tier in tiers):
            off = "its template says syncPolicy.automated.enabled: false"
            none = "its template has no syncPolicy.automated"
            yield BY_HAND.on(each, off if each.template.disabled else none)


def _out_of_sight(inventory: Inventory) -> Iterator[Finding]:
    watched = inventory.policy.application_namespaces if inventory.policy else ()
    for each in inventory.sets:
        if each.namespace not in watched and is_gated(each, inventory.gates):
            what = f"it is in {each.namespace}; the policy has {', '.join(watched)}"
            yield OUT_OF_SIGHT.on(each, what)


RULES = (
    Rule(_rolling, (ROLLING,)),
    Rule(_makes_sets, (MAKES_SETS,)),
    Rule(_by_hand, (BY_HAND,)),
    Rule(_out_of_sight, (OUT_OF_SIGHT,), (Need.POLICY,)),
)
