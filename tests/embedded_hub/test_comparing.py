"""What comparisons find, and what automated sync does about it."""

from __future__ import annotations

from tests.embedded_hub.small_hub import look, small_hub
from watcher.embedded_hub.applications import REFRESH
from watcher.embedded_hub.resources import APPLICATION
from watcher.embedded_hub.workloads import Rule, cannot_be_read, fails_to_sync, takes


async def test_a_spoke_out_of_reach_shows_only_with_the_next_thorough_look() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        hub.workloads.unreachable.add("a")
        await hub.clock.advance(3.0)
        assert look(hub.application("a-x")).health == "Healthy"
        await hub.clock.advance(200.0)
        gone = look(hub.application("a-x"))
        assert (gone.sync, gone.health) == ("Unknown", "Missing")
        assert gone.conditions == ("ComparisonError",)
        hub.workloads.unreachable.clear()
        await hub.clock.advance(200.0)
        back = look(hub.application("a-x"))
        assert (back.sync, back.health, back.conditions) == ("Synced", "Healthy", ())


async def test_what_cannot_be_rendered_any_more_keeps_the_health_of_what_stands() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        hub.workloads.change(Rule(addon="addon-x", behaviour=cannot_be_read()))
        hub.annotate("a-x", REFRESH, "normal")
        await hub.clock.advance(5.0)
        found = look(hub.application("a-x"))
        assert (found.sync, found.health) == ("Unknown", "Healthy")
        assert found.conditions == ("ComparisonError",)


async def test_a_destination_that_means_no_spoke_is_unknown_and_moves_no_time() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        spec = {"project": "default", "source": {"repoURL": "r", "path": "x"},
                "destination": {"name": "nobody"}}  # fmt: skip
        hub.store.create(
            APPLICATION, {"metadata": {"name": "stray", "namespace": "argocd"}, "spec": spec}
        )
        await hub.clock.advance(5.0)
        found = look(hub.application("stray"))
        assert (found.sync, found.health, found.reconciled) == ("Unknown", "Unknown", False)
        assert found.conditions == ("InvalidSpecError",)


async def test_a_revision_that_failed_is_not_synced_again_by_itself() -> None:
    async with small_hub(x=fails_to_sync()) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(600.0)
        failed = look(hub.application("a-x"))
        assert (failed.phase, failed.retries, failed.conditions) == ("Failed", 5, ("SyncError",))
        hub.workloads.change(Rule(addon="addon-x", behaviour=takes(5.0)))
        await hub.clock.advance(400.0)
        assert look(hub.application("a-x")).phase == "Failed"
        hub.commits.push("x", rolls=True)
        await hub.clock.advance(400.0)
        mended = look(hub.application("a-x"))
        assert (mended.phase, mended.health, mended.conditions) == ("Succeeded", "Healthy", ())


async def test_without_self_heal_one_sync_is_all_there_is() -> None:
    healed = plain = 0
    for heal in (True, False):
        async with small_hub(x=takes(5.0)) as hub:
            hub.add_set("x")
            automated = {"automated": {"selfHeal": heal}}
            hub.change_set("x", {"spec": {"template": {"spec": {"syncPolicy": automated}}}})
            for number in range(20):
                hub.add_spoke(f"s{number}", "tier-a")
            await hub.clock.advance(60.0)
            again = [
                "autoHealAttemptsCount" in one["status"]["operationState"]["operation"]["sync"]
                for one in map(hub.application, hub.names())
            ]
            assert {look(hub.application(name)).sync for name in hub.names()} == {"Synced"}
            healed += sum(again) if heal else 0
            plain += 0 if heal else sum(again)
    assert healed > 3
    assert plain == 0


async def test_a_closed_window_asks_for_no_sync() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.shared.window_open = False
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(300.0)
        shut = look(hub.application("a-x"))
        assert (shut.sync, shut.health, shut.phase) == ("OutOfSync", "Missing", None)
        hub.shared.window_open = True
        await hub.clock.advance(300.0)
        assert look(hub.application("a-x")).health == "Healthy"
