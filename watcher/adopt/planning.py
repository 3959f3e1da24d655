"""What is left to do until every addon that runs is behind its gate, and in which order?

Labels before selectors: first the gates of what runs already are opened, then the selectors ask for
them. Each step is proved on the hub as it is once the steps before it are done, and a step that is
not proved is not done. Worked out anew from what the hub holds, so what is done is not planned
again: the plan of a hub that is adopted is empty.

Beside the proof stands lint: what would be left behind must have no error that was not there.

Elsewhere: which tier each gets (assigning.py); carrying it out (cli/adopt.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Set

from msgspec import Struct, structs

from watcher.adopt.assigning import Apart, Assigned, Assignment, assignment
from watcher.adopt.changing import Change, Reader, change
from watcher.adopt.keeping import keepers
from watcher.adopt.opening import Living, Opening, Unopened, living, openings, with_openings
from watcher.adopt.proving import Doubt, of_selectors, unseen, waiting_deletions
from watcher.decide.gates import is_open
from watcher.decide.selection import Number
from watcher.facts import Instant
from watcher.lint import Finding, Inventory, Severity, WrittenSet, lint, other_writers
from watcher.policy import Accept, Policy


class Gating(Struct, frozen=True):
    """An ApplicationSet that is to ask for its gate."""

    set: WrittenSet
    tier: str
    change: Change
    keepers: tuple[str, ...]
    """Who would take the change away again, so that it belongs there; nobody: it can be made on
    the hub."""
    doubts: tuple[Doubt, ...]
    spokes: int
    """How many it selects, or may, before and after."""

    @property
    def may_follow(self) -> bool:
        """Whether a person may make the change, once the gates are open, on what they know."""
        return all(each.open_question for each in self.doubts)

    @property
    def on_hub(self) -> bool:
        """Whether it can be made on the hub, and is proved."""
        return bool(self.change.operations) and not self.keepers and not self.doubts


class Plan(Struct, frozen=True):
    """All that is to be done, and all that cannot be."""

    policy: Policy
    proposed: bool
    """Whether the policy is our own proposal."""
    lacking: tuple[str, ...]
    """The tiers that the policy which is on the hub has not, where the proposal is that one with
    these."""
    assigned: tuple[Assigned, ...]
    apart: tuple[Apart, ...]
    waiting: tuple[Doubt, ...]
    """What any write would delete: while there is one, nothing is written."""
    unseen: tuple[Doubt, ...]
    """What the controller obeys and was not read; with it nothing is proved."""
    openings: tuple[Opening, ...]
    unopened: tuple[Unopened, ...]
    gatings: tuple[Gating, ...]
    empty: Mapping[str, tuple[Doubt, ...]]
    """Tiers that must accept Empty, which a policy that was given does not say, and why: else they
    never settle where nothing of an ApplicationSet is, and nobody can tell whether it should be."""
    writers: tuple[Finding, ...]
    """Who else writes the cluster Secrets, and may take the gates away again."""
    sets: int
    spokes: int
    applications: int

    @property
    def stops(self) -> tuple[Doubt, ...]:
        """While there is one of these, nothing is written."""
        return (*(each for each in self.unseen if not each.open_question), *self.waiting)

    @property
    def refused(self) -> tuple[Apart, ...]:
        """What a person gave a tier that it cannot have."""
        return tuple(each for each in self.apart if each.left)

    @property
    def is_done(self) -> bool:
        """Whether every addon that has a tier is behind its gate, and open where it runs; and none
        was given one that it cannot have.
        """
        steps = (self.openings, self.unopened, self.gatings, self.waiting, self.refused)
        return not any(steps)


def plan(
    inventory: Inventory,
    wanted: Mapping[str, str | None],
    *,
    read: Reader,
    now: Instant,
    found: bool = False,
) -> Plan:
    """`wanted`: the person's own tiers, by ApplicationSet; `read` reads generators from JSON;
    `found`: the policy is the one on the hub, and nobody gave it.
    """
    tiers = assignment(inventory, wanted, found=found)
    hub = structs.replace(inventory, policy=tiers.policy)
    there = living(hub)
    everything, stuck = openings(hub, tiers.assigned, there, now)
    lives = _lives(there)
    first = _gatings(hub, with_openings(hub, everything), tiers.assigned, lives, read)
    lost = {each.set.key for each in first if not each.may_follow}
    follow = [each for each in tiers.assigned if each.key not in lost]
    opens, _ = openings(hub, follow, there, now)
    after = with_openings(hub, opens)
    again = _gatings(hub, after, tiers.assigned, lives, read)
    empty = _empty(after, tiers.assigned, lives)
    return Plan(
        policy=_accepting(tiers.policy, empty) if tiers.proposed else tiers.policy,
        proposed=tiers.proposed,
        lacking=tiers.lacking,
        assigned=tiers.assigned,
        apart=tiers.apart,
        waiting=tuple(
            waiting_deletions(hub, {each.spoke.uid: frozenset(each.opens) for each in opens})
        ),
        unseen=tuple(unseen(inventory, tiers.policy)),
        openings=opens,
        unopened=stuck,
        gatings=tuple(
            one if one.set.key in lost else other for one, other in zip(first, again, strict=True)
        ),
        empty=_to_be_said(empty, tiers),
        writers=tuple(each for each in other_writers(hub) if each.severity is not Severity.NOTE),
        sets=len(hub.sets),
        spokes=len(hub.spokes),
        applications=len(hub.applications),
    )


def _empty(
    after: Inventory, assigned: Iterable[Assigned], lives: Mapping[str, Set[str]]
) -> dict[str, tuple[Doubt, ...]]:
    """The tiers that do not accept Empty and have an ApplicationSet whose number cannot be known,
    on a spoke whose gate is open and on which it has nothing.
    """
    gates, policy = after.gates, after.policy
    found: dict[str, list[Doubt]] = defaultdict(list)
    for each in assigned:
        if policy is None or Accept.EMPTY in policy.by_name[each.tier].accept:
            continue
        for spoke in (one.spoke for one in after.spokes):
            open_there = is_open(spoke.labels.get(gates.key(each.tier)), gates)
            known = isinstance(after.addons[each.key].on(spoke).opened, int)
            if open_there and not known and spoke.uid not in lives.get(each.key, ()):
                why = f"nobody can tell whether ApplicationSet {each.key} should have something"
                found[each.tier].append(Doubt(why, after.roster.names[spoke.uid]))
    return {tier: tuple(doubts) for tier, doubts in found.items()}


def _to_be_said(
    empty: Mapping[str, tuple[Doubt, ...]], tiers: Assignment
) -> Mapping[str, tuple[Doubt, ...]]:
    """Those that stand in a policy which somebody wrote; a proposal has it in itself."""
    if tiers.proposed and not tiers.lacking:
        return {}
    return {tier: doubts for tier, doubts in empty.items() if tier not in tiers.lacking}


def _accepting(policy: Policy, tiers: Collection[str]) -> Policy:
    """The policy with these tiers accepting Empty."""
    return structs.replace(
        policy,
        tiers=tuple(
            structs.replace(each, accept=each.accept | {Accept.EMPTY})
            if each.name in tiers
            else each
            for each in policy.tiers
        ),
    )


def _gatings(
    hub: Inventory,
    after: Inventory,
    assigned: Iterable[Assigned],
    lives: Mapping[str, Set[str]],
    read: Reader,
) -> tuple[Gating, ...]:
    """Each ApplicationSet without its gate, judged on the hub as it is `after` the openings;
    `lives`: the UIDs of the spokes on which each has Applications.
    """
    ungated = [each for each in assigned if not each.gated]
    made = (_gating(hub, after, each, lives.get(each.key, frozenset()), read) for each in ungated)
    return _linted(hub, after, tuple(made))


def _lives(there: Living) -> Mapping[str, Set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for uid, sets in there.items():
        for key in sets:
            found[key].add(uid)
    return found


def _gating(
    hub: Inventory, after: Inventory, each: Assigned, lives: Set[str], read: Reader
) -> Gating:
    written = hub.by_key[each.key]
    made = change(written, each.tier, hub.gates, read)
    selects = [hub.addons[each.key].on(one.spoke).now for one in hub.spokes]
    return Gating(
        set=written,
        tier=each.tier,
        change=made,
        keepers=keepers(hub, written),
        doubts=tuple(of_selectors(after, written, made.after, each.tier, lives)),
        spokes=sum(one is Number.UNKNOWN or one != 0 for one in selects),
    )


def _linted(hub: Inventory, after: Inventory, gatings: tuple[Gating, ...]) -> tuple[Gating, ...]:
    """With what lint would say of the hub once all that is proved is done, and does not say now."""
    if all(each.doubts for each in gatings):
        return gatings
    changed = {each.set.key: _changed(each) for each in gatings if not each.doubts}
    then = structs.replace(after, sets=tuple(changed.get(one.key, one) for one in hub.sets))
    before = {(each.code, each.object) for each in lint(hub).findings}
    new = [
        each
        for each in lint(then).findings
        if each.severity is Severity.ERROR and (each.code, each.object) not in before
    ]
    said = {
        each.set.key: tuple(
            Doubt(f"lint would say {found.code} of it: {found.what}")
            for found in new
            if found.object == each.set.shown
        )
        for each in gatings
    }
    return tuple(
        structs.replace(each, doubts=(*each.doubts, *said[each.set.key])) for each in gatings
    )


def _changed(each: Gating) -> WrittenSet:
    """The ApplicationSet as lint sees it with the change."""
    labels = {**each.set.template.labels}
    for operation in each.change.operations:
        if operation.path.startswith("/spec/template/metadata/labels"):
            labels |= _label(operation.path, operation.value)
    return structs.replace(
        each.set,
        set=each.change.after,
        template=structs.replace(each.set.template, labels=labels),
    )


def _label(path: str, value: object) -> dict[str, str]:
    if isinstance(value, dict):
        return value
    key = path.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    return {key: str(value)}
