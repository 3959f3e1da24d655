"""Adopted on the embedded hub: every shape, no deletion, and nothing left to do for the watcher."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.hub.brown_field import SHAPES, Adopter, adopter, brown_field
from watcher.decide import State
from watcher.embedded_hub.faults import Answer, LoseAnswer, On
from watcher.embedded_hub.json_patch import as_merge_patch
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, SECRET
from watcher.embedded_hub.spokes import IN_CLUSTER_SERVER
from watcher.hub.adopting import Stopped

ONE = ("c",)


async def watched(one: Adopter) -> None:
    """Lets the watcher run: it finds all settled, and writes nothing."""
    before = one.house.patches()
    run = one.house.start()

    def is_over() -> bool:
        verdicts = list(run.decision.verdicts.values()) if run.decision else []
        return bool(verdicts) and all(
            each.state in (State.SETTLED, State.UNGATED) for each in verdicts
        )

    await one.house.until(is_over, within_s=120.0)
    await one.house.pass_s(120.0)
    assert is_over()
    assert one.house.patches() == before


async def test_every_shape_is_adopted_and_the_watcher_has_nothing_left_to_do(
    tmp_path: Path,
) -> None:
    """Four seconds: ten shapes on four spokes that first come to rest, and then the daemon."""
    async with adopter(tmp_path) as one:
        before = one.applications()
        left = await one.adopt()
        assert left.is_done
        assert [each.key for each in left.assigned if each.gated] == sorted(
            (f"argocd/addons-{each}" for each in SHAPES),
            key=lambda key: [each.key for each in left.assigned].index(key),
        )
        assert one.steps == ["Opening"] * 4 + ["Gating"] * len(SHAPES)
        assert one.applications() == before
        opened = one.opened_on("spoke-000")
        assert opened.keys() == {"first", "second", "third"}
        assert all(at < one.house.clock.now() - 500.0 for at in opened.values())
        assert one.opened_on("spoke-002").keys() == {"second", "third"}
        await watched(one)


async def test_the_hub_itself_is_refused_without_a_secret_and_adopted_with_one(
    tmp_path: Path,
) -> None:
    async with adopter(tmp_path, brown_field(("c", "d"), hub=False)) as one:
        before = one.applications()
        assert "addon-in-cluster-d" in before
        left = await one.adopt()
        (refused,) = left.gatings
        assert refused.set.set.name == "addons-d"
        assert not left.is_done
        await one.house.pass_s(60.0)
        assert one.applications() == before

        one.register("in-cluster", server=IN_CLUSTER_SERVER)
        await one.house.pass_s(60.0)
        assert (await one.adopt()).is_done
        await one.house.pass_s(60.0)
        assert one.applications() == before


async def test_what_is_kept_elsewhere_is_left_and_done_when_it_was_changed_there(
    tmp_path: Path,
) -> None:
    async with adopter(tmp_path, brown_field(("b", "c"))) as one:
        store = one.house.hub.store
        note = {"argocd.argoproj.io/tracking-id": "addons:argoproj.io/ApplicationSet:argocd/x"}
        store.patch(APPLICATION_SET, "argocd", "addons-c", {"metadata": {"annotations": note}})
        left = await one.adopt()
        (kept,) = left.gatings
        assert kept.keepers == ("Application addons",)
        assert one.steps == ["Opening"] * 2 + ["Gating"]

        before = store.get(APPLICATION_SET, "argocd", "addons-c")
        assert before is not None
        operations = [msgspec.to_builtins(each) for each in kept.change.operations]
        store.patch(APPLICATION_SET, "argocd", "addons-c", as_merge_patch(before, operations))
        await one.house.pass_s(60.0)
        assert (await one.adopt()).is_done
        await watched(one)


async def test_what_opened_by_the_hubs_time_is_open_on_a_machine_whose_clock_is_late(
    tmp_path: Path,
) -> None:
    async with adopter(tmp_path, brown_field(ONE)) as one:
        assert (await one.adopt()).is_done
        one.behind_s = 86400.0
        assert (await one.plan()).is_done


async def test_what_opens_has_the_hubs_time_whatever_the_machines_clock_says(
    tmp_path: Path,
) -> None:
    async with adopter(tmp_path, brown_field(ONE)) as one:
        one.behind_s = 86400.0
        assert (await one.adopt()).is_done
        (at,) = one.opened_on("spoke-000").values()
        assert one.house.clock.now() - 3600.0 < at < one.house.clock.now()


async def test_what_somebody_writes_in_between_is_planned_for(tmp_path: Path) -> None:
    async with adopter(tmp_path, brown_field(ONE)) as one:
        faults = one.house.hub.api.faults
        faults.plan(On(verb="patch", resource=SECRET), Answer(409))
        faults.plan(On(verb="patch", resource=SECRET, nth=2), LoseAnswer())
        faults.plan(On(verb="patch", resource=APPLICATION_SET), Answer(409))
        assert (await one.adopt()).is_done


async def test_a_spoke_that_comes_in_between_is_opened_before_its_selector_changes(
    tmp_path: Path,
) -> None:
    async with adopter(tmp_path, brown_field(ONE)) as one:
        labels = {"fleet_member": "spoke"}
        one.told = lambda: one.house.hub.store.patch(
            SECRET, "argocd", "spoke-002", {"metadata": {"labels": labels}}
        )
        left = await one.adopt()
        assert left.is_done
        assert one.steps == ["Opening"] * 3 + ["Gating"]
        await one.house.until(lambda: "addon-spoke-002-c" in one.applications())


@pytest.mark.parametrize("resource", [SECRET, APPLICATION_SET], ids=["secret", "set"])
async def test_what_the_hub_refuses_stops_it_and_a_second_run_goes_on(
    tmp_path: Path, resource: object
) -> None:
    async with adopter(tmp_path, brown_field(ONE)) as one:
        refused = SECRET if resource is SECRET else APPLICATION_SET
        one.house.hub.api.faults.plan(On(verb="patch", resource=refused), Answer(403))
        with pytest.raises(Stopped, match="the hub refuses the patch of argocd/"):
            await one.adopt()
        assert (await one.adopt()).is_done


async def test_it_gives_up_where_nothing_comes_of_it(tmp_path: Path) -> None:
    async with adopter(tmp_path, brown_field(ONE)) as one:
        one.house.hub.api.faults.plan(On(verb="patch", resource=SECRET, times=None), Answer(409))
        with pytest.raises(Stopped, match="all the time"):
            await one.adopt()


async def test_an_application_that_goes_meanwhile_stops_it(tmp_path: Path) -> None:
    async with adopter(tmp_path, brown_field(("b", "c"))) as one:
        store = one.house.hub.store
        one.told = lambda: store.delete(APPLICATION, "argocd", "addon-spoke-000-c")
        with pytest.raises(Stopped, match="Application argocd/addon-spoke-000-c went meanwhile"):
            await one.adopt()
        assert one.steps == ["Opening"] * 2
        one.gone.clear()


async def test_a_deletion_that_waits_stops_it_before_anything_is_written(tmp_path: Path) -> None:
    async with adopter(tmp_path, brown_field(("b", "c"))) as one:
        one.orphan("addon-spoke-002-c", of="addons-c", on="spoke-002")
        with pytest.raises(Stopped, match="is deleted at the next write"):
            await one.adopt()
        assert one.steps == []
        assert len((await one.plan()).waiting) == 1
        one.gone.clear()


async def test_a_watcher_that_runs_meanwhile_is_in_nobodys_way(tmp_path: Path) -> None:
    async with adopter(tmp_path) as one:
        before = one.applications()
        run = one.house.start()
        await one.house.until(lambda: run.decision is not None)
        assert (await one.adopt()).is_done
        await one.house.pass_s(120.0)
        assert one.applications() == before
        assert {each.state for each in run.decision.verdicts.values()} <= {  # type: ignore[union-attr]
            State.SETTLED,
            State.UNGATED,
        }
