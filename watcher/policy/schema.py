"""What may a policy file hold, for an editor and for the manual?

Both come from the table of keys that the reader goes by (table.py), and from the defaults of the
structs (policy.py). A schema sees one value at a time, so cycles, repeated names and a deadline
under the soak are the reader's to find, and so is a schedule that never comes. A choice that YAML
1.1 takes for a boolean (`off`) is also allowed as that boolean, since that is what a validator is
given.

Elsewhere: printing it (cli/).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml
from msgspec import Struct, to_builtins
from msgspec.structs import fields

from watcher.policy.amounts import AMOUNT, say_amount
from watcher.policy.durations import DURATION, say_duration
from watcher.policy.scalars import (
    LAST_PORT,
    LEAST_BYTES,
    MOST,
    MOST_BYTES,
    MOST_TIMES,
    PERCENT,
    PERCENT_OR_ALL,
    wanted,
)
from watcher.policy.shapes import (
    Constant,
    Count,
    CountOrShare,
    Duration,
    Factor,
    Key,
    ListOf,
    OneOf,
    Port,
    Quantity,
    Section,
    Shape,
    Share,
    Switch,
    Text,
)
from watcher.policy.table import POLICY


class KeyDoc(Struct, frozen=True):
    """What the manual says of one key."""

    key: str
    """Dotted, as `tiers[].soak`."""
    holds: str
    """What may stand behind it, in words."""
    says: str
    """What it decides."""
    default: str
    """As it would be written, or in words; empty where the key must be given."""
    because: str
    """Why that is the default."""
    example: str
    """As it is written in the file."""


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the policy file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "GateWatcherConfiguration",
        "description": "The policy of a gate watcher.",
        **_schema(POLICY),
    }


def keys() -> tuple[KeyDoc, ...]:
    """Every key that holds something of its own, in the order of the table."""
    return tuple(_keys(POLICY, ""))


def _schema(shape: Shape) -> dict[str, Any]:
    match shape:
        case Constant(value):
            return {"const": value}
        case Text(()):
            return {"type": "string"}
        case Text(rules):
            return {"type": "string", "allOf": [{"pattern": rule.pattern} for rule in rules]}
        case Duration():
            return {"type": "string", "pattern": DURATION}
        case Count():
            return {"type": "integer", "minimum": 1, "maximum": MOST}
        case Port():
            return {"type": "integer", "minimum": 1, "maximum": LAST_PORT}
        case Quantity():
            bounds = {"minimum": LEAST_BYTES, "maximum": MOST_BYTES}
            return {"type": ["string", "number"], "pattern": AMOUNT, **bounds}
        case Share(True):
            bounds = {"exclusiveMinimum": 0, "maximum": 1}
            return {"type": ["string", "number"], "pattern": PERCENT_OR_ALL, **bounds}
        case Share():
            bounds = {"exclusiveMinimum": 0, "exclusiveMaximum": 1}
            return {"type": ["string", "number"], "pattern": PERCENT, **bounds}
        case CountOrShare():
            bounds = {"minimum": 1, "maximum": MOST}
            return {"type": ["string", "integer"], "pattern": PERCENT, **bounds}
        case Factor():
            return {"type": "number", "minimum": 1, "maximum": MOST_TIMES}
        case Switch():
            return {"type": "boolean"}
        case OneOf(choices):
            booleans = yaml.SafeLoader.bool_values
            words = [choice.value for choice in choices]
            return {"enum": [*words, *(booleans[word] for word in words if word in booleans)]}
        case ListOf():
            most = {} if shape.most is None else {"maxItems": shape.most}
            bounds = {"minItems": shape.least, "uniqueItems": True, **most}
            return {"type": "array", "items": _schema(shape.item), **bounds}
        case Section():
            return {
                "type": "object",
                "properties": {key.name: _property(shape, key) for key in shape.keys},
                "required": [key.name for key in shape.keys if key.required],
                "additionalProperties": False,
            }


def _property(section: Section, key: Key) -> dict[str, Any]:
    default = _default(section, key)
    return {
        **_schema(key.shape),
        "description": " ".join(filter(None, (key.says, _about_default(section, key)))),
        **({} if default is None else {"default": default}),
    }


def _about_default(section: Section, key: Key) -> str:
    if key.required:
        return "Required."
    said = _said_default(section, key)
    return f"Default: {said}, because {key.because}." if said else ""


def _keys(section: Section, above: str) -> Iterator[KeyDoc]:
    for key in section.keys:
        name = f"{above}{key.name}"
        if isinstance(key.shape, Section):
            yield from _keys(key.shape, f"{name}.")
            continue
        yield KeyDoc(
            key=name,
            holds=_holds(key.shape),
            says=key.says,
            default=_said_default(section, key),
            because=key.because,
            example=key.example,
        )
        if isinstance(key.shape, ListOf) and isinstance(key.shape.item, Section):
            yield from _keys(key.shape.item, f"{name}[].")


def _holds(shape: Shape) -> str:
    match shape:
        case Section():
            return "a mapping"
        case ListOf(item):
            return f"a list, each {_holds(item)}"
        case Duration(least_s) if least_s:
            return f"{wanted(shape)}, at least {say_duration(least_s)}"
        case _:
            return wanted(shape)


def _default(section: Section, key: Key) -> Any:
    """What the file might say instead of leaving the key out; None where it could not say it."""
    if key.otherwise or key.required or isinstance(key.shape, Section):
        return None
    default = next(one.default for one in fields(section.into) if one.name == key.field)
    match key.shape:
        case Duration():
            return say_duration(default)
        case Quantity():
            return say_amount(default)
        case Share(True):
            return f"{default:.0%}"
        case ListOf():
            return list(default)
        case _:
            return to_builtins(default)


def _said_default(section: Section, key: Key) -> str:
    default = _default(section, key)
    if default is None:
        return key.otherwise
    return str(default).lower() if isinstance(default, bool) else str(default)
