"""What did the hub report of an Application?

Only the fields in use, flat. Compared specs are digests: equal digests mean that Argo CD compared
the spec that the Application has now.

Facts (Argo CD, pkg/apis/application/v1alpha1/types.go and controller/appcontroller.go):
- `.operation` is the operation asked for; `.status.operationState` the running or the last one.
- Running with `finishedAt` set is a failed attempt that waits for its retry.
- A fresh Application has `.status` with empty strings, and no `reconciledAt`.
- The finalizer `resources-finalizer.argocd.argoproj.io`, with or without a suffix, makes the
  deletion of an Application delete what it installed.

Elsewhere: when it has settled (decide/settled.py).
"""

from __future__ import annotations

from msgspec import Struct

from watcher.facts.instants import Instant


class Owner(Struct, frozen=True):
    """The controlling ApplicationSet. Argo CD itself goes by the name, in the same namespace."""

    name: str
    uid: str


class Operation(Struct, frozen=True):
    """`status.operationState`: the running or the last operation."""

    phase: str
    finished_at: Instant | None = None
    message: str = ""
    retries: int = 0


class Condition(Struct, frozen=True):
    """A condition of an Application: being there means it holds."""

    type: str
    message: str = ""


class Hydration(Struct, frozen=True):
    """`status.sourceHydrator.currentOperation`, where the Application has a hydrator."""

    phase: str
    message: str = ""


class Application(Struct, frozen=True):
    """An Application as the watcher needs it."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    created_at: Instant | None
    owner: Owner | None = None
    server: str = ""
    """`spec.destination.server`, without trailing slashes."""
    cluster: str = ""
    """`spec.destination.name`."""
    tier_label: str | None = None
    """The label `<prefix>tier`, which decides where it is set."""
    spoke_label: str | None = None
    """The label `<prefix>spoke`."""
    automated: bool = False
    """Whether Argo CD syncs it by itself (`syncPolicy.automated`, not `enabled: false`)."""
    cascades: bool = False
    """Whether its deletion deletes what it installed: Argo CD's finalizer."""
    skip_reconcile: bool = False
    deleting_since: Instant | None = None
    operation_pending: bool = False
    """Whether `.operation` is set."""
    operation: Operation | None = None
    sync_status: str = ""
    health_status: str = ""
    health_since: Instant | None = None
    reconciled_at: Instant | None = None
    spec_digest: bytes = b""
    """What Argo CD compares of the spec: sources, destination, ignoreDifferences."""
    compared_digest: bytes | None = None
    """The same of `status.sync.comparedTo`; None where it was never compared."""
    conditions: tuple[Condition, ...] = ()
    hydration: Hydration | None = None
    deployed_at: Instant | None = None
    """The latest `deployedAt` in `status.history`."""
    unreadable: tuple[str, ...] = ()
    """What of this Application could not be read, and why."""

    @property
    def key(self) -> str:
        """`namespace/name`, as people type it."""
        return f"{self.namespace}/{self.name}"
