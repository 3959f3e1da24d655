"""What does an object that the hub sent say, in our own words?

Raw bytes in, one frozen struct of `facts` out. A field of the wrong shape is absent and named in
`unreadable`; only what is no JSON object at all raises, and then as `msgspec.DecodeError`.

Knows which fields are read (reported.py). Not what they mean: that is decided elsewhere.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from sys import intern
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from watcher.facts import (
    Application,
    ApplicationSet,
    Condition,
    Foreign,
    Generator,
    Hydration,
    Instant,
    Operation,
    Owner,
    SetCondition,
    Spoke,
    instant,
)
from watcher.hub.compared import digests
from watcher.hub.generators import generators
from watcher.hub.reported import (
    ReportedApplication,
    ReportedApplicationAnnotations,
    ReportedApplicationMeta,
    ReportedCondition,
    ReportedDestination,
    ReportedHealth,
    ReportedMeta,
    ReportedOperation,
    ReportedOwner,
    ReportedSecret,
    ReportedSecretData,
    ReportedSet,
    ReportedSetSpec,
    ReportedSetStatus,
    ReportedSpec,
    ReportedSpokeMeta,
    ReportedStatus,
    ReportedSync,
    absent,
)
from watcher.hub.salvage import UNREADABLE, moment, part, read
from watcher.hub.templates import template_reads
from watcher.policy import Gates

T = TypeVar("T", bound=Struct)

_TRUTHS = frozenset({"1", "t", "T", "true", "TRUE", "True"})
"""Go, strconv.ParseBool: what Argo CD takes as true in skip-reconcile."""
_HELD_BY_ROLLING_SYNC = ("Waiting", "Pending")
_OUR_GROUP = "argoproj.io/"
_CASCADES = "resources-finalizer.argocd.argoproj.io"
_UNKNOWN = (Foreign("unreadable"),)


class Decoder:
    """Reads the objects of a hub whose gates are written as `gates` says."""

    def __init__(self, gates: Gates) -> None:
        self._gates = gates
        self._annotations = msgspec.defstruct(
            "SpokeAnnotations",
            [
                ("opened", str | None, None),
                ("teardown", str | None, None),
                ("parked", str | None, None),
                ("skip_reconcile", str | None, None),
            ],
            rename={
                "opened": gates.opened_key,
                "teardown": gates.teardown_key,
                "parked": gates.parked_key,
                "skip_reconcile": "argocd.argoproj.io/skip-reconcile",
            },
        )

    def application(self, body: bytes | Raw) -> Application:
        """The Application in `body`."""
        problems: list[str] = []
        said = read(body, ReportedApplication, problems)
        meta = said.metadata or ReportedApplicationMeta()
        spec = said.spec or ReportedSpec()
        status = said.status or ReportedStatus()
        notes = meta.annotations or ReportedApplicationAnnotations()
        labels = meta.labels or {}
        destination = _destination(spec, problems)
        sync, health = status.sync or ReportedSync(), status.health or ReportedHealth()
        spec_digest, compared_digest = _digests(spec, sync, problems)
        return Application(
            namespace=intern(meta.namespace or ""),
            name=meta.name or "",
            uid=meta.uid or "",
            resource_version=meta.resource_version or "",
            created_at=moment(meta.creation_timestamp, "metadata.creationTimestamp", problems),
            owner=_owner(meta.owner_references),
            server=intern((destination.server or "").rstrip("/")),
            cluster=intern(destination.name or ""),
            tier_label=_interned(labels.get(self._gates.tier_key)),
            spoke_label=_interned(labels.get(self._gates.spoke_key)),
            automated=_automated(spec),
            cascades=any(each.startswith(_CASCADES) for each in meta.finalizers or ()),
            skip_reconcile=notes.skip_reconcile in _TRUTHS,
            deleting_since=moment(meta.deletion_timestamp, "metadata.deletionTimestamp", problems),
            operation_pending=said.operation is not None,
            operation=_operation(status.operation_state, problems),
            sync_status=intern(sync.status or ""),
            health_status=intern(health.status or ""),
            health_since=moment(
                health.last_transition_time, "status.health.lastTransitionTime", problems
            ),
            reconciled_at=moment(status.reconciled_at, "status.reconciledAt", problems),
            spec_digest=spec_digest,
            compared_digest=compared_digest,
            conditions=tuple(map(_condition, status.conditions or ())),
            hydration=_hydration(spec, status),
            deployed_at=_deployed_at(status, problems),
            unreadable=tuple(dict.fromkeys(problems)),
        )

    def application_set(self, body: bytes | Raw) -> ApplicationSet:
        """The ApplicationSet in `body`; any label may matter to one whose spec cannot be read."""
        problems: list[str] = []
        said = read(body, ReportedSet, problems)
        meta, status = said.metadata or ReportedMeta(), said.status or ReportedSetStatus()
        unread: list[str] = []
        spec = part(said.spec, ReportedSetSpec, unread, at="spec")
        made = _generators(spec, unread)
        text = bytes(said.spec).decode("utf-8", "replace")
        reads = template_reads(text, go_template=bool(spec.go_template))
        policy = spec.sync_policy.applications_sync if spec.sync_policy else None
        return ApplicationSet(
            namespace=intern(meta.namespace or ""),
            name=meta.name or "",
            uid=meta.uid or "",
            resource_version=meta.resource_version or "",
            created_at=instant(meta.creation_timestamp),
            generators=made,
            go_template=bool(spec.go_template),
            deletes=policy not in ("create-only", "create-update"),
            cascades=bool(unread) or _set_cascades(spec),
            rolling=spec.strategy is not None and spec.strategy.type == "RollingSync",
            waiting_steps=_waiting_steps(status),
            tier_label=_template_labels(spec).get(self._gates.tier_key),
            reads_keys=reads.keys,
            reads_all_labels=reads.takes_all or bool(unread),
            destination_varies=_destination_varies(spec),
            conditions=tuple(map(_set_condition, status.conditions or ())),
            unreadable=(*problems, *unread),
        )

    def spoke(self, body: bytes | Raw) -> Spoke:
        """The cluster Secret in `body`, without its credentials."""
        problems: list[str] = []
        said = read(body, ReportedSecret, problems)
        meta = part(said.metadata, ReportedSpokeMeta, problems, at="metadata")
        notes = self._notes(meta.annotations, problems)
        data = said.data or ReportedSecretData()
        managers = dict.fromkeys(each.manager for each in meta.managed_fields or ())
        return Spoke(
            uid=meta.uid or "",
            namespace=intern(meta.namespace or ""),
            secret=meta.name or "",
            resource_version=meta.resource_version or "",
            created_at=moment(meta.creation_timestamp, "metadata.creationTimestamp", problems),
            labels={intern(key): value for key, value in (meta.labels or {}).items()},
            name=_plain(data.name, "name", problems),
            server=_plain(data.server, "server", problems),
            project=intern(_plain(data.project, "project", problems)),
            shard=_plain(data.shard, "shard", problems) or None,
            opened=notes.get("opened"),
            teardown=notes.get("teardown"),
            parked=notes.get("parked"),
            skip_reconcile=notes.get("skip_reconcile") in _TRUTHS,
            deleting_since=moment(meta.deletion_timestamp, "metadata.deletionTimestamp", problems),
            field_managers=tuple(intern(each) for each in managers if each),
            unreadable=tuple(dict.fromkeys(problems)),
        )

    def _notes(self, raw: Raw, problems: list[str]) -> Mapping[str, str | None]:
        notes = part(raw, self._annotations, problems, at="metadata.annotations")
        return msgspec.structs.asdict(notes)


def _interned(text: str | None) -> str | None:
    return None if text is None else intern(text)


def _owner(references: Sequence[ReportedOwner] | None) -> Owner | None:
    for each in references or ():
        ours = (each.api_version or "").startswith(_OUR_GROUP) and each.kind == "ApplicationSet"
        if ours and each.controller and each.name:
            return Owner(intern(each.name), intern(each.uid or ""))
    return None


def _destination(spec: ReportedSpec, problems: list[str]) -> ReportedDestination:
    return part(spec.destination, ReportedDestination, problems, at="spec.destination")


def _digests(
    spec: ReportedSpec, sync: ReportedSync, problems: list[str]
) -> tuple[bytes, bytes | None]:
    try:
        return digests(spec, sync.compared_to)
    except UNREADABLE:
        problems.append("what is compared of spec cannot be read")
        return b"", None


def _automated(spec: ReportedSpec) -> bool:
    automated = spec.sync_policy.automated if spec.sync_policy else None
    return automated is not None and automated.enabled is not False


def _operation(said: ReportedOperation | None, problems: list[str]) -> Operation | None:
    if said is None:
        return None
    return Operation(
        phase=intern(said.phase or ""),
        finished_at=moment(said.finished_at, "status.operationState.finishedAt", problems),
        message=said.message or "",
        retries=said.retry_count or 0,
    )


def _condition(said: ReportedCondition) -> Condition:
    return Condition(intern(said.type or ""), said.message or "")


def _set_condition(said: ReportedCondition) -> SetCondition:
    return SetCondition(
        type=intern(said.type or ""),
        status=intern(said.status or ""),
        reason=intern(said.reason or ""),
        message=said.message or "",
        since=instant(said.last_transition_time),
    )


def _hydration(spec: ReportedSpec, status: ReportedStatus) -> Hydration | None:
    if absent(spec.source_hydrator):
        return None
    current = status.source_hydrator.current_operation if status.source_hydrator else None
    if current is None:
        return Hydration("")
    return Hydration(intern(current.phase or ""), current.message or "")


def _deployed_at(status: ReportedStatus, problems: list[str]) -> Instant | None:
    times = (
        moment(each.deployed_at, "status.history.deployedAt", problems)
        for each in status.history or ()
    )
    return max((at for at in times if at is not None), default=None)


def _waiting_steps(status: ReportedSetStatus) -> dict[str, str]:
    return {
        each.application: each.status
        for each in status.application_status or ()
        if each.application and each.status in _HELD_BY_ROLLING_SYNC
    }


def _generators(spec: ReportedSetSpec, problems: list[str]) -> tuple[Generator, ...]:
    if problems:
        return _UNKNOWN
    try:
        return generators(spec.generators)
    except UNREADABLE:
        problems.append("spec.generators cannot be read")
        return _UNKNOWN


def _template_labels(spec: ReportedSetSpec) -> Mapping[str, str]:
    metadata = spec.template.metadata if spec.template else None
    return (metadata.labels if metadata else None) or {}


def _set_cascades(spec: ReportedSetSpec) -> bool:
    """Argo CD adds its finalizer to a template without any, unless it is told to preserve; one that
    is written is never taken away (applicationset/utils/utils.go). A patch, or a template of a
    generator's own, goes over the common one.
    """
    if spec.template_patch and "finalizers" in spec.template_patch:
        return True
    if b'"finalizers"' in bytes(spec.generators):
        return True
    metadata = spec.template.metadata if spec.template else None
    finalizers = (metadata.finalizers if metadata else None) or ()
    if any(each.startswith(_CASCADES) for each in finalizers):
        return True
    preserves = spec.sync_policy is not None and spec.sync_policy.preserve_resources_on_deletion
    return not finalizers and not preserves


def _destination_varies(spec: ReportedSetSpec) -> bool:
    """A generator may have a template of its own, which goes over the common one."""
    if spec.template_patch and "destination" in spec.template_patch:
        return True
    if b'"destination"' in bytes(spec.generators):
        return True
    destination = spec.template.spec.destination if spec.template and spec.template.spec else None
    if destination is None:
        return True
    return "{{" in f"{destination.server or ''}{destination.name or ''}"


def _plain(encoded: str | None, member: str, problems: list[str]) -> str:
    if not encoded:
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        problems.append(f"data.{member} is not base64 of UTF-8 text")
        return ""
