"""Does a step leave every ApplicationSet with the spokes that it has?

Asked of all ApplicationSets of the hub, not of those alone that are adopted: a selector that
excludes on a gate, a template that ranges over labels, a deletion that waits for the next event
of any Secret. What stands against a step is a doubt, and no doubt is the proof. What cannot be told
is one.

A selector that gets one more requirement selects what it selected wherever that requirement holds,
whatever the rest of it is, and whether the rest can be told or not. So of a changed ApplicationSet
only the spokes whose gate is closed need to be looked at: none of them may be selected before.

Facts (Argo CD, applicationset/generators/cluster.go): without any selector the hub itself is
generated where no matched Secret has exactly its server; with any selector it is not.

Elsewhere: counting (decide/selection.py); deletions that wait (decide/unselected.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set

import msgspec
from msgspec import Struct, structs

from watcher.adopt.changing import leaves
from watcher.decide.addons import Addon
from watcher.decide.gates import is_open
from watcher.decide.grouping import grouped
from watcher.decide.roster import IN_CLUSTER_NAME, IN_CLUSTER_SERVER
from watcher.decide.selection import (
    Count,
    Number,
    Subject,
    count,
    deciding,
    label_keys,
    overriding_keys,
)
from watcher.decide.unselected import pending_deletions, unplaced_deletions
from watcher.facts import Application, ApplicationSet, Generator, Spoke
from watcher.lint import Inventory, WrittenSet
from watcher.lint.losing import deletes
from watcher.policy import Policy


class Doubt(Struct, frozen=True, rename="camel"):
    """One thing that stands against a step."""

    why: str
    spoke: str = ""
    """Its name; empty where it is about none."""
    open_question: bool = False
    """Whether it is only not known, and a person may know better."""


_NAMESPACE = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
"""What is a name, and no pattern (Argo CD, util/glob: a glob, or an expression in slashes)."""


def of_labels(
    inventory: Inventory,
    spoke: Spoke,
    tiers: Iterable[str],
    after: Spoke,
    living: Mapping[str, int],
) -> Iterator[Doubt]:
    """What stands against writing the labels and the annotation that `after` has, and `spoke` has
    not: the gates of these `tiers`, and when they opened. `living`: how many Applications each
    ApplicationSet has on the spoke, which it may come to select again.
    """
    gates = inventory.gates
    keys = (*(gates.key(tier) for tier in tiers), gates.opened_key)
    for each in _concerned(inventory, keys):
        made = inventory.addons[each.key]
        why = _of_set(made, keys, spoke, after, living.get(each.key, 0))
        if why:
            yield Doubt(f"{each.shown} {why}", inventory.roster.names[spoke.uid])


def _concerned(inventory: Inventory, keys: tuple[str, ...]) -> tuple[WrittenSet, ...]:
    """The ApplicationSets that may do something else for these keys; worked out once for all
    spokes, and kept with the inventory.
    """
    known: dict[tuple[str, ...], tuple[WrittenSet, ...]]
    known = inventory.__dict__.setdefault("concerned", {})
    if keys not in known:
        known[keys] = tuple(
            each
            for each in inventory.sets
            if not (made := inventory.addons[each.key]).ignored
            and (made.reached_by(keys) or any(_looks(label_keys(g), keys) for g in made.generators))
        )
    return known[keys]


def _of_set(made: Addon, keys: tuple[str, ...], spoke: Spoke, after: Spoke, living: int) -> str:
    """What one ApplicationSet does about it; empty where it does nothing."""
    counts = [(one, *_counts(made, one, spoke, after)) for one in _deciding(made)]
    if made.reached_by(keys) and any((before, then) != (0, 0) for _, before, then in counts):
        return (
            "reads in its templates what would be written, so that what it makes may change; if "
            "that is safe, name it in ignoreApplicationSets of the policy"
        )
    for generator, before, then in counts:
        if before == then == 0 or not _looks(label_keys(generator), keys):
            continue
        if Number.UNKNOWN in (before, then):
            return "may look at this gate in a way that cannot be told from here"
        if _looks(overriding_keys(generator), keys):
            return "looks at this gate where it only overrides values, which would change"
        if before == 0 and living:
            continue
        if before == 0:
            return "would begin there: let the watcher open this gate in its turn"
        if before != then:
            return "would no longer select it, and delete what it has there"
    return ""


def _deciding(made: Addon) -> list[Generator]:
    return [one for one in made.generators if any(True for _ in deciding(one))]


def _counts(made: Addon, generator: Generator, spoke: Spoke, after: Spoke) -> tuple[Count, Count]:
    return _count(made, generator, spoke), _count(made, generator, after)


def _looks(asked: Iterable[str], keys: tuple[str, ...]) -> bool:
    return any(may_be(key, each) for key in asked for each in keys)


def may_be(key: str, label: str) -> bool:
    """Whether what a selector names, a template too, may come to this label."""
    if "{{" not in key:
        return key == label
    parts = re.split(r"\{\{.*?\}\}", key)
    return re.fullmatch(".*".join(map(re.escape, parts)), label) is not None


def of_selectors(
    inventory: Inventory,
    before: WrittenSet,
    after: ApplicationSet,
    tier: str,
    lives: Set[str],
) -> Iterator[Doubt]:
    """What stands against making `after` of `before`: its clusters generators ask for the gate of
    `tier` as well, and for nothing else that is new. `lives`: the UIDs of the spokes on which it
    has Applications.
    """
    gates = inventory.gates
    made = inventory.addons[before.key]
    then = structs.replace(made, generators=after.generators)
    yield from _of_hub(inventory, before, after)
    for each in inventory.spokes:
        spoke = each.spoke
        if is_open(spoke.labels.get(gates.key(tier)), gates):
            continue
        name = inventory.roster.names[spoke.uid]
        for was, is_ in zip(before.set.generators, then.generators, strict=True):
            selected = _count(made, was, spoke)
            if selected is Number.UNKNOWN:
                here = spoke.uid in lives
                what = "an Application of it lives" if here else "nothing of it lives"
                yield Doubt(
                    f"whether {before.shown} selects it cannot be told; {what} there, and its gate "
                    "is closed",
                    name,
                    open_question=not here,
                )
            elif selected != _count(then, is_, spoke):
                yield Doubt(
                    f"{before.shown} selects it now, and would not any more: its gate is closed",
                    name,
                )


def _of_hub(inventory: Inventory, before: WrittenSet, after: ApplicationSet) -> Iterator[Doubt]:
    """The hub that no Secret stands for has no labels, and so no gate that could be open."""
    stands = any(each.spoke.server == IN_CLUSTER_SERVER for each in inventory.spokes)
    if takes_hub(before) and not stands:
        yield Doubt(
            f"{before.shown} selects the hub itself, for which no Secret stands, and would not any "
            "more: with any selector, a gate too, it is lost. Register the hub with a cluster "
            f"Secret (name {IN_CLUSTER_NAME}, as its Applications have it, and server "
            f"{IN_CLUSTER_SERVER}), see that its Applications stay, and adopt again",
            IN_CLUSTER_NAME,
        )


def takes_hub(each: WrittenSet) -> bool:
    """Whether one of its clusters generators has no selector at all, not even one that asks for the
    label that all cluster Secrets have.
    """
    for entry in msgspec.json.decode(each.generators or b"[]"):
        for leaf in leaves(entry):
            selector = leaf.body.get("selector") or {}
            asks = selector.get("matchLabels") or selector.get("matchExpressions")
            if not asks and not leaf.body.get("flatList"):
                return True
    return False


def waiting_deletions(
    inventory: Inventory, opening: Mapping[str, frozenset[str]]
) -> Iterator[Doubt]:
    """What the next write of anything would have deleted, whatever it writes; but what these
    openings, spoke to tiers, prevent.
    """
    groups = grouped(each.app for each in inventory.applications)
    made = {
        key: structs.replace(each, deletes=deletes(inventory.by_key[key], inventory.controller))
        for key, each in inventory.addons.items()
    }
    for each in inventory.spokes:
        apps = [
            app
            for here in inventory.roster.places[each.uid]
            for app in groups.get(here, ())
            if inventory.roster.at[here] == (each.uid,)
        ]
        pairs = {key: (one, one.on(each.spoke)) for key, one in made.items()}
        for found in pending_deletions(pairs, apps, opening.get(each.uid, frozenset())):
            yield Doubt(_waits(found.application, found.application_set))
    nowhere = groups.keys() - inventory.roster.at.keys()
    lost: list[Application] = [app for here in nowhere for app in groups[here]]
    for found in unplaced_deletions(made, lost):
        yield Doubt(_waits(found.application, found.application_set))


def unseen(inventory: Inventory, policy: Policy) -> Iterator[Doubt]:
    """Namespaces whose ApplicationSets the controller obeys and nobody has read, so that nothing is
    known of what they select. Which ones a pattern means is only asked.
    """
    read = {policy.namespace, *policy.application_namespaces}
    for each in inventory.controller.namespaces if inventory.controller else ():
        pattern = not _NAMESPACE.fullmatch(each)
        if not pattern and each not in read:
            yield Doubt(
                f"the ApplicationSet controller looks into namespace {each}, too "
                "(argocd-cmd-params-cm): name it in applicationNamespaces of the policy; of what "
                "is there nothing is known"
            )
        elif pattern:
            yield Doubt(
                f"the ApplicationSet controller looks into the namespaces {each} "
                "(argocd-cmd-params-cm): see that applicationNamespaces of the policy names all of "
                "them",
                open_question=True,
            )


def _waits(application: str, of: str) -> str:
    return (
        f"Application {application} is deleted at the next write, whatever is written: "
        f"ApplicationSet {of} owns it, and does not select its spoke"
    )


def _count(made: Addon, generator: Generator, spoke: Spoke) -> Count:
    subject = Subject(spoke.labels, spoke.name, spoke.server, spoke.project)
    return count(generator, subject, go_template=made.go_template)
