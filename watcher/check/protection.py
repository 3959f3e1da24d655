"""Can an open gate's label be taken away, and by whom?

Elsewhere: what the guards refuse (guards/); what a writer's name tells (lint/writers.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.check.finding import Check, Finding, Level
from watcher.check.sight import Sight, Unread
from watcher.check.versions import OLDEST_WITH_GUARDS, kubernetes_version
from watcher.facts import Force, Guard, many, standing_of
from watcher.guards import REMOVALS
from watcher.lint import Severity, other_writers
from watcher.policy import Polarity, Recovery

GUARDS = Check("guards", "which guards are in force, for this policy and this account")
OWNERS = Check("label-owners", "who else writes the cluster Secrets, by their managedFields")

_LOOK = (
    "ask for the right to get validatingadmissionpolicies and their bindings, or read at the "
    "watcher's /readyz how it sees them"
)

_C_MAY_BE_STALE = (
    f"whether C reads {REMOVALS} cannot be seen: where its binding has ever been away, it goes by "
    "old names until the API servers are started anew; Guards in the manual has a way to try it"
)

_LEVELS = {
    Severity.ERROR: Level.FAULT,
    Severity.WARNING: Level.WARNING,
    Severity.NOTE: Level.OK,
}


def guards(sight: Sight) -> Iterator[Finding]:
    """Those that the policy rests on, those that every installation should have, and those that
    somebody has put there.
    """
    if _too_old(sight):
        return  # `kubernetes` has said it, with what to do instead
    standing = {guard: standing_of(sight.guards, guard) for guard in Guard}
    held = [guard for guard, each in standing.items() if each.force is Force.IN_FORCE]
    asked = [guard for guard in Guard if guard in _wanted(sight) or standing[guard].there]
    for guard in asked:
        each = standing[guard]
        what, _, remedy = each.why.partition("; ")
        remedy = remedy or "upgrade Kubernetes, or see Guards in the manual"
        if each.force is Force.UNKNOWN:
            yield GUARDS.warning(f"{guard} is not known to be in force: {what}", _LOOK)
        elif each.force is Force.NOT_IN_FORCE and not sight.before:
            fault = guard is Guard.A and sight.policy.gates.polarity is Polarity.BLOCK
            said = GUARDS.fault if fault else GUARDS.warning
            yield said(f"{guard} is not in force: {what}", remedy)
        elif each.force is Force.NOT_IN_FORCE:
            yield GUARDS.ok(f"{guard} is not in force yet: {what}; {remedy}")
    if held:
        others = [guard for guard in Guard if guard not in held and guard not in asked]
        more = f"; {', '.join(others)}, which nothing here asks for, not" if others else ""
        yield GUARDS.ok(f"{', '.join(held)} in force{more}")
    if Guard.C in held:
        yield GUARDS.ok(_C_MAY_BE_STALE)


def owners(sight: Sight) -> Iterator[Finding]:
    """As lint finds them."""
    if isinstance(sight.spokes, Unread):
        yield OWNERS.unseen(sight.spokes)
        return
    secrets = many(len(sight.spokes.spokes), "cluster Secret")
    grave = 0
    for each in other_writers(sight.spokes):
        grave += _LEVELS[each.severity] is not Level.OK
        what = f"{each.code} {each.object}: {each.what}"
        yield Finding(OWNERS.name, _LEVELS[each.severity], what, each.how)
    if not grave:
        yield OWNERS.ok(f"nobody is known to take gates from what is written: {secrets}")


def _wanted(sight: Sight) -> tuple[Guard, ...]:
    """C and D are for people to choose; E belongs to recovery."""
    parks = sight.policy.recovery is Recovery.PARK
    return (Guard.A, Guard.B, Guard.E) if parks else (Guard.A, Guard.B)


def _too_old(sight: Sight) -> bool:
    if isinstance(sight.kubernetes, Unread):
        return False
    version = kubernetes_version(sight.kubernetes)
    return (
        version is not None
        and version < OLDEST_WITH_GUARDS
        and sight.policy.gates.polarity is Polarity.ADMIT
    )
