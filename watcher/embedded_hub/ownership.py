"""Which Applications does an ApplicationSet own, and which of them would a pass delete?

Facts (Argo CD, applicationset/controllers/applicationset_controller.go, deleteInCluster; recorded
in tests/selection): the owner is the controller among `ownerReferences`, by name; a pass that gets
as far as deleting deletes all that is owned and not wanted, at once, where the policy allows it:
`applicationsSync` of the ApplicationSet, else the controller's own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.parts import part, parts
from watcher.embedded_hub.resources import APPLICATION
from watcher.embedded_hub.store import Event, Store

DELETING_POLICIES = ("sync", "create-delete")
UPDATING_POLICIES = ("sync", "create-update")


class OwnedApplications:
    """The Applications of the store, by the ApplicationSet that owns them."""

    def __init__(self, store: Store) -> None:
        self._by_owner: dict[str, dict[str, Object]] = {}
        for application in store.list(APPLICATION):
            self._learn(application)
        store.subscribe(self._follow)

    def by(self, owner: str) -> Mapping[str, Object]:
        """By name, those of the ApplicationSet named `owner`, terminating ones too."""
        return self._by_owner.get(owner, {})

    def _follow(self, event: Event) -> None:
        if event.resource is not APPLICATION:
            return
        if event.before is not None and (owner := owner_of(event.before)):
            self._by_owner[owner].pop(event.before["metadata"]["name"], None)
        if event.type != "DELETED":
            self._learn(event.object)

    def _learn(self, application: Object) -> None:
        if owner := owner_of(application):
            self._by_owner.setdefault(owner, {})[application["metadata"]["name"]] = application


def owner_of(application: Object) -> str | None:
    """The ApplicationSet that controls an Application."""
    for reference in parts(application["metadata"], "ownerReferences"):
        if reference.get("controller") and reference.get("kind") == "ApplicationSet":
            return str(reference.get("name"))
    return None


def effective_policy(application_set: Object, of_controller: str) -> str:
    """What its passes may do: `sync`, `create-update`, `create-delete` or `create-only`."""
    policy = part(application_set, "spec", "syncPolicy")
    return policy.get("applicationsSync") or of_controller


def doomed(owned: Mapping[str, Object], wanted: Collection[str], policy: str) -> list[str]:
    """The names of those that a pass which gets that far deletes, where it wants `wanted`.

    What is going already is not among them.
    """
    if policy not in DELETING_POLICIES:
        return []
    return [
        name
        for name, application in sorted(owned.items())
        if name not in wanted and "deletionTimestamp" not in application["metadata"]
    ]
