"""Where is promtool, and what does it say?

It comes with Debian's package `prometheus`, which `tests/run` installs where it may. Where there is
none the test is skipped, and says so.
"""

from __future__ import annotations

import shutil
import subprocess

import pytest


def program(name: str) -> str:
    """The program of this name, `promtool` or `prometheus`."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: apt-get install prometheus")
    return found


def promtool(*arguments: str, given: str = "") -> str:
    """What it prints; fails with what it complains of."""
    done = subprocess.run(
        [program("promtool"), *arguments], input=given, capture_output=True, text=True, check=False
    )
    said = f"{done.stdout}{done.stderr}"
    assert done.returncode == 0, said
    return said
