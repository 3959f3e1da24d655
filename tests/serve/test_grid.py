from __future__ import annotations

from msgspec.structs import replace

from tests.builders import NOW, controller, policy, snapshot, spoke
from tests.serve.test_shown import POLICY, SETS, begun
from watcher.decide import State, decide
from watcher.facts import Spoke, selector
from watcher.policy import Policy, Ring
from watcher.serve import Decided
from watcher.serve.grid import STATES, difference


def decided(*spokes: Spoke, by: Policy = POLICY, before: Decided | None = None) -> Decided:
    carried = None if before is None else before.decision.carried
    made = snapshot(spokes, SETS, pods=[controller()], carried=carried)
    return Decided(decide(made, by, NOW), by, NOW)


def letters(*states: str) -> str:
    return "".join(chr(ord("a") + STATES.index(State(each))) for each in states)


def test_a_spoke_is_a_letter_for_each_of_its_gates() -> None:
    found = difference({}, decided(begun("a"), spoke("b")))
    rows = {row.name: row for row in found.rows}
    assert rows["a"].states == letters("Stalled", "Waiting")
    assert rows["b"].states == letters("Queued", "Waiting")
    assert rows["a"].shard == "0", "there is no other"
    assert found.left == ()


def test_what_did_not_change_is_not_spelled_out_again() -> None:
    first = decided(begun("a"), spoke("b"))
    known = dict(difference({}, first).came)
    assert not difference(known, first).came
    after = difference(known, decided(begun("a"), begun("b"), before=first))
    assert [row.name for row in after.rows] == ["b"]


def test_a_spoke_that_left_or_has_another_name_is_gone_under_the_old_one() -> None:
    first = decided(spoke("a"), spoke("b"), spoke("c"))
    known = dict(difference({}, first).came)
    after = difference(known, decided(replace(spoke("a"), name="z"), spoke("c"), before=first))
    assert after.left == ("uid-b",)
    assert sorted(after.gone(known)) == ["a", "b"]
    assert [row.name for row in after.rows] == ["z"]


def test_another_policy_spells_every_spoke_anew() -> None:
    known = dict(difference({}, decided(spoke("a"))).came)
    found = difference(known, decided(spoke("a"), by=policy("compute", "mesh", "apps")))
    assert [len(row.states) for row in found.rows] == [3]


def test_a_spoke_that_is_in_another_ring_is_spelled_anew() -> None:
    rings = (Ring("canary", selector("ring=canary")), Ring("fleet"))
    by = replace(POLICY, rings=rings)
    first = decided(spoke("a"), spoke("b"), by=by)
    found = difference({}, first)
    assert [row.ring for row in found.rows] == ["fleet", "fleet"]
    moved = spoke("a", labels={"ring": "canary"})
    after = difference(dict(found.came), decided(moved, spoke("b"), by=by, before=first))
    assert [(row.name, row.ring) for row in after.rows] == [("a", "canary")]
