"""What every test of the suite shares: how hypothesis runs, and the options of the lanes."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "everyday",
    derandomize=True,
    deadline=None,  # machines are noisy: timings are benchmarks, never asserted
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "nightly", parent=settings.get_profile("everyday"), derandomize=False, max_examples=5000
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kubeconfig", help="a real hub, for tests/realhub")
    parser.addoption(
        "--kill-controller", help="a command that ends its application controller, for the same"
    )
    parser.addoption("--live", action="store_true", help="a real Prometheus, for tests/prometheus")
    parser.addoption("--rewrite", action="store_true", help="write the stories' expectations anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that none is the tail; they wait for others most of the time."""
    items.sort(key=lambda item: item.path.parent.name not in ("process", "page"))
