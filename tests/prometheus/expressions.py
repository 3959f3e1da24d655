"""What does an expression of PromQL ask for?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import promql_parser


class Asked(NamedTuple):
    """One selector of an expression."""

    metric: str
    matchers: tuple[tuple[str, str], ...]
    """A label and the values it may have, joined by `|`."""


def asked(expression: str) -> tuple[Asked, ...]:
    """Every selector of `expression`; raises ValueError where it is none."""
    found: list[Asked] = []

    def look(part: promql_parser.Expr) -> None:
        if isinstance(part, promql_parser.VectorSelector):
            pairs = tuple((each.name, each.value) for each in part.matchers.matchers)
            found.append(Asked(part.name or "", pairs))

    promql_parser.walk(promql_parser.parse(expression), look)
    return tuple(found)


def literals(of: Asked) -> Iterator[tuple[str, str]]:
    """Each label with each of the values that a matcher spells out."""
    for label, values in of.matchers:
        yield from ((label, value) for value in values.split("|") if value.isalnum())
