"""What did the hub report of an application controller's Pod?

Its limits as they are written, how often it was started and how it ended the last time. Of a
container's environment only the variables that say how memory and shards are to be had.

Facts:
- A container that the kernel killed for memory ends with the reason OOMKilled, or with exit code
  137 where the kubelet did not see the kill (Kubernetes, pkg/kubelet/kuberuntime).
- Argo CD's manifests and Helm chart tag its image with its version, as v3.5.1.
- A StatefulSet's Pod ends in its number, which is its shard; under dynamic distribution the
  controller is a Deployment, and the number is not in the name (Argo CD,
  controller/sharding/sharding.go).

Elsewhere: what the process itself says of its memory (reading.py); which shard is whose
(decide/owners.py).
"""

from __future__ import annotations

import re

from msgspec import Struct

from watcher.facts.instants import Instant

_VERSION = re.compile(r":v?(\d{1,4})\.(\d{1,4})(?:[.+-][^:/]*)?$")


class Ended(Struct, frozen=True):
    """How the container ended the last time."""

    reason: str
    exit_code: int | None
    at: Instant | None

    @property
    def for_memory(self) -> bool:
        """Whether it was killed for its memory, as far as the status tells."""
        return self.reason == "OOMKilled" or self.exit_code == 137


class Pod(Struct, frozen=True):
    """The Pod of one application controller."""

    uid: str
    namespace: str
    name: str
    resource_version: str
    ip: str = ""
    """Empty until it has one."""
    number: int | None = None
    """Its number in the StatefulSet; None where a Deployment owns it."""
    deleting_since: Instant | None = None
    phase: str = ""
    """Running, Pending, Failed, …"""
    ready: bool = False
    started_at: Instant | None = None
    """Since when the container runs; None while it does not."""
    waiting: str = ""
    """Why the container does not run: CrashLoopBackOff, ImagePullBackOff, …"""
    restarts: int = 0
    ended: Ended | None = None
    limit_bytes: int | None = None
    """`resources.limits.memory`; None: the Pod may take what the node has."""
    soft_limit_bytes: int | None = None
    """GOMEMLIMIT in the environment; None where it has none, or not as a plain value."""
    image: str = ""
    unreadable: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"

    @property
    def version(self) -> tuple[int, int] | None:
        """Major and minor of its Argo CD, by the tag of its image; None where that tells none."""
        found = _VERSION.search(self.image.partition("@")[0])
        return None if found is None else (int(found[1]), int(found[2]))
