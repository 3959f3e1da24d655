"""A person orders gates closed: what is shown, what is asked, what is written."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli import teardowns
from tests.cli.teardowns import Desk
from watcher.cli.teardown import teardown
from watcher.embedded_hub.faults import Answer, On
from watcher.embedded_hub.resources import CONFIG_MAP, SECRET
from watcher.embedded_hub.scenario import CANARY
from watcher.embedded_hub.users import Rule, User

SHOWN_OF_ALL = """\
teardown of every tier on spoke-000 (secret argocd/spoke-000)

1. apps closes
     argocd/spoke-000-apps  is deleted with all that it installed
2. mesh closes, once all of the above is gone
     argocd/spoke-000-mesh  is deleted with all that it installed
3. compute closes, once all of the above is gone
     argocd/spoke-000-compute  is deleted with all that it installed
"""


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with teardowns.desk(tmp_path) as made:
        yield made


async def test_everything_is_shown_in_the_order_in_which_it_goes_and_then_ordered(
    desk: Desk,
) -> None:
    before = desk.secret()
    done = await desk.teardown("spoke-000", "--yes")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == (
        SHOWN_OF_ALL
        + """\
ordered: gate-watcher.io/teardown=* on secret argocd/spoke-000
to follow it: gate-watcher explain spoke-000
to stop it: gate-watcher teardown spoke-000 --stop; until then what has closed stays closed, and nothing brings back what was deleted
"""  # noqa: E501
    )
    after = desk.secret()
    assert desk.annotation() == "*"
    assert (after["data"], after["metadata"]["labels"]) == (
        before["data"],
        before["metadata"]["labels"],
    )
    assert len(desk.applications()) == 9, "the watcher closes, and none runs"


async def test_it_only_shows_where_it_is_told_to(desk: Desk) -> None:
    done = await desk.teardown("spoke-000", "--dry-run")
    assert (done.exit_code, done.stdout) == (0, SHOWN_OF_ALL)
    assert desk.annotation() is None
    assert desk.hub.api.requests
    assert {asked.method for asked in desk.hub.api.requests} == {"GET"}


async def test_where_nobody_can_be_asked_nothing_is_ordered_without_yes(desk: Desk) -> None:
    done = await desk.teardown("spoke-000")
    assert (done.exit_code, done.stdout) == (2, SHOWN_OF_ALL)
    assert "say --yes" in done.stderr
    assert desk.annotation() is None


async def test_what_others_named_stays_named(desk: Desk) -> None:
    desk.patch(annotations={"gate-watcher.io/teardown": "strange, apps"})
    done = await desk.teardown("spoke-000", "--tier", "mesh", "--yes")
    assert done.exit_code == 0
    assert desk.annotation() == "strange,apps,mesh"
    assert "1. apps closes\n" in done.stdout, "that is yet to come, too"


async def test_what_is_ordered_already_is_not_written_again(desk: Desk) -> None:
    desk.patch(annotations={"gate-watcher.io/teardown": "*"})
    done = await desk.teardown("spoke-000", "--tier", "apps")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "all of that is ordered already" in done.stdout
    assert not [asked for asked in desk.hub.api.requests if asked.verb == "patch"]


async def test_a_tier_is_not_closed_beneath_others(desk: Desk) -> None:
    done = await desk.teardown("spoke-000", "--tier", "compute", "--yes")
    assert done.exit_code == 2
    assert "(--tier mesh --tier apps)" in done.stderr
    assert "compute would close beneath mesh, apps, open and depending on it" in done.stderr
    assert desk.annotation() is None


async def test_what_asks_for_a_gate_that_closes_goes_only_where_its_tier_is_named(
    desk: Desk,
) -> None:
    desk.policy.write_text(
        desk.policy.read_text().replace(
            "{name: mesh}, {name: apps}",
            "{name: mesh}, {name: apps, dependsOn: [compute]}",
        )
    )
    asks = {"gate-watcher.io/mesh": "open", "gate-watcher.io/apps": "open"}
    desk.patch_set("apps", {"generators": [{"clusters": {"selector": {"matchLabels": asks}}}]})
    done = await desk.teardown("spoke-000", "--tier", "mesh", "--yes")
    assert done.exit_code == 2
    assert "argocd/spoke-000-apps  is deleted with all that it installed (of tier apps)" in (
        done.stdout
    )
    assert "argocd/spoke-000-apps of tier apps would be deleted, too" in done.stderr
    assert desk.annotation() is None
    both = await desk.teardown("spoke-000", "--tier", "mesh", "--tier", "apps", "--yes")
    assert (both.exit_code, desk.annotation()) == (0, "mesh,apps")


async def test_what_would_go_on_running_is_refused_unless_told(desk: Desk) -> None:
    desk.without_finalizers("spoke-000-apps")
    done = await desk.teardown("spoke-000", "--tier", "apps", "--yes")
    assert done.exit_code == 2
    assert (
        "argocd/spoke-000-apps  is deleted, and what it installed goes on running: it has no "
        "resources finalizer" in done.stdout
    )
    assert "say --leave-behind workloads" in done.stderr
    assert desk.annotation() is None
    wrong = await desk.teardown(
        "spoke-000", "--tier", "apps", "--yes", "--leave-behind", "applications"
    )
    assert wrong.exit_code == 2
    told = await desk.teardown(
        "spoke-000", "--tier", "apps", "--yes", "--leave-behind", "workloads"
    )
    assert (told.exit_code, desk.annotation()) == (0, "apps")


@pytest.mark.parametrize("policy", ["create-only", "create-update"])
async def test_what_would_stay_is_refused_unless_told(desk: Desk, policy: str) -> None:
    desk.patch_set("apps", {"syncPolicy": {"applicationsSync": policy}})
    done = await desk.teardown("spoke-000", "--yes")
    assert done.exit_code == 2
    assert f"argocd/spoke-000-apps  stays: applicationsSync is {policy}" in done.stdout
    assert "the tiers below wait until they are gone" in done.stderr
    assert desk.annotation() is None
    told = await desk.teardown("spoke-000", "--yes", "--leave-behind", "applications")
    assert (told.exit_code, desk.annotation()) == (0, "*")


async def test_the_controllers_own_policy_goes_over_what_an_applicationset_says(
    desk: Desk,
) -> None:
    desk.hub.store.create(
        CONFIG_MAP,
        {
            "metadata": {"name": "argocd-cmd-params-cm", "namespace": "argocd"},
            "data": {"applicationsetcontroller.policy": "create-update"},
        },
    )
    done = await desk.teardown("spoke-000", "--tier", "apps", "--yes")
    assert done.exit_code == 2
    assert "stays: the controller's own policy forbids deletions" in done.stdout


async def test_what_is_not_known_is_answered_with_what_is_near(desk: Desk) -> None:
    spoke = await desk.teardown("spoke-00")
    assert "there is no spoke 'spoke-00' (did you mean 'spoke-00" in spoke.stderr
    tier = await desk.teardown("spoke-000", "--tier", "app", "--tier", "x")
    assert tier.exit_code == 2
    assert "there is no tier 'app' (did you mean 'apps'?)" in tier.stderr
    assert "there is no tier 'x'" in tier.stderr
    addon = await desk.teardown("spoke-000", "--addon", "addon-app")
    assert (addon.exit_code, "did you mean 'addon-apps'" in addon.stderr) == (2, True)


async def test_a_parked_spoke_is_told_of_and_waits(desk: Desk) -> None:
    marks: dict[str, str | None] = {
        "argocd.argoproj.io/skip-reconcile": "true",
        "gate-watcher.io/parked": "2026-03-02T09:00:00Z",
    }
    desk.patch(annotations=marks)
    done = await desk.teardown("spoke-000", "--tier", "apps", "--yes")
    assert done.exit_code == 0
    assert "not now: parked" in done.stdout
    assert "the teardown waits" in done.stdout


async def test_two_secrets_that_cannot_be_told_apart_are_left_alone(desk: Desk) -> None:
    twin = {"data": {"server": desk.secret(1)["data"]["server"]}}
    desk.hub.store.patch(SECRET, "argocd", "spoke-000", twin)
    done = await desk.teardown("spoke-000", "--yes")
    assert done.exit_code == 2
    assert "is also that of spoke-001: all are left alone" in done.stderr


async def test_what_argo_cd_is_about_to_delete_anyway_is_told(desk: Desk) -> None:
    desk.hub.application_sets.pause()
    desk.patch(1, labels={"gate-watcher.io/apps": None})
    desk.patch(1, annotations={"gate-watcher.io/opened": None})
    done = await desk.teardown("spoke-000", "--dry-run")
    assert "any write to a cluster Secret" in done.stdout
    assert "argocd/spoke-001-apps" in done.stdout


async def test_where_somebody_else_was_faster_it_looks_again(desk: Desk) -> None:
    desk.hub.api.faults.plan(On(verb="patch", resource=SECRET), Answer(409))
    done = await desk.teardown("spoke-000", "--yes")
    assert (done.exit_code, desk.annotation()) == (0, "*")


async def test_who_may_not_patch_is_told_what_the_hub_said(desk: Desk) -> None:
    desk.hub.api.faults.plan(On(verb="patch", resource=SECRET), Answer(403))
    done = await desk.teardown("spoke-000", "--yes")
    assert done.exit_code == 1
    assert "not ordered: 403 Forbidden" in done.stderr
    assert desk.annotation() is None


async def test_a_program_gets_one_value(desk: Desk) -> None:
    done = await desk.teardown("spoke-000", "--tier", "apps", "--yes", "-o", "json")
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert (said["annotation"], said["refused"]) == ("apps", [])
    assert said["steps"][0]["applications"][0] == {
        "name": "argocd/spoke-000-apps",
        "applicationSet": "argocd/addon-apps",
        "tier": "apps",
        "fate": "deleted",
        "why": "",
        "deletingSince": None,
        "skipped": False,
    }


@pytest.mark.parametrize("wrong", [["--tier", "a", "--addon", "b"], ["-o", "json"]])
def test_what_does_not_go_together_is_refused(wrong: list[str]) -> None:
    assert CliRunner().invoke(teardown, ["x", *wrong]).exit_code == 2


async def test_no_credentials_are_shown(desk: Desk) -> None:
    done = await desk.teardown("spoke-000", "--yes")
    assert CANARY not in done.output


async def test_every_right_that_is_wanting_is_named(desk: Desk, tmp_path: Path) -> None:
    rules = (Rule(("list",), ("argoproj.io",), ("applications",)),)
    somebody = User("somebody", "token-of-somebody", rules)
    desk.hub.api.users[somebody.name] = somebody
    desk.kubeconfig = desk.kubeconfig_of(somebody, tmp_path)
    done = await desk.teardown("spoke-000", "--yes")
    assert done.exit_code == 2
    said = [line.partition(";")[0] for line in done.stderr.splitlines()]
    assert said == [
        "gate-watcher: you may not list applicationsets.argoproj.io in argocd",
        "gate-watcher: you may not list secrets in argocd",
        "gate-watcher: you may not patch secrets in argocd",
    ]


# --- guard C -------------------------------------------------------------------------------------


async def test_what_guard_c_keeps_is_named_for_it_before_the_gate_closes(desk: Desk) -> None:
    desk.guard_c()
    done = await desk.teardown("spoke-000", "--tier", "apps", "--yes")
    assert done.exit_code == 0
    named = desk.named()
    assert named.keys() == {"argocd.spoke-000-apps"}
    told = named["argocd.spoke-000-apps"]
    assert (told["spoke"], told["tier"], told["by"]) == ("spoke-000", "apps", "kubernetes-admin")
    desk.patch(labels={"gate-watcher.io/apps": None})
    await desk.clock.advance(30.0)
    assert len(desk.applications()) == 8


async def test_an_addon_is_named_without_its_gate_and_taken_out_again(desk: Desk) -> None:
    desk.guard_c()
    done = await desk.teardown("spoke-000", "--addon", "addon-mesh", "--yes")
    assert (done.exit_code, desk.annotation()) == (0, None)
    assert "removal of argocd/addon-mesh on spoke-000" in done.stdout
    assert "argocd/spoke-000-mesh  is deleted with all that it installed" in done.stdout
    assert desk.named().keys() == {"argocd.spoke-000-mesh"}
    back = await desk.teardown("spoke-000", "--addon", "argocd/addon-mesh", "--stop")
    assert (back.exit_code, desk.named()) == (0, {})
    assert "taken out of configmap argocd/gate-watcher-removals" in back.stdout


async def test_without_guard_c_an_addon_needs_no_name(desk: Desk) -> None:
    done = await desk.teardown("spoke-000", "--addon", "addon-mesh")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "guard C is not in force, so nothing needs to be named" in done.stdout


async def test_names_of_what_is_gone_leave_with_the_next_order(desk: Desk) -> None:
    desk.guard_c()
    await desk.teardown("spoke-000", "--addon", "addon-mesh", "--yes")
    desk.patch_set("mesh", {"generators": []})
    await desk.clock.advance(30.0)
    assert "spoke-000-mesh" not in desk.applications()
    await desk.teardown("spoke-001", "--tier", "apps", "--yes")
    assert desk.named().keys() == {"argocd.spoke-001-apps"}


async def test_nobody_is_named_where_the_order_does_not_come_about(desk: Desk) -> None:
    desk.guard_c()
    desk.hub.api.faults.plan(On(verb="patch", resource=SECRET), Answer(403))
    done = await desk.teardown("spoke-000", "--tier", "apps", "--yes")
    assert (done.exit_code, desk.named()) == (1, {})


async def test_who_may_not_name_what_guard_c_may_keep_is_told_so(
    desk: Desk, tmp_path: Path
) -> None:
    desk.guard_c()
    rules = (
        Rule(("list", "patch"), ("",), ("secrets",)),
        Rule(("list",), ("argoproj.io",), ("applications", "applicationsets")),
    )
    somebody = User("somebody", "token-of-somebody", rules)
    desk.hub.api.users[somebody.name] = somebody
    desk.kubeconfig = desk.kubeconfig_of(somebody, tmp_path)
    done = await desk.teardown("spoke-000", "--tier", "apps", "--yes")
    assert done.exit_code == 2
    assert "you may not read configmap argocd/gate-watcher-removals" in done.stderr
    assert desk.annotation() is None


# --- stopping ------------------------------------------------------------------------------------


async def test_what_had_not_closed_stays_open_and_what_had_is_told(desk: Desk) -> None:
    await desk.teardown("spoke-000", "--yes")
    desk.patch(labels={"gate-watcher.io/apps": None})
    done = await desk.teardown("spoke-000", "--stop")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "had not closed, and stays open: compute, mesh",
        "closed, and opens again in its turn, as any other gate: apps",
    ]
    assert desk.annotation() is None


async def test_some_of_it_can_be_stopped_but_not_what_stands_on_the_rest(desk: Desk) -> None:
    await desk.teardown("spoke-000", "--yes")
    wrong = await desk.teardown("spoke-000", "--stop", "--tier", "apps")
    assert wrong.exit_code == 2
    assert "compute, mesh would then close beneath apps" in wrong.stderr
    assert "(--tier compute --tier mesh)" in wrong.stderr
    assert desk.annotation() == "*"
    done = await desk.teardown("spoke-000", "--stop", "--tier", "compute", "--tier", "mesh")
    assert done.exit_code == 0
    assert desk.annotation() == "apps"
    assert "still to be torn down: apps" in done.stdout


async def test_what_was_named_for_it_is_taken_out_too(desk: Desk) -> None:
    desk.guard_c()
    await desk.teardown("spoke-000", "--yes")
    assert len(desk.named()) == 3
    done = await desk.teardown("spoke-000", "--stop")
    assert (done.exit_code, desk.named()) == (0, {})


async def test_where_nothing_is_ordered_there_is_nothing_to_stop(desk: Desk) -> None:
    done = await desk.teardown("spoke-000", "--stop")
    assert (done.exit_code, done.stdout) == (0, "nothing of this is ordered on spoke-000\n")


# --- at a terminal -------------------------------------------------------------------------------


async def test_a_person_types_the_name_of_the_spoke(desk: Desk) -> None:
    wrong = await desk.teardown("spoke-000", typed="spoke-001")
    assert wrong.exit_code == 1
    assert "that is not its name, so nothing was ordered" in wrong.stderr
    assert desk.annotation() is None
    done = await desk.teardown("spoke-000", typed="spoke-000")
    assert done.exit_code == 0
    assert "Type the name of the spoke to order this" in done.output
    assert desk.annotation() == "*"


async def test_what_has_changed_while_the_person_thought_is_not_ordered(desk: Desk) -> None:
    done = await desk.teardown(
        "spoke-000",
        typed="spoke-000",
        meanwhile=lambda: desk.patch(annotations={"gate-watcher.io/teardown": "apps"}),
    )
    assert done.exit_code == 1
    assert "has changed since this was shown, so nothing was ordered" in done.stderr
    assert desk.annotation() == "apps"
