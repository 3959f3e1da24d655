"""The command line: one file per verb; arguments in, words out, errors to exit codes.

0: done, or ended in order. 1: it ran, and what was asked for did not come about. 2: arguments,
policy or kubeconfig cannot be used; each problem is a line on standard error.
"""

from __future__ import annotations

import rich_click as click

from watcher.cli.config import config
from watcher.cli.demo import demo
from watcher.cli.run import run

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gate-watcher", message="%(version)s")
def main() -> None:
    """Admits addon tiers one at a time on every spoke cluster of an Argo CD hub."""


main.add_command(run)
main.add_command(demo)
main.add_command(config)
