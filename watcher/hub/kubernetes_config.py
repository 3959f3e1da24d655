"""What is used of kubernetes_asyncio: how it reads kubeconfigs and service accounts.

Its package imports, before anything else, the 700 models and the 80 clients that are generated for
Kubernetes' own kinds. They take a third of a second and 30 MiB, and nobody here asks for one. So
its modules are loaded below packages of our own that are empty, and those are taken away again:
whoever imports kubernetes_asyncio in the same process finds the whole of it. The same holds of
urllib3, which its Configuration would only have the headers of a user's password from: nobody asks
it for them, and it is a tenth of what it costs to start a command.

Elsewhere: what is made of it (credentials.py, plugin.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubernetes_asyncio.client import Configuration
    from kubernetes_asyncio.config import ConfigException, incluster_config
    from kubernetes_asyncio.config.exec_provider import ExecProvider
    from kubernetes_asyncio.config.kube_config import (
        ConfigNode,
        FileOrData,
        KubeConfigLoader,
        KubeConfigMerger,
    )

__all__ = [
    "ConfigException",
    "ConfigNode",
    "Configuration",
    "ExecProvider",
    "FileOrData",
    "KubeConfigLoader",
    "KubeConfigMerger",
    "incluster_config",
]

_NAME, _UNUSED = "kubernetes_asyncio", "urllib3"


@contextmanager
def _bare() -> Iterator[None]:
    """Within it the packages are there, and empty but for the one class that others ask for."""
    spec = find_spec(_NAME)
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError(f"No module named {_NAME!r}", name=_NAME)
    before = _taken()
    root, client, config = (ModuleType(_NAME + part) for part in ("", ".client", ".config"))
    for module in (root, client, config):
        tail = module.__name__.removeprefix(_NAME).replace(".", "/")
        module.__path__ = [f"{place}{tail}" for place in spec.submodule_search_locations]
        sys.modules[module.__name__] = module
    sys.modules[_UNUSED] = ModuleType(_UNUSED)
    try:
        configuration = import_module(f"{_NAME}.client.configuration")
        client.Configuration = configuration.Configuration  # type: ignore[attr-defined]
        client.ApiClient = None  # type: ignore[attr-defined]
        yield
    finally:
        _taken()
        sys.modules.update(before)


def _taken() -> dict[str, ModuleType]:
    """What is imported of it so far, which is as if it were not from then on."""
    names = [name for name in sys.modules if name.partition(".")[0] in (_NAME, _UNUSED)]
    return {name: sys.modules.pop(name) for name in names}


if not TYPE_CHECKING:
    with _bare():
        from kubernetes_asyncio.client.configuration import Configuration
        from kubernetes_asyncio.config import incluster_config
        from kubernetes_asyncio.config.config_exception import ConfigException
        from kubernetes_asyncio.config.exec_provider import ExecProvider
        from kubernetes_asyncio.config.kube_config import (
            ConfigNode,
            FileOrData,
            KubeConfigLoader,
            KubeConfigMerger,
        )
