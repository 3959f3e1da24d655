"""How long may the hub take?

kubernetes_asyncio and aiohttp set no limit of their own on a request, so each one here has its own.

Facts (Kubernetes):
- The API server ends a watch after `timeoutSeconds` (endpoints/handlers/get.go), and bookmarks a
  quiet one about once a minute (apiserver storage/cacher/cacher.go).
- A continue token lives about as long as etcd's history: 5 minutes (apiserver/pkg/server/options).
"""

from __future__ import annotations

from msgspec import Struct


class Timeouts(Struct, frozen=True):
    """Limits for what goes over the wire, in seconds."""

    connect_s: float = 10.0
    """To a TCP connection, and again to its TLS."""
    credentials_s: float = 60.0
    """For an exec plugin: a person may have to answer it."""
    request_s: float = 15.0
    """For a small request and its whole answer."""
    page_s: float = 60.0
    """For one page of a list: 500 objects, 64 MiB at most."""
    patch_s: float = 5.0
    """For a patch; not above the margin in which a lease cannot be taken yet (lease.py)."""
    renew_s: float = 5.0
    """For one request about the lease: two of them fit before the permit ends."""
    watch_least_s: float = 240.0
    """What the server is asked to end a watch after, at the least …"""
    watch_most_s: float = 480.0
    """… and at the most, drawn anew each time so that streams do not end together."""
    watch_grace_s: float = 30.0
    """How much longer a watch may last than the server was asked for."""
    silence_s: float = 180.0
    """How long a watch may be silent once it has bookmarked: three bookmarks missed."""

    def watch_server_s(self, roll: float) -> float:
        """How long the server shall keep a watch; `roll` is a random number in [0, 1)."""
        return self.watch_least_s + roll * (self.watch_most_s - self.watch_least_s)
