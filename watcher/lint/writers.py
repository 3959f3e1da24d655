"""Who else writes the cluster Secrets, and do gates outlive it?

By the names in managedFields, which tell who wrote, not how often: whoever is named there wrote at
least once and has not been taken over since.

Facts:
- hashicorp/kubernetes provider: manager `HashiCorp`; each apply removes labels and annotations that
  its configuration lacks, but for ignore_labels and ignore_annotations, and sets those it has.
- Argo CD (util/db/cluster.go): `argocd cluster set`, `cluster add --upsert`, the UI, rotating
  credentials and automatic labels write labels and annotations whole, from a copy that may be old.
- External Secrets Operator (`externalsecrets.external-secrets.io/NAME`), kubectl apply and
  server-side apply leave what is not theirs.
- `kubectl replace` and capargo restore what they have.

Elsewhere: what the Secrets hold (spokes.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from watcher.lint.finding import Code, Finding, Severity
from watcher.lint.inventory import Inventory, WrittenSpoke
from watcher.lint.rule import Need, Rule
from watcher.policy import Polarity

TERRAFORM = Code(
    "GW060",
    "Terraform writes the cluster Secret",
    Severity.WARNING,
    "The next apply removes every label and annotation that the configuration lacks: it closes "
    "every gate of the spoke, and Argo CD deletes what is behind them. Under polarity block it "
    "sets the label closed again, and no setting of the provider prevents that.",
    'Set `ignore_labels = ["^gate-watcher\\\\.io/"]` and `ignore_annotations = '
    '["^gate-watcher\\\\.io/", "^argocd\\\\.argoproj\\\\.io/skip-reconcile$"]` on the provider '
    "that writes the Secrets, which "
    "cannot be seen from the hub; never use polarity block beside Terraform.",
)
ARGO_CD = Code(
    "GW061",
    "Argo CD itself writes the cluster Secret",
    Severity.WARNING,
    "`argocd cluster set`, `argocd cluster add --upsert` and an edit in the UI write all labels "
    "of the Secret, the gates' among them, from a copy that may be old; `--label` replaces them "
    "all.",
    "Do not change clusters with argocd or its UI once gates are open; install the guards, which "
    "refuse it. Automatic labels (argocd.argoproj.io/auto-label-cluster-info) are written this "
    "way, too: remove that label.",
)
REPLACES = Code(
    "GW062",
    "Somebody replaces the cluster Secret",
    Severity.WARNING,
    "This writer puts the whole Secret back to what it has, without the gates.",
    "Let it apply (server-side, or kubectl apply) instead of replace, or install the guards.",
)
UNKNOWN_WRITER = Code(
    "GW063",
    "A writer of cluster Secrets that is not known",
    Severity.NOTE,
    "Whether gates outlive what it writes is not known.",
    "Open one gate of a spoke that may lose it, let it write, and look whether the label "
    "gate-watcher.io/TIER is still there.",
)
WRITTEN_GATE = Code(
    "GW064",
    "A gate is written down in the Secret's manifest",
    Severity.NOTE,
    "Whoever applies the manifest opens the gate at once, without its turn, and removing the line "
    "again is an order to delete what is behind it.",
    "Leave gates and the annotation gate-watcher.io/opened out of the manifest, unless the addon "
    "runs there already and is being adopted.",
)

_TERRAFORM = ("HashiCorp",)
_ARGO_CD = ("argocd", "argocd-server", "argocd-application-controller")
_REPLACING = ("kubectl-replace", "capargo")
_HARMLESS = (
    "kubectl", "kubectl-client-side-apply", "kubectl-label", "kubectl-annotate", "kubectl-edit",
    "kubectl-patch", "kubectl-create", "argocd-controller", "Terraform", "helm", "gate-watcher",
    "gate-watcher-cli", "kustomize-controller", "helm-controller", "capi2argo-cluster-operator",
    "before-first-apply",
)  # fmt: skip
_HARMLESS_PREFIX = "externalsecrets.external-secrets.io/"


def _code(manager: str) -> Code | None:
    if manager in _TERRAFORM:
        return TERRAFORM
    if manager in _ARGO_CD:
        return ARGO_CD
    if manager in _REPLACING:
        return REPLACES
    if manager in _HARMLESS or manager.startswith(_HARMLESS_PREFIX):
        return None
    return UNKNOWN_WRITER


def other_writers(inventory: Inventory) -> Iterator[Finding]:
    """Who may take gates away by writing: one finding for each, since a fleet has one way of being
    written. Needs the cluster Secrets, and nothing else.
    """
    written: dict[str, list[WrittenSpoke]] = defaultdict(list)
    for each in inventory.spokes:
        for manager in each.spoke.field_managers:
            written[manager].append(each)
    for manager, spokes in sorted(written.items()):
        if (code := _code(manager)) is not None:
            more = f", and {len(spokes) - 1} more" if len(spokes) > 1 else ""
            worse = code is TERRAFORM and inventory.gates.polarity is Polarity.BLOCK
            yield code.on(
                spokes[0],
                f"{manager} has written it{more}",
                severity=Severity.ERROR if worse else None,
            )


def _written(inventory: Inventory) -> Iterator[Finding]:
    gates = inventory.gates
    if inventory.whole or gates.polarity is Polarity.BLOCK:
        return
    for each in inventory.spokes:
        if not each.manifest:
            continue
        found = sorted(key for key in each.spoke.labels if gates.tier(key) is not None)
        if each.spoke.opened is not None:
            found.append(gates.opened_key)
        if found:
            yield WRITTEN_GATE.on(each, f"it has {', '.join(found)}")


RULES = (
    Rule(other_writers, (TERRAFORM, ARGO_CD, REPLACES, UNKNOWN_WRITER), (Need.WRITERS,)),
    Rule(_written, (WRITTEN_GATE,), (Need.SPOKES,)),
)
