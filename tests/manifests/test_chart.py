"""Does the chart install what the Kustomize folders do? `--rewrite` generates what is generated."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from kubernetes_validate import latest_version, validate  # type: ignore[import-untyped]
from msgspec.structs import replace

from tests.manifests.charting import CHART, documented, guards_template, readme, values_schema
from tests.manifests.tools import MANIFESTS, ROOT, built, documents, helm_template, ran, tool
from watcher.guards import Component, objects, service_account, shape
from watcher.policy import Policy, read_policy
from watcher.policy.policy import Recovery

VALUES = sorted((CHART / "ci").iterdir())
ADDED = ("app.kubernetes.io/managed-by", "helm.sh/chart")
"""Labels that only Helm gives."""
SAME = {
    "default": ("namespace-install", ()),
    "ha": ("ha", ()),
    "cluster": ("cluster-install", ()),
    "guarded": (
        "namespace-install",
        (*Component, "network-policy", "prometheus-operator", "grafana"),
    ),
}
"""Values files, and the folder and the components that are the same."""


COPIED = {
    "files/alerts.yaml": MANIFESTS / "components/prometheus-operator/alerts.yaml",
    **{f"files/{path.name}": path for path in sorted((ROOT / "dashboards").glob("*.json"))},
}
"""A chart has all that it needs within its folder."""
GENERATED = ("templates/guards.yaml", "values.schema.json", "README.md", *COPIED)


@pytest.mark.parametrize("name", GENERATED)
def test_what_is_generated_is_what_the_code_says(name: str, request: pytest.FixtureRequest) -> None:
    path = CHART / name
    held = json.loads((CHART / "values.schema.json").read_text())
    made = {
        "templates/guards.yaml": guards_template,
        **{copy: path.read_text for copy, path in COPIED.items()},
        "values.schema.json": lambda: values_schema(held),
        "README.md": readme,
    }[name]()
    if request.config.getoption("--rewrite"):
        path.write_text(made)
    assert path.read_text() == made, "tests/run manifests --rewrite writes it anew"


@pytest.mark.parametrize("values", SAME)
def test_it_installs_what_kustomize_installs(values: str, tmp_path: Path) -> None:
    install, components = SAME[values]
    wanted = by_name(built(tmp_path, install, components))
    found = by_name(rendered(values))
    assert sorted(found) == sorted(wanted)
    for key, each in wanted.items():
        assert plain(found[key]) == plain(each)


def rendered(values: str, *arguments: str) -> list[dict[str, Any]]:
    """What the chart makes of one of its values files."""
    file = () if values == "default" else (f"--values={CHART}/ci/{values}-values.yaml",)
    return list(documents(helm_template(*file, *arguments)))


def by_name(objects: list[dict[str, Any]]) -> dict[tuple[str, str, str], dict[str, Any]]:
    made = {
        (each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"]): each
        for each in objects
    }
    assert len(made) == len(objects)
    return made


def plain(document: dict[str, Any]) -> dict[str, Any]:
    """Without what only Helm says, and with the policy as it is read."""
    document = json.loads(json.dumps(document))
    for label in ADDED:
        document["metadata"]["labels"].pop(label, None)
    if document["kind"] == "Deployment":
        for container in document["spec"]["template"]["spec"]["containers"]:
            assert container.pop("imagePullPolicy", "IfNotPresent") == "IfNotPresent"
    if document["metadata"]["name"] == "gate-watcher-policy":
        # Kustomize's component grants recovery, a policy switches it on.
        policy = replace(policy_of(document), recovery=Recovery.OFF)
        document["data"] = {"policy.yaml": policy}
    return document


@pytest.mark.parametrize("values", [path.name.removesuffix("-values.yaml") for path in VALUES])
def test_the_guards_are_those_of_the_policy(values: str) -> None:
    made = rendered(values)
    config, *_ = [each for each in made if each["metadata"]["name"] == "gate-watcher-policy"]
    policy = policy_of(config)
    given = yaml.safe_load((CHART / f"ci/{values}-values.yaml").read_text())
    name = given.get("serviceAccount", {}).get("name", "gate-watcher")
    of = shape(policy, service_account("argocd", name))
    guarded = given.get("guards", {}).get("enabled", False)
    wanted = [
        document
        for component in Component
        if guarded and (component is not Component.RECOVERY or of.parks)
        for file in objects(component, of).values()
        for document in file
    ]
    found = by_name(made)
    ours = by_name(wanted)
    assert {key: found.get(key) for key in ours} == ours
    kinds = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
    assert {key for key in found if key[0] in kinds} == {key for key in ours if key[0] in kinds}


def policy_of(config: dict[str, Any]) -> Policy:
    policy = read_policy(config["data"]["policy.yaml"], file="policy.yaml")
    assert isinstance(policy, Policy), policy
    return policy


def test_the_namespace_of_the_release_is_argo_cds_unless_the_policy_names_it() -> None:
    text = ran("helm", "template", "gate-watcher", str(CHART), "--namespace=gitops")
    made = list(documents(text))
    (config,) = [each for each in made if each["metadata"]["name"] == "gate-watcher-policy"]
    assert policy_of(config).namespace == "gitops"
    assert {each["metadata"]["namespace"] for each in made} == {"gitops"}


def test_apart_from_argo_cd_everything_that_is_looked_for_is_where_it_is_looked_for() -> None:
    """The watcher is where the release is, `argocd`; Argo CD, and what -n names, is in `gitops`."""
    found = by_name(rendered("elsewhere"))
    where: dict[tuple[str, str], set[str]] = {}
    for kind, namespace, name in found:
        where.setdefault((kind, name), set()).add(namespace)
    for kind in ("Deployment", "Service"):
        assert where[kind, "gate-watcher"] == {"argocd"}
    assert where["ServiceAccount", "opens-gates"] == {"argocd"}
    for key in (
        ("ConfigMap", "gate-watcher-orders"),
        ("ConfigMap", "gate-watcher-removals"),
        ("Role", "gate-watcher"),
        ("Role", "gate-watcher-operator"),
        ("Role", "gate-watcher-teardown"),
    ):
        assert where[key] == {"gitops"}
    both = [found["ConfigMap", each, "gate-watcher-policy"] for each in ("argocd", "gitops")]
    assert both[0]["data"] == both[1]["data"], "the teardown's Role reads it beside the Secrets"
    viewers = {
        each: [rule["resources"] for rule in found["Role", each, "gate-watcher-viewer"]["rules"]]
        for each in ("argocd", "gitops")
    }
    assert viewers == {"argocd": [["services/proxy"]], "gitops": [["leases"]]}


@pytest.mark.parametrize("values", VALUES, ids=lambda path: path.name)
def test_the_values_are_what_the_schema_allows(values: Path) -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(
        {"policy": {"tiers": [{"name": "a"}]}, **yaml.safe_load(values.read_text())}
    )
    ran("helm", "lint", "--strict", str(CHART), f"--values={values}")


@pytest.mark.parametrize(
    "wrong",
    [
        "replica=2",
        "policy.tiers[0].nam=x",
        "policy.gates.polarity=open",
        "logFormat=xml",
        "guards.strict=true",  # brings nothing without guards.enabled
        *(
            f"{labels}.app\\.kubernetes\\.io/name=x"  # twice in one mapping
            for labels in (
                "podLabels",
                "metrics.serviceMonitor.additionalLabels",
                "metrics.rules.additionalLabels",
                "metrics.dashboards.labels",
            )
        ),
    ],
)
def test_a_misspelt_value_is_refused(wrong: str) -> None:
    done = subprocess.run(
        [tool("helm"), "template", "x", str(CHART), f"--set={wrong}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "don't meet the specifications of the schema" in done.stderr


def test_every_value_is_documented_and_in_the_schema() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    told = {key for key, _, _ in documented()}
    assert {path for path in leaves(values) if path not in told} == set()


def leaves(values: dict[str, Any], before: str = "") -> set[str]:
    """The paths of values; a mapping that a person fills, or that has a comment, is one."""
    told = {key for key, _, _ in documented()}
    found: set[str] = set()
    for key, value in values.items():
        path = f"{before}{key}"
        deeper = isinstance(value, dict) and value and path not in told
        found |= leaves(value, f"{path}.") if deeper else {path}
    return found


def test_what_the_values_bring_in_is_what_kubernetes_knows() -> None:
    for each in rendered("elsewhere"):
        if not each["apiVersion"].startswith("monitoring.coreos.com/"):
            validate(each, latest_version(), strict=True)


def test_alerts_lead_to_the_teams_own_manual_and_dashboards() -> None:
    (alerts,) = [each for each in rendered("elsewhere") if each["kind"] == "PrometheusRule"]
    text = json.dumps(alerts)
    assert ".invalid" not in text
    assert "https://manual.example.com/README.md#" in text
    assert "https://grafana.example.com/d/" in text


def test_the_chart_holds_no_file_that_is_no_longer_used() -> None:
    assert {f"files/{path.name}" for path in (CHART / "files").iterdir()} == set(COPIED)


def test_it_asks_nothing_of_the_cluster_when_it_is_rendered() -> None:
    templates = "".join(path.read_text() for path in (CHART / "templates").iterdir())
    called = re.findall(
        r"\b(lookup|now|randAlphaNum|uuidv4|genCA|\.Capabilities|getHostByName)\b", templates
    )
    assert called == []
    assert helm_template() == helm_template()


def test_the_chart_is_of_this_version() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert f'version = "{chart["version"]}"' in (ROOT / "pyproject.toml").read_text()
    assert chart["appVersion"] == chart["version"]
