from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, policy, spoke
from watcher.decide.context import context
from watcher.decide.judgement import Candidate, Inputs, Judgement
from watcher.decide.reasons import DeletionPending
from watcher.decide.rollup import NOTHING, rolled_up
from watcher.decide.verdicts import SpokeVerdicts

EVERY = context({}, policy("crds"), before=None, known={}, now=NOW)


def judgement(
    uid: str = "a",
    *,
    waits: bool = False,
    acts: bool = False,
    closes: bool = False,
    pending: bool = False,
    running: int | None = None,
    until: float | None = None,
) -> Judgement:
    return Judgement(
        Inputs(spoke(uid), (), None, None, EVERY),
        SpokeVerdicts(uid, "argocd", uid, {}),
        candidates=(Candidate(0, 0, NOW, uid, uid, "crds", 1),) if waits else (),
        urgent={"crds": NOW} if acts else {},
        closes=("crds",) if closes else (),
        in_progress=running is not None,
        applications_in_progress=running or 0,
        pending=(DeletionPending(uid, uid),) if pending else (),
        valid_until=until,
    )


def test_a_spoke_that_has_nothing_to_say_is_nowhere() -> None:
    assert rolled_up(NOTHING, {"a": judgement()}) == NOTHING


def test_each_spoke_is_where_it_matters() -> None:
    waits, acts = judgement(waits=True), judgement(acts=True)
    closes, pending = judgement(closes=True), judgement(pending=True)
    rollup = rolled_up(
        NOTHING,
        {
            "w": waits,
            "a": acts,
            "c": closes,
            "p": pending,
            "r": judgement(running=3),
            "idle": judgement(running=0),
            "t": judgement(until=NOW),
        },
    )
    assert rollup.waiting == {"w": waits}
    assert rollup.acting == {"a": acts, "c": closes}
    assert rollup.pending == {"p": pending}
    assert rollup.in_progress == {"r": 3, "idle": 0}
    assert rollup.timers == {"t": NOW}


def test_what_did_not_change_stays_the_same_object() -> None:
    before = rolled_up(NOTHING, {"a": judgement(waits=True), "b": judgement(running=1)})
    after = rolled_up(before, {"b": judgement(running=2)})
    assert after.waiting is before.waiting
    assert after.in_progress == {"b": 2}


def test_a_spoke_that_left_is_taken_out_everywhere() -> None:
    full = judgement(waits=True, acts=True, pending=True, running=1, until=NOW)
    assert rolled_up(rolled_up(NOTHING, {"a": full}), {"a": None}) == NOTHING


judgements = st.builds(
    judgement,
    waits=st.booleans(),
    acts=st.booleans(),
    closes=st.booleans(),
    pending=st.booleans(),
    running=st.none() | st.integers(0, 3),
    until=st.none() | st.floats(NOW, NOW + 9),
)


@given(
    st.lists(
        st.dictionaries(st.sampled_from("abcd"), st.none() | judgements, max_size=4), max_size=6
    )
)
def test_kept_up_to_date_it_equals_one_made_from_scratch(
    turns: list[dict[str, Judgement | None]],
) -> None:
    rollup, there = NOTHING, dict[str, Judgement]()
    for changed in turns:
        rollup = rolled_up(rollup, changed)
        there |= {uid: each for uid, each in changed.items() if each is not None}
        there = {uid: each for uid, each in there.items() if changed.get(uid, each) is not None}
    assert rollup == rolled_up(NOTHING, there)
