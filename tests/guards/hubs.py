"""Shapes of hubs to make guards for."""

from __future__ import annotations

from watcher.guards import Shape, service_account
from watcher.policy import Gates, Polarity

NAMESPACE = "argocd"
ACCOUNT = service_account(NAMESPACE, "gate-watcher")


def hub(
    polarity: Polarity = Polarity.ADMIT,
    *,
    prefix: str = "gate-watcher.io",
    namespace: str = NAMESPACE,
    application_namespaces: tuple[str, ...] = (NAMESPACE,),
    account: str = ACCOUNT,
    parks: bool = False,
) -> Shape:
    return Shape(Gates(prefix, polarity), namespace, application_namespaces, account, parks=parks)


EVERY = (
    hub(),
    hub(parks=True),
    hub(Polarity.BLOCK),
    hub(prefix="gates.example.com", namespace="gitops", application_namespaces=("a", "b")),
)
