"""No credential of a cluster Secret ever becomes an object that stays (hunt.py looks)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.captured.recorded import CANARY, objects, streams

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hunt() -> dict[str, Any]:
    """What a process of its own decoded and found; this one is full of canaries."""
    asked = [sys.executable, "-m", "tests.captured.hunt", CANARY[::-1]]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_no_credential_stays_whatever_is_wrong_with_its_secret(hunt: dict[str, Any]) -> None:
    assert hunt["found"]["nothing"] == []


def test_no_exception_holds_a_credential(hunt: dict[str, Any]) -> None:
    assert hunt["raising"] == []


def test_every_captured_secret_was_decoded_in_every_way(hunt: dict[str, Any]) -> None:
    secrets = sum(1 for name in streams() for _ in objects(name, "Secret"))
    whole_and_broken, alone_and_in_a_page = 11, 2
    assert hunt["spokes"] == secrets * whole_and_broken * alone_and_in_a_page
    assert hunt["names"] == ["spoke-000", "spoke-001", "spoke-002"]
    assert hunt["raised"] > hunt["spokes"]


@pytest.mark.parametrize("kept", ["a body", "a struct", "a text"])
def test_one_that_stayed_would_be_found(hunt: dict[str, Any], kept: str) -> None:
    assert hunt["found"][kept]
