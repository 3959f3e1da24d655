"""How is a length of time written, and said?

As Kubernetes and Go write it, in whole hours, minutes and seconds: `45s`, `10m`, `1h30m`. Nothing
here is finer than a second, because Argo CD's stamps are not (`metav1.Time`). There are no days:
those that change to summer time are no length of time.

Elsewhere: moments (facts/instants.py); which lengths a key of the policy may have (table.py).
"""

from __future__ import annotations

import re
from math import isfinite

DURATION = "^(?=.)([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?$"
"""The pattern of a written duration, as the policy's JSON Schema gives it too."""

_UNITS = (("h", 3600), ("m", 60), ("s", 1))
_PARTS = re.compile("([0-9]+)([hms])")
_WRITTEN = re.compile(DURATION)


def duration(text: str) -> float | None:
    """The seconds that `text` names; None where it is not a duration."""
    if not _WRITTEN.fullmatch(text):
        return None
    units = dict(_UNITS)
    return float(sum(int(number) * units[unit] for number, unit in _PARTS.findall(text)))


def say_duration(seconds: float) -> str:
    """`seconds`, rounded to whole ones, as people write them; what is not finite, as it is."""
    if not isfinite(seconds):
        return f"{seconds}s"
    left = abs(round(seconds))
    said = "-" if round(seconds) < 0 else ""
    for unit, length in _UNITS:
        number, left = divmod(left, length)
        said += f"{number}{unit}" if number else ""
    return said or "0s"
