"""Who may write: what does a lease prove?

The record, and the pure half of the election. Time is this process's own monotonic clock; what the
record says of times is never believed, only that it did or did not change while it was watched.

The law, with D the duration and R the renewal deadline (15 and 10 s):
1. Whoever wrote the record may write gates until R after that write was *sent*.
2. Whoever has seen the record unchanged for D, counted from when it was first *read*, may take it.
   An update carries the resourceVersion it rests on, so nothing came between.
3. The holder may renew at any time while (1) holds.
4. Where there is no lease, one is created at once; creating gives no right. Rule 2 then does:
   between two looks that find nothing, others may have held what was deleted since.
5. A lease without holder that lasts a second was released by its holder, and may be taken at once.
So two are never permitted together, as long as no clock runs R/D, that is a third, slower than
another, and nobody forges a release.

Facts (Kubernetes, client-go tools/leaderelection): 15, 10 and 2 s; a released lease has no holder
and lasts a second; an update with a stale resourceVersion is 409, a second creation too.

Elsewhere: asking and writing (electing.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from watcher.facts import Instant

RELEASED_S = 1


class LeaseTimes(Struct, frozen=True):
    """Seconds; the defaults are those of Kubernetes' own controllers."""

    duration_s: int = 15
    renew_deadline_s: float = 10.0
    retry_s: float = 2.0
    longest_s: int = 60
    """A record that claims to last longer is watched no longer than this."""


class Record(Struct, frozen=True):
    """A lease as it was read or written."""

    uid: str
    resource_version: str
    holder: str = ""
    duration_s: int = 0
    transitions: int = 0
    acquired: str = ""
    """When this holder took it, as written: for people."""
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}

    @property
    def released(self) -> bool:
        """Whether its holder gave it up."""
        return not self.holder and self.duration_s == RELEASED_S


class Elector(Struct, frozen=True):
    """What one candidate knows. Instants are its own monotonic clock's."""

    me: str
    times: LeaseTimes = LeaseTimes()
    seen: Record | None = None
    seen_at: float = 0.0
    """When this state of the record was first read."""
    sent_at: float | None = None
    """When the last write that made or kept us the holder was sent; None while we are not."""
    sure: bool = False
    """Whether `seen` is what we last wrote, so that renewing needs no look before."""

    def permitted(self, now: float) -> bool:
        """Whether gates may be written."""
        return self.sent_at is not None and now < self.sent_at + self.times.renew_deadline_s

    def may_take(self, now: float) -> bool:
        """Whether the record that was seen may be overwritten with our name."""
        if self.seen is None:
            return False
        if self.permitted(now) or self.seen.released:
            return True
        return now - self.seen_at >= self._lasts_s(self.seen)

    def looked(self, found: Record | None, now: float) -> Elector:
        """After the record, or its absence, was read."""
        same = _version(found) == _version(self.seen)
        ours = found is None or found.holder == self.me
        return replace(
            self,
            seen=found,
            seen_at=self.seen_at if same else now,
            sent_at=self.sent_at if ours else None,
            sure=False,
        )

    def created(self, record: Record, now: float) -> Elector:
        """After we created the lease: no right yet."""
        return self.looked(record, now)

    def took(self, record: Record, *, sent_at: float, now: float) -> Elector:
        """After our update was carried out."""
        return replace(self, seen=record, seen_at=now, sent_at=sent_at, sure=True)

    def unsure(self) -> Elector:
        """After a write that failed, or may have."""
        return replace(self, sure=False)

    def resigned(self) -> Elector:
        """Before the lease is released: nothing is written from here on."""
        return replace(self, sent_at=None, sure=False)

    def claim(self, wall_now: Instant) -> Record:
        """The record with our name on it, to be written over what was seen, or created."""
        before = self.seen or Record(uid="", resource_version="")
        kept = before.holder == self.me
        return replace(
            before,
            holder=self.me,
            duration_s=self.times.duration_s,
            transitions=max(0, before.transitions) + (0 if kept or self.seen is None else 1),
            acquired=before.acquired if kept and before.acquired else micro_time(wall_now),
        )

    def _lasts_s(self, record: Record) -> float:
        return min(max(record.duration_s, self.times.duration_s), self.times.longest_s)


def release(record: Record) -> Record:
    """The record without holder."""
    return replace(record, holder="", duration_s=RELEASED_S)


def encode_lease(record: Record, *, namespace: str, name: str, wall_now: Instant) -> bytes:
    """The lease to create (where the record has no version) or to update."""
    metadata = {
        "name": name,
        "namespace": namespace,
        "uid": record.uid,
        "resourceVersion": record.resource_version,
        "labels": record.labels,
        "annotations": record.annotations,
    }
    return msgspec.json.encode(
        {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {key: value for key, value in metadata.items() if value},
            "spec": {
                "holderIdentity": record.holder,
                "leaseDurationSeconds": record.duration_s,
                "acquireTime": record.acquired or micro_time(wall_now),
                "renewTime": micro_time(wall_now),
                "leaseTransitions": record.transitions,
            },
        }
    )


def read_lease(body: bytes) -> Record:
    """The lease in `body`; raises ValueError where it is none."""
    lease = _decode(body)
    meta, spec = lease.metadata, lease.spec or _Spec()
    return Record(
        uid=meta.uid,
        resource_version=meta.resource_version,
        holder=spec.holder_identity or "",
        duration_s=spec.lease_duration_seconds or 0,
        transitions=spec.lease_transitions or 0,
        acquired=spec.acquire_time or "",
        labels=meta.labels or {},
        annotations=meta.annotations or {},
    )


def micro_time(at: Instant) -> str:
    """`at` as Kubernetes' MicroTime."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class _Meta(Struct, frozen=True, rename="camel"):
    uid: str
    resource_version: str
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None


class _Spec(Struct, frozen=True, rename="camel"):
    holder_identity: str | None = None
    lease_duration_seconds: int | None = None
    lease_transitions: int | None = None
    acquire_time: str | None = None


class _Lease(Struct, frozen=True, tag_field="kind", tag="Lease"):
    metadata: _Meta
    spec: _Spec | None = None


_decode = msgspec.json.Decoder(_Lease).decode


def _version(record: Record | None) -> tuple[str, str] | None:
    return (record.uid, record.resource_version) if record else None
