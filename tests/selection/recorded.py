"""The recorded cases, as they stand in tests/selection/cases; their form: record.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as fast, where PyYAML was built with it: every worker reads all cases thrice."""


def read_case(file: Path) -> dict[str, Any]:
    """What is written in one of them."""
    read: dict[str, Any] = yaml.load(file.read_text(), Loader=_LOADER)  # noqa: S506  # a safe one
    return read
