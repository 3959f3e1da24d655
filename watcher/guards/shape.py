"""For which hub are the guards made, and whose account do they bind?

Elsewhere: what the guards say (secrets.py, applications.py).
"""

from __future__ import annotations

from msgspec import Struct

from watcher.policy import Gates, Policy
from watcher.policy.policy import Recovery

SERVICE_ACCOUNT = "gate-watcher"
"""The watcher's service account, as the manifests name it."""

_SERVICE_ACCOUNTS = "system:serviceaccount:"


class Shape(Struct, frozen=True):
    """What the guards of one hub differ in from those of another."""

    gates: Gates
    namespace: str
    """Where Argo CD runs, with its cluster Secrets and its ApplicationSet controller."""
    application_namespaces: tuple[str, ...]
    account: str
    """The watcher's user name, as the API server knows it."""
    parks: bool = False
    """Whether the watcher may park spokes."""

    def named(self, what: str) -> str:
        """The name of a policy: two hubs in one cluster differ in namespace or prefix."""
        return f"{what}.{self.namespace}.{self.gates.prefix}"


def shape(policy: Policy, account: str | None = None) -> Shape:
    """The shape that this policy asks for; without `account`, that of the shipped manifests."""
    return Shape(
        gates=policy.gates,
        namespace=policy.namespace,
        application_namespaces=policy.application_namespaces,
        account=account or service_account(policy.namespace, SERVICE_ACCOUNT),
        parks=policy.recovery is Recovery.PARK,
    )


def service_account(namespace: str, name: str) -> str:
    """The user name of a service account."""
    return f"{_SERVICE_ACCOUNTS}{namespace}:{name}"


def subject(account: str) -> dict[str, str]:
    """Who `account` is, as a role binding names it."""
    namespace, _, name = account.removeprefix(_SERVICE_ACCOUNTS).partition(":")
    if account.startswith(_SERVICE_ACCOUNTS) and name:
        return {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    return {"kind": "User", "name": account, "apiGroup": "rbac.authorization.k8s.io"}
