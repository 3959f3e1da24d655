"""What becomes of the Applications of a spoke when gates close there?

A gate that closes is an order to Argo CD to delete, and what goes is told by the ApplicationSets
alone: so they are asked, step by step, what they select before and after. What is shown to a person
who orders a teardown is this, and nothing else is deleted by it.

Facts (Argo CD, applicationset/controllers/applicationset_controller.go, deleteInCluster;
controller/appcontroller.go):
- What an ApplicationSet owns and no longer generates is deleted at once, unless its policy, or the
  controller's own, forbids deletions.
- A deleted Application takes with it what it installed where it has the resources finalizer, and
  leaves it running where it has none (so under preserveResourcesOnDeletion).
- An Application under skip-reconcile is not looked at, its deletion neither.

Elsewhere: when each gate closes (teardown.py); whether opening would delete (unselected.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, StrEnum

from msgspec import Struct

from watcher.decide.addons import Addon, lost_by, owner_key
from watcher.decide.decision import Decision
from watcher.decide.gates import closed_value
from watcher.decide.selection import Number, Subject, count, deciding
from watcher.decide.teardown_order import steps
from watcher.decide.view import View, view
from watcher.facts import Application, Generator, Instant, Spoke
from watcher.policy import Gates


class Fate(StrEnum):
    """What becomes of an Application."""

    DELETED = "deleted"
    """With all that it installed."""
    ORPHANS = "orphans"
    """It is deleted, and what it installed goes on running."""
    STAYS = "stays"
    """Neither is deleted, and it is waited for."""
    UNTOLD = "untold"
    """It may be deleted: that cannot be told."""


GOING = frozenset({Fate.DELETED, Fate.ORPHANS, Fate.UNTOLD})


class Removal(Struct, frozen=True):
    """What becomes of one Application."""

    application: str
    """`namespace/name`; empty where it cannot be told which it is of its ApplicationSet's."""
    application_set: str
    """`namespace/name`; empty where none owns it."""
    tier: str
    """Empty where it belongs to none."""
    fate: Fate
    why: str = ""
    """In words, where it is not simply deleted."""
    uid: str = ""
    guarded: bool = False
    """Whether it carries the label of its tier, so that guard C keeps it until it is named."""
    deleting_since: Instant | None = None
    skipped: bool = False
    """Whether Argo CD is told to ignore it: then its deletion waits."""


class Closing(Struct, frozen=True):
    """Gates that close together, and what that does."""

    tiers: tuple[str, ...]
    removals: tuple[Removal, ...]


NO_FINALIZER = "it has no resources finalizer"
NO_OWNER = "no ApplicationSet owns it"
SELECTED = "its ApplicationSet selects the spoke all the same"
_NO_SELECTION = "what its ApplicationSet selects cannot be told from labels"
_LABELS_REACH = "a template of its ApplicationSet reads the spoke's labels"
_SOME = "its ApplicationSet gives fewer than before, and not none"
_WHOSE = "nothing in it says which spoke it is for"
_WHICH = "nothing in them says which of them are for this spoke"


def seen_by(decision: Decision, uid: str, now: Instant) -> View:
    """One spoke as the decision saw it; raises KeyError where it saw none such."""
    judgement, who = decision.carried.judgements[uid], decision.carried.roster
    return view(
        judgement.inputs,
        name=judgement.verdicts.name,
        duplicate=None if who is None else who.duplicates.get(uid),
        seen=judgement.seen,
        now=now,
    )


def closings(here: View, annotation: str, *, keeps: Mapping[str, str]) -> tuple[Closing, ...]:
    """What follows if the teardown annotation is this, step by step.

    `keeps`: the ApplicationSets that may not delete, and why in words.
    """
    tiers_of = _tiers_of(here)
    labels, left = here.spoke.labels, list(here.everything)
    found: list[Closing] = []
    for tiers in steps(
        annotation,
        open_tiers=here.open_tiers,
        applications={tier: len(apps) for tier, apps in here.apps.items()},
        policy=here.policy,
    ):
        after = closed(labels, tiers, here.policy.gates)
        step = _Step(here, tiers, labels, after, keeps)
        said = [(app, step.removal(app, tiers_of.get(app.key, ""))) for app in left]
        concerned = [(app, each) for app, each in said if each is not None]
        gone = {app.key for app, each in concerned if each.fate in GOING}
        left = [app for app in left if app.key not in gone]
        removals = (*(each for _, each in concerned), *step.elsewhere())
        found.append(Closing(tiers, removals))
        labels = after
    return tuple(found)


def removals_of(here: View, addon: str, *, keeps: Mapping[str, str]) -> tuple[Removal, ...]:
    """What becomes of the Applications of one ApplicationSet when it selects the spoke no more."""
    tiers_of = _tiers_of(here)
    mine = [app for app in here.everything if owner_key(app) == addon]
    return tuple(_gone(app, tiers_of.get(app.key, ""), keeps) for app in mine)


def closed(labels: Mapping[str, str], tiers: Iterable[str], gates: Gates) -> dict[str, str]:
    """The labels with the gates of these tiers closed."""
    keys, value = {gates.key(tier) for tier in tiers}, closed_value(gates)
    kept = {key: text for key, text in labels.items() if key not in keys}
    return kept if value is None else kept | dict.fromkeys(sorted(keys), value)


def _tiers_of(here: View) -> dict[str, str]:
    return {app.key: tier for tier, apps in here.apps.items() for app in apps}


class _Loss(Enum):
    """What an ApplicationSet loses of its selection of the spoke."""

    NOTHING = "nothing"
    ALL = "all"
    LONG_AGO = "long ago"
    """It selects the spoke neither before nor after."""
    UNTOLD = "untold"


class _Step(Struct, frozen=True, dict=True):
    """One step of a teardown: the labels before it and after it.

    `dict=True`: what each ApplicationSet loses is worked out once.
    """

    here: View
    tiers: tuple[str, ...]
    before: Mapping[str, str]
    after: Mapping[str, str]
    keeps: Mapping[str, str]

    def removal(self, app: Application, tier: str) -> Removal | None:
        """What becomes of it; None where the step does not concern it."""
        mine, key = tier in self.tiers, owner_key(app)
        pair = self.here.selected.by_key.get(key or "")
        if app.deleting_since is not None:
            return _gone(app, tier, {}) if mine else None
        if pair is None:
            why = NO_OWNER if key is None else f"its ApplicationSet {key} is not on the hub"
            return _removal(app, tier, Fate.STAYS, why) if mine else None
        loss, why = self._loss(pair[0])
        if loss is _Loss.NOTHING:
            return _removal(app, tier, Fate.STAYS, SELECTED) if mine else None
        if pair[0].key in self.keeps or (loss is _Loss.LONG_AGO and not mine):
            return _gone(app, tier, self.keeps) if mine else None
        if not (pair[0].destination_varies or app.spoke_label):
            return _removal(app, tier, Fate.UNTOLD, _WHOSE)
        return _removal(app, tier, Fate.UNTOLD, why) if why else _gone(app, tier, {})

    def elsewhere(self) -> Iterator[Removal]:
        """What is lost of Applications that do not stand at the spoke, as their destination is the
        same for all.
        """
        for addon, selects in self.here.selected.addons:
            if addon.destination_varies or addon.key in self.keeps:
                continue
            loss, _ = self._loss(addon)
            labelled = any(owner_key(app) == addon.key for app in self.here.everything)
            if loss in (_Loss.ALL, _Loss.UNTOLD) and not labelled:
                yield Removal("", addon.key, selects.tier or "", Fate.UNTOLD, _WHICH)

    def _loss(self, addon: Addon) -> tuple[_Loss, str]:
        known: dict[str, tuple[_Loss, str]] = self.__dict__.setdefault("known", {})
        if addon.key not in known:
            loss, why = self._worked_out(addon)
            unasked = loss is _Loss.UNTOLD and addon.ignored
            known[addon.key] = (_Loss.NOTHING, "") if unasked else (loss, why)
        return known[addon.key]

    def _worked_out(self, addon: Addon) -> tuple[_Loss, str]:
        """What it loses; with why that cannot be told, where it cannot."""
        spoke, gates = self.here.spoke, self.here.policy.gates
        keys = frozenset(map(gates.key, self.tiers))
        before, after = addon.selected(spoke, self.before), addon.selected(spoke, self.after)
        if before == 0 == after and not addon.foreign:
            return _Loss.LONG_AGO, ""
        if addon.reached_by((*keys, gates.opened_key, gates.teardown_key)):
            return _Loss.UNTOLD, _LABELS_REACH
        if addon.gate_keys.isdisjoint(keys):
            return _Loss.NOTHING, ""
        if after == 0 and not addon.foreign:
            return _Loss.ALL, ""
        losses = [self._of_one(addon, each, spoke) for each in addon.generators]
        return next((each for each in losses if each[0] is not _Loss.NOTHING), (_Loss.NOTHING, ""))

    def _of_one(self, addon: Addon, generator: Generator, spoke: Spoke) -> tuple[_Loss, str]:
        """The same of one generator among several: which Applications are its own is not known."""
        if not any(True for _ in deciding(generator)):
            return _Loss.NOTHING, ""
        before, after = (
            count(
                generator,
                Subject(each, spoke.name, spoke.server, spoke.project),
                go_template=addon.go_template,
            )
            for each in (self.before, self.after)
        )
        if Number.UNKNOWN in (before, after):
            return _Loss.UNTOLD, _NO_SELECTION
        return (_Loss.UNTOLD, _SOME) if lost_by(before, after) else (_Loss.NOTHING, "")


def _gone(app: Application, tier: str, keeps: Mapping[str, str]) -> Removal:
    """What becomes of an Application whose ApplicationSet selects its spoke no more."""
    if (why := keeps.get(owner_key(app) or "")) is not None:
        return _removal(app, tier, Fate.STAYS, why)
    if not app.cascades:
        return _removal(app, tier, Fate.ORPHANS, NO_FINALIZER)
    return _removal(app, tier, Fate.DELETED)


def _removal(app: Application, tier: str, fate: Fate, why: str = "") -> Removal:
    return Removal(
        application=app.key,
        application_set=owner_key(app) or "",
        tier=tier,
        fate=fate,
        why=why,
        uid=app.uid,
        guarded=app.tier_label is not None,
        deleting_since=app.deleting_since,
        skipped=app.skip_reconcile,
    )
