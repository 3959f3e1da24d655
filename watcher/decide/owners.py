"""Which shard is whose?

A shard is one application controller, named here by its Pod. Which clusters it holds is read from
what it exports, and not worked out: the algorithms differ, and one of them moves clusters when
Applications come and go.

Facts (Argo CD, controller/sharding/cache.go, controller/metrics/clustercollector.go):
- A controller exports `argocd_cluster_info` for the clusters in its own cache, and for no other.
- `data.shard` pins a cluster to a number; a number that no replica has means shard 0.
- With one replica everything is on it.
- A cluster that moved stays in the cache of its old shard until the next event of a cluster Secret:
  until then two export it.

Elsewhere: what an unknown owner is charged to (rooms.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from msgspec import Struct

from watcher.facts import Pod, Readings, Spoke

_TWO = ""
"""In place of a Pod's key: two claim the cluster."""


class Owners(Struct, frozen=True):
    """Whose each cluster is, as far as that is known."""

    pods: frozenset[str] = frozenset()
    """Keys of those that there are."""
    numbered: Mapping[int, str] = {}
    """The Pods of a StatefulSet by their numbers."""
    shown: Mapping[str, Set[str]] = {}
    """What each Pod exported last: server addresses."""
    claims: Mapping[str, str] = {}
    """Server address to the Pod that exported it last."""


NOBODY = Owners()


def owners(before: Owners, pods: Mapping[str, Pod], readings: Mapping[str, Readings]) -> Owners:
    """The owners now; the same object where nothing changed.

    A controller that was just started exports nothing yet, so what it had stays its own until
    another exports it.
    """
    shown = {key: _shown(before, key, readings.get(key)) for key in pods}
    numbered = {pod.number: key for key, pod in pods.items() if pod.number is not None}
    if shown == before.shown and numbered == before.numbered and pods.keys() == before.pods:
        return before
    claims: dict[str, str] = {}
    for key, servers in shown.items():
        for server in servers:
            claims[server] = _TWO if server in claims else key
    kept = {
        server: key for server, key in before.claims.items() if server not in claims and key in pods
    }
    return Owners(frozenset(pods), numbered, shown, kept | claims)


def owner(known: Owners, spoke: Spoke) -> str | None:
    """The key of the Pod whose memory holds the spoke's cluster; None where nobody knows."""
    if claimed := known.claims.get(spoke.server.rstrip("/")):
        return claimed
    if known.numbered and (number := _pinned(spoke)) is not None:
        return known.numbered.get(number, known.numbered.get(0))
    return next(iter(known.pods)) if len(known.pods) == 1 else None


def _shown(before: Owners, key: str, readings: Readings | None) -> Set[str]:
    if readings is None or not readings.latest:
        return before.shown.get(key, frozenset())
    servers = readings.latest[-1].clusters.keys()
    known = before.shown.get(key)
    return known if known is not None and known == servers else frozenset(servers)


def _pinned(spoke: Spoke) -> int | None:
    if spoke.shard is None:
        return None
    text = spoke.shard.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None
