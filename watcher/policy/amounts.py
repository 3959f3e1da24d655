"""How is an amount of memory written in the policy, and said?

As Kubernetes writes a limit: `4Gi`, `900Mi`, `1.5G`, or plain bytes. Of what Kubernetes reads, what
only machines write is left out (thousandths, leading zeros), so that no number means one thing here
and another to YAML.

Elsewhere: every way in which Kubernetes and Go write one (facts/quantities.py); which amounts a key
of the policy may have (scalars.py).
"""

from __future__ import annotations

import re

from watcher.facts import quantity

AMOUNT = r"^(0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?([kMGTPE]|[KMGTPE]i|[eE]\+?(0|[1-9][0-9]?))?$"
"""The pattern of a written amount, as the policy's JSON Schema gives it too."""

_WRITTEN = re.compile(AMOUNT)
_UNITS = (("Ti", 2**40), ("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10))


def amount(text: str) -> int | None:
    """The bytes that `text` names, whole ones; None where it is no amount."""
    size = quantity(text) if _WRITTEN.fullmatch(text) else None
    return None if size is None else round(size)


def say_amount(size_bytes: int) -> str:
    """`size_bytes` as it would be written, in the largest unit of which it is a whole number."""
    for unit, length in _UNITS:
        if size_bytes and size_bytes % length == 0:
            return f"{size_bytes // length}{unit}"
    return str(size_bytes)
