"""Which policy file is meant, and what is in it?

Elsewhere: the policy on the hub, where no file is named (daemon/looking.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import rich_click as click

from watcher.cli.ending import UNUSABLE, end
from watcher.policy import Policy


def policy_flag(
    meaning: str = "The policy file; else the one on the hub, in the ConfigMap "
    "gate-watcher-policy.",
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """`--config`, given to the verb as its argument `config`; `meaning`: its help."""
    return click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help=meaning)


def policy_in(config: Path, namespace: str | None) -> Policy:
    """The policy in the file, moved to where Argo CD runs, if that was named. Ends the process
    where it is none.
    """
    from watcher.daemon.policy_file import PolicyFile  # slow to load; who only looks has no file

    read = PolicyFile(config, namespace=namespace).read()
    return read if isinstance(read, Policy) else end(UNUSABLE, *read)
