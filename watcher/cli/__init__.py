"""The command line: one file per verb; arguments in, words out, errors to exit codes.

0: done, or ended in order. 1: it ran, and what was asked for did not come about. 2: arguments,
policy or kubeconfig cannot be used; each problem is a line on standard error.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import rich_click as click

__all__ = ["VERBS", "main"]

VERBS = (
    *("run", "demo", "status", "explain", "plan", "wait", "events"),
    *("hold", "release", "approve", "skip", "retry", "teardown", "unpark"),
    *("lint", "adopt", "check", "config", "version"),
)
"""Each in a file of its name."""


_PLUGIN = "kubectl-gate"
_SHORT = re.compile(r"^(-[A-Za-z])=")


class Verbs(click.RichGroup):
    """Reads a verb's file when it is asked for: a quick verb does not wait for what others need."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """With the name that people type: kubectl finds a plugin by its file's, with a dash. And
        with `-o=json` as kubectl takes it; here the sign would belong to the value.
        """
        typed = "kubectl gate" if info_name == _PLUGIN else info_name
        given = [_SHORT.sub(r"\1", each) for each in args]
        return super().make_context(typed, given, parent, **extra)

    def list_commands(self, _: click.Context) -> list[str]:
        """In the order in which they are shown."""
        return list(VERBS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        """The verb; None where there is no such one."""
        if name not in VERBS:
            return None
        with _keeping_all():
            verb: click.Command = getattr(import_module(f"{__name__}.{name}"), name)
        return verb


@contextmanager
def _keeping_all() -> Iterator[None]:
    """What modules make as they are imported stays, and looking through it again and again for what
    could be thrown away takes a tenth of the time that importing takes.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gate-watcher", message="%(version)s")
def main() -> None:
    """Admits addon tiers one at a time on every spoke cluster of an Argo CD hub."""
