from __future__ import annotations

import subprocess
import sys

import pytest

_ASK = """
import sys
import watcher.hub.kubernetes_config as used
print(sorted(n for n in sys.modules if n.startswith(("kubernetes_asyncio", "urllib3"))))
import kubernetes_asyncio, urllib3
print(urllib3.PoolManager.__name__)
print(kubernetes_asyncio.client.V1Pod.__name__)
print(kubernetes_asyncio.config.ConfigException is used.ConfigException)
"""


@pytest.mark.process
def test_nothing_that_nobody_asks_for_is_loaded_and_whoever_wants_it_finds_the_whole() -> None:
    done = subprocess.run([sys.executable, "-c", _ASK], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "PoolManager", "V1Pod", "False"]
