from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, application_set, policy, spoke
from watcher.decide.context import context
from watcher.decide.judgement import Counts, Inputs, Judgement, Standing
from watcher.decide.tallies import EMPTY, Tallies, tallied
from watcher.decide.verdicts import SpokeVerdicts

EVERY = context(
    {"argocd/x": application_set("x", "crds")}, policy("crds"), before=None, known={}, now=NOW
)


def judgement(uid: str, ring: str, standings: dict[str, Standing]) -> Judgement:
    inputs = Inputs(spoke(uid), (), None, None, EVERY)
    verdicts = SpokeVerdicts(uid, "argocd", uid, {})
    return Judgement(inputs, verdicts, ring=ring, standings=standings)


standings = st.builds(Standing, st.sampled_from(Counts), st.booleans(), st.none()) | st.builds(
    Standing,
    st.sampled_from([Counts.SETTLED, Counts.STALLED]),
    st.booleans(),
    st.floats(NOW, NOW + 9),
)
judged = st.none() | st.tuples(
    st.sampled_from(["canary", "fleet"]),
    st.dictionaries(st.sampled_from(["crds", "compute"]), standings),
)


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), judged), max_size=5))
def test_kept_up_to_date_it_equals_a_count_from_scratch(
    turns: list[dict[str, tuple[str, dict[str, Standing]] | None]],
) -> None:
    known: dict[str, Judgement] = {}
    kept: Tallies = {}
    for turn in turns:
        new = {uid: None if each is None else judgement(uid, *each) for uid, each in turn.items()}
        kept = tallied(kept, known=known, judged=new)
        known = {uid: each for uid, each in (known | new).items() if each is not None}
        assert kept == tallied({}, known={}, judged=known)


def test_what_counts_is_told_from_what_is_counted_apart() -> None:
    every = {
        str(at): judgement(str(at), "r", {"t": Standing(c, False)}) for at, c in enumerate(Counts)
    }
    tally = tallied({}, known={}, judged=every)["r", "t"]
    assert (tally.counting, tally.apart) == (3, 4), "what is skipped is neither"
    assert (EMPTY.counting, EMPTY.apart) == (0, 0)


def test_what_did_not_move_stays_the_same_object() -> None:
    one = {"a": judgement("a", "r", {"t": Standing(Counts.REST, False)})}
    before = tallied({}, known={}, judged=one)
    again = {"a": judgement("a", "r", {"t": Standing(Counts.REST, False)})}
    assert tallied(before, known=one, judged=again) is before
