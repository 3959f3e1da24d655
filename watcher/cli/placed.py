"""What is named that may be in another namespace than Argo CD's?

`NAME`, or `NAMESPACE/NAME`: what belongs to the watcher itself, its Service and its account, where
it runs apart from Argo CD.

Elsewhere: Argo CD's own namespace (hub_flags.py).
"""

from __future__ import annotations

import rich_click as click
from msgspec import Struct

METAVAR = "[NAMESPACE/]NAME"


class Placed(Struct, frozen=True):
    """A name, and where it is."""

    namespace: str
    """Empty where none was named."""
    name: str


def placed(text: str) -> Placed:
    """What `text` names; raises `click.BadParameter` where it names nothing."""
    namespace, slash, name = text.partition("/")
    if not slash:
        namespace, name = "", text
    if not name or "/" in name or (slash and not namespace):
        raise click.BadParameter(f"{text!r} is no {METAVAR}")
    return Placed(namespace, name)
