from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, controller, policy, reading, readings, spoke
from watcher.decide.context import context
from watcher.decide.judgement import Candidate, Inputs, Judgement, Stage
from watcher.decide.owners import NOBODY, Owners, owners
from watcher.decide.sites import Sites, sites
from watcher.decide.verdicts import SpokeVerdicts

EVERY = context({}, policy("crds"), before=None, known={}, now=NOW)
ZERO, ONE = controller(0), controller(1)
PODS = {ZERO.key: ZERO, ONE.key: ONE}
OWNED = owners(
    NOBODY, PODS, {**readings(reading(holds="ab")), **readings(reading(holds="c"), of=1)}
)
MOVED = owners(
    NOBODY, PODS, {**readings(reading(holds="a")), **readings(reading(holds="bd"), of=1)}
)


def judgement(uid: str, stage: Stage, *, waits: bool = False) -> Judgement:
    return Judgement(
        Inputs(spoke(uid), (), None, None, EVERY),
        SpokeVerdicts(uid, "argocd", uid, {}),
        candidates=(Candidate(0, 0, NOW, uid, uid, "crds", 1),) if waits else (),
        stage=stage,
    )


def counted(*judgements: Judgement, owned: Owners = OWNED) -> Sites:
    there = {each.inputs.spoke.name: each for each in judgements}
    return sites(Sites(), owned, there, known={}, judged=dict(there))


def test_each_spoke_counts_on_its_own_shard_at_its_stage() -> None:
    count = counted(
        judgement("a", Stage.LOADING), judgement("b", Stage.LATER), judgement("c", Stage.STANDING)
    )
    assert count.count(ZERO.key, Stage.LOADING) == 1
    assert count.count(ZERO.key, Stage.LOADING, Stage.LATER) == 2
    assert count.count(ONE.key, Stage.LOADING, Stage.LATER) == 0
    assert count.count(ONE.key, Stage.STANDING) == 1


def test_what_nobody_owns_is_counted_apart() -> None:
    assert counted(judgement("z", Stage.LOADING)).count(None, Stage.LOADING) == 1


def test_those_that_wait_are_told_from_those_that_do_not() -> None:
    count = counted(judgement("a", Stage.STANDING, waits=True), judgement("b", Stage.STANDING))
    assert count.count(ZERO.key, Stage.STANDING, waits=True) == 1
    assert count.count(ZERO.key, Stage.STANDING, waits=False) == 1
    assert count.count(ZERO.key, Stage.STANDING) == 2


changes = st.lists(
    st.tuples(
        st.sampled_from([OWNED, MOVED]),
        st.dictionaries(
            st.sampled_from("abcdz"),
            st.none() | st.tuples(st.sampled_from(Stage), st.booleans()),
            max_size=4,
        ),
    ),
    max_size=6,
)


@given(changes)
def test_kept_up_to_date_it_equals_a_count_from_scratch(
    turns: list[tuple[Owners, dict[str, tuple[Stage, bool] | None]]],
) -> None:
    count, there = Sites(), dict[str, Judgement]()
    for owned, changed in turns:
        judged = {
            uid: None if now is None else judgement(uid, now[0], waits=now[1])
            for uid, now in changed.items()
        }
        before = there
        there = {uid: each for uid, each in there.items() if uid not in judged}
        there |= {uid: each for uid, each in judged.items() if each is not None}
        count = sites(count, owned, there, known=before, judged=judged)
        afresh = counted(*there.values(), owned=owned)
        assert (count.owners, count.counts) == (afresh.owners, afresh.counts)
