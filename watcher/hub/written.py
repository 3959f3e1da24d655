"""What do people's manifests say, or the hub's own objects, for lint?

What the watcher reads of an object it reads the same way here (decode.py); beside it stands what
only lint reads. An object of another kind is none, and a Secret that is no cluster's is none.

Facts (Argo CD, pkg/apis/application/v1alpha1/applicationset_types.go, types.go; Kubernetes):
`stringData` goes over `data`, and is plain text.

Elsewhere: text in pieces (documents.py); what is wrong with what is read (lint/).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct, field, structs

from watcher.facts import Kind
from watcher.hub.connection import Connection
from watcher.hub.decode import Decoder
from watcher.hub.generators import SECRET_TYPE
from watcher.hub.listing import config_map, everything
from watcher.hub.reported import NULL, absent
from watcher.hub.requests import resource
from watcher.hub.salvage import UNREADABLE
from watcher.hub.templates import template_reads
from watcher.lint import (
    Controller,
    Inventory,
    Origin,
    Place,
    Read,
    Template,
    WrittenApplication,
    WrittenSet,
    WrittenSpoke,
)
from watcher.policy import Policy

T = TypeVar("T", bound=Struct)
W = TypeVar("W", WrittenSet, WrittenSpoke, WrittenApplication)

_GROUP = "argoproj.io/"
ON_HUB = Place()
CONTROLLER_PARAMETERS = "argocd-cmd-params-cm"
"""Where Argo CD's own manifests read the ApplicationSet controller's policy from."""
WAVE = "argocd.argoproj.io/sync-wave"
_TRACKING = "argocd.argoproj.io/tracking-id"
_RELEASE = "meta.helm.sh/release-name"
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})


class _Camel(Struct, frozen=True, rename="camel"):
    """Members as they are written; each may be absent, null, or of another shape."""


class _Meta(_Camel, frozen=True):
    name: Any = None
    labels: Raw = NULL
    annotations: Raw = NULL


class _Owner(_Camel, frozen=True):
    kind: Any = None
    name: Any = None


class _Manager(_Camel, frozen=True):
    manager: Any = None
    subresource: Any = None
    fields: Raw = field(name="fieldsV1", default=NULL)


class _SetMeta(_Meta, frozen=True):
    owner_references: Raw = NULL
    managed_fields: Raw = NULL


class _Object(_Camel, frozen=True):
    api_version: str | None = None
    kind: str | None = None
    metadata: Raw = NULL
    spec: Raw = NULL
    data: Raw = NULL
    string_data: Raw = NULL
    status: Raw = NULL


class _SyncPolicy(_Camel, frozen=True):
    applications_sync: Any = None
    preserve_resources_on_deletion: Any = None


class _Spec(_Camel, frozen=True):
    generators: Raw = NULL
    sync_policy: Raw = NULL
    go_template_options: Any = None
    template: Raw = NULL
    template_patch: Any = None


class _Template(_Camel, frozen=True):
    metadata: Raw = NULL
    spec: Raw = NULL


class _TemplateMeta(_Camel, frozen=True):
    name: Any = None
    labels: Any = None
    annotations: Raw = NULL
    finalizers: Any = None


class _TemplateSpec(_Camel, frozen=True):
    destination: Any = None
    source: Raw = NULL
    sources: Raw = NULL
    sync_policy: Any = None


class _Source(_Camel, frozen=True):
    path: Any = None
    chart: Any = None


class _Data(_Camel, frozen=True):
    """There is no member `config` here, on purpose."""

    name: Any = None
    server: Any = None
    shard: Any = None
    project: Any = None


class _Parameters(Struct, frozen=True):
    policy: Any = field(name="applicationsetcontroller.policy", default=None)
    override: Any = field(name="applicationsetcontroller.enable.policy.override", default=None)
    namespaces: Any = field(name="applicationsetcontroller.namespaces", default=None)


class _Made(_Camel, frozen=True):
    kind: Any = None
    name: Any = None
    namespace: Any = None


class _Status(_Camel, frozen=True):
    resources: Raw = NULL


class Writings:
    """Reads objects whose gates are as the policy says, and gathers them."""

    def __init__(self, policy: Policy | None, *, namespace: str) -> None:
        """`namespace`: where Argo CD runs, and an object is that names none."""
        self._policy = policy
        self._namespace = namespace
        self._decoder = Decoder((policy or Policy(())).gates)
        self._controller: Controller | None = None
        self._found: list[WrittenSet | WrittenSpoke | WrittenApplication] = []

    def take(self, body: bytes, place: Place, *, repeated: tuple[str, ...] = ()) -> bool:
        """Whether the object was of a kind that lint reads; then it is kept. `repeated`: keys that
        its text gives twice.
        """
        said = _part(Raw(body), _Object)
        ours = (said.api_version or "").startswith(_GROUP)
        if ours and said.kind == "ApplicationSet":
            self.application_set(body, place, repeated=repeated)
        elif ours and said.kind == "Application":
            self.application(body, place)
        elif said.kind == "ConfigMap" and _part(said.metadata, _Meta).name == CONTROLLER_PARAMETERS:
            self.controller(body)
        elif said.kind == "Secret" and _is_cluster(said):
            self.spoke(body, place)
        else:
            return False
        return True

    def inventory(self, *, whole: bool) -> Inventory:
        """All that was kept."""
        secrets = [each for each in self._found if isinstance(each, WrittenSpoke)]
        anywhere = self._policy is None
        return Inventory(
            sets=tuple(each for each in self._found if isinstance(each, WrittenSet)),
            spokes=tuple(each for each in secrets if anywhere or each.namespace == self._namespace),
            strays=tuple(
                each for each in secrets if not anywhere and each.namespace != self._namespace
            ),
            applications=tuple(
                each for each in self._found if isinstance(each, WrittenApplication)
            ),
            policy=self._policy,
            controller=self._controller,
            whole=whole,
        )

    def application_set(
        self, body: bytes | Raw, place: Place = ON_HUB, *, repeated: tuple[str, ...] = ()
    ) -> WrittenSet:
        """Keeps the ApplicationSet in `body`."""
        made = self._decoder.application_set(body)
        spec = _part(_part(Raw(body), _Object).spec, _Spec)
        policy = _part(spec.sync_policy, _SyncPolicy)
        options = spec.go_template_options if isinstance(spec.go_template_options, list) else []
        text = bytes(_part(Raw(body), _Object).spec).decode("utf-8", "replace")
        reads = template_reads(text, go_template=made.go_template)
        meta = _part(_part(Raw(body), _Object).metadata, _SetMeta)
        return self._keep(
            WrittenSet(
                set=structs.replace(made, namespace=made.namespace or self._namespace),
                place=place,
                template=_template(spec),
                applications_sync=_text(policy.applications_sync),
                preserve=policy.preserve_resources_on_deletion is True,
                missing_key_fails=made.go_template and "missingkey=error" in options,
                reads=frozenset(Read(of, key) for of, key in reads.needs),
                refused=reads.refused,
                names_secret_type=SECRET_TYPE in text,
                repeated=repeated,
                generators=b"" if absent(spec.generators) else bytes(spec.generators),
                wave=_wave(meta, spec),
                origin=_origin(meta),
            )
        )

    def spoke(self, body: bytes | Raw, place: Place = ON_HUB) -> WrittenSpoke:
        """Keeps the cluster Secret in `body`."""
        said = _part(Raw(body), _Object)
        made = self._decoder.spoke(body)
        plain = _part(said.string_data, _Data)
        given = {
            key: text
            for key in ("name", "server", "project")
            if (text := _text(getattr(plain, key)))
        }
        made = structs.replace(
            made,
            **given,
            namespace=made.namespace or self._namespace,
            uid=made.uid or f"{place}#{made.secret}",
        )
        notes = _part(said.metadata, _Meta).annotations
        return self._keep(
            WrittenSpoke(
                spoke=made,
                place=place,
                annotations=frozenset(_mapping(notes)),
                manifest=not made.resource_version,
            )
        )

    def application(self, body: bytes | Raw, place: Place = ON_HUB) -> WrittenApplication:
        """Keeps the Application in `body`."""
        made = self._decoder.application(body)
        status = _part(_part(Raw(body), _Object).status, _Status)
        namespace = made.namespace or self._namespace
        return self._keep(
            WrittenApplication(
                app=structs.replace(made, namespace=namespace),
                place=place,
                sets=frozenset(
                    f"{_text(each.namespace) or namespace}/{_text(each.name)}"
                    for each in _parts(status.resources, _Made)
                    if each.kind == "ApplicationSet"
                ),
            )
        )

    def controller(self, body: bytes | Raw) -> None:
        """Keeps what the ConfigMap in `body` says of the ApplicationSet controller."""
        said = _part(_part(Raw(body), _Object).data, _Parameters)
        policy, override = _text(said.policy), _text(said.override)
        # Go's strconv.ParseBool; what it cannot read is the default (Argo CD, util/env)
        told = override in _TRUE if override in _TRUE | _FALSE else not policy
        names = (each.strip() for each in _text(said.namespaces).split(","))
        self._controller = Controller(
            policy, overridable=told, namespaces=tuple(filter(None, names))
        )

    def _keep(self, written: W) -> W:
        self._found.append(written)
        return written


async def take_all(
    connection: Connection, writings: Writings, *, namespace: str, namespaces: Iterable[str]
) -> None:
    """Reads into `writings` all that the hub has. Argo CD runs in `namespace`; ApplicationSets and
    Applications are in `namespaces`. Raises `ListFailed` or `ReadFailed`.
    """
    for each in namespaces:
        sets, apps = resource(Kind.APPLICATION_SETS), resource(Kind.APPLICATIONS)
        await everything(connection, sets, each, writings.application_set)
        await everything(connection, apps, each, writings.application)
    await everything(connection, resource(Kind.SPOKES), namespace, writings.spoke)
    parameters = await config_map(connection, namespace, CONTROLLER_PARAMETERS)
    if parameters is not None:
        writings.controller(parameters)


def _is_cluster(said: _Object) -> bool:
    label = _mapping(_part(said.metadata, _Meta).labels).get(SECRET_TYPE, NULL)
    return bytes(label) == b'"cluster"'


def _template(spec: _Spec) -> Template:
    template = _part(spec.template, _Template)
    meta, inner = _part(template.metadata, _TemplateMeta), _part(template.spec, _TemplateSpec)
    sources = [_part(inner.source, _Source), *_parts(inner.sources, _Source)]
    destination = inner.destination if isinstance(inner.destination, dict) else {}
    policy = inner.sync_policy if isinstance(inner.sync_policy, dict) else {}
    automated = policy.get("automated")
    enabled = isinstance(automated, dict) and automated.get("enabled") is not False
    finalizers = meta.finalizers if isinstance(meta.finalizers, list) else []
    labels = meta.labels if isinstance(meta.labels, dict) else {}
    return Template(
        name=_text(meta.name),
        labels={key: _text(value) for key, value in labels.items()},
        finalizers=tuple(map(_text, finalizers)),
        destination_namespace=_text(destination.get("namespace")),
        sources=tuple(
            text for each in sources for one in (each.path, each.chart) if (text := _text(one))
        ),
        automated=enabled,
        disabled=isinstance(automated, dict) and not enabled,
        patch=_text(spec.template_patch),
    )


def _wave(meta: _SetMeta, spec: _Spec) -> int | None:
    """Its own, else that of its template; one that is no number is none (Argo CD reads it as 0)."""
    template = _part(_part(spec.template, _Template).metadata, _TemplateMeta)
    for notes in (meta.annotations, template.annotations):
        said = _plain(_mapping(notes).get(WAVE, NULL)).strip()
        if said.lstrip("+-").isdecimal() and said.isascii():
            return int(said)
    return None


def _origin(meta: _SetMeta) -> Origin:
    notes = _mapping(meta.annotations)
    return Origin(
        labels={key: _plain(value) for key, value in _mapping(meta.labels).items()},
        tracked_by=_plain(notes.get(_TRACKING, NULL)).partition(":")[0],
        release=_plain(notes.get(_RELEASE, NULL)),
        owners=tuple(
            f"{_text(each.kind)} {_text(each.name)}"
            for each in _parts(meta.owner_references, _Owner)
        ),
        writers=tuple(
            dict.fromkeys(
                _text(each.manager)
                for each in _parts(meta.managed_fields, _Manager)
                if not each.subresource and "f:spec" in _mapping(each.fields)
            )
        ),
        applied=_APPLIED in notes,
    )


def _plain(raw: Raw) -> str:
    """A text; empty where it is none."""
    try:
        return msgspec.json.decode(raw, type=str)
    except UNREADABLE:
        return ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(raw: Raw) -> Mapping[str, Raw]:
    """Its members, undecoded; none where it is no mapping."""
    try:
        return {} if absent(raw) else msgspec.json.decode(raw, type=dict[str, Raw])
    except UNREADABLE:
        return {}


def _part(raw: Raw, shape: type[T]) -> T:
    """As the shape; an empty one where it is none."""
    try:
        return shape() if absent(raw) else msgspec.json.decode(raw, type=shape)
    except UNREADABLE:
        return shape()


def _parts(raw: Raw, shape: type[T]) -> list[T]:
    try:
        bodies = [] if absent(raw) else msgspec.json.decode(raw, type=list[Raw])
    except UNREADABLE:
        return []
    return [_part(body, shape) for body in bodies]
