"""Which alerts are shipped?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
SHIPPED = yaml.safe_load(
    (ROOT / "manifests/components/prometheus-operator/alerts.yaml").read_text()
)
GROUPS: list[dict[str, Any]] = SHIPPED["spec"]["groups"]
ALERTS: tuple[Mapping[str, Any], ...] = tuple(rule for group in GROUPS for rule in group["rules"])


def plain(folder: Path) -> Path:
    """The rules as a Prometheus without the operator takes them."""
    path = folder / "rules.yaml"
    path.write_text(yaml.safe_dump(SHIPPED["spec"]))
    return path
