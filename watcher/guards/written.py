"""How are the guards' objects written down for people and for kubectl?

As YAML with every key in the order in which it was made, and an expression of several lines as a
block, so that it can be read. A comment at its head says what the file is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from watcher.guards.documents import Document

_WIDTH = 1 << 20
"""Nothing is folded: a folded line reads back with other spaces than it was written with."""


class _Dumper(yaml.SafeDumper):
    """Blocks for texts of several lines, no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Every object is written where it stands."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """A list is indented under its key."""
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def written(documents: Iterable[Document], head: str = "") -> str:
    """The documents as one stream; `head`: a comment's lines."""
    comment = "".join(f"# {line}\n" for line in head.splitlines())
    return comment + "---\n".join(
        yaml.dump(each, Dumper=_Dumper, sort_keys=False, width=_WIDTH, allow_unicode=True)
        for each in documents
    )
