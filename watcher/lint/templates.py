"""Does a template read what a spoke lacks, or what a gate writes?

Facts (Argo CD, applicationset/utils; applicationset/generators/cluster.go):
- Under goTemplate with `missingkey=error` a label that one selected spoke lacks fails the whole
  ApplicationSet: nothing is created, updated or deleted, on no spoke. Without it the text
  `<no value>` is rendered; without goTemplate `{{metadata.labels.KEY}}` stays as it is.
- The hub itself, where no Secret stands for it, has no labels and no annotations at all.
- Every label and annotation of the Secret is there to be read, the watcher's too.
- Under goTemplate they are a map of texts, which `index` takes; sprig's `get`, `hasKey` and `dig`
  take maps of anything only.

Elsewhere: which labels the selectors ask for (asking.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.decide.roster import IN_CLUSTER_SERVER
from watcher.lint.finding import Code, Finding, Severity
from watcher.lint.inventory import Inventory, Read, WrittenSet, WrittenSpoke
from watcher.lint.rule import Need, Rule

LACKING = Code(
    "GW050",
    "A template reads what a spoke lacks",
    Severity.ERROR,
    "Under goTemplate with missingkey=error one such spoke fails the whole ApplicationSet: from "
    "the moment its gate opens nothing is created or updated on any spoke. Without it the "
    "Application is made from a text with a hole in it, such as a wrong path.",
    "Set the label or annotation on the Secret, or read it with a default: "
    '`{{ index .metadata.labels "KEY" | default "VALUE" }}`.',
)
READS_GATES = Code(
    "GW051",
    "A template reads what the watcher writes",
    Severity.ERROR,
    "Each opening changes the gate's label and the annotation gate-watcher.io/opened, and with "
    "them what the template renders: the Applications change, or get other names and are deleted. "
    "So no gate opens on a spoke that this ApplicationSet selects.",
    "Read another label; what a gate's Applications are is decided by the selector alone.",
)
READS_ALL = Code(
    "GW052",
    "A template takes all labels or annotations at once",
    Severity.ERROR,
    "What it renders changes with every gate that opens, since the watcher's label and annotation "
    "are among them. What follows cannot be known, so no gate opens on a spoke that it selects.",
    "Name the labels that the template needs. Or name the ApplicationSet under "
    "ignoreApplicationSets in the policy, if what it renders is safe whatever the labels are.",
)
REFUSED = Code(
    "GW053",
    "A function that takes no labels",
    Severity.ERROR,
    "Argo CD gives a template labels and annotations as a map of texts, and get, hasKey and dig "
    "take none of these. The template fails on every spoke, and with it the whole ApplicationSet: "
    "nothing is created, updated or deleted, on no spoke.",
    'Read with index, which takes them: `{{ index .metadata.labels "KEY" | default "VALUE" }}`, or '
    '`{{ if index .metadata.labels "KEY" }}`.',
)


def _lacking(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        if not each.reads or not (spokes := inventory.selected(each)):
            continue
        for reads, lacks in _lacked(each, spokes):
            certain = any(inventory.certain(each, one) for one in lacks)
            worst = each.missing_key_fails and certain
            what = _lacks(reads, [one.spoke.secret for one in lacks], of=len(spokes))
            yield LACKING.on(each, what, severity=None if worst else Severity.WARNING)
    yield from _hub_lacks(inventory)


def _lacked(
    each: WrittenSet, spokes: list[WrittenSpoke]
) -> Iterator[tuple[list[Read], list[WrittenSpoke]]]:
    """What it reads, with the spokes that lack it; what the same ones lack together."""
    together: dict[tuple[str, ...], list[Read]] = {}
    for read in sorted(each.reads, key=lambda one: (one.of, one.key)):
        if lacks := tuple(one.shown for one in spokes if not _has(one, read)):
            together.setdefault(lacks, []).append(read)
    for reads in together.values():
        yield reads, [one for one in spokes if not _has(one, reads[0])]


def _hub_lacks(inventory: Inventory) -> Iterator[Finding]:
    """The hub that no Secret stands for has no labels."""
    if any(each.spoke.server == IN_CLUSTER_SERVER for each in inventory.spokes):
        return
    for each in inventory.sets:
        takes_hub = inventory.addons[each.key].takes_hub and not each.names_secret_type
        if each.reads and each.missing_key_fails and takes_hub:
            key = min(read.key for read in each.reads)
            yield LACKING.on(
                each,
                f"it reads {key}, and selects the hub itself, which has no labels without a Secret",
                severity=None if inventory.whole or inventory.spokes else Severity.WARNING,
            )


def _has(spoke: WrittenSpoke, read: Read) -> bool:
    return read.key in (spoke.spoke.labels if read.of == "labels" else spoke.annotations)


def _lacks(reads: list[Read], secrets: list[str], *, of: int) -> str:
    first, number = secrets[0], len(secrets)
    who = f"Secret {first}" + (f" and {number - 1} more" if number > 1 else "")
    share = "the only one" if of == 1 else f"{number} of the {of}"
    keys = ", ".join(f"metadata.{read.of}.{read.key}" for read in reads)
    lack = "lacks" if number == 1 else "lack"
    return (
        f"{who}, {share} that it selects, or may, with every gate open, {lack} what it reads: "
        f"{keys}"
    )


def _reads_gates(inventory: Inventory) -> Iterator[Finding]:
    prefix = f"{inventory.gates.prefix}/"
    for each in inventory.sets:
        if found := sorted(key for key in each.set.reads_keys if key.startswith(prefix)):
            yield READS_GATES.on(each, f"it reads {', '.join(found)}")


def _reads_all(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        if not each.set.reads_all_labels or each.set.unreadable:
            continue
        policy = inventory.policy
        if policy is None or not policy.ignores(each.set.namespace, each.set.name):
            yield READS_ALL.on(
                each, "a template of it takes the dot, .metadata or its labels as a whole"
            )


def _refused(inventory: Inventory) -> Iterator[Finding]:
    for each in inventory.sets:
        if each.refused:
            given = ", ".join(sorted(each.refused))
            yield REFUSED.on(each, f"a template of it gives labels or annotations to {given}")


RULES = (
    Rule(_lacking, (LACKING,), (Need.SPOKES,)),
    Rule(_reads_gates, (READS_GATES,)),
    Rule(_reads_all, (READS_ALL,)),
    Rule(_refused, (REFUSED,)),
)
