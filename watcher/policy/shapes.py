"""What may stand behind a key of the policy file?

A closed union. The table of keys (table.py) is written in it, and three read that table: the reader
(reading.py), the JSON Schema (schema.py) and the list of keys for the manual. So a key is added in
one place, and what is said of it cannot differ from what is read.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct


class Rule(Struct, frozen=True):
    """What a text must be, each rule with its own words."""

    pattern: str
    """Matched against the whole text; written so that JSON Schema's dialect reads it too."""
    problem: str
    remedy: str


class Constant(Struct, frozen=True):
    """One text and no other."""

    value: str


class Text(Struct, frozen=True):
    """A text that keeps every rule; the first that it breaks is the one spoken of."""

    rules: tuple[Rule, ...] = ()


class Duration(Struct, frozen=True):
    """A length of time, in the policy as seconds."""

    least_s: float = 0.0
    least_because: str = ""
    """Why not less; for people."""


class Count(Struct, frozen=True):
    """A whole number, 1 or more."""


class Port(Struct, frozen=True):
    """The number of a TCP port."""


class Quantity(Struct, frozen=True):
    """An amount of memory, in the policy as bytes."""


class Share(Struct, frozen=True):
    """More than nothing and less than all, in the policy as a number between 0 and 1."""

    all_too: bool = False
    """Whether all is one, too: then it is 1."""


class CountOrShare(Struct, frozen=True):
    """A whole number, 1 or more; or, in percent, a share, in the policy as a float less than 1."""


class Factor(Struct, frozen=True):
    """How many times as much, 1 or more."""


class Switch(Struct, frozen=True):
    """true or false."""


class OneOf(Struct, frozen=True):
    """One of the values of an enumeration."""

    choices: type[StrEnum]


class ListOf(Struct, frozen=True):
    """A list without repetitions."""

    item: Shape
    least: int = 0
    most: int | None = None
    why: str = ""
    """Why not fewer, or not more; for people."""


class Section(Struct, frozen=True):
    """A mapping of these keys and no others."""

    keys: tuple[Key, ...]
    into: type[Struct]
    """The struct that holds what was read, and the defaults of what was not there."""


Scalar: TypeAlias = (
    Constant
    | Text
    | Duration
    | Count
    | Port
    | Quantity
    | Share
    | CountOrShare
    | Factor
    | Switch
    | OneOf
)
Shape: TypeAlias = Scalar | ListOf | Section


class Key(Struct, frozen=True):
    """One key of the file."""

    name: str
    field: str
    """Of the struct that its section is read into; empty where nothing of it is kept."""
    shape: Shape
    says: str
    """What it decides."""
    because: str = ""
    """Why the default is what it is."""
    otherwise: str = ""
    """What its absence means, where that is not simply a value."""
    example: str = ""
    """As it is written in YAML, on one line."""
    required: bool = False
