"""What should somebody know of these objects before a gate opens?

Every rule is asked; what needs something that was not given is left out, and said.

Elsewhere: the rules, one file for each thing they are about.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from watcher.lint import (
    asking,
    labelling,
    living,
    losing,
    naming,
    placing,
    progressing,
    reading,
    spokes,
    templates,
    writers,
)
from watcher.lint.finding import Code, Finding, Severity
from watcher.lint.inventory import Inventory
from watcher.lint.rule import Need, Rule

RULES: tuple[Rule, ...] = (
    *placing.RULES,
    *asking.RULES,
    *labelling.RULES,
    *losing.RULES,
    *naming.RULES,
    *progressing.RULES,
    *templates.RULES,
    *writers.RULES,
    *spokes.RULES,
    *living.RULES,
    *reading.RULES,
)

CODES: tuple[Code, ...] = tuple(
    sorted((code for rule in RULES for code in rule.codes), key=lambda code: code.code)
)

_RANK = {severity: at for at, severity in enumerate(Severity)}


class Skipped(Struct, frozen=True):
    """Codes that could not be judged, for want of something."""

    codes: tuple[str, ...]
    needs: Need


class Linted(Struct, frozen=True):
    """All that is to be said."""

    findings: tuple[Finding, ...]
    """The most serious first; of these by file and line, and what has no place last."""
    skipped: tuple[Skipped, ...]
    sets: int
    spokes: int
    applications: int

    def reaches(self, threshold: Severity) -> bool:
        """Whether a finding is at or above the threshold."""
        return any(_RANK[each.severity] <= _RANK[threshold] for each in self.findings)

    def count(self, severity: Severity) -> int:
        """The number of findings of this severity."""
        return sum(each.severity is severity for each in self.findings)


def lint(inventory: Inventory) -> Linted:
    """Every finding on what was read."""
    missing = [need for need in Need if not need.met(inventory)]
    found = [
        finding
        for rule in RULES
        if not any(need in missing for need in rule.needs)
        for finding in rule.judge(inventory)
    ]
    return Linted(
        findings=tuple(sorted(set(found), key=_order)),
        skipped=tuple(Skipped(_codes_of(need), need) for need in missing),
        sets=len(inventory.sets),
        spokes=len(inventory.spokes),
        applications=len(inventory.applications),
    )


def _codes_of(need: Need) -> tuple[str, ...]:
    return tuple(sorted(code.code for code in _codes(rule for rule in RULES if need in rule.needs)))


def _codes(rules: Iterable[Rule]) -> Iterable[Code]:
    return (code for rule in rules for code in rule.codes)


def _order(finding: Finding) -> tuple[int, bool, str, int, str, str, str]:
    place = finding.place
    rank = _RANK[finding.severity]
    where = (not place.file, place.file, place.line)
    return rank, *where, finding.object, finding.code, finding.what
