"""What did the hub report of a spoke, that is of a cluster Secret?

Never its credentials: `data.config` and the annotation `last-applied-configuration` have no field
here, so the decoder skips them and no object of ours ever holds them.

Facts (Argo CD, util/db/cluster.go): identity is the Secret's UID; `name`, `server`, `shard` and
`project` are base64 in `data`; the label `argocd.argoproj.io/secret-type=cluster` makes it one.

Elsewhere: what its labels mean (decide/gates.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from watcher.facts.instants import Instant


class Spoke(Struct, frozen=True):
    """A cluster Secret without its credentials."""

    uid: str
    namespace: str
    secret: str
    """The Secret's metadata.name."""
    resource_version: str
    created_at: Instant | None
    labels: Mapping[str, str]
    name: str = ""
    """`data.name`; empty where the Secret has none (Argo CD does not fall back to the server)."""
    server: str = ""
    """`data.server` as written; Argo CD compares it without its trailing slashes."""
    project: str = ""
    shard: str | None = None
    """`data.shard`; for admission by the memory of a shard, which is to come."""
    opened: str | None = None
    """The raw annotation `<prefix>opened`."""
    teardown: str | None = None
    """The raw annotation `<prefix>teardown`."""
    parked: str | None = None
    """The raw annotation `<prefix>parked`."""
    skip_reconcile: bool = False
    deleting_since: Instant | None = None
    field_managers: tuple[str, ...] = ()
    """Who has written the Secret; for `lint`, which is to come and says who else does."""
    unreadable: tuple[str, ...] = ()
    """What of this Secret could not be read, and why; never its content."""

    @property
    def key(self) -> str:
        """`namespace/name` of the Secret."""
        return f"{self.namespace}/{self.secret}"
