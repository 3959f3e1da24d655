"""Does what the manual says of the installation hold?"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import yaml

from tests.manifests.test_installs import COMPONENTS, INSTALLS, one
from tests.manifests.test_roles import atoms, granted, people
from tests.manifests.tools import MANIFESTS, ROOT, built, documents, kustomize

README = (ROOT / "README.md").read_text()
CHAPTER = README.split("\n## Install\n")[1].split("\n## ")[0]
POLICY = (
    "apiVersion: config.gate-watcher.io/v1alpha1\nkind: GateWatcherConfiguration\n"
    "tiers: [{name: mine}]\n"
)


def test_the_kustomization_of_the_manual_builds(tmp_path: Path) -> None:
    examples = re.findall(r"```yaml\n(.*?)```", CHAPTER, re.DOTALL)
    (example,) = (each for each in examples if "kind: Kustomization" in each)
    shutil.copytree(MANIFESTS, tmp_path / "manifests")
    (tmp_path / "kustomization.yaml").write_text(example)
    (tmp_path / "policy.yaml").write_text(POLICY)
    made = list(documents(kustomize(tmp_path)))
    pod = one(made, "Deployment")["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"].startswith("mirror.example.com/gate-watcher@")
    assert one(made, "ConfigMap", "gate-watcher-policy")["data"] == {"policy.yaml": POLICY}
    assert any(each["kind"] == "ValidatingAdmissionPolicy" for each in made)


def test_two_hubs_in_one_cluster_share_nothing_that_is_the_clusters(tmp_path: Path) -> None:
    """Kustomize moves what is in a namespace, and names nothing anew."""
    first = built(tmp_path / "first", "cluster-install", ())
    moved = next(
        yaml.safe_load(each)
        for each in re.findall(r"```yaml\n(.*?)```", CHAPTER, re.DOTALL)
        if each.startswith("namespace: ")
    )
    shutil.copytree(MANIFESTS, tmp_path / "manifests")
    asked = {"resources": ["manifests/cluster-install"], **moved}
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(asked))
    second = list(documents(kustomize(tmp_path)))
    named = [
        {each["metadata"]["name"] for each in hub if each["kind"].startswith("ClusterRole")}
        for hub in (first, second)
    ]
    assert named == [{"gate-watcher:applications:argocd"}, {"gate-watcher:applications:gitops"}]
    (binding,) = [each for each in second if each["kind"] == "ClusterRoleBinding"]
    assert binding["roleRef"]["name"] == "gate-watcher:applications:gitops"
    assert [each["namespace"] for each in binding["subjects"]] == ["gitops"]


def test_every_folder_and_component_is_in_the_manual() -> None:
    named = set(re.findall(r"`([a-z-]+)`", CHAPTER))
    assert {*INSTALLS, *COMPONENTS} <= named


def test_every_file_that_the_manual_names_is_there() -> None:
    named = re.findall(r"\bmanifests/[\w./-]*\w", CHAPTER)
    assert len(named) > 5
    assert [each for each in named if not (ROOT / each).exists()] == []


def test_the_manuals_table_of_rights_is_what_is_granted(tmp_path: Path) -> None:
    table = README.split("\n| resource | verbs |\n|---|---|\n")[1].split("\n\n")[0]
    told = {
        (verb, group, plural)
        for line in table.splitlines()
        for plural, group in map(_split, re.findall(r"`([a-z]+(?:\.[a-z0-9.]+)?)`", line))
        for verb in re.findall(r"\b(get|list|watch|patch|create|update)\b", line)
    }
    objects = built(tmp_path, "namespace-install", ())
    assert told == {atom[:3] for atom in atoms(granted(objects, "gate-watcher"))}


def test_the_roles_for_people_are_in_the_manual(tmp_path: Path) -> None:
    objects = built(tmp_path, "namespace-install", ())
    for name in re.findall(r"^\| `gate-watcher-(\w+)` \|", CHAPTER, re.MULTILINE):
        assert people(objects, name)
    shipped = {
        each["metadata"]["name"]
        for each in yaml.safe_load_all((MANIFESTS / "base/people.yaml").read_text())
    }
    assert all(f"`{each}`" in CHAPTER for each in shipped)


def _split(kind: str) -> tuple[str, str]:
    plural, _, group = kind.partition(".")
    return plural, group
