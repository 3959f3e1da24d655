"""Objects of a real Argo CD, one a file in objects/; its README says how each came to be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

OBJECTS = Path(__file__).parent / "objects"


def captured(prefix: str) -> dict[str, dict[str, Any]]:
    """Those whose file's name begins so, by that name."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(OBJECTS.glob(f"{prefix}*"))}
