"""Is a single value of the file what its key may hold?

`against` says what is wrong with it and what to do, `plain` gives the value where nothing is.

Facts (YAML 1.1, which PyYAML reads): `on`, `yes` and `off` without quotes are booleans, `010` is
eight, `1:30` is ninety. So a number is read from its plain digits only, and a text that YAML took
for something else is asked for in quotes. A choice is taken as it is meant: `off` is that choice,
and so is the `false` that a template makes of it.

Elsewhere: lists, mappings and missing keys (reading.py); which key may hold what (table.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TypeAlias

import yaml

from watcher.policy.amounts import amount, say_amount
from watcher.policy.document import kind, what
from watcher.policy.durations import duration, say_duration
from watcher.policy.faults import bare, near, quoted
from watcher.policy.shapes import (
    Constant,
    Count,
    CountOrShare,
    Duration,
    Factor,
    OneOf,
    Port,
    Quantity,
    Scalar,
    Share,
    Switch,
    Text,
)

LONGEST_S = 30 * 24 * 3600.0
"""Nothing of an admission lasts a month; what is longer is a slip of the keyboard."""

MOST = 1_000_000
"""Ten times the Applications of the largest hub; what is more is a slip of the keyboard."""

LAST_PORT = 65_535

LEAST_BYTES = 1024
"""Nothing of a controller is so small; what is less is a number without its unit."""

MOST_BYTES = 64 * 1024**4
"""No machine has as much; what is more is a slip of the keyboard."""

MOST_TIMES = 10
"""No restart was seen to peak at twice what it ends at; what is more is a slip of the keyboard."""

PERCENT = r"^(?![0.]+%)([0-9]|[1-9][0-9])(\.[0-9]{1,4})?%$"
"""The pattern of a share in percent, as the policy's JSON Schema gives it too."""

PERCENT_OR_ALL = r"^(?![0.]+%)([0-9]|[1-9][0-9]|100(?=(\.0+)?%))(\.[0-9]{1,4})?%$"
"""The same, where all is a share."""

Against: TypeAlias = tuple[str, str] | None
"""What is wrong, and what to do."""

_WHOLE = re.compile("-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?")
_PERCENT = {False: re.compile(PERCENT), True: re.compile(PERCENT_OR_ALL)}
_NO_UNIT = re.compile("[+-]?[0-9]+")


def plain(shape: Scalar, node: yaml.ScalarNode) -> object:
    """What a scalar that nothing is against holds, in seconds, bytes, or a choice as its text."""
    match shape:
        case Duration():
            return duration(node.value)
        case Count() | Port():
            return int(node.value)
        case Quantity():
            return amount(node.value)
        case Share():
            return _share(node.value)
        case CountOrShare():
            return _share(node.value) if node.value.endswith("%") else int(node.value)
        case Factor():
            return float(node.value)
        case Switch():
            return yaml.SafeLoader.bool_values[node.value.lower()]
        case OneOf():
            return _chosen(shape, node)
        case Constant() | Text():
            return node.value


def against(shape: Scalar, node: yaml.ScalarNode) -> Against:
    """What is wrong with a scalar as `shape`; None where nothing is."""
    match shape:
        case Constant():
            return _against_constant(shape, node.value)
        case OneOf():
            return _against_choice(shape, node)
        case Text():
            return _against_text(shape, node)
        case Duration():
            return _against_duration(shape, node.value)
        case Count():
            return _against_count(node, "4")
        case CountOrShare():
            return _against_count_or_share(node)
        case Port():
            return _against_port(node)
        case Quantity():
            return _against_quantity(node)
        case Share():
            return _against_share(shape, node)
        case Factor():
            return _against_factor(node)
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
        case Port():
            return "a port, as 8082"
        case Quantity():
            return "an amount of memory, as 900Mi"
        case Share():
            return "a share, as 0.85 or 85%"
        case CountOrShare():
            return "a whole number, or a share in percent, as 4 or 10%"
        case Factor():
            return "a number, 1 or more, as 1.4"
        case Switch():
            return "true or false"


def suggestion(meant: str | None, known: Collection[str]) -> str:
    """What to do about a word that is none of `known`, and was perhaps meant to be one."""
    return f"did you mean {meant}?" if meant else f"known here: {', '.join(known)}"


def _against_constant(shape: Constant, text: str) -> Against:
    return None if text == shape.value else (f"is {quoted(text)}", f"write {shape.value}")


def _against_choice(shape: OneOf, node: yaml.ScalarNode) -> Against:
    choices, text = [choice.value for choice in shape.choices], _chosen(shape, node)
    if text in choices:
        return None
    return f"{quoted(text)} is not known", suggestion(near(text, choices), choices)


def _chosen(shape: OneOf, node: yaml.ScalarNode) -> str:
    """The text; where YAML took it for a boolean, the choice that it takes for the same one."""
    text: str = node.value
    booleans = yaml.SafeLoader.bool_values
    meant = booleans.get(text.lower()) if kind(node) == "bool" else None
    if meant is None:
        return text
    return next((each for each in shape.choices if booleans.get(each) is meant), text)


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


def _against_count(node: yaml.ScalarNode, example: str) -> Against:
    text: str = node.value
    if wrong := _against_digits(node, _WHOLE, f"a whole number, as {example}"):
        return wrong
    if text == "0" or text.startswith("-"):
        problem = f"is {bare(text)}, so nothing would ever be admitted"
        return problem, f"write 1 or more, as {example}"
    if len(text) > len(str(MOST)) or int(text) > MOST:
        return f"is {bare(text)}, which is absurd", f"write {MOST} or less, as {example}"
    return None


def _against_count_or_share(node: yaml.ScalarNode) -> Against:
    text: str = node.value
    if not text.endswith("%"):
        return _against_count(node, "4 or 10%")
    if wrong := _against_share(Share(), node):
        return wrong[0], "write it as 4 or 10%"
    return None


def _against_port(node: yaml.ScalarNode) -> Against:
    text: str = node.value
    if wrong := _against_digits(node, _WHOLE, "a whole number, as 8082"):
        return wrong
    if len(text) > len(str(LAST_PORT)) or not 1 <= int(text) <= LAST_PORT:
        return f"is {bare(text)}, and there is no such port", f"write 1 to {LAST_PORT}, as 8082"
    return None


def _against_quantity(node: yaml.ScalarNode) -> Against:
    text: str = node.value
    size = amount(text)
    if size is None:
        remedy = "write it as Kubernetes does, as 900Mi or 4Gi"
        return f"{quoted(text)} is no amount of memory", remedy
    if size < LEAST_BYTES:
        return f"is {say_amount(size)} bytes, which is absurdly little", "give its unit, as 900Mi"
    if size > MOST_BYTES:
        return f"{bare(text)} is absurdly much", f"write {say_amount(MOST_BYTES)} or less, as 4Gi"
    return None


def _against_share(shape: Share, node: yaml.ScalarNode) -> Against:
    text: str = node.value
    if _PERCENT[shape.all_too].fullmatch(text):
        return None
    percent = text.endswith("%")
    if not percent and (wrong := _against_digits(node, _DECIMAL, "a share, as 0.85 or 85%")):
        return wrong
    if percent or not (0 < float(text) < 1 or (shape.all_too and float(text) == 1)):
        most = "at most all" if shape.all_too else "less than all"
        problem = f"is {bare(text)}, and a share is more than nothing and {most}"
        return problem, "write it as 0.85 or 85%"
    return None


def _share(text: str) -> float:
    return float(f"{text[:-1]}e-2") if text.endswith("%") else float(text)


def _against_factor(node: yaml.ScalarNode) -> Against:
    text: str = node.value
    if wrong := _against_digits(node, _DECIMAL, "a factor, as 1.4"):
        return wrong
    if float(text) < 1:
        return f"is {bare(text)}, and nothing becomes less by it", "write 1 or more, as 1.4"
    if float(text) > MOST_TIMES:
        return f"is {bare(text)}, which is absurd", f"write {MOST_TIMES} or less, as 1.4"
    return None


def _against_digits(node: yaml.ScalarNode, pattern: re.Pattern[str], wants: str) -> Against:
    """What is against a number: that YAML, or a person, would read another one, or none."""
    text: str = node.value
    called, _, example = wants.partition(", as ")
    if not pattern.fullmatch(text):
        return f"is {what(node)}, not {called}", f"write one in plain digits, as {example}"
    if kind(node) not in ("int", "float"):
        return f"is {what(node)}, not a number", f"write it without quotes: {bare(text)}"
    return None


def _against_switch(node: yaml.ScalarNode) -> Against:
    if kind(node) == "bool" and node.value.lower() in yaml.SafeLoader.bool_values:
        return None
    return f"is {what(node)}, not true or false", "write true or false, without quotes"
