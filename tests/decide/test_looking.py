from __future__ import annotations

from msgspec.structs import replace

from tests.builders import (
    NOW,
    application,
    application_set,
    newborn,
    next_turn,
    policy,
    settled_since,
    snapshot,
    sources,
    spoke,
)
from watcher.decide import Snapshot, Touched, decide, place
from watcher.decide.freshness import freshness
from watcher.decide.looking import Looked, looked

ONE = policy("crds")
X = application_set("x", "crds")
A, B = spoke("a", opened={"crds": NOW - 9}), spoke("b", opened={"crds": NOW - 9})


def looking(hub: Snapshot, at: float = NOW) -> Looked:
    fresh = freshness(sources(at), stale_after_s=90, believed_at=float("-inf"), now=at)
    return looked(hub, ONE, fresh)


def after_a_turn(hub: Snapshot, **changed: object) -> Snapshot:
    return next_turn(hub, decide(hub, ONE, NOW), **changed)


def test_at_first_every_spoke_is_looked_at() -> None:
    here = looking(snapshot([A, B], [X], [newborn(on="a")]))
    assert here.judged.keys() == here.judgements.keys() == {"uid-a", "uid-b"}
    assert here.rollup.in_progress.keys() == {"uid-a", "uid-b"}


def test_a_spoke_of_which_nothing_changed_keeps_its_judgement() -> None:
    before = snapshot([A, B], [X], [newborn(on="a"), newborn(on="b")])
    hub = after_a_turn(before)
    here = looking(hub)
    assert here.judged == {}
    assert here.judgements == hub.carried.judgements
    assert here.rollup == hub.carried.rollup


def test_only_those_that_were_touched_are_looked_at() -> None:
    before = snapshot([A, B], [X], [newborn(on="a"), newborn(on="b")])
    rested = settled_since(NOW, on="a")
    groups = {**before.applications, place(rested): (rested,)}
    touched = Touched(places=frozenset({place(rested)}))
    here = looking(after_a_turn(before, applications=groups, touched=touched))
    assert here.judged.keys() == {"uid-a"}


def test_one_whose_time_has_come_is_looked_at_although_nothing_touched_it() -> None:
    before = snapshot([A, B], [X], [settled_since(NOW, on="a"), newborn(on="b")])
    hub = after_a_turn(before, touched=Touched())
    assert looking(hub).judged == {}
    assert looking(hub, NOW + 10).judged.keys() == {"uid-a"}


def test_a_spoke_that_left_is_told() -> None:
    before = snapshot([A, B], [X])
    here = looking(after_a_turn(before, spokes={"uid-a": A}))
    assert here.judged["uid-b"] is None
    assert here.judgements.keys() == {"uid-a"}


def test_a_new_name_is_a_new_roster_and_all_are_looked_at() -> None:
    before = snapshot([A, B], [X])
    renamed = replace(B, name="other", resource_version="2")
    here = looking(after_a_turn(before, spokes={"uid-a": A, "uid-b": renamed}))
    assert here.roster.names["uid-b"] == "other"
    assert here.judged.keys() == {"uid-a", "uid-b"}


def test_what_runs_where_no_spoke_is_would_be_deleted_by_any_write() -> None:
    stray = application("x", "gone")
    here = looking(snapshot([A], [X], [stray]))
    assert here.nowhere == {place(stray)}
    assert [each.application for each in here.pending] == ["argocd/gone-x"]
