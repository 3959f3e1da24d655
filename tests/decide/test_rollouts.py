"""Rollouts: the watcher and a hub that goes on by itself, to the end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import DAY, NOW, application_set, spoke
from tests.decide.hubs import tried
from tests.decide.world import (
    World,
    advanced,
    gates_open,
    healthy,
    next_change,
    patched,
    reconciled,
    relabelled,
    seen,
)
from watcher.decide import Carried, Decision, Gate, Groups, State, decide
from watcher.policy import Budgets, Policy, Tier

DEADLINE_S = 60.0


class Rollout:
    """The watcher and a hub that goes on by itself, turn after turn."""

    def __init__(self, world: World, of: Policy) -> None:
        self.world, self.policy, self.carried = world, of, Carried()
        self._before: World | None = None
        self._groups: Groups = {}

    def turn(self) -> Decision:
        """One decision on what is there now, and its patches sent."""
        snapshot = seen(self.world, self.carried, self._before, self._groups)
        decision = decide(snapshot, self.policy, self.world.now)
        self.carried, self._before, self._groups = (
            decision.carried,
            self.world,
            snapshot.applications,
        )
        for patch in decision.patches:
            self.world = patched(self.world, patch)
        self.world = advanced(reconciled(self.world), self.world.now)
        return decision

    def goes_on(self, decision: Decision) -> bool:
        """On to the next moment at which anything happens; whether there is one."""
        times = [at for at in (decision.wake_at, next_change(self.world)) if at is not None]
        if decision.patches or not times:
            return bool(decision.patches)
        assert min(times) > self.world.now, "it wakes for nothing"
        self.world = advanced(self.world, min(times))
        return True


@st.composite
def rollouts(draw: st.DrawFn) -> Rollout:
    """A fleet whose addons take their time, each its own, or never become healthy."""
    tiers: list[Tier] = []
    for at in range(draw(st.integers(1, 3))):
        below = tuple(f"t{b}" for b in range(at) if draw(st.booleans()))
        soak_s = draw(st.sampled_from([2.0, 10.0]))
        tiers.append(Tier(f"t{at}", below, soak_s=soak_s, deadline_s=DEADLINE_S))
    budgets = Budgets(draw(st.integers(1, 3)), draw(st.none() | st.integers(1, 4)))
    made = [
        application_set(f"x{at}{number}", tier.name)
        for at, tier in enumerate(tiers)
        for number in range(draw(st.integers(1, 2)))
    ]
    names = "abcd"[: draw(st.integers(1, 4))]
    ages = {
        f"{name}-{each.name}": draw(st.sampled_from([0.0, 5.0, 20.0, 45.0, None]))
        for name in names
        for each in made
    }
    world = World(
        NOW,
        {each.uid: each for each in (spoke(name, created_at=NOW - DAY) for name in names)},
        {each.key: each for each in made},
        healthy_after_s={name: age_s for name, age_s in ages.items() if age_s is not None},
    )
    return Rollout(world, Policy(tuple(tiers), budgets=budgets))


def _key(spoke_name: str, set_name: str) -> str:
    return f"argocd/{spoke_name}-{set_name}"


def applications(rollout: Rollout, uid: str, tier: str) -> list[str]:
    name = rollout.world.spokes[uid].name
    sets = rollout.world.sets.values()
    return [_key(name, each.name) for each in sets if each.name.startswith(f"x{tier[1:]}")]


def up(rollout: Rollout, uid: str, tier: str) -> bool:
    """Whether everything of the gate is healthy in truth."""
    return all(healthy(rollout.world, key) for key in applications(rollout, uid, tier))


def can(rollout: Rollout, uid: str, tier: str) -> bool:
    """Whether everything of the tier, and of all below it, ever becomes healthy."""
    return all(
        key.removeprefix("argocd/") in rollout.world.healthy_after_s
        for each in (tier, *rollout.policy.needs(tier))
        for key in applications(rollout, uid, each)
    )


@given(rollouts())
@tried(0.4)
def test_every_rollout_goes_in_order_within_its_budget_and_to_its_end(rollout: Rollout) -> None:
    gates, names = rollout.policy.gates, tuple(tier.name for tier in rollout.policy.tiers)
    opened_at: dict[tuple[str, str], float] = {}
    goes_on = True
    while goes_on:
        before = gates_open(rollout.world, gates, names)
        ready = {gate for gate in before if up(rollout, *gate)}
        decision = rollout.turn()
        after = gates_open(rollout.world, gates, names)
        assert before <= after, "an open gate is never closed"
        for uid, tier in after - before:
            opened_at[uid, tier] = rollout.world.now
            assert {(uid, below) for below in rollout.policy.needs(tier)} <= ready
        busy = {
            uid
            for uid, tier in after
            if not up(rollout, uid, tier) and rollout.world.now < opened_at[uid, tier] + DEADLINE_S
        }
        places = rollout.policy.budgets.spokes_in_progress
        assert places is not None
        assert len(busy) <= places
        goes_on = rollout.world.now < NOW + DAY and rollout.goes_on(decision)
    assert not rollout.world.deleted
    for uid in rollout.world.spokes:
        for tier in names:
            settled = decision.verdicts[Gate(uid, tier)].state is State.SETTLED
            assert settled is can(rollout, uid, tier), "nothing starves, nothing passes unsettled"


@given(rollouts(), st.data())
@tried(0.6)
def test_whatever_others_do_to_the_labels_no_write_of_ours_deletes(
    rollout: Rollout, data: st.DataObject
) -> None:
    for _ in range(25):
        if data.draw(st.integers(0, 4)) == 0:
            uid = data.draw(st.sampled_from(sorted(rollout.world.spokes)))
            rollout.world = relabelled(rollout.world, uid, {})
            if data.draw(st.booleans()):  # else the loss is seen before it has deleted anything
                rollout.world = advanced(reconciled(rollout.world), rollout.world.now)
        without = reconciled(rollout.world).deleted
        decision = rollout.turn()
        assert set(rollout.world.deleted) <= set(without)
        assert not any(patch.closes for patch in decision.patches)
        rollout.goes_on(decision)
