from __future__ import annotations

from msgspec.structs import replace

from tests.builders import NOW, controller, policy, reading, readings, spoke
from watcher.decide.begun import Begun, begun
from watcher.decide.context import context
from watcher.decide.judgement import Inputs, Judgement, Stage
from watcher.decide.owners import NOBODY, Owners, owners
from watcher.decide.verdicts import SpokeVerdicts
from watcher.facts import Write

EVERY = context({}, policy("crds"), before=None, known={}, now=NOW)
ZERO, ONE = controller(0), controller(1)
PODS = {ZERO.key: ZERO, ONE.key: ONE}
OWNED = owners(NOBODY, PODS, {**readings(reading(holds="ab")), **readings(reading(), of=1)})
MOVED = owners(
    NOBODY, PODS, {**readings(reading(holds="a")), **readings(reading(holds="bz"), of=1)}
)


def at(uid: str, stage: Stage, *opened: str, written: bool = False) -> Judgement:
    write = Write(frozenset({"crds"}), NOW) if written else None
    return Judgement(
        Inputs(spoke(uid), (), write, None, EVERY),
        SpokeVerdicts(uid, "argocd", uid, {}),
        stage=stage,
        opened=dict.fromkeys(opened, NOW),
    )


NONE = Begun(OWNED)


def after(before: Judgement | None, now: Judgement | None, *, counted: Begun = NONE) -> Begun:
    known = {} if before is None else {"s": before}
    there = {} if now is None else {"s": now}
    return begun(counted, OWNED, there, known=known, judged={"s": now})


def test_what_comes_to_be_in_progress_has_begun() -> None:
    first = after(at("a", Stage.NOTHING), at("a", Stage.LOADING))
    assert first.count(ZERO.key, Stage.LOADING) == 1
    assert first.count(ONE.key, Stage.LOADING) == 0
    then = after(at("a", Stage.SOAKING), at("a", Stage.LATER), counted=first)
    assert then.count(ZERO.key, Stage.LATER) == 1
    assert then.count(ZERO.key, Stage.LOADING) == 1, "it is counted on and on"


def test_what_goes_on_or_ends_has_not_begun() -> None:
    for before, now in (
        (at("a", Stage.LATER, "crds"), at("a", Stage.LATER, "crds")),
        (at("a", Stage.LATER), at("a", Stage.SOAKING)),
        (at("a", Stage.LATER), None),
    ):
        counted = Begun(OWNED)
        assert after(before, now, counted=counted).counts == counted.counts
    assert after(at("a", Stage.LATER, "crds"), at("a", Stage.LATER, "crds"), counted=NONE) is NONE


def test_a_load_has_ended_once_its_gate_is_only_watched() -> None:
    busy, done = at("a", Stage.LOADING), at("a", Stage.SOAKING)
    assert after(busy, done).loads_ended(ZERO.key) == 1
    assert after(busy, done).loads_ended(ONE.key) == 0
    assert after(busy, busy).loads_ended(ZERO.key) == 0
    assert after(at("a", Stage.LATER), done).loads_ended(ZERO.key) == 0


def test_another_gate_of_a_spoke_in_progress_has_begun_and_its_label_is_not_one_more() -> None:
    busy = at("a", Stage.LATER, "crds")
    assert after(busy, at("a", Stage.LATER, "crds", "mesh")).count(ZERO.key, Stage.LATER) == 1
    sent = at("a", Stage.LATER, written=True)
    assert after(sent, at("a", Stage.LATER, "crds")).count(ZERO.key, Stage.LATER) == 0


def test_what_begins_where_nobody_knows_whose_it_is_counts_on_every_shard_and_once() -> None:
    nobodys = after(None, at("z", Stage.LOADING))
    assert nobodys.count(ZERO.key, Stage.LOADING) == 1
    assert nobodys.count(ONE.key, Stage.LOADING) == 1
    assert nobodys.count(None, Stage.LOADING) == 1
    known = {"s": at("z", Stage.LOADING)}
    shown = begun(nobodys, MOVED, known, known=known, judged={})
    assert shown.count(ONE.key, Stage.LOADING) == 1


def moved(stage: Stage, to: Owners = MOVED) -> Begun:
    there = {"s": at("b", stage)}
    return begun(Begun(OWNED), to, there, known=there, judged={})


def test_what_another_shard_goes_on_with_begins_there() -> None:
    assert moved(Stage.LOADING).count(ONE.key, Stage.LOADING) == 1
    assert moved(Stage.STANDING).counts == {}
    assert moved(Stage.LOADING, replace(OWNED)).counts == {}
