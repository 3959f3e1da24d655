"""Are the guards in manifests/ what the code ships? `--rewrite` writes them anew."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.manifests.tools import documents, kustomize, tool
from watcher.facts import Guard
from watcher.guards import Component, kustomization, objects, shape, shipped, written
from watcher.policy import Policy
from watcher.policy.policy import Recovery

FOLDER = Path(__file__).parent.parent.parent / "manifests/components"
HEAD = """\
Written by `tests/run manifests --rewrite`; do not edit.
For another prefix, namespace, polarity or account: gate-watcher config guards FILE."""


def files(component: Component) -> Iterator[tuple[Path, str]]:
    of = shape(Policy(()))
    folder = FOLDER / component
    yield folder / "kustomization.yaml", written([kustomization(component, of)], HEAD)
    for name, made in objects(component, of).items():
        yield folder / f"{name}.yaml", written(made, HEAD)


@pytest.mark.parametrize("component", Component)
def test_the_component_is_what_the_code_ships(
    component: Component, request: pytest.FixtureRequest
) -> None:
    wanted = dict(files(component))
    if request.config.getoption("--rewrite"):
        (FOLDER / component).mkdir(parents=True, exist_ok=True)
        for path in (FOLDER / component).glob("*.yaml"):
            path.unlink()
        for path, text in wanted.items():
            path.write_text(text)
    found = {path: path.read_text() for path in (FOLDER / component).glob("*.yaml")}
    assert found == wanted, "tests/run manifests --rewrite writes them anew"


def test_kustomize_builds_what_a_policy_with_recovery_asks_for(tmp_path: Path) -> None:
    """The last component changes what the first has brought."""
    parts = tmp_path / "components"
    shutil.copytree(FOLDER, parts)
    (tmp_path / "kustomization.yaml").write_text(
        yaml.safe_dump({"components": [f"components/{each}" for each in Component]})
    )
    found: dict[tuple[str, str], Any] = {
        (each["kind"], each["metadata"]["name"]): each["spec"]
        for each in documents(kustomize(tmp_path))
        if "spec" in each
    }
    wanted = shipped(shape(Policy((), recovery=Recovery.PARK)))
    for guard in Guard:
        one = wanted[guard]
        assert found["ValidatingAdmissionPolicy", one.name] == one.policy["spec"]
        assert found["ValidatingAdmissionPolicyBinding", one.name] == one.binding["spec"]


def test_recovery_before_the_guards_is_refused(tmp_path: Path) -> None:
    """It would leave guard B as it was, which then refuses to park."""
    shutil.copytree(FOLDER, tmp_path / "components")
    wrong = [f"components/{each}" for each in (Component.RECOVERY, Component.GUARDS)]
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump({"components": wrong}))
    done = subprocess.run(
        [tool("kubectl"), "kustomize", tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "watcher-writes-gates-only.argocd.gate-watcher.io" in done.stderr
