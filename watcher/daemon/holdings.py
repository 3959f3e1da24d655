"""What does the hub hold, in the form in which a snapshot wants it?

The stores hold objects by `namespace/name`. Here they are kept by what decisions ask for: spokes by
UID, ApplicationSets by name, Applications by place; each change is folded in as it comes, and what
was touched since the last snapshot is remembered. An object that did not change stays the same
object, and a mapping that was handed out is never changed again: the next change makes a copy.

Elsewhere: how objects come (hub/store.py); readings (scraping.py); our own patches (writes.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Generic, TypeVar

from watcher.decide import Carried, Place, Snapshot, Touched, grouped, place, regroup
from watcher.facts import (
    Application,
    ApplicationSet,
    Guards,
    Kind,
    Orders,
    Pod,
    Reading,
    Readings,
    Refusal,
    Source,
    Spoke,
    Write,
)
from watcher.hub.store import Change

K = TypeVar("K")
V = TypeVar("V")

_MOST_WAITING = 20
"""Readings of a Pod that wait for a turn. Turns come far more often; where none comes at all, the
process is about to be started anew."""

_A_LIST = 64
"""From so many changes at once, grouping all anew is cheaper than folding them in one by one."""


class Shelf(Generic[K, V]):
    """A mapping that is copied at the first change after it was handed out."""

    def __init__(self) -> None:
        self._mapping: dict[K, V] = {}
        self._handed_out = False

    def hand_out(self) -> Mapping[K, V]:
        """The mapping as it is now, never to change."""
        self._handed_out = True
        return self._mapping

    def changing(self) -> dict[K, V]:
        """The mapping, to be changed at once."""
        if self._handed_out:
            self.replace(dict(self._mapping))
        return self._mapping

    def replace(self, mapping: dict[K, V]) -> None:
        """Another mapping in its place."""
        self._mapping = mapping
        self._handed_out = False

    def get(self, key: K) -> V | None:
        """What is held under `key`."""
        return self._mapping.get(key)


class Holdings:
    """Everything that the stores hold."""

    def __init__(self) -> None:
        self._spokes: Shelf[str, Spoke] = Shelf()
        self._sets: Shelf[str, ApplicationSet] = Shelf()
        self._groups: Shelf[Place, tuple[Application, ...]] = Shelf()
        self._pods: Shelf[str, Pod] = Shelf()
        self._readings: Shelf[str, Readings] = Shelf()
        self._orders = Orders()
        self._handed_over: set[str] = set()
        """The Pods of whose readings each was in a snapshot."""
        self._touched_spokes: set[str] = set()
        self._touched_places: set[Place] = set()
        self.unreadable: dict[Kind, int] = dict.fromkeys(Kind, 0)
        """How many objects of each kind hold something that cannot be read."""

    def spoke(self, uid: str) -> Spoke | None:
        """The spoke, as the hub last showed it."""
        return self._spokes.get(uid)

    def touch(self, uid: str) -> None:
        """Something else that concerns this spoke has changed: a write or a refusal of ours."""
        self._touched_spokes.add(uid)

    def take_spokes(self, changes: Sequence[Change[Spoke]]) -> None:
        """Fold in what changed of the cluster Secrets."""
        spokes = self._spokes.changing()
        for change in changes:
            before, after = change.before, change.after
            self._count(Kind.SPOKES, before, after)
            if before is not None and (after is None or after.uid != before.uid):
                spokes.pop(before.uid, None)
                self.touch(before.uid)
            if after is not None:
                spokes[after.uid] = after
                self.touch(after.uid)

    def take_application_sets(self, changes: Sequence[Change[ApplicationSet]]) -> None:
        """Fold in what changed of the ApplicationSets."""
        sets = self._sets.changing()
        for change in changes:
            before, after = change.before, change.after
            self._count(Kind.APPLICATION_SETS, before, after)
            if after is not None:
                sets[after.key] = after
            elif before is not None:
                sets.pop(before.key, None)

    def take_applications(self, changes: Sequence[Change[Application]]) -> None:
        """Fold in what changed of the Applications."""
        for change in changes:
            self._count(Kind.APPLICATIONS, change.before, change.after)
            self._touched_places |= {
                place(app) for app in (change.before, change.after) if app is not None
            }
        if len(changes) >= _A_LIST:
            self._group_anew(changes)
            return
        groups = self._groups.changing()
        for change in changes:
            regroup(groups, change.before, change.after)

    def take_pods(self, changes: Sequence[Change[Pod]]) -> None:
        """Fold in what changed of the Pods; one that is gone takes its readings along."""
        pods = self._pods.changing()
        for change in changes:
            before, after = change.before, change.after
            self._count(Kind.PODS, before, after)
            if before is not None and (after is None or after.uid != before.uid):
                pods.pop(before.key, None)
                self._readings.changing().pop(before.key, None)
            if after is not None:
                pods[after.key] = after

    def take_orders(self, changes: Sequence[Change[Orders]]) -> None:
        """Fold in what changed of the one ConfigMap of orders; without it there are none."""
        for change in changes:
            self._count(Kind.ORDERS, change.before, change.after)
            self._orders = change.after or Orders()

    def pods(self) -> tuple[Pod, ...]:
        """Every Pod, as the hub last showed it."""
        return tuple(self._pods.hand_out().values())

    def take_reading(self, asked: Pod, said: Reading | str) -> bool:
        """Keep what came of asking a Pod; whether anything is known that was not."""
        held = self._pods.get(asked.key)
        if held is None or held.uid != asked.uid:
            return False
        key = asked.key
        before = self._readings.get(key) or Readings()
        if isinstance(said, str):
            after = Readings(before.latest, trouble=said)
        else:
            waiting = () if key in self._handed_over else before.latest
            after = Readings((*waiting[1 - _MOST_WAITING :], said))
            self._handed_over.discard(key)
        self._readings.changing()[key] = after
        return after != before

    def snapshot(
        self,
        *,
        sources: Mapping[Kind, Source],
        writes: Mapping[str, Write],
        refusals: Mapping[str, Refusal],
        guards: Guards,
        carried: Carried,
    ) -> Snapshot:
        """What a decision may rest on now; what is touched from here on is the next one's."""
        touched = Touched(frozenset(self._touched_spokes), frozenset(self._touched_places))
        self._touched_spokes.clear()
        self._touched_places.clear()
        return Snapshot(
            spokes=self._spokes.hand_out(),
            application_sets=self._sets.hand_out(),
            applications=self._groups.hand_out(),
            sources=sources,
            writes=writes,
            refusals=refusals,
            guards=guards,
            orders=self._orders,
            carried=carried,
            pods=self._pods.hand_out(),
            readings=self._hand_over_readings(),
            touched=None if carried.context is None else touched,
        )

    def _hand_over_readings(self) -> Mapping[str, Readings]:
        """Each reading once; the last one of a Pod stays until there is another."""
        for key in self._handed_over:
            readings = self._readings.get(key)
            if readings is not None and len(readings.latest) > 1:
                last = Readings(readings.latest[-1:], trouble=readings.trouble)
                self._readings.changing()[key] = last
        handed_over = self._readings.hand_out()
        self._handed_over = set(handed_over)
        return handed_over

    def _group_anew(self, changes: Sequence[Change[Application]]) -> None:
        before = self._groups.hand_out()
        stale = {change.before.key for change in changes if change.before is not None}
        kept = (app for group in before.values() for app in group if app.key not in stale)
        new = (change.after for change in changes if change.after is not None)
        groups = grouped(chain(kept, new))
        for here, group in groups.items():
            if before.get(here) == group:
                groups[here] = before[here]
        self._groups.replace(groups)

    def _count(
        self,
        kind: Kind,
        before: Spoke | ApplicationSet | Application | Pod | Orders | None,
        after: Spoke | ApplicationSet | Application | Pod | Orders | None,
    ) -> None:
        for held, one in ((before, -1), (after, 1)):
            if held is not None and held.unreadable:
                self.unreadable[kind] += one
