"""Is what is installed what the manifests say, and is it sound? `--rewrite` renders them anew."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes_validate import latest_version, validate  # type: ignore[import-untyped]

from tests.manifests.tools import MANIFESTS, ROOT, built, kustomize
from watcher.cli import main as program
from watcher.policy import Policy, read_policy

INSTALLS = ("namespace-install", "cluster-install", "ha")
COMPONENTS = sorted(path.name for path in (MANIFESTS / "components").iterdir())
HEAD = (
    "# Written by `tests/run manifests --rewrite`: what `kubectl kustomize` makes of this folder.\n"
)

GUARDS = "ValidatingAdmissionPolicy"
OLDEST, GUARDED, NEWEST = "1.28", "1.30", latest_version()
"""The oldest Kubernetes that is supported, the first that has these guards, and the last."""
FOREIGN = "monitoring.coreos.com/"
"""Kinds that Kubernetes has no schema of."""


@pytest.mark.parametrize("name", INSTALLS)
def test_the_rendered_file_is_what_kustomize_makes(
    name: str, request: pytest.FixtureRequest
) -> None:
    path, made = MANIFESTS / name / "install.yaml", HEAD + kustomize(MANIFESTS / name)
    if request.config.getoption("--rewrite"):
        path.write_text(made)
    assert path.read_text() == made, "tests/run manifests --rewrite renders it anew"


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """`ha` for Applications anywhere, with every component; Argo CD's own ConfigMap beside it."""
    argo_cd = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-cm"}}
    folder = tmp_path_factory.mktemp("everything")
    return built(folder, "cluster-install", COMPONENTS, argocd_cm=argo_cd)


def one(objects: list[dict[str, Any]], kind: str, name: str = "gate-watcher") -> dict[str, Any]:
    """The object of this kind and name."""
    (found,) = [
        each for each in objects if (each["kind"], each["metadata"]["name"]) == (kind, name)
    ]
    return found


@pytest.mark.parametrize("version", [OLDEST, GUARDED, NEWEST])
def test_every_object_is_one_in_each_kubernetes_that_is_supported(
    version: str, everything: list[dict[str, Any]]
) -> None:
    for each in everything:
        too_old = version == OLDEST and each["kind"].startswith(GUARDS)
        if not too_old and not each["apiVersion"].startswith(FOREIGN):
            validate(each, version, strict=True)


def test_every_folder_is_installed_or_a_component() -> None:
    folders = {path.parent for path in MANIFESTS.rglob("kustomization.yaml")}
    components = {MANIFESTS / "components" / each for each in COMPONENTS}
    assert folders == {MANIFESTS / "base", *(MANIFESTS / each for each in INSTALLS)} | components


def test_what_is_shipped_is_read_by_the_program_that_is_shipped(
    everything: list[dict[str, Any]], tmp_path: Path
) -> None:
    """The arguments are ones that `run` has, and the policy is a policy."""
    container = _container(everything)
    verb, *arguments = container["args"]
    command = program.get_command(None, verb)  # type: ignore[arg-type]
    assert command is not None
    given = command.make_context(verb, list(arguments)).params
    mounted = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert str(given["config"]) == f"{mounted['policy']}/policy.yaml"
    assert given["listen"][1] == container["ports"][0]["containerPort"]
    policy = read_policy(
        one(everything, "ConfigMap", "gate-watcher-policy")["data"]["policy.yaml"],
        file="policy.yaml",
    )
    assert isinstance(policy, Policy)
    assert policy.namespace == one(everything, "Deployment")["metadata"]["namespace"]


def test_the_image_is_of_this_version(everything: list[dict[str, Any]]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert _container(everything)["image"] == f"example.invalid/gate-watcher:{project['version']}"


def test_a_changed_policy_is_seen_without_a_restart(everything: list[dict[str, Any]]) -> None:
    """Its ConfigMap keeps its name, and is mounted as a folder: a single file never changes."""
    pod = one(everything, "Deployment")["spec"]["template"]["spec"]
    (volume,) = [each for each in pod["volumes"] if each["name"] == "policy"]
    assert volume["configMap"]["name"] == "gate-watcher-policy"
    assert not any("subPath" in each for each in _container(everything)["volumeMounts"])


def test_the_pod_is_what_pod_security_calls_restricted(everything: list[dict[str, Any]]) -> None:
    pod = one(everything, "Deployment")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert {"hostNetwork", "hostPID", "hostIPC"}.isdisjoint(pod)
    assert {next(key for key in each if key != "name") for each in pod["volumes"]} <= {
        "configMap",
        "projected",
    }
    assert _container(everything)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_token_is_mounted_for_an_hour_and_nowhere_else(
    everything: list[dict[str, Any]],
) -> None:
    pod = one(everything, "Deployment")["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert one(everything, "ServiceAccount")["automountServiceAccountToken"] is False
    (volume,) = [each for each in pod["volumes"] if each["name"] == "token"]
    token, authority, namespace = volume["projected"]["sources"]
    assert token["serviceAccountToken"] == {"path": "token", "expirationSeconds": 3600}
    assert authority["configMap"]["name"] == "kube-root-ca.crt"
    assert namespace["downwardAPI"]["items"][0]["path"] == "namespace"


def test_probes_service_and_scrapes_meet_the_port_by_its_name(
    everything: list[dict[str, Any]],
) -> None:
    container = _container(everything)
    assert [each["name"] for each in container["ports"]] == ["http"]
    probed = {
        probe: (container[probe]["httpGet"]["path"], container[probe]["httpGet"]["port"])
        for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert probed == {
        "startupProbe": ("/livez", "http"),
        "livenessProbe": ("/livez", "http"),
        "readinessProbe": ("/readyz", "http"),
    }
    service = one(everything, "Service")
    (port,) = service["spec"]["ports"]
    assert (port["name"], port["targetPort"]) == ("http", "http")
    monitor = one(everything, "ServiceMonitor")["spec"]
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert [(each["port"], each["path"]) for each in monitor["endpoints"]] == [("http", "/metrics")]
    labels = one(everything, "Deployment")["spec"]["template"]["metadata"]["labels"]
    for selector in (
        service["spec"]["selector"],
        one(everything, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        one(everything, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()


def test_the_network_policy_lets_it_reach_what_the_policy_reads_by_default(
    everything: list[dict[str, Any]],
) -> None:
    memory = Policy(()).memory
    *_, controllers = one(everything, "NetworkPolicy")["spec"]["egress"]
    (labels,) = [each["podSelector"]["matchLabels"] for each in controllers["to"]]
    assert ",".join(f"{key}={value}" for key, value in labels.items()) == memory.selector
    assert [each["port"] for each in controllers["ports"]] == [memory.port]


def test_replicas_know_their_own_address_and_may_ask_each_other(
    everything: list[dict[str, Any]],
) -> None:
    (address,) = [each for each in _container(everything)["env"] if each["name"] == "POD_IP"]
    assert address["valueFrom"] == {"fieldRef": {"fieldPath": "status.podIP"}}
    policy = one(everything, "NetworkPolicy")["spec"]
    others = {"podSelector": policy["podSelector"]}
    assert {"to": [others], "ports": [{"port": "http", "protocol": "TCP"}]} in policy["egress"]


def test_two_replicas_are_spread_and_only_one_is_taken_at_a_time(
    everything: list[dict[str, Any]],
) -> None:
    spec = one(everything, "Deployment")["spec"]
    assert spec["replicas"] == 2
    spread = spec["template"]["spec"]["topologySpreadConstraints"]
    assert [each["topologyKey"] for each in spread] == [
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    ]
    assert one(everything, "PodDisruptionBudget")["spec"]["maxUnavailable"] == 1


def test_grafana_finds_every_dashboard(everything: list[dict[str, Any]]) -> None:
    held = one(everything, "ConfigMap", "gate-watcher-dashboards")
    assert held["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert set(held["data"]) == {path.name for path in (ROOT / "dashboards").glob("*.json")}


def test_argo_cds_ui_gets_a_link_to_the_spoke(everything: list[dict[str, Any]]) -> None:
    (link,) = yaml.safe_load(one(everything, "ConfigMap", "argocd-cm")["data"]["application.links"])
    assert link["url"].endswith("/?spoke={{ .cluster.name | urlquery }}")
    assert link["if"] == 'cluster != nil && cluster.name != ""'


def _container(objects: list[dict[str, Any]]) -> dict[str, Any]:
    (found,) = one(objects, "Deployment")["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found
