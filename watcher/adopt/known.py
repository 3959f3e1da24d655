"""Which tier does an addon belong to, as far as its name tells?

A table of addons that fleets commonly have, each under the kind of tier that it belongs to, with
the reason. It proposes and no more: a file of the person's own goes over it.

Facts: what the charts of these names install, and what of it others wait for (a webhook, a node, an
identity); the names are those of the GitOps Bridge's repositories and of the charts.

Elsewhere: waves, which people wrote down themselves and which go before this (assigning.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from watcher.decide.selection import clusters, deciding
from watcher.lint import WrittenSet


class TierKind(Struct, frozen=True):
    """A kind of tier, and why it stands where it does."""

    tier: str
    why: str


CRDS = TierKind("crds", "others create objects of these kinds, and fail where there are none")
FOUNDATION = TierKind(
    "foundation", "no Pod starts, or gets its disk or its identity, without these"
)
COMPUTE = TierKind("compute", "they bring the nodes that everything after them runs on")
SECURITY = TierKind(
    "security", "certificates, secrets and webhooks: what comes later asks for them as it starts"
)
TRAFFIC = TierKind("traffic", "load balancers, ingress and names: they ask for certificates")
METRICS = TierKind("metrics", "they look at what runs, and nothing needs them to start")
PLATFORM = TierKind("platform", "what people use themselves; it rests on all the others")

KINDS = (CRDS, FOUNDATION, COMPUTE, SECURITY, TRAFFIC, METRICS, PLATFORM)
"""In the order in which they are admitted."""

_KNOWN: dict[TierKind, tuple[str, ...]] = {
    CRDS: (
        "prometheus-operator-crds", "gateway-api-crds", "gateway-crds", "external-snapshotter-crds",
        "karpenter-crd", "cert-manager-crds", "crds", "kro",
    ),
    FOUNDATION: (
        "aws-vpc-cni", "vpc-cni", "cilium", "calico", "tigera-operator", "multus", "coredns",
        "kube-proxy", "pod-identity", "eks-pod-identity-agent", "ebs-csi", "aws-ebs-csi-driver",
        "csi-ebs", "efs-csi", "aws-efs-csi-driver", "csi-efs", "fsx-csi", "csi-fsx",
        "mountpoint-s3", "azuredisk-csi", "snapshot-controller", "node-local-dns",
    ),
    COMPUTE: (
        "karpenter", "cluster-autoscaler", "node-termination-handler", "gpu-operator",
        "nvidia-device-plugin", "neuron", "node-feature-discovery",
        "cluster-proportional-autoscaler",
    ),
    SECURITY: (
        "cert-manager", "trust-manager", "privateca-issuer", "external-secrets",
        "secrets-store-csi-driver", "sealed-secrets", "vault", "kyverno", "gatekeeper", "falco",
        "trivy", "spire", "azure-workload-identity",
    ),
    TRAFFIC: (
        "load-balancer-controller", "aws-load-balancer-controller", "ingress-nginx",
        "nginx-ingress", "traefik", "contour", "envoy-gateway", "gateway-api-controller",
        "external-dns", "istio", "istio-base", "istiod", "linkerd", "metallb", "kong",
    ),
    METRICS: (
        "metrics-server", "keda", "vpa", "prometheus", "kube-prometheus-stack",
        "prometheus-adapter", "prometheus-node-exporter", "kube-state-metrics", "grafana",
        "grafana-operator", "loki", "tempo", "mimir", "thanos", "fluent-bit",
        "fluentbit", "aws-for-fluentbit", "fluentd", "cloudwatch-metrics",
        "cloudwatch-observability", "adot", "opentelemetry",
        "opentelemetry-operator",
        "datadog", "newrelic", "kubecost", "opencost", "goldilocks", "cni-metrics-helper",
    ),
    PLATFORM: (
        "argo-rollouts", "argo-workflows", "argo-events", "ack", "crossplane", "velero",
        "backstage", "keycloak", "gitlab", "kargo", "kubevela", "flux", "airflow",
        "jupyterhub", "ray-operator", "kuberay", "spark-operator", "mlflow", "kubeflow",
        "strimzi", "tekton", "reloader", "cluster-api", "capi-operator", "devlake",
        "kueue", "yunikorn",
    ),
}  # fmt: skip
_BY_WORDS = {tuple(name.split("-")): kind for kind, names in _KNOWN.items() for name in names}

NEVER_GATED = {
    ("argo", "cd"): "it is Argo CD itself, which would have to admit itself",
    ("argocd",): "it is Argo CD itself, which would have to admit itself",
    ("gate", "watcher"): "it is the watcher itself, which opens the gates",
}
"""Names whose addon must run before any gate can open, and why."""

_WORD = re.compile(r"[a-z0-9]+")
_ENABLE = "enable_"


def known(each: WrittenSet) -> tuple[str, TierKind] | None:
    """The name under which the addon is known, and its kind of tier; None where it is not known.

    The longest name that is found decides: `prometheus-adapter` is not `prometheus`.
    """
    found = [
        (words, kind)
        for name in names(each)
        for words, kind in _BY_WORDS.items()
        if _holds(name, words)
    ]
    if not found:
        return None
    words, kind = max(found, key=lambda one: (len(one[0]), one[0]))
    return "-".join(words), kind


def never_gated(each: WrittenSet) -> str:
    """Why the addon must have no gate; empty where it may."""
    own = _words(each.set.name)
    return next((why for words, why in NEVER_GATED.items() if _holds(own, words)), "")


def names(each: WrittenSet) -> Iterator[tuple[str, ...]]:
    """What the addon may be called, in words: by its ApplicationSet, by the labels that enable it,
    by its charts and paths.
    """
    yield _words(each.set.name)
    for generator in each.set.generators:
        for leaf in deciding(generator):
            for expression in leaf.selector.expressions:
                if expression.key.startswith(_ENABLE):
                    yield _words(expression.key.removeprefix(_ENABLE))
        for leaf in clusters(generator):
            yield _words(leaf.values.get("addonChart", ""))
    for source in each.template.sources:
        yield _words(source.rpartition("/")[2])


def _words(name: str) -> tuple[str, ...]:
    return () if "{{" in name else tuple(_WORD.findall(name.lower()))


def _holds(name: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Whether these words stand in the name, next to each other."""
    return any(name[at : at + len(words)] == words for at in range(len(name) - len(words) + 1))
