"""Which of several application controllers has a spoke?

Facts (Argo CD, controller/sharding/sharding.go, cache.go): with one replica all is on shard 0. A
`data.shard` below the number of replicas decides; one that is not below it means shard 0. Otherwise
the method `legacy`, the default: the 32-bit FNV-1a hash of the Secret's UID, modulo the replicas;
the hub itself without a Secret has no UID and is on shard 0.

Not modelled: the methods `round-robin` and `consistent-hashing`, which move spokes about as others
come and go.
"""

from __future__ import annotations

from watcher.embedded_hub.spokes import Spoke

_OFFSET = 2166136261
_PRIME = 16777619


def shard_of(spoke: Spoke, replicas: int) -> int:
    """The number of the shard that has `spoke`."""
    if replicas <= 1 or not spoke.uid:
        return 0
    if spoke.shard is not None:
        return spoke.shard if 0 <= spoke.shard < replicas else 0
    return fnv32a(spoke.uid) % replicas


def fnv32a(text: str) -> int:
    """The 32-bit FNV-1a hash."""
    found = _OFFSET
    for byte in text.encode():
        found = (found ^ byte) * _PRIME & 0xFFFFFFFF
    return found
