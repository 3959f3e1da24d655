"""Which kinds does the hub serve, and under which names?

Facts (Kubernetes API; Argo CD 3.5, manifests/crds): the CRD of Application has no status
subresource, those of ApplicationSet and, for what it matters here, Pod and Namespace have one.
`metadata.generation` is kept for custom resources and not for Secrets, ConfigMaps, Leases and
Events. Events are stored once and served under two groups (events.py).

Admission policies are stored and served; nothing goes by them here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One kind of object: where it is served, and what the API server keeps for it."""

    group: str
    """Empty for the core group."""
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    status_subresource: bool = False
    """The main endpoint ignores `status`, and `/status` takes nothing else."""
    generation: bool = False
    """`metadata.generation` counts the changes outside `metadata` (and outside `status`, where
    that is a subresource)."""
    custom: bool = False
    """Served from a CRD: such lists carry `continue: ""` and name the kind of every item."""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """What objects of this kind say as `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """The name that messages use: `applications.argoproj.io`, but `secrets`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        """The kind as messages about bad fields name it: `Application.argoproj.io`."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def root(self) -> str:
        """The path under which its group and version are served."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """Where a collection of it, or one object, is served."""
        scope = f"/namespaces/{namespace}" if namespace is not None and self.namespaced else ""
        return f"{self.root}{scope}/{self.plural}" + (f"/{name}" if name is not None else "")


NAMESPACE = Resource(
    "", "v1", "namespaces", "Namespace", namespaced=False, status_subresource=True,
    short_names=("ns",),
)  # fmt: skip
SECRET = Resource("", "v1", "secrets", "Secret")
SERVICE_ACCOUNT = Resource("", "v1", "serviceaccounts", "ServiceAccount", short_names=("sa",))
CONFIG_MAP = Resource("", "v1", "configmaps", "ConfigMap", short_names=("cm",))
POD = Resource(
    "", "v1", "pods", "Pod", status_subresource=True, short_names=("po",), categories=("all",)
)
EVENT = Resource("events.k8s.io", "v1", "events", "Event", short_names=("ev",))
LEASE = Resource("coordination.k8s.io", "v1", "leases", "Lease")
APPLICATION = Resource(
    "argoproj.io", "v1alpha1", "applications", "Application", generation=True, custom=True,
    short_names=("app", "apps"),
)  # fmt: skip
APPLICATION_SET = Resource(
    "argoproj.io", "v1alpha1", "applicationsets", "ApplicationSet", generation=True, custom=True,
    status_subresource=True, short_names=("appset", "appsets"),
)  # fmt: skip
APP_PROJECT = Resource(
    "argoproj.io", "v1alpha1", "appprojects", "AppProject", generation=True, custom=True,
    short_names=("appproj", "appprojs"),
)  # fmt: skip

ADMISSION_POLICY = Resource(
    "admissionregistration.k8s.io", "v1", "validatingadmissionpolicies",
    "ValidatingAdmissionPolicy", namespaced=False, generation=True, status_subresource=True,
)  # fmt: skip
ADMISSION_BINDING = Resource(
    "admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings",
    "ValidatingAdmissionPolicyBinding", namespaced=False, generation=True,
)  # fmt: skip

RESOURCES: tuple[Resource, ...] = (
    NAMESPACE, SECRET, CONFIG_MAP, SERVICE_ACCOUNT, POD, EVENT, LEASE, APPLICATION, APPLICATION_SET,
    APP_PROJECT, ADMISSION_POLICY, ADMISSION_BINDING,
)  # fmt: skip
"""Every kind that the hub stores, in the order in which discovery names them."""
