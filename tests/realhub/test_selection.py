"""Does the real controller still give the recorded answers of the selection table?"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.realhub.conftest import NAMESPACE, RealHub

pytestmark = pytest.mark.realhub
RECORD = Path(__file__).parent.parent / "selection/record.py"


async def test_the_selection_table_holds(real_hub: RealHub) -> None:
    if await real_hub.secrets() or await real_hub.applications():
        pytest.skip(f"the namespace {NAMESPACE} of the hub is not empty, and the table needs it so")
    check = await asyncio.create_subprocess_exec(
        sys.executable,
        str(RECORD),
        f"--kubeconfig={real_hub.kubeconfig}",
        "--check",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await check.communicate()
    assert check.returncode == 0, said.decode()
