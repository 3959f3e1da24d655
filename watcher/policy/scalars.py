"""Is a single value of the file what its key may hold?

`against` says what is wrong with it and what to do, `plain` gives the value where nothing is.

Facts (YAML 1.1, which PyYAML reads): `on`, `yes` and `off` without quotes are booleans, `010` is
eight, `1:30` is ninety. So a number is read from its plain digits only, and a text that YAML took
for something else is asked for in quotes.

Elsewhere: lists, mappings and missing keys (reading.py); which key may hold what (table.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TypeAlias

import yaml

from watcher.policy.document import kind, what
from watcher.policy.durations import duration, say_duration
from watcher.policy.faults import bare, near, quoted
from watcher.policy.shapes import Constant, Count, Duration, OneOf, Scalar, Switch, Text

LONGEST_S = 30 * 24 * 3600.0
"""Nothing of an admission lasts a month; what is longer is a slip of the keyboard."""

MOST = 1_000_000
"""Ten times the Applications of the largest hub; what is more is a slip of the keyboard."""

Against: TypeAlias = tuple[str, str] | None
"""What is wrong, and what to do."""

_WHOLE = re.compile("-?(0|[1-9][0-9]*)")
_NO_UNIT = re.compile("[+-]?[0-9]+")


def plain(shape: Scalar, node: yaml.ScalarNode) -> object:
    """What a scalar that nothing is against holds: a duration in seconds, a choice as its text."""
    match shape:
        case Duration():
            return duration(node.value)
        case Count():
            return int(node.value)
        case Switch():
            return yaml.SafeLoader.bool_values[node.value.lower()]
        case Constant() | Text() | OneOf():
            return node.value


def against(shape: Scalar, node: yaml.ScalarNode) -> Against:
    """What is wrong with a scalar as `shape`; None where nothing is."""
    match shape:
        case Constant():
            return _against_constant(shape, node.value)
        case OneOf():
            return _against_choice(shape, node.value)
        case Text():
            return _against_text(shape, node)
        case Duration():
            return _against_duration(shape, node.value)
        case Count():
            return _against_count(node)
        case Switch():
            return _against_switch(node)


def wanted(shape: Scalar) -> str:
    """What a shape asks for, in words."""
    match shape:
        case Constant():
            return shape.value
        case OneOf():
            return f"one of {', '.join(shape.choices)}"
        case Text():
            return "a text"
        case Duration():
            return "a length of time, as 90s"
        case Count():
            return "a whole number, as 4"
        case Switch():
            return "true or false"


def suggestion(meant: str | None, known: Collection[str]) -> str:
    """What to do about a word that is none of `known`, and was perhaps meant to be one."""
    return f"did you mean {meant}?" if meant else f"known here: {', '.join(known)}"


def _against_constant(shape: Constant, text: str) -> Against:
    return None if text == shape.value else (f"is {quoted(text)}", f"write {shape.value}")


def _against_choice(shape: OneOf, text: str) -> Against:
    choices = [choice.value for choice in shape.choices]
    if text in choices:
        return None
    return f"{quoted(text)} is not known", suggestion(near(text, choices), choices)


def _against_text(shape: Text, node: yaml.ScalarNode) -> Against:
    if kind(node) != "str":
        return f"is {what(node)}, not a text", f"write it in quotes: {quoted(node.value)}"
    for rule in shape.rules:
        if not re.fullmatch(rule.pattern, node.value):
            return f"{quoted(node.value)} {rule.problem}", rule.remedy
    return None


def _against_duration(shape: Duration, text: str) -> Against:
    if _NO_UNIT.fullmatch(text):
        return f"{bare(text)} has no unit", f"write {bare(text.lstrip('+-'))}s, or as 10m or 1h30m"
    if text.startswith("-"):
        return f"{bare(text)} is negative", "write a length of time, as 90s"
    seconds = duration(text)
    if seconds is None:
        remedy = "write whole hours, minutes and seconds, as 90s, 10m or 1h30m"
        return f"{quoted(text)} is no length of time", remedy
    if seconds < shape.least_s:
        remedy = f"write {say_duration(shape.least_s)} or more"
        return f"{text} is too short: {shape.least_because}", remedy
    if seconds > LONGEST_S:
        return f"{text} is absurdly long", f"write {say_duration(LONGEST_S)} or less, as 10m"
    return None


def _against_count(node: yaml.ScalarNode) -> Against:
    text: str = node.value
    if not _WHOLE.fullmatch(text):
        return f"is {what(node)}, not a whole number", "write one in plain digits, as 4"
    if kind(node) != "int":
        return f"is {what(node)}, not a number", f"write it without quotes: {bare(text)}"
    if text == "0" or text.startswith("-"):
        return f"is {bare(text)}, so nothing would ever be admitted", "write 1 or more, as 4"
    if len(text) > len(str(MOST)) or int(text) > MOST:
        return f"is {bare(text)}, which is absurd", f"write {MOST} or less, as 4"
    return None


def _against_switch(node: yaml.ScalarNode) -> Against:
    if kind(node) == "bool" and node.value.lower() in yaml.SafeLoader.bool_values:
        return None
    return f"is {what(node)}, not true or false", "write true or false, without quotes"
