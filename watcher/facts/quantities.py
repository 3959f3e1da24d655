"""How much memory does a text ask for, and how is an amount written?

Two ways to write an amount: as Kubernetes does (`resources.limits.memory`, and the policy's keys),
and as Go does (GOMEMLIMIT). Neither reads the other's: `780MiB` is no Kubernetes quantity, `780Mi`
none of Go's.

Facts:
- A quantity is a decimal number with a suffix of powers of ten (n, u, m, k, M, G, T, P, E), of
  powers of two (Ki to Ei), or an exponent (e3, E-2); `1E` is an exabyte, `1E3` a thousand
  (Kubernetes, apimachinery/pkg/api/resource/quantity.go).
- GOMEMLIMIT is whole bytes, or whole B, KiB, MiB, GiB or TiB; `off` is no limit (Go,
  runtime/mgcpacer.go, runtime/string.go).
"""

from __future__ import annotations

import re

_QUANTITY = re.compile(
    r"\+?(?P<number>[0-9]+\.?[0-9]*|\.[0-9]+)"
    r"(?P<suffix>[numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?",
    re.ASCII,
)
_GO = re.compile(r"(?P<number>[0-9]+)(?P<unit>B|[KMGT]iB)?", re.ASCII)

_POWERS_OF_TEN = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_POWERS_OF_TWO = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}

_LONGEST = 64
"""Characters. No amount of memory needs them; what is longer is not worth a conversion."""

_MOST = float(2**63 - 1)
"""What both cut an amount off at: the largest signed 64-bit integer."""


def quantity(text: str) -> float | None:
    """The bytes that a Kubernetes quantity says; None where it is none, or negative."""
    found = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    number, suffix = found["number"], found["suffix"] or ""
    if suffix in _POWERS_OF_TWO:
        return _cut(float(number) * 2 ** _POWERS_OF_TWO[suffix])
    exponent = str(_POWERS_OF_TEN[suffix]) if suffix in _POWERS_OF_TEN else suffix[1:] or "0"
    return _cut(float(f"{number}e{exponent}"))


def go_bytes(text: str) -> float | None:
    """The bytes that a GOMEMLIMIT says; None where it says none, or cannot be read."""
    found = _GO.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    unit = (found["unit"] or "").removesuffix("B")
    return _cut(float(found["number"]) * 2 ** _POWERS_OF_TWO.get(unit, 0))


def spoken(amount: float) -> str:
    """So many bytes, as people read them: 780 MiB, 1.5 GiB."""
    mib = round(amount / 2**20)
    return f"{mib} MiB" if mib < 1024 else f"{amount / 2**30:.1f} GiB"


def go_text(amount: float) -> str:
    """So many bytes as GOMEMLIMIT is written, in whole MiB."""
    return f"{round(amount / 2**20)}MiB"


def _cut(amount: float) -> float:
    return min(amount, _MOST)
