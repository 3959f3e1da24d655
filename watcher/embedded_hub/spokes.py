"""Which spokes does Argo CD know, and which one does a destination mean?

Facts (Argo CD, util/db/cluster.go, util/argo/argo.go, each recorded in tests/selection): a spoke
is a Secret with `argocd.argoproj.io/secret-type=cluster` in Argo CD's namespace; `name` and
`server` are read from its data as they are; servers are compared without trailing slashes; a
destination has a name or a server, not both; a name must be unique; `in-cluster` also means the
Secret that has the internal server, and where there is none, the hub itself without a Secret. A
Secret whose `config` is no JSON is generated for, and resolves to nothing.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from watcher.embedded_hub.objects import FrozenDict, Object
from watcher.embedded_hub.resources import SECRET
from watcher.embedded_hub.store import Event, Store

CLUSTER_LABEL = "argocd.argoproj.io/secret-type"
SKIP_RECONCILE = "argocd.argoproj.io/skip-reconcile"
IN_CLUSTER = "in-cluster"
IN_CLUSTER_SERVER = "https://kubernetes.default.svc"
_NONE: Mapping[str, str] = FrozenDict()


class DestinationError(Exception):
    """A destination that means no spoke; the message is Argo CD's."""


@dataclass(frozen=True, slots=True)
class Spoke:
    """What Argo CD reads of one cluster Secret; without a uid, the hub itself without a Secret."""

    uid: str
    version: str
    secret: str
    name: str
    server: str
    project: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    readable: bool = True
    """Whether `config` is JSON."""
    shard: int | None = None
    """The shard that it is pinned to."""

    @property
    def parked(self) -> bool:
        """Whether the application controller leaves all of it alone (Argo CD 3.4 and later)."""
        return truthy(self.annotations.get(SKIP_RECONCILE))


HUB_ITSELF = Spoke("", "", "", IN_CLUSTER, IN_CLUSTER_SERVER, "", _NONE, _NONE)
"""What a selector that is empty adds where no Secret has the internal server."""


def spoke_of(secret: Object) -> Spoke:
    """The spoke that a Secret is, whether or not its labels make it one."""
    metadata = secret["metadata"]
    data = secret.get("data") or {}
    return Spoke(
        uid=metadata["uid"],
        version=metadata["resourceVersion"],
        secret=metadata["name"],
        name=_text(data, "name"),
        server=_text(data, "server"),
        project=_text(data, "project"),
        labels=metadata.get("labels") or _NONE,
        annotations=metadata.get("annotations") or _NONE,
        readable=_is_json(_text(data, "config")),
        shard=_number(_text(data, "shard")),
    )


def is_spoke(secret: Object, namespace: str) -> bool:
    """Whether Argo CD in `namespace` takes the Secret for a cluster's."""
    metadata = secret["metadata"]
    labels = metadata.get("labels") or _NONE
    return metadata["namespace"] == namespace and labels.get(CLUSTER_LABEL) == "cluster"


def resolved(destination: Mapping[str, Any], spokes: Iterable[Spoke]) -> Spoke:
    """The spoke that `destination` means. Raises DestinationError."""
    name, server = destination.get("name") or "", destination.get("server") or ""
    if name and server:
        raise DestinationError(
            f"application destination can't have both name and server defined: {name} {server}"
        )
    if name:
        return _by_name(name, [spoke for spoke in spokes if spoke.readable])
    if server:
        return _by_server(server, spokes)
    raise DestinationError("Destination server missing from app spec")


class Spokes:
    """The spokes that the store holds now."""

    def __init__(self, store: Store, namespace: str) -> None:
        self.namespace = namespace
        self.moves = 0
        """How often anything changed that a destination could be resolved by."""
        self._known: dict[str, Spoke] = {}
        self._sorted: list[Spoke] | None = None
        self._addresses: dict[tuple[str, str], list[Spoke]] | None = None
        for secret in store.list(SECRET, namespace):
            self._learn(secret)
        store.subscribe(self._follow)

    def all(self) -> list[Spoke]:
        """All of them, in the order of their Secrets' names. The list is not to be changed."""
        if self._sorted is None:
            self._sorted = sorted(self._known.values(), key=lambda spoke: spoke.secret)
        return self._sorted

    def resolved(self, destination: Mapping[str, Any]) -> Spoke:
        """The spoke that `destination` means. Raises DestinationError."""
        name, server = destination.get("name") or "", destination.get("server") or ""
        if name == IN_CLUSTER:
            return resolved(destination, self.all())
        by_server = self._by_address("server", server.rstrip("/"))
        return resolved(destination, [*by_server, *self._by_address("name", name)])

    def _by_address(self, what: str, value: str) -> list[Spoke]:
        if self._addresses is None:
            self._addresses = {}
            for spoke in self.all():
                for address in (("server", spoke.server.rstrip("/")), ("name", spoke.name)):
                    self._addresses.setdefault(address, []).append(spoke)
        return self._addresses.get((what, value), [])

    def _follow(self, event: Event) -> None:
        if event.resource is not SECRET:
            return
        uid = event.object["metadata"]["uid"]
        before = self._known.pop(uid, None)
        if event.type != "DELETED":
            self._learn(event.object)
        after = self._known.get(uid)
        self._sorted = self._addresses = None
        self.moves += _address(before) != _address(after)

    def _learn(self, secret: Object) -> None:
        if is_spoke(secret, self.namespace):
            spoke = spoke_of(secret)
            self._known[spoke.uid] = spoke


def _address(spoke: Spoke | None) -> tuple[str, str, bool] | None:
    return None if spoke is None else (spoke.name, spoke.server, spoke.readable)


def truthy(written: str | None) -> bool:
    """Whether Go's strconv.ParseBool takes it for true."""
    return written in ("1", "t", "T", "true", "TRUE", "True")


def _by_name(name: str, spokes: list[Spoke]) -> Spoke:
    named = [spoke for spoke in spokes if spoke.name == name]
    if len(named) > 1:
        servers = " ".join(spoke.server for spoke in named)
        raise DestinationError(f"there are {len(named)} clusters with the same name: [{servers}]")
    if named:
        return named[0]
    if name == IN_CLUSTER:
        return _by_server(IN_CLUSTER_SERVER, spokes)
    raise DestinationError(f"there are no clusters with this name: {name}")


def _by_server(server: str, spokes: Iterable[Spoke]) -> Spoke:
    wanted = server.rstrip("/")
    for spoke in spokes:
        if spoke.readable and spoke.server.rstrip("/") == wanted:
            return spoke
    if wanted == IN_CLUSTER_SERVER:
        return HUB_ITSELF
    raise DestinationError(
        f'error getting cluster by server "{server}": rpc error: code = NotFound desc = cluster'
        f' "{server}" not found'
    )


def _text(data: Mapping[str, str], key: str) -> str:
    return b64decode(data.get(key) or "").decode(errors="replace")


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _is_json(text: str) -> bool:
    try:
        json.loads(text or "{}")
    except ValueError:
        return False
    return True
