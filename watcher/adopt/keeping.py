"""Who keeps an ApplicationSet as it is?

Whoever made it from Git, a chart or a program writes it again, and takes a change away that was
made on the hub: then the change belongs there, and not on the hub.

Facts:
- Argo CD names what it applies in the annotation `argocd.argoproj.io/tracking-id`, or by a label,
  and lists it in the Application's `status.resources` either way.
- Helm writes `meta.helm.sh/release-name`; Flux labels `kustomize.toolkit.fluxcd.io/name` and
  `helm.toolkit.fluxcd.io/name`.
- managedFields names who has a part of the spec. The ApplicationSet controller writes the status.

Elsewhere: the change itself (changing.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.lint import Inventory, WrittenSet

_BY_HAND = (
    "kubectl",
    "argocd-server",
    "gate-watcher-cli",
    "k9s",
    "node-fetch",
    "Mozilla",
    "curl",
)
"""How the field managers begin of what a person writes with: kubectl's verbs, `argocd appset`,
this command, k9s, Lens, a browser."""
_FLUX = ("kustomize.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/name")
_CONTROLLER = "argocd-applicationset-controller"


def keepers(inventory: Inventory, each: WrittenSet) -> tuple[str, ...]:
    """Who would write it again, in words; nobody where it is only on the hub."""
    return tuple(dict.fromkeys(_keepers(inventory, each)))


def _keepers(inventory: Inventory, each: WrittenSet) -> Iterator[str]:
    origin = each.origin
    managing = [app.shown for app in inventory.applications if app.sets and each.key in app.sets]
    yield from sorted(managing)
    if origin.tracked_by and not managing:
        yield f"Application {origin.tracked_by}"
    yield from origin.owners
    if origin.release and not managing:
        yield f"Helm release {origin.release}"
    for label in _FLUX:
        if label in origin.labels:
            yield f"Flux {origin.labels[label]}"
    if not managing and not origin.tracked_by:
        for writer in origin.writers:
            if not writer.startswith((*_BY_HAND, _CONTROLLER)):
                yield f"{writer}, which has written its spec"
