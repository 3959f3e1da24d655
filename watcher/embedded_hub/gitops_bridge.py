"""What does a hub look like that grew out of the GitOps Bridge?

One story with the shapes that real addon ApplicationSets have, each with its gate where that shape
takes one: a merge of clusters generators (A), one with matchExpressions (B), one with matchLabels
(C), a matrix of clusters and git (E); environments, `enable_` labels, and a hub among its spokes.

Facts (gitops-bridge-dev/gitops-bridge-argocd-control-plane-template at e6d3551): the
shapes, the names, the labels and annotations; in a merge only the first child decides which spokes
there are, so the gate stands there and nowhere else.

Elsewhere: the other stories (scenarios.py).
"""

from __future__ import annotations

from watcher.embedded_hub.model import Model
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.scenario import (
    REPOSITORY,
    Scenario,
    Story,
    Tier,
    application_set,
    create_set,
    create_spoke,
    enable,
    gate,
    plain_set,
    spoke_secret,
)
from watcher.embedded_hub.spokes import IN_CLUSTER_SERVER
from watcher.embedded_hub.workloads import Rule, takes

_TIERS = (Tier("compute"), Tier("metrics"), Tier("security", ("compute",)), Tier("platform"))
_FILES = {f"workloads/{name}/values.yaml": "replicas: 2\n" for name in ("api", "jobs", "web")}
_NOT_AKUITY = {
    "key": "akuity.io/argo-cd-cluster-name", "operator": "NotIn", "values": ["in-cluster"],
}  # fmt: skip
_PRESERVE = {"syncPolicy": {"preserveResourcesOnDeletion": True}}


def _asks(addon: str, tier: str) -> list[Object]:
    """The matchExpressions of the static family, with the gate appended."""
    return [
        _NOT_AKUITY,
        {"key": enable(addon), "operator": "In", "values": ["true"]},
        {"key": gate(tier), "operator": "In", "values": ["open"]},
    ]


def _chart_template(addon: str, version: str) -> Object:
    return {
        "metadata": {
            "name": f"addon-{{{{name}}}}-{addon}",
            "labels": {"addonName": addon, "environment": "{{metadata.labels.environment}}"},
        },
        "spec": {
            "project": "default",
            "source": {
                "repoURL": "https://charts.example.invalid",
                "chart": addon,
                "targetRevision": version,
            },
            "destination": {"name": "{{name}}", "namespace": addon},
            "syncPolicy": {
                "automated": {},
                "syncOptions": ["CreateNamespace=true", "ServerSideApply=true"],
            },
        },
    }


def _shape_a(addon: str, tier: str) -> Object:
    """A merge of clusters by server; the gate in its base, versions by environment."""
    values = {"addonChart": addon, "addonChartVersion": "1.2.0"}
    base = {"clusters": {"selector": {"matchExpressions": _asks(addon, tier)}, "values": values}}
    later = [
        {
            "clusters": {
                "selector": {"matchLabels": {"environment": environment}},
                "values": {"addonChartVersion": version},
            }
        }
        for environment, version in (("staging", "1.3.0"), ("prod", "1.2.1"))
    ]
    generator = {"merge": {"mergeKeys": ["server"], "generators": [base, *later]}}
    template = _chart_template(addon, "{{values.addonChartVersion}}")
    return application_set(addon, generator, template=template, **_PRESERVE)


def _shape_b(addon: str, tier: str) -> Object:
    """One clusters generator with matchExpressions, the gate appended."""
    generator = {"clusters": {"selector": {"matchExpressions": _asks(addon, tier)}}}
    return application_set(addon, generator, template=_chart_template(addon, "4.1.0"), **_PRESERVE)


def _shape_c(addon: str, tier: str) -> Object:
    """One clusters generator with matchLabels, the gate added."""
    return plain_set(addon, {"fleet_member": "spoke", gate(tier): "open"})


def _shape_e(addon: str, tier: str) -> Object:
    """A matrix of clusters and git directories: several Applications on each spoke."""
    clusters = {"clusters": {"selector": {"matchExpressions": _asks(addon, tier)}}}
    git = {"repoURL": REPOSITORY, "revision": "HEAD", "directories": [{"path": "workloads/*"}]}
    generator = {"matrix": {"generators": [clusters, {"git": git}]}}
    template = {
        "metadata": {"name": "{{name}}-{{path.basename}}"},
        "spec": {
            "project": "default",
            "source": {"repoURL": REPOSITORY, "path": "{{path}}", "targetRevision": "HEAD"},
            "destination": {"name": "{{name}}", "namespace": "{{path.basename}}"},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
        },
    }
    return application_set(addon, generator, template=template)


def _secret(name: str, environment: str, member: str, server: str = "") -> Object:
    addons = ("karpenter", "aws-load-balancer-controller", "metrics-server", "cert-manager",
              "external-secrets", "workloads")  # fmt: skip
    labels = {
        "cluster_name": name,
        "environment": environment,
        "fleet_member": member,
        **{enable(addon): "true" for addon in addons},
        "enable_argocd": "true",
    }
    annotations = {
        "cluster_name": name,
        "environment": environment,
        "addons_repo_url": REPOSITORY,
        "addons_repo_basepath": "addons/",
        "addons_repo_path": "bootstrap/control-plane/addons",
        "addons_repo_revision": "HEAD",
    }
    return spoke_secret(name, labels, annotations=annotations, server=server)


def _lay(model: Model, spokes: int) -> Story:
    for wanted in (
        _shape_a("karpenter", "compute"),
        _shape_a("aws-load-balancer-controller", "compute"),
        _shape_a("metrics-server", "metrics"),
        _shape_b("cert-manager", "security"),
        _shape_b("external-secrets", "security"),
        _shape_c("ingress-nginx", "platform"),
        _shape_e("workloads", "platform"),
    ):
        create_set(model, wanted)
    create_spoke(model, _secret("hub", "control-plane", "control-plane", IN_CLUSTER_SERVER))
    for number in range(max(spokes - 1, 0)):
        environment = ("staging", "prod")[number % 2]
        name = f"{environment}-{number // 2:02d}"
        create_spoke(model, _secret(name, environment, "spoke"))
    return Story()


GITOPS_BRIDGE = Scenario(
    name="gitops-bridge",
    says="merges, matrices and plain selectors as the GitOps Bridge has them, a hub among its own"
    " spokes",
    tiers=_TIERS,
    lay=_lay,
    rules=(Rule(behaviour=takes(25), spread=0.6),),
    files=_FILES,
)
