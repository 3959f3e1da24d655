"""How are findings printed?

For people a line each; for programs as JSON. What came from the hub is shown on one line and
without what a terminal would obey: a name may hold anything.
"""

from __future__ import annotations

import msgspec

from watcher.check.checking import Checked
from watcher.check.finding import Finding, Level

_LONGEST = 2000
"""Characters of one text that came from a hub."""


def as_text(checked: Checked) -> str:
    """For people."""
    widths = [max((len(each) for each in column), default=0) for column in _columns(checked)]
    lines = [_line(each, *widths) for each in checked.findings]
    counts = (f"{checked.count(level)} {_plural(checked, level)}" for level in Level)
    return "\n".join([*lines, ", ".join(counts)])


def as_json(checked: Checked) -> str:
    """For programs: the same, in the same order."""
    findings = [
        {
            "check": each.check,
            "level": each.level.value,
            "what": _plain(each.what),
            "remedy": _plain(each.remedy) or None,
        }
        for each in checked.findings
    ]
    return msgspec.json.format(msgspec.json.encode({"findings": findings}), indent=2).decode()


def _columns(checked: Checked) -> tuple[list[str], list[str]]:
    return (
        [each.level.value for each in checked.findings],
        [each.check for each in checked.findings],
    )


def _line(each: Finding, level_width: int, check_width: int) -> str:
    said = f"{each.what}; {each.remedy}" if each.remedy else each.what
    return f"{each.level.value:{level_width}}  {each.check:{check_width}}  {_plain(said)}"


def _plural(checked: Checked, level: Level) -> str:
    one = level is Level.OK or checked.count(level) == 1
    return level.value if one else f"{level.value}s"


def _plain(text: str) -> str:
    plain = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:_LONGEST]
    )
    return plain + ("…" if len(text) > _LONGEST else "")
