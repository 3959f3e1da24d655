from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from tests.daemon.standing import POLICY, TIERS, House, Run, standing
from watcher.decide import State
from watcher.embedded_hub.errors import forbidden
from watcher.embedded_hub.faults import Answer, Hold, LoseAnswer, On
from watcher.embedded_hub.resources import EVENT, LEASE, SECRET
from watcher.embedded_hub.store import Write
from watcher.embedded_hub.users import ADMIN, User

READER = User("somebody-else", "their-token", ADMIN.rules)


def in_order(house: House) -> None:
    """Every gate was opened once, each after the one before had settled, and none was closed."""
    for spoke in {name for _, name, _ in house.opened}:
        mine = [(at, tier) for at, name, tier in house.opened if name == spoke]
        assert [tier for _, tier in mine] == list(TIERS)
        gaps = [after - before for before, after in pairwise(at for at, _ in mine)]
        assert all(gap > 29.0 for gap in gaps), "20 s to be healthy, 10 s of soak"
    assert house.closed == []


def well(run: Run) -> None:
    """Nothing happened that is a bug of ours."""
    assert run.logged("task died") == []


async def test_gates_open_in_order_each_after_the_one_before_has_settled(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=3) as house:
        run = house.start()
        await house.until(lambda: run.all_are(State.SETTLED))
        in_order(house)
        assert len(house.opened) == 9
        assert len(house.patches()) == 9
        well(run)


async def test_each_change_of_a_gate_is_one_line(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        run = house.start()
        await house.until(lambda: run.all_are(State.SETTLED))
        mesh = [line for line in run.lines if line.get("tier") == "mesh"]
        states = [line["event"].removeprefix("gate is ") for line in mesh]
        assert states == ["Queued", "Progressing", "Soaking", "Settled"]
        assert mesh[1]["reasons"] == ["ApplicationsMissing"]


async def test_nothing_is_written_by_who_does_not_lead(tmp_path: Path) -> None:
    async with standing(tmp_path) as house:
        leader = house.start()
        await house.until(lambda: len(house.opened) > 0)
        house.hub.api.users[READER.name] = READER
        follower = house.start(user=READER)
        await house.until(lambda: leader.all_are(State.SETTLED))
        await house.until(lambda: follower.all_are(State.SETTLED))
        theirs = {one.verb for one in house.hub.api.requests if one.user == READER.name}
        assert theirs <= {"", "get", "list", "watch"}
        status, said = await follower.get("/readyz")
        assert (status, said.splitlines()[0]) == (200, "ready"), "its caches are warm"
        assert await follower.metric('leader_election_master_status{name="gate-watcher"}') == 0
        assert await leader.metric('leader_election_master_status{name="gate-watcher"}') == 1
        assert await follower.metric('gate_watcher_gates{state="Settled",tier="mesh"}') is None
        assert await leader.metric('gate_watcher_gates{state="Settled",tier="mesh"}') == 2
        told = [line for line in follower.lines if line["event"].startswith("gate is")]
        assert {line["level"] for line in told} == {"debug"}, "only the leader speaks"


async def test_when_the_leader_ends_the_other_goes_on_at_once(tmp_path: Path) -> None:
    async with standing(tmp_path) as house:
        first = house.start()
        await house.until(lambda: first.state("mesh") is State.PROGRESSING)
        second = house.start()
        await house.until(lambda: second.state("mesh") is State.PROGRESSING)
        await first.end()
        await house.until(lambda: bool(second.logged("leads now")), within_s=5.0)
        await house.until(lambda: second.all_are(State.SETTLED))
        in_order(house)


async def test_whichever_replica_is_asked_the_one_that_leads_answers(tmp_path: Path) -> None:
    async with standing(tmp_path) as house:
        first = house.start(listen=("127.0.0.1", 0), pod_ip="127.0.0.1")
        await house.until(lambda: first.state("mesh") is State.PROGRESSING)
        port = int(first.logged("watches")[0]["page"].rpartition(":")[2])
        second = house.start(listen=("127.0.0.2", port), pod_ip="127.0.0.2")
        await house.until(lambda: second.state("mesh") is State.PROGRESSING)
        handed_on = await second.get("/api/v1/fleet")
        assert handed_on == await first.get("/api/v1/fleet")
        assert handed_on[0] == 200
        await first.end()
        await house.until(lambda: bool(second.logged("leads now")), within_s=5.0)
        assert (await second.get("/api/v1/fleet"))[0] == 200
        (said,) = (line["holder"] for line in second.logged("follows"))
        assert said.endswith("@127.0.0.1")


async def test_a_bad_policy_file_keeps_the_policy_before(tmp_path: Path) -> None:
    async with standing(tmp_path) as house:
        run = house.start()
        await house.until(lambda: run.state("compute") is State.PROGRESSING)
        assert await run.metric("gate_watcher_config_last_reload_successful") == 1
        house.policy.write_text(POLICY + "namespace: 7\nzzz: 1\n")
        said = "policy file cannot be used, the policy before stays"
        await house.until(lambda: bool(run.logged(said)))
        await house.pass_s(30.0)
        (line,) = run.logged(said)
        assert [each.split(": ")[1] for each in line["faults"]] == ["namespace", "zzz"]
        assert await run.metric("gate_watcher_config_last_reload_successful") == 0
        assert await run.metric("gate_watcher_config_reload_failures_total") == 1
        _, fleet = await run.get("/api/v1/fleet")
        (trouble,) = json.loads(fleet)["troubles"]
        assert trouble.startswith("what the policy file says now, so the policy before stays: ")
        assert (await run.get("/readyz"))[0] == 200
        await house.until(lambda: run.all_are(State.SETTLED))
        in_order(house)


async def test_a_good_policy_file_is_in_force_from_then_on(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        run = house.start()
        await house.until(lambda: run.state("compute") is State.PROGRESSING)
        house.policy.write_text(POLICY.replace("{name: mesh}", "{name: mesh, dependsOn: []}"))
        await house.until(lambda: run.state("mesh") is State.PROGRESSING, within_s=5.0)
        assert len(run.logged("policy was read anew")) == 1


@pytest.mark.parametrize("applied", [True, False])
async def test_a_lost_answer_ends_in_one_open_gate(tmp_path: Path, applied: bool) -> None:
    async with standing(tmp_path, spokes=1) as house:
        lost = LoseAnswer(applied=applied)
        house.hub.api.faults.plan(On(verb="patch", resource=SECRET), lost)
        run = house.start()
        await house.until(lambda: run.all_are(State.SETTLED))
        in_order(house)
        assert len(house.patches()) == (3 if applied else 4)
        assert await run.metric('gate_watcher_patches_total{result="unknown"}') == 1
        assert await run.metric('gate_watcher_admissions_total{tier="compute"}') == 1


async def test_an_answer_of_500_is_no_proof_that_nothing_was_done(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        answer = Answer(500, applied=True)
        house.hub.api.faults.plan(On(verb="patch", resource=SECRET), answer)
        run = house.start()
        await house.until(lambda: run.all_are(State.SETTLED))
        in_order(house)
        assert len(house.patches()) == 3


async def test_a_refused_patch_is_said_and_tried_once_a_minute_until_it_passes(
    tmp_path: Path,
) -> None:
    async with standing(tmp_path, spokes=1) as house:

        def refuse(write: Write) -> None:
            if write.resource is SECRET and write.manager == "gate-watcher":
                raise forbidden(SECRET, write.name, "a policy says no")

        house.hub.store.admit.append(refuse)
        run = house.start()
        await house.until(lambda: run.state("compute") is State.QUEUED)
        await house.pass_s(300.0)
        assert 4 <= len(house.patches()) <= 6
        refused = [each for each in run.lines if "PatchRefused" in each.get("reasons", ())]
        assert len(refused) == len(house.patches())
        assert {each["level"] for each in refused} == {"warning"}
        assert "a policy says no" in refused[0]["because"][0]
        house.hub.store.admit.remove(refuse)
        await house.until(lambda: run.all_are(State.SETTLED))
        in_order(house)


async def test_somebody_who_was_faster_is_read_before_it_is_decided_again(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        held = Hold()
        house.hub.api.faults.plan(On(verb="patch", resource=SECRET), held)
        run = house.start()
        await house.until(lambda: len(house.patches()) == 1)
        house.label(0, ring="canary")
        held.release()
        await house.until(lambda: run.all_are(State.SETTLED))
        in_order(house)
        assert await run.metric('gate_watcher_patches_total{result="conflict"}') == 1
        assert len(house.patches()) == 4


async def test_a_busy_hub_is_left_alone_as_long_as_it_says(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        busy = Answer(429, headers={"Retry-After": "7"})
        house.hub.api.faults.plan(On(verb="patch", resource=SECRET), busy)
        run = house.start()
        await house.until(lambda: run.all_are(State.SETTLED))
        in_order(house)
        first, second, *_ = [one.at for one in house.hub.api.requests if one.verb == "patch"]
        assert 7.0 <= second - first < 9.0


async def test_a_hub_that_goes_away_for_a_minute_and_comes_back(tmp_path: Path) -> None:
    async with standing(tmp_path) as house:
        run = house.start()
        await house.until(lambda: run.state("mesh") is State.PROGRESSING)
        await house.hub.api.go_away()
        await house.pass_s(100.0)
        opened = list(house.opened)
        status, said = await run.get("/readyz")
        assert status == 503
        assert "nothing heard of secrets since" in said
        assert {line["about"] for line in run.logged("hub does not answer")} == {
            "secrets in argocd",
            "applications in argocd",
            "applicationsets in argocd",
            "pods in argocd",
            "configmaps in argocd",
            "the lease",
        }
        assert await run.get("/livez") == (200, "alive\n")
        assert run.state("compute") is State.SETTLED, "what was known is kept"
        await house.hub.api.come_back()
        assert house.opened == opened
        await house.until(lambda: run.all_are(State.SETTLED))
        status, said = await run.get("/readyz")
        assert (status, said.splitlines()[0]) == (200, "ready")
        assert len(run.logged("hub answers again")) == 6
        in_order(house)
        well(run)


async def test_a_lost_gate_is_opened_again_and_counted(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        run = house.start()
        await house.until(lambda: run.all_are(State.SETTLED))
        house.label(0, compute=None)
        await house.until(lambda: len(house.opened) == 4)
        assert house.closed == [("spoke-000", "compute")]
        assert house.opened[-1][1:] == ("spoke-000", "compute")
        assert await run.metric('gate_watcher_gates_lost_total{blast_radius="workloads"}') == 1
        (line,) = run.logged("gate is Lost")
        assert line["level"] == "warning"


async def test_what_befalls_a_gate_is_told_on_its_secret(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        run = house.start()
        await house.until(lambda: run.all_are(State.SETTLED))
        for _ in range(2):
            house.label(0, mesh=None)
            await house.until(lambda: run.state("mesh") is not State.SETTLED)
            await house.until(lambda: run.all_are(State.SETTLED))
        await house.pass_s(5.0)
        told = house.hub.store.list(EVENT, "argocd")
        secret = house.hub.store.get(SECRET, "argocd", "spoke-000")
        assert secret is not None
        assert {each["regarding"]["uid"] for each in told} == {secret["metadata"]["uid"]}
        mesh = [each["reason"] for each in told if " mesh" in each["note"]]
        assert sorted(mesh) == ["GateLost", "GateOpened", "GateReopened", "GateSettled"]
        (lost,) = [each for each in told if each["reason"] == "GateLost"]
        assert lost["series"]["count"] == 2, "what happens again is counted in one"
        well(run)


async def test_events_that_cannot_be_written_hold_nothing_up(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        house.hub.api.faults.plan(On(resource=EVENT, times=None), Answer(403))
        run = house.start()
        await house.until(lambda: run.all_are(State.SETTLED))
        in_order(house)
        assert len(run.logged("events cannot be written")) == 1
        assert await run.metric('gate_watcher_events_total{result="failed"}')


async def test_a_dry_run_says_what_it_would_do_and_writes_nothing(tmp_path: Path) -> None:
    async with standing(tmp_path, released=False) as house:
        run = house.start(dry_run=True)
        await house.until(lambda: run.state("compute") is State.QUEUED)
        await house.pass_s(120.0)
        would = run.logged("would open")
        assert sorted(each["spoke"] for each in would) == ["spoke-000", "spoke-001"]
        assert [each["opens"] for each in would] == [["compute"], ["compute"]]
        queued = run.logged("gate is Queued")
        assert [(each["spoke"], each["tier"], each["reasons"]) for each in queued] == [
            ("spoke-000", "compute", ["Opens"]),
            ("spoke-001", "compute", ["Opens"]),
        ]
        assert run.logged("gate is Waiting")
        assert {one.method for one in house.hub.api.requests if one.resource} == {"GET"}
        assert house.hub.store.get(LEASE, "argocd", "gate-watcher") is None


async def test_a_dry_run_shows_gates_and_exports_none(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        leader, dry = house.start(), house.start(dry_run=True)
        await house.until(lambda: leader.all_are(State.SETTLED) and dry.all_are(State.SETTLED))
        house.label(0, compute=None)
        await house.until(lambda: bool(dry.logged("gate is Lost")))
        await house.until(lambda: leader.all_are(State.SETTLED))
        lost = 'gate_watcher_gates_lost_total{blast_radius="workloads"}'
        settled = 'gate_watcher_gates{state="Settled",tier="mesh"}'
        assert [await each.metric(lost) for each in (leader, dry)] == [1, 0]
        assert [await each.metric(settled) for each in (leader, dry)] == [1, None]
        _, fleet = await dry.get("/api/v1/fleet")
        assert '"Settled"' in fleet


async def test_under_polarity_block_nothing_is_written_while_the_guard_is_not_known(
    tmp_path: Path,
) -> None:
    async with standing(tmp_path) as house:
        house.policy.write_text(POLICY + "gates: {polarity: block}\n")
        run = house.start()
        await house.until(lambda: bool(run.logged("nothing is admitted")))
        await house.pass_s(60.0)
        assert house.patches() == []
        assert run.logged("nothing is admitted")[-1]["reasons"] == ["GuardNotInForce"]


async def test_a_hub_without_argo_cd_is_waited_for(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        page = Answer(404, body=b"404 page not found\n", content_type="text/plain")
        absent = house.hub.api.faults.plan(On(path="/apis/argoproj.io/v1alpha1", times=None), page)
        run = house.start()
        await house.pass_s(60.0)
        (line,) = run.logged("hub cannot be used yet")
        assert "no Applications (argoproj.io/v1alpha1)" in line["because"]
        assert "install Argo CD" in line["because"]
        assert house.patches() == []
        status, said = await run.get("/readyz")
        assert status == 503
        assert "applications have not been listed yet" in said
        absent.cancel()
        await house.until(lambda: run.all_are(State.SETTLED))
        assert len(run.logged("hub can be used now")) == 1
        in_order(house)


async def test_what_a_person_tore_down_is_closed_and_stays_closed(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        run = house.start()
        await house.until(lambda: run.all_are(State.SETTLED))
        annotations = {"gate-watcher.io/teardown": "apps,mesh"}
        house.hub.store.patch(
            SECRET, "argocd", "spoke-000", {"metadata": {"annotations": annotations}}
        )
        await house.until(lambda: len(house.closed) == 2)
        assert [tier for _, tier in house.closed] == ["apps", "mesh"]
        await house.pass_s(120.0)
        assert len(house.opened) == 3
        assert run.state("mesh") is State.HELD
        assert await run.metric('gate_watcher_gates_lost_total{blast_radius="workloads"}') == 0


async def test_the_lease_is_released_last(tmp_path: Path) -> None:
    async with standing(tmp_path, spokes=1) as house:
        run = house.start()
        held = Hold(applied=True)
        house.hub.api.faults.plan(On(verb="patch", resource=SECRET), held)
        await house.until(lambda: len(house.patches()) == 1)
        run.stop.set()
        await house.pass_s(0.5)
        assert house.hub.api.requests[-1].verb != "update", "an answer is awaited"
        held.release()
        await run.end()
        last = house.hub.api.requests[-1]
        assert (last.verb, last.resource) == ("update", LEASE)
        lease = house.hub.store.get(LEASE, "argocd", "gate-watcher")
        assert lease is not None
        assert not lease["spec"].get("holderIdentity")
        assert [line["result"] for line in run.logged("patch was answered")] == ["patched"]


async def test_a_task_that_keeps_dying_makes_the_process_unfit_until_it_does_no_longer(
    tmp_path: Path,
) -> None:
    async with standing(tmp_path, spokes=1) as house:
        run = house.start()
        await house.until(lambda: run.state("compute") is State.PROGRESSING)

        def die() -> None:
            raise ArithmeticError("odd")

        run.told = die
        await house.until(lambda: len(run.logged("task died")) == 3)
        assert await run.get("/livez") == (503, "not alive\n- task turns keeps dying\n")
        assert await run.metric('gate_watcher_task_restarts_total{task="turns"}') == 3
        run.told = lambda: None
        await house.until(lambda: run.all_are(State.SETTLED))
        in_order(house)
        await house.pass_s(300.0)
        assert await run.get("/livez") == (200, "alive\n")
