"""Can the watcher tell the spokes apart, and read what is written on them?

Facts (Argo CD, applicationset/generators/cluster.go, util/argo/argo.go): of two Secrets with one
name the generator keeps the last of an unordered list, so Applications come and go; a destination
by that name is refused.

Elsewhere: who writes the Secrets (writers.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from watcher.decide.gates import CLOSED, OPEN, torn_down
from watcher.facts import instant
from watcher.lint.finding import Code, Finding, Severity
from watcher.lint.gated import named
from watcher.lint.inventory import Inventory, WrittenSpoke
from watcher.lint.rule import Need, Rule
from watcher.policy import Polarity, Policy

TWINS = Code(
    "GW070",
    "Two Secrets of one name or one server, or one without a name",
    Severity.ERROR,
    "Argo CD's clusters generator knows spokes by name: of two it takes one, and not always the "
    "same, so Applications are deleted and made again. The watcher opens no gate on either.",
    "Give each Secret a data.name and a data.server of its own; remove what is left over.",
)
OPENED_UNREADABLE = Code(
    "GW071",
    "The annotation of opening times cannot be read",
    Severity.WARNING,
    "When gates opened is then not known: gates count as opened by hand, and one that lost its "
    "label is not known to be lost.",
    "Correct the annotation gate-watcher.io/opened: a JSON object from tier to an RFC 3339 time. "
    "Or remove it while every gate that should be open has its label.",
)
STALE = Code(
    "GW072",
    "A gate of a tier that the policy does not know",
    Severity.WARNING,
    "Nobody opens or follows this gate. It is kept, because something may still ask for it.",
    "Correct the tier's name, add the tier to the policy, or remove the label once no "
    "ApplicationSet asks for it.",
)
ODD_VALUE = Code(
    "GW073",
    "A gate's label with another value than the one that counts",
    Severity.WARNING,
    "Under polarity admit only the value open opens a gate, under polarity block only closed "
    "closes it, each in small letters.",
    "Correct the value, or remove the label.",
)
UNBLOCKED = Code(
    "GW074",
    "A spoke without the closed label of a tier",
    Severity.ERROR,
    "Under polarity block a gate is open where no label closes it: everything of the tier starts "
    "at once when the spoke is registered, and when the tier is new, on every spoke.",
    "Register spokes with gate-watcher.io/TIER: closed for each tier, and set a new tier's label "
    "on every spoke before an ApplicationSet asks for it.",
)
TEARDOWN_UNKNOWN = Code(
    "GW075",
    "A teardown of a tier that there is not",
    Severity.WARNING,
    "A name that is no tier closes nothing: what was to be torn down stays.",
    "Correct the annotation gate-watcher.io/teardown: tiers, with commas between them, or *.",
)

ELSEWHERE = Code(
    "GW076",
    "A cluster Secret outside of Argo CD's namespace",
    Severity.WARNING,
    "Argo CD reads cluster Secrets in its own namespace only. This one is no spoke, and no gate on "
    "it means anything.",
    "Move the Secret to the namespace of Argo CD, or name that namespace in the policy.",
)


def _twins(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.spokes:
        if not each.spoke.name:
            yield TWINS.on(each, "it has no data.name")
        elif (same := inventory.roster.duplicates.get(each.spoke.uid)) is not None:
            yield TWINS.on(each, f"it shares its {same.field} with {', '.join(same.others)}")


def _opened(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.spokes:
        if each.spoke.opened is not None and (problem := _unreadable(each.spoke.opened)):
            yield OPENED_UNREADABLE.on(each, problem)


def _unreadable(text: str) -> str:
    """What is wrong with the annotation; empty where nothing is. There is no `now` here, so a time
    to come is not found.
    """
    try:
        times = msgspec.json.decode(text, type=dict[str, str])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return "it is no JSON object from tier to time"
    bad = [tier for tier, time in times.items() if instant(time) is None]
    return f"the time of {named(bad)} cannot be read" if bad else ""


def _stale(inventory: Inventory) -> Iterator[Finding]:
    """One for each tier: a fleet has one way of being labelled."""
    known = inventory.policy.by_name if inventory.policy else {}
    stale: dict[str, list[WrittenSpoke]] = defaultdict(list)
    for each in inventory.spokes:
        for key in each.spoke.labels:
            tier = inventory.gates.tier(key)
            if tier is not None and tier not in known:
                stale[key].append(each)
    for key, spokes in sorted(stale.items()):
        more = f", and so have {len(spokes) - 1} more" if len(spokes) > 1 else ""
        yield STALE.on(spokes[0], f"it has the label {key}{more}; the policy has {named(known)}")


def _odd_values(inventory: Inventory) -> Iterator[Finding]:
    """One for each key and value."""
    gates = inventory.gates
    right = OPEN if gates.polarity is Polarity.ADMIT else CLOSED
    odd: dict[tuple[str, str], list[WrittenSpoke]] = defaultdict(list)
    for each in inventory.spokes:
        for key, value in each.spoke.labels.items():
            if gates.tier(key) is not None and value != right:
                odd[key, value].append(each)
    for (key, value), spokes in sorted(odd.items()):
        more = f" here and on {len(spokes) - 1} more" if len(spokes) > 1 else ""
        yield ODD_VALUE.on(spokes[0], f"{key} is {value!r}{more}, and only {right!r} counts")


def _unblocked(inventory: Inventory) -> Iterator[Finding]:
    policy = inventory.policy or Policy(())
    if policy.gates.polarity is Polarity.ADMIT:
        return
    for each in inventory.spokes:
        missing = [
            tier.name
            for tier in policy.order
            if policy.gates.key(tier.name) not in each.spoke.labels
            and f'"{tier.name}"' not in (each.spoke.opened or "")
        ]
        if missing:
            yield UNBLOCKED.on(each, f"it has no closed label for {named(missing)}")


def _teardown(inventory: Inventory) -> Iterator[Finding]:
    known = inventory.policy.by_name if inventory.policy else {}
    for each in inventory.spokes:
        if strange := torn_down(each.spoke) - known.keys() - {"*"}:
            yield TEARDOWN_UNKNOWN.on(
                each, f"its teardown names {named(strange)}; the policy has {named(known)}"
            )


def _elsewhere(inventory: Inventory) -> Iterator[Finding]:
    where = inventory.policy.namespace if inventory.policy else ""
    for each in inventory.strays:
        yield ELSEWHERE.on(each, f"it is not in {where}")


RULES = (
    Rule(_twins, (TWINS,), (Need.SPOKES,)),
    Rule(_opened, (OPENED_UNREADABLE,), (Need.SPOKES,)),
    Rule(_stale, (STALE,), (Need.POLICY, Need.SPOKES)),
    Rule(_odd_values, (ODD_VALUE,), (Need.SPOKES,)),
    Rule(_unblocked, (UNBLOCKED,), (Need.POLICY, Need.SPOKES)),
    Rule(_teardown, (TEARDOWN_UNKNOWN,), (Need.POLICY, Need.SPOKES)),
    Rule(_elsewhere, (ELSEWHERE,), (Need.POLICY,)),
)
