from __future__ import annotations

import subprocess
import sys

import pytest

_ASK = """
import sys
import watcher.hub.kubernetes_config as used
print(sorted(name for name in sys.modules if name.startswith("kubernetes_asyncio")))
import kubernetes_asyncio
print(kubernetes_asyncio.client.V1Pod.__name__)
print(kubernetes_asyncio.config.ConfigException is used.ConfigException)
"""


@pytest.mark.process
def test_nothing_generated_is_loaded_and_whoever_wants_it_finds_the_whole() -> None:
    done = subprocess.run([sys.executable, "-c", _ASK], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "V1Pod", "False"]
