"""Which fields of an object does the watcher read?

The objects' own shape, as the API server writes it, naming only the fields in use: the decoder
skips every other byte, so a field that has no name here never becomes an object. That is how the
credentials in a cluster Secret's `data.config`, and their copy in `last-applied-configuration`,
stay out of this process.

Facts (Argo CD, pkg/apis/application/v1alpha1/types.go, applicationset_types.go, util/db/cluster.go;
Kubernetes, apimachinery/pkg/apis/meta/v1/types.go, api/core/v1/types.go).

Elsewhere: what becomes of them (decode.py, pods.py, ordered.py).
"""

from __future__ import annotations

from typing import Any

from msgspec import Raw, Struct, field

NULL = Raw(b"null")
"""A member that stays undecoded, where it is absent."""


def absent(raw: Raw) -> bool:
    """Whether an undecoded member is absent, or null."""
    return memoryview(raw) == memoryview(NULL)


class _Reported(Struct, frozen=True, rename="camel", gc=False):
    """A JSON object of the hub; any member may be absent, or null."""


class ReportedOwner(_Reported, frozen=True):
    """An owner reference."""

    kind: str | None = None
    name: str | None = None
    uid: str | None = None
    controller: bool | None = None
    api_version: str | None = None


class ReportedManager(_Reported, frozen=True):
    """One entry of managedFields: who wrote, not what."""

    manager: str | None = None


class ReportedMeta(_Reported, frozen=True):
    """Metadata without annotations, since some of them carry credentials."""

    name: str | None = None
    namespace: str | None = None
    uid: str | None = None
    resource_version: str | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] | None = None
    owner_references: list[ReportedOwner] | None = None


class ReportedDestination(_Reported, frozen=True):
    """`spec.destination`, as far as it tells the spoke."""

    server: str | None = None
    name: str | None = None


class ReportedAutomated(_Reported, frozen=True):
    """`spec.syncPolicy.automated`: being there means yes, unless `enabled` says no."""

    enabled: bool | None = None


class ReportedSyncPolicy(_Reported, frozen=True):
    """`spec.syncPolicy` of an Application."""

    automated: ReportedAutomated | None = None


class ReportedSpec(_Reported, frozen=True):
    """`spec` of an Application. What Argo CD compares stays raw: only its digest is kept."""

    destination: Raw = NULL
    source: Raw = NULL
    sources: Raw = NULL
    source_hydrator: Raw = NULL
    ignore_differences: Raw = NULL
    sync_policy: ReportedSyncPolicy | None = None


class ReportedComparedTo(_Reported, frozen=True):
    """`status.sync.comparedTo`."""

    destination: Raw = NULL
    source: Raw = NULL
    sources: Raw = NULL
    ignore_differences: Raw = NULL


class ReportedSync(_Reported, frozen=True):
    """`status.sync`."""

    status: str | None = None
    compared_to: ReportedComparedTo | None = None


class ReportedHealth(_Reported, frozen=True):
    """`status.health`."""

    status: str | None = None
    last_transition_time: str | None = None


class ReportedOperation(_Reported, frozen=True):
    """`status.operationState`."""

    phase: str | None = None
    message: str | None = None
    finished_at: str | None = None
    retry_count: int | None = None


class ReportedCondition(_Reported, frozen=True):
    """A condition of an Application or of an ApplicationSet."""

    type: str | None = None
    status: str | None = None
    reason: str | None = None
    message: str | None = None
    last_transition_time: str | None = None


class ReportedDeployment(_Reported, frozen=True):
    """One entry of `status.history`."""

    deployed_at: str | None = None


class ReportedHydration(_Reported, frozen=True):
    """`status.sourceHydrator.currentOperation`."""

    phase: str | None = None
    message: str | None = None


class ReportedHydrator(_Reported, frozen=True):
    """`status.sourceHydrator`."""

    current_operation: ReportedHydration | None = None


class ReportedStatus(_Reported, frozen=True):
    """`status` of an Application."""

    health: ReportedHealth | None = None
    sync: ReportedSync | None = None
    reconciled_at: str | None = None
    operation_state: ReportedOperation | None = None
    conditions: list[ReportedCondition] | None = None
    history: list[ReportedDeployment] | None = None
    source_hydrator: ReportedHydrator | None = None


class ReportedApplicationAnnotations(Struct, frozen=True, gc=False):
    """The annotations of an Application that are read."""

    skip_reconcile: str | None = field(name="argocd.argoproj.io/skip-reconcile", default=None)


class ReportedApplicationMeta(ReportedMeta, frozen=True):
    """Metadata of an Application."""

    finalizers: list[str] | None = None
    annotations: ReportedApplicationAnnotations | None = None


class ReportedApplication(_Reported, frozen=True):
    """An Application."""

    metadata: ReportedApplicationMeta | None = None
    spec: ReportedSpec | None = None
    status: ReportedStatus | None = None
    operation: _Reported | None = None


class ReportedSecretData(_Reported, frozen=True):
    """`data` of a cluster Secret, base64. There is no member `config` here, on purpose."""

    name: str | None = None
    server: str | None = None
    shard: str | None = None
    project: str | None = None


class ReportedSecret(_Reported, frozen=True):
    """A cluster Secret. Its metadata is raw here: which annotations are read depends on the
    prefix of the gates (`Decoder`).
    """

    metadata: Raw = NULL
    data: ReportedSecretData | None = None


class ReportedSpokeMeta(ReportedMeta, frozen=True):
    """Metadata of a cluster Secret, as far as it does not depend on the prefix."""

    managed_fields: list[ReportedManager] | None = None
    annotations: Raw = NULL


class ReportedSetStep(_Reported, frozen=True):
    """One entry of `status.applicationStatus`: how far RollingSync is."""

    application: str | None = None
    status: str | None = None


class ReportedSetStatus(_Reported, frozen=True):
    """`status` of an ApplicationSet. Its `resources` are stale, and not read."""

    conditions: list[ReportedCondition] | None = None
    application_status: list[ReportedSetStep] | None = None


class ReportedSetSyncPolicy(_Reported, frozen=True):
    """`spec.syncPolicy` of an ApplicationSet."""

    applications_sync: str | None = None
    preserve_resources_on_deletion: bool | None = None


class ReportedStrategy(_Reported, frozen=True):
    """`spec.strategy`."""

    type: str | None = None


class ReportedTemplateSpec(_Reported, frozen=True):
    """`spec.template.spec`: only where it installs to."""

    destination: ReportedDestination | None = None


class ReportedTemplateMeta(_Reported, frozen=True):
    """`spec.template.metadata`: only its labels and its finalizers."""

    labels: dict[str, str] | None = None
    finalizers: list[str] | None = None


class ReportedTemplate(_Reported, frozen=True):
    """`spec.template`."""

    metadata: ReportedTemplateMeta | None = None
    spec: ReportedTemplateSpec | None = None


class ReportedExpression(_Reported, frozen=True):
    """One of `matchExpressions`."""

    key: str
    operator: str
    values: list[str] | None = None


class ReportedSelector(_Reported, frozen=True):
    """A label selector: of a clusters generator, or a filter of any generator."""

    match_labels: dict[str, str] | None = None
    match_expressions: list[ReportedExpression] | None = None


class ReportedClusters(_Reported, frozen=True):
    """A clusters generator."""

    selector: ReportedSelector | None = None
    flat_list: bool | None = None
    values: dict[str, str] | None = None


class ReportedElements(_Reported, frozen=True):
    """A list generator."""

    elements: list[dict[str, Any]] | None = None
    elements_yaml: str | None = None


class ReportedChildren(_Reported, frozen=True):
    """A matrix or a merge; each child is an entry with its kind and its filter."""

    generators: list[dict[str, Raw]] | None = None
    merge_keys: list[str] | None = None


class ReportedSetSpec(_Reported, frozen=True):
    """`spec` of an ApplicationSet."""

    generators: Raw = NULL
    go_template: bool | None = None
    sync_policy: ReportedSetSyncPolicy | None = None
    strategy: ReportedStrategy | None = None
    template: ReportedTemplate | None = None
    template_patch: str | None = None


class ReportedSet(_Reported, frozen=True):
    """An ApplicationSet. Its spec is raw: templates are read for what they name of a spoke."""

    metadata: ReportedMeta | None = None
    spec: Raw = NULL
    status: ReportedSetStatus | None = None


class ReportedAmounts(_Reported, frozen=True):
    """`resources.limits` of a container."""

    memory: str | None = None


class ReportedResources(_Reported, frozen=True):
    """`resources` of a container."""

    limits: ReportedAmounts | None = None


class ReportedEnv(_Reported, frozen=True):
    """A variable. Its value is raw: most are none of ours, and may be secret."""

    name: str | None = None
    value: Raw = NULL


class ReportedContainer(_Reported, frozen=True):
    """One of `spec.containers` of a Pod."""

    name: str | None = None
    image: str | None = None
    env: list[ReportedEnv] | None = None
    resources: ReportedResources | None = None


class ReportedPodSpec(_Reported, frozen=True):
    """`spec` of a Pod."""

    containers: list[ReportedContainer] | None = None


class ReportedRunning(_Reported, frozen=True):
    """A container that runs."""

    started_at: str | None = None


class ReportedWaiting(_Reported, frozen=True):
    """A container that does not run yet, or not again."""

    reason: str | None = None


class ReportedTerminated(_Reported, frozen=True):
    """A container that has ended."""

    reason: str | None = None
    exit_code: int | None = None
    finished_at: str | None = None


class ReportedContainerState(_Reported, frozen=True):
    """`state` or `lastState`: one of its members is there."""

    running: ReportedRunning | None = None
    waiting: ReportedWaiting | None = None
    terminated: ReportedTerminated | None = None


class ReportedContainerStatus(_Reported, frozen=True):
    """One of `status.containerStatuses`."""

    name: str | None = None
    state: ReportedContainerState | None = None
    last_state: ReportedContainerState | None = None
    restart_count: int | None = None


class ReportedPodStatus(_Reported, frozen=True):
    """`status` of a Pod."""

    phase: str | None = None
    pod_ip: str | None = field(name="podIP", default=None)
    conditions: list[ReportedCondition] | None = None
    container_statuses: list[ReportedContainerStatus] | None = None


class ReportedConfigMap(_Reported, frozen=True):
    """A ConfigMap. Each value by itself: one of the wrong kind must not hide the others."""

    metadata: ReportedMeta | None = None
    data: dict[str, Any] | None = None
    binary_data: dict[str, Raw] | None = None


class ReportedPod(_Reported, frozen=True):
    """A Pod."""

    metadata: ReportedMeta | None = None
    spec: ReportedPodSpec | None = None
    status: ReportedPodStatus | None = None
