"""How is what was found printed?

For people, as JSON, and as the annotations that a GitHub workflow shows beside the lines of a pull
request. What came from files is shown on one line and escaped: a name may hold anything.

Facts (GitHub, workflow commands): `::error file=F,line=L,title=T::message`; in a message %, CR and
LF are escaped, in a property also : and comma.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from watcher.facts import many
from watcher.lint.finding import Finding, Severity
from watcher.lint.linting import Linted

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_ESCAPED = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_ESCAPED_PROPERTY = _ESCAPED | {":": "%3A", ",": "%2C"}
_LONGEST = 500
"""Characters of one text that came from a file."""
_MOST_NOTES = 5
"""Of one code, in the text: on a hub with fifty addons the errors would be lost among the notes."""


def as_text(linted: Linted) -> str:
    """For people: each finding once, what it means once for each code. Of a note that most
    ApplicationSets of a hub may have, a few.
    """
    lines = [line for each in _by_kind(linted.findings) for line in _lines(each)]
    if linted.findings:
        lines.append("")
    for code in dict.fromkeys(each.code for each in linted.findings):
        first = next(each for each in linted.findings if each.code == code)
        lines += [f"{code}: {first.why}", f"       To mend it: {first.how}", ""]
    lines += [
        f"not judged without {each.needs.value}: {', '.join(each.codes)}" for each in linted.skipped
    ]
    return "\n".join([*lines, _summary(linted)])


def as_json(linted: Linted) -> str:
    """For programs: everything, in the order of the text."""
    return msgspec.json.format(msgspec.json.encode(_document(linted)), indent=2).decode()


def as_github(linted: Linted) -> str:
    """For a GitHub workflow: one annotation for each finding."""
    return "\n".join([*map(_annotation, linted.findings), _summary(linted)])


def one_line(text: str) -> str:
    """`text` without what would break a line or a terminal, and not too long."""
    plain = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:_LONGEST]
    )
    return plain + ("…" if len(text) > _LONGEST else "")


def _by_kind(findings: Iterable[Finding]) -> Iterable[list[Finding]]:
    """In their order, but the notes of one code together."""
    notes: dict[str, list[Finding]] = {}
    for each in findings:
        if each.severity is Severity.NOTE:
            notes.setdefault(each.code, []).append(each)
        else:
            yield [each]
    yield from notes.values()


def _lines(alike: list[Finding]) -> list[str]:
    lines = [_line(each) for each in alike]
    if len(lines) <= _MOST_NOTES + 1:
        return lines
    rest = f"{alike[0].severity.value} {alike[0].code} and {len(lines) - _MOST_NOTES} more like it"
    return [*lines[:_MOST_NOTES], f"{rest}; -o json has them all"]


def _line(each: Finding) -> str:
    where = f"{each.place}: " if str(each.place) else ""
    about = f"{each.object}: " if each.object else ""
    return one_line(f"{where}{each.severity.value} {each.code} {about}{each.what}")


def _summary(linted: Linted) -> str:
    found = ", ".join(many(linted.count(severity), severity.value) for severity in Severity)
    read = (
        many(linted.sets, "ApplicationSet"),
        many(linted.spokes, "cluster Secret"),
        many(linted.applications, "Application"),
    )
    return f"{', '.join(read)}: {found}"


def _document(linted: Linted) -> dict[str, object]:
    return {
        "findings": [
            {
                "code": each.code,
                "severity": each.severity.value,
                "object": each.object,
                "file": each.place.file or None,
                "line": each.place.line or None,
                "what": one_line(each.what),
                "why": each.why,
                "how": each.how,
            }
            for each in linted.findings
        ],
        "skipped": [
            {"codes": list(each.codes), "needs": each.needs.value} for each in linted.skipped
        ],
        "read": {
            "applicationSets": linted.sets,
            "clusterSecrets": linted.spokes,
            "applications": linted.applications,
        },
    }


def _annotation(each: Finding) -> str:
    properties = {"title": f"{each.code} {each.object}".rstrip()}
    if each.place.file:
        properties = {"file": each.place.file, "line": str(each.place.line or 1)} | properties
    said = ",".join(
        f"{key}={_escaped(one_line(value), _ESCAPED_PROPERTY)}" for key, value in properties.items()
    )
    text = f"{one_line(each.what)}\n{each.why}\n{each.how}"
    return f"::{_COMMANDS[each.severity]} {said}::{_escaped(text, _ESCAPED)}"


def _escaped(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(char, char) for char in text)
