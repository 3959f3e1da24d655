"""What does a person order with a teardown, and what speaks against it?

Pure: what was seen of the hub in, what is shown before anything is asked out. What would come as a
surprise is refused: what runs on top of what closes, Applications of tiers that nobody named, and
what stays behind though a person wants it gone.

Elsewhere: what becomes of each Application (decide/removal.py); the words (teardown_screen.py); the
look, and what is written (daemon/tearing.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from msgspec import Struct

from watcher.daemon.tearing import Ground
from watcher.decide import say
from watcher.decide.addons import owner_key
from watcher.decide.gates import names
from watcher.decide.reasons import DeletionPending, DuplicateSpoke
from watcher.decide.removal import GOING, Closing, Fate, Removal, closings, removals_of
from watcher.decide.teardown import torn_tiers
from watcher.decide.teardown_order import EVERY, ordered, released, undermined
from watcher.decide.view import View
from watcher.facts import Instant, rfc3339, some
from watcher.guards.removals import named, over, removal, removal_key, taken_back
from watcher.serve.shapes import Shape


class Leave(StrEnum):
    """What a person lets stay behind."""

    WORKLOADS = "workloads"
    """What a deleted Application installed."""
    APPLICATIONS = "applications"
    """An Application that its ApplicationSet may not delete."""


class Concerned(Shape, frozen=True):
    """One Application, and what becomes of it."""

    name: str | None
    """Null where it cannot be told which it is of its ApplicationSet's."""
    application_set: str | None
    tier: str | None
    fate: Fate
    why: str
    deleting_since: str | None
    skipped: bool
    """Whether Argo CD is told to ignore it: then its deletion waits."""


class Step(Shape, frozen=True):
    """Gates that close together. Without tiers: no gate closes."""

    tiers: tuple[str, ...]
    applications: tuple[Concerned, ...]


class Teardown(Shape, frozen=True):
    """What is ordered, and what it does."""

    spoke: str
    secret: str
    """`namespace/name`."""
    tiers: tuple[str, ...]
    """Those that were asked for; empty where it is an addon."""
    addon: str | None
    before: str | None
    """The teardown annotation as it is."""
    annotation: str | None
    """The same as it will be."""
    steps: tuple[Step, ...]
    waits: tuple[str, ...]
    """Why nothing closes now, in words."""
    anyway: tuple[str, ...]
    """What Argo CD would delete after any write to any cluster Secret, in words."""
    named: tuple[str, ...]
    """The keys that guard C wants in the ConfigMap of removals, and that are not there."""
    refused: tuple[str, ...]
    """What speaks against it, each with what to do."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be written: all of it is ordered already."""
        return self.annotation == self.before and not self.named


class Stop(Struct, frozen=True):
    """What is taken back, and how far it had got."""

    before: str | None
    annotation: str | None
    closed: tuple[str, ...] = ()
    """Tiers whose gates are closed already."""
    open: tuple[str, ...] = ()
    """Tiers whose gates had not closed yet."""
    going: Mapping[str, int] = {}
    """Tier to how many of its Applications are being deleted still."""
    unnamed: tuple[str, ...] = ()
    """The keys that leave the ConfigMap of removals."""
    strange: tuple[str, ...] = ()
    """Names that leave the annotation, and are no tier's."""
    strange_left: tuple[str, ...] = ()
    """Those that stay in it."""
    refused: tuple[str, ...] = ()


def teardown_of(
    ground: Ground, uid: str, tiers: Iterable[str], leaves: Iterable[Leave]
) -> Teardown:
    """The teardown of these tiers of a spoke; `EVERY` stands for all."""
    here, wanted = ground.spoke(uid), tuple(dict.fromkeys(tiers))
    annotation = ordered(here.spoke.teardown, wanted)
    steps = closings(here, annotation, keeps=ground.keeps)
    torn = torn_tiers(frozenset(names(annotation)), here.policy)
    removals = [each for step in steps for each in step.removals]
    return Teardown(
        spoke=here.name,
        secret=here.spoke.key,
        tiers=wanted,
        addon=None,
        before=here.spoke.teardown,
        annotation=annotation,
        steps=tuple(map(_step, steps)),
        waits=tuple(_waits(here)),
        anyway=tuple(_anyway(ground)),
        named=tuple(_unnamed(ground, removals)),
        refused=(
            *_unusable(here),
            *_beneath(here, annotation),
            *_surprises(removals, torn),
            *_left_behind(removals, frozenset(leaves), waits=True),
            *_unnamable(ground, removals),
        ),
    )


def addon_removal(ground: Ground, uid: str, addon: str, leaves: Iterable[Leave]) -> Teardown:
    """The removal of one ApplicationSet's Applications from a spoke, without any gate."""
    here = ground.spoke(uid)
    removals = removals_of(here, addon, keeps=ground.keeps)
    return Teardown(
        spoke=here.name,
        secret=here.spoke.key,
        tiers=(),
        addon=addon,
        before=here.spoke.teardown,
        annotation=here.spoke.teardown,
        steps=(_step(Closing((), removals)),),
        waits=(),
        anyway=(),
        named=tuple(_unnamed(ground, removals)),
        refused=(
            *_unusable(here),
            *_left_behind(removals, frozenset(leaves), waits=False),
            *_unnamable(ground, removals),
        ),
    )


def naming(ground: Ground, uid: str, made: Teardown, *, by: str) -> dict[str, str | None]:
    """What is written into the ConfigMap of removals: the names, and without those of Applications
    that are gone.
    """
    if ground.removals is None:
        return {}
    here, wanted = ground.spoke(uid), frozenset(made.named)
    gone: dict[str, str | None] = dict.fromkeys(over(ground.removals.data, ground.living))
    put: dict[str, str | None] = {
        key: text
        for app in here.everything
        if removal_key(app.key) in wanted
        for key, text in (
            named(
                app.key,
                app.uid,
                by=by,
                at=ground.at,
                secret=uid,
                spoke=here.name,
                tier="" if made.addon else _tier_of(here, app.key),
                addon=made.addon or "",
            ),
        )
    }
    return gone | put if put else {}


def stop(ground: Ground, uid: str, tiers: Iterable[str]) -> Stop:
    """Taking a teardown back: of these tiers, or of all; `EVERY` stands for all, too."""
    here, wanted = ground.spoke(uid), frozenset(tiers)
    before, every = here.spoke.teardown, tuple(here.policy.by_name)
    annotation = released(before, wanted, every=every)
    back = here.torn - torn_tiers(frozenset(names(annotation)), here.policy)
    inside = [tier.name for tier in here.policy.order if tier.name in back]
    strange = [each for each in names(before) if each not in (*every, EVERY)]
    return Stop(
        before=before,
        annotation=annotation,
        closed=tuple(tier for tier in inside if tier not in here.open_tiers),
        open=tuple(tier for tier in inside if tier in here.open_tiers),
        going={tier: number for tier in inside if (number := _going(here, tier))},
        unnamed=()
        if ground.removals is None
        else taken_back(ground.removals.data, secret=uid, tiers=back),
        strange=tuple(each for each in strange if each not in names(annotation)),
        strange_left=tuple(each for each in strange if each in names(annotation)),
        refused=tuple(_left_beneath(here, before, annotation)),
    )


def addon_stop(ground: Ground, uid: str, addon: str) -> Stop:
    """Taking back what was named of one ApplicationSet's Applications on a spoke."""
    here = ground.spoke(uid)
    data = {} if ground.removals is None else ground.removals.data
    return Stop(
        before=here.spoke.teardown,
        annotation=here.spoke.teardown,
        unnamed=taken_back(data, secret=uid, addon=addon),
    )


def addons_on(ground: Ground, uid: str) -> dict[str, tuple[str, ...]]:
    """The ApplicationSets with Applications on a spoke: by `namespace/name`, and by their name the
    ones that have it.
    """
    keys = sorted({key for app in ground.spoke(uid).everything if (key := owner_key(app))})
    found: dict[str, tuple[str, ...]] = {key: (key,) for key in keys}
    for key in keys:
        name = key.partition("/")[2]
        found[name] = (*found.get(name, ()), key)
    return found


def _step(step: Closing) -> Step:
    return Step(step.tiers, tuple(map(_concerned, step.removals)))


def _concerned(each: Removal) -> Concerned:
    return Concerned(
        name=each.application or None,
        application_set=each.application_set or None,
        tier=each.tier or None,
        fate=each.fate,
        why=each.why,
        deleting_since=_moment(each.deleting_since),
        skipped=each.skipped,
    )


def _moment(at: Instant | None) -> str | None:
    return None if at is None else rfc3339(at)


def _tier_of(here: View, application: str) -> str:
    """Empty where it belongs to none."""
    found = (
        tier for tier, apps in here.apps.items() if any(app.key == application for app in apps)
    )
    return next(found, "")


def _going(here: View, tier: str) -> int:
    return sum(app.deleting_since is not None for app in here.apps.get(tier, ()))


def _waits(here: View) -> Iterator[str]:
    """Why the watcher closes nothing there now."""
    return (say(each) for each in here.trouble if not isinstance(each, DuplicateSpoke))


def _anyway(ground: Ground) -> Iterator[str]:
    return (say(each) for each in ground.decision.stops if isinstance(each, DeletionPending))


def _unnamed(ground: Ground, removals: Iterable[Removal]) -> Iterator[str]:
    """The keys of what guard C would keep; another's name of the same key is good enough."""
    if ground.removals is None:
        return
    for each in removals:
        key = removal_key(each.application)
        if each.guarded and each.fate in GOING:
            said = ground.removals.data.get(key)
            ours = None if said is None else removal(said)
            if said is None or (ours is not None and ours.uid != each.uid):
                yield key


def _unnamable(ground: Ground, removals: Iterable[Removal]) -> Iterator[str]:
    if ground.unnamable and any(each.guarded and each.fate in GOING for each in removals):
        yield (
            f"{ground.unnamable}; ask for the Role gate-watcher-teardown, or for the component "
            "guards-strict to be applied again"
        )


def _unusable(here: View) -> Iterator[str]:
    """Why the watcher would close nothing on this spoke, whatever is waited for."""
    yield from (f"its Secret cannot be read: {problem}" for problem in here.spoke.unreadable)
    yield from (say(each) for each in here.trouble if isinstance(each, DuplicateSpoke))


def _beneath(here: View, annotation: str) -> Iterator[str]:
    """What would close under others that nobody named."""
    found = _undermined(here, annotation)
    if found:
        others = _in_order(here, (each for above in found.values() for each in above))
        yield (
            f"{_listed(found)} would close beneath {_listed(others)}, open and depending on it; "
            f"name that, too ({_flags(others)}), or no tier at all for every one"
        )


def _left_beneath(here: View, before: str | None, after: str | None) -> Iterator[str]:
    """What would close under that which is taken back."""
    known = _undermined(here, before)
    found = {
        tier: new
        for tier, above in _undermined(here, after).items()
        if (new := [each for each in above if each not in known.get(tier, ())])
    }
    if found:
        others = _in_order(here, (each for above in found.values() for each in above))
        yield (
            f"{_listed(found)} would then close beneath {_listed(others)}, depending on it; take "
            f"that back, too ({_flags(found)}), or name no tier to take everything back"
        )


def _in_order(here: View, tiers: Iterable[str]) -> list[str]:
    wanted = frozenset(tiers)
    return [tier.name for tier in here.policy.order if tier.name in wanted]


def _flags(tiers: Iterable[str]) -> str:
    return " ".join(f"--tier {each}" for each in tiers)


def _undermined(here: View, annotation: str | None) -> Mapping[str, tuple[str, ...]]:
    return undermined(
        annotation,
        open_tiers=here.open_tiers,
        applications={tier: len(apps) for tier, apps in here.apps.items()},
        policy=here.policy,
    )


def _surprises(removals: Iterable[Removal], torn: frozenset[str]) -> Iterator[str]:
    for each in removals:
        if each.tier in torn or each.fate not in GOING or each.deleting_since is not None:
            continue
        what = each.application or f"an Application of ApplicationSet {each.application_set}"
        if each.fate is Fate.UNTOLD:
            yield (
                f"{what} may be deleted, too: {each.why}; where that need not be understood, put "
                f"{each.application_set} into ignoreApplicationSets of the policy"
            )
        elif each.tier:
            yield (
                f"{what} of tier {each.tier} would be deleted, too, since its ApplicationSet asks "
                f"for both gates; name its tier, too (--tier {each.tier})"
            )
        else:
            yield (
                f"{what} would be deleted, too, and belongs to none of these tiers; look at the "
                f"selector of ApplicationSet {each.application_set}"
            )


def _left_behind(
    removals: Iterable[Removal], leaves: frozenset[Leave], *, waits: bool
) -> Iterator[str]:
    living = [each for each in removals if each.deleting_since is None]
    orphaned = [each.application for each in living if each.fate is Fate.ORPHANS]
    stays = [each.application for each in living if each.fate is Fate.STAYS]
    if orphaned and Leave.WORKLOADS not in leaves:
        yield (
            f"what {some(orphaned)} installed would go on running, with nobody to keep it; "
            f"say --leave-behind {Leave.WORKLOADS} where that is wanted"
        )
    if stays and Leave.APPLICATIONS not in leaves:
        then = ", and the tiers below wait until they are gone" if waits else ""
        yield (
            f"{some(stays)} would stay{then}; say --leave-behind {Leave.APPLICATIONS} where "
            "that is wanted, and delete by hand what is to go"
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def every_or(tiers: Iterable[str]) -> tuple[str, ...]:
    """The tiers that are meant where none is named: every one."""
    return tuple(tiers) or (EVERY,)
