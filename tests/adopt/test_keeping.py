from __future__ import annotations

import pytest

from tests.adopt.brown import Brown, shape
from watcher.adopt.keeping import keepers

MADE = "status: {resources: [{kind: ApplicationSet, name: addons-x, namespace: argocd}]}"
PARENT = (
    f"{{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {{name: root}}, {MADE}}}"
)


def kept(metadata: str, *others: str) -> tuple[str, ...]:
    """Who keeps an ApplicationSet with this metadata."""
    text = shape("c").replace("namespace: argocd", f"namespace: argocd\n  {metadata}", 1)
    inventory = Brown(text, *others).inventory()
    return keepers(inventory, inventory.sets[0])


def managed(by: str, *, part: str = "f:spec") -> str:
    return f"managedFields: [{{manager: {by}, operation: Update, fieldsV1: {{'{part}': {{}}}}}}]"


@pytest.mark.parametrize(
    ("metadata", "who"),
    [
        (
            "annotations: {argocd.argoproj.io/tracking-id: 'root:argoproj.io/x:argocd/addons-x'}",
            "Application root",
        ),
        ("annotations: {meta.helm.sh/release-name: addons}", "Helm release addons"),
        ("labels: {kustomize.toolkit.fluxcd.io/name: apps}", "Flux apps"),
        ("ownerReferences: [{kind: Platform, name: p, apiVersion: x/v1, uid: u}]", "Platform p"),
        (managed("argocd-controller"), "argocd-controller, which has written its spec"),
        (managed("crossplane"), "crossplane, which has written its spec"),
    ],
)
def test_whoever_writes_it_again_keeps_it(metadata: str, who: str) -> None:
    assert kept(metadata) == (who,)


@pytest.mark.parametrize("by", ["kubectl-client-side-apply", "kubectl-create", "argocd-server"])
def test_a_person_does_not(by: str) -> None:
    assert kept(managed(by)) == ()


def test_who_writes_only_its_status_does_not() -> None:
    assert kept(managed("some-operator", part="f:status")) == ()


def test_an_application_that_made_it_is_found_however_it_tracks() -> None:
    found = kept(managed("argocd-controller"), PARENT)
    assert found == ("Application argocd/root",)
