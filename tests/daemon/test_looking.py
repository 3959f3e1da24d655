from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.daemon.standing import HEAD, POLICY, TIERS, House, standing, three_tiers
from tests.hub.kubeconfigs import connected
from watcher.daemon.examining import POLICY as POLICY_MAP
from watcher.daemon.looking import CannotLook, Look, look_once, policy_for, supposed
from watcher.decide import Decision, State
from watcher.decide.reasons import FirstLoad, Opens, ShardUnknown, SpokesInProgress
from watcher.decide.words import name
from watcher.embedded_hub.controllers import UNPACED, Setup
from watcher.embedded_hub.faults import Answer, On
from watcher.embedded_hub.resources import CONFIG_MAP
from watcher.embedded_hub.scenario import CANARY
from watcher.embedded_hub.users import ADMIN, Rule, User
from watcher.policy import Gates, Polarity, Policy, read_policy
from watcher.serve.shown import View

EYE = Rule(("list",), ("", "argoproj.io"), ("*",))
"""All that looking takes, but for the controllers' memory."""
LOOKER = User("looker", "their-token", (EYE,))
NOBODY = User("nobody", "no-bodys-token")

PODS = "/api/v1/namespaces/argocd/pods/"
LIMITED = Setup(traits=dataclasses.replace(UNPACED, limit_bytes=2 * 2**30))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    scenario = three_tiers(controllers=LIMITED)
    async with standing(tmp_path, spokes=6, scenario=scenario) as made:
        yield made


async def look(
    house: House, folder: Path, user: User = ADMIN, before: Look | None = None, **fields: Any
) -> Look:
    """One look by this person."""
    house.hub.api.grant(user)
    policy = read_policy(POLICY + house.memory(), file="policy.yaml")
    assert isinstance(policy, Policy)
    async with connected(folder, house.hub.url, token=user.token) as connection:
        seen = replace(policy, **fields)
        return await look_once(connection, seen, now=house.clock.now, before=before)


def states(decision: Decision) -> Mapping[str, Mapping[str, State]]:
    return {
        each.name: {tier: verdict.state for tier, verdict in each.tiers.items()}
        for each in decision.spokes.values()
    }


async def test_it_sees_what_a_watcher_sees_and_would_go_on_as_it_does(
    house: House, tmp_path: Path
) -> None:
    run = house.start()
    await house.until(lambda: run.state("mesh") is State.SOAKING)
    seen = await look(house, tmp_path)
    assert run.decision is not None
    assert states(seen.decided.decision) == states(run.decision)
    assert {state for each in states(run.decision).values() for state in each.values()} == {
        State.SETTLED,
        State.SOAKING,
        State.WAITING,
    }
    assert not seen.troubles
    assert len(seen.snapshot.readings) == 1


async def test_only_questions_are_asked_and_no_credential_is_kept(
    house: House, tmp_path: Path
) -> None:
    seen = await look(house, tmp_path)
    asked = house.hub.api.requests
    assert {(one.method, one.path) for one in asked if one.method != "GET"} == set()
    assert not any("watch" in one.query for one in asked)
    assert len(seen.decided.decision.spokes) == 6
    assert CANARY not in repr(seen)


async def test_as_after_a_start_the_first_load_of_a_shard_is_watched(
    house: House, tmp_path: Path
) -> None:
    decision = (await look(house, tmp_path)).decided.decision
    first, *others = (decision.spokes[uid].tiers["compute"] for uid in decision.spokes)
    assert first.reasons == (Opens(),)
    assert {each.reasons for each in others} == {(FirstLoad("0"),)}


async def test_where_memory_may_not_be_looked_at_it_is_said_and_not_guessed(
    house: House, tmp_path: Path
) -> None:
    seen = await look(house, tmp_path, LOOKER)
    assert seen.troubles == (
        "the controllers' memory was not looked at: you may not get pods/proxy in argocd; ask for "
        "it until `kubectl auth can-i get pods --subresource=proxy -n argocd` says yes",
    )
    reasons = {each.tiers["compute"].reasons for each in seen.decided.decision.spokes.values()}
    assert reasons == {(ShardUnknown("0", "it could not be asked from here"),)}
    assert seen.without_memory


async def test_without_memory_who_comes_next_can_be_told_as_if_there_were_no_limit(
    house: House, tmp_path: Path
) -> None:
    seen = await look(house, tmp_path, LOOKER)
    decision = supposed(seen).decision
    reasons = [each.tiers["compute"].reasons for each in decision.spokes.values()]
    assert reasons == [(Opens(),)] * 4 + [(SpokesInProgress("0", 4, 4),)] * 2


async def test_a_guard_that_may_not_be_read_is_supposed_to_be_in_force(
    house: House, tmp_path: Path
) -> None:
    blocks = Gates(polarity=Polarity.BLOCK)
    seen = await look(house, tmp_path, LOOKER, gates=blocks)
    assert seen.without_guard
    assert "GuardNotInForce" in {name(each) for each in seen.decided.decision.stops}
    assert "GuardNotInForce" not in {name(each) for each in supposed(seen).decision.stops}
    absent = await look(house, tmp_path, gates=blocks)
    assert not absent.without_guard
    assert "GuardNotInForce" in {name(each) for each in supposed(absent).decision.stops}


async def test_a_controller_that_is_out_of_reach_is_named(house: House, tmp_path: Path) -> None:
    house.hub.api.faults.plan(On(path=f"{PODS}argocd-application-controller-0:"), Answer(503))
    (said,) = (await look(house, tmp_path)).troubles
    assert said.startswith(
        "the memory of argocd-application-controller-0 was not looked at: cannot read pods/proxy "
        "of argocd/argocd-application-controller-0: 503"
    )


async def test_all_rights_that_are_wanting_are_named_at_once(house: House, tmp_path: Path) -> None:
    some = User("some", "some-token", (Rule(("list",), ("argoproj.io",), ("applications",)),))
    with pytest.raises(CannotLook) as raised:
        await look(house, tmp_path, some)
    wanting = [
        ("list applicationsets.argoproj.io", "list applicationsets.argoproj.io"),
        ("list secrets", "list secrets"),
        ("list pods", "list pods"),
        ("list configmaps/gate-watcher-orders", "list configmaps/gate-watcher-orders"),
    ]
    assert raised.value.problems == tuple(
        f"you may not {what} in argocd; ask for it until `kubectl auth can-i {asked} -n argocd` "
        "says yes"
        for what, asked in wanting
    )


async def test_a_hub_that_does_not_answer_is_said_once(house: House, tmp_path: Path) -> None:
    house.hub.api.faults.plan(On(path="/api", times=None), Answer(503))
    with pytest.raises(CannotLook) as raised:
        await look(house, tmp_path)
    (said,) = raised.value.problems
    assert "503" in said


async def test_the_hubs_stamps_are_compared_with_the_hubs_own_clock(
    house: House, tmp_path: Path
) -> None:
    policy = read_policy(POLICY + house.memory(), file="policy.yaml")
    assert isinstance(policy, Policy)
    async with connected(tmp_path, house.hub.url) as connection:
        seen = await look_once(connection, policy, now=lambda: house.clock.now() + 3600.0)
    assert seen.decided.at == pytest.approx(house.clock.now(), abs=1.0)
    (reading,) = (each.latest[0] for each in seen.snapshot.readings.values())
    assert reading.at == seen.decided.at


async def test_who_looks_again_keeps_what_was_seen_before(house: House, tmp_path: Path) -> None:
    first = await look(house, tmp_path)
    again = await look(house, tmp_path, before=first)
    assert again.decided.decision.follows == first.decided.decision.carried
    assert states(again.decided.decision) == states(first.decided.decision)


async def test_what_is_seen_can_be_shown_as_a_watcher_shows_it(
    house: House, tmp_path: Path
) -> None:
    seen = await look(house, tmp_path)
    fleet = View(seen.decided).fleet(leader="", troubles=seen.troubles, guards=seen.guards)
    assert (fleet.spokes, fleet.gates["Waiting"]) == (6, 12)
    assert {each.force for each in fleet.guards} == {"not in force"}


async def test_the_policy_is_the_files_else_the_one_that_the_watcher_has(
    house: House, tmp_path: Path
) -> None:
    async with connected(tmp_path, house.hub.url) as connection:
        read, place = await policy_for(connection, file=house.policy, namespace="elsewhere")
        assert (read.namespace, place) == ("elsewhere", str(house.policy))
        assert house.hub.api.requests == []
        metadata = {"name": POLICY_MAP, "namespace": "argocd"}
        body = {"metadata": metadata, "data": {"policy.yaml": POLICY}}
        made = house.hub.store.create(CONFIG_MAP, body)
        read, place = await policy_for(connection, file=None, namespace=None)
        assert tuple(each.name for each in read.tiers) == TIERS
        assert place == "configmap argocd/gate-watcher-policy"
        house.hub.store.replace(CONFIG_MAP, {**made, "data": {"policy.yaml": HEAD + "tiers: 7\n"}})
        with pytest.raises(CannotLook, match=r"configmap argocd/gate-watcher-policy:3: tiers"):
            await policy_for(connection, file=None, namespace=None)


async def test_without_a_policy_it_says_how_one_is_named(house: House, tmp_path: Path) -> None:
    async with connected(tmp_path, house.hub.url) as connection:
        with pytest.raises(CannotLook) as raised:
            await policy_for(connection, file=None, namespace=None)
    assert raised.value.problems == (
        "there is no configmap argocd/gate-watcher-policy; name the policy file with --config, or "
        "Argo CD's namespace with -n",
    )


async def test_who_may_not_read_the_policy_is_told_of_the_other_rights_too(
    house: House, tmp_path: Path
) -> None:
    house.hub.api.grant(NOBODY)
    async with connected(tmp_path, house.hub.url, token=NOBODY.token) as connection:
        with pytest.raises(CannotLook) as raised:
            await policy_for(connection, file=None, namespace=None)
    first, *others, last = raised.value.problems
    assert first.startswith("you may not get configmaps/gate-watcher-policy in argocd; ")
    assert len(others) == 5
    assert last == "the policy is had from a file, too, with --config"
