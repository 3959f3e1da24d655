"""Operations: asked for, carried out, failed, blocked."""

from __future__ import annotations

import itertools

from tests.embedded_hub.small_hub import SmallHub, look, small_hub
from watcher.embedded_hub.resources import APPLICATION
from watcher.embedded_hub.stamps import instant
from watcher.embedded_hub.statuses import BLOCKED
from watcher.embedded_hub.workloads import fails_to_sync, hangs_in_hook, takes


async def manual(hub: SmallHub) -> None:
    hub.add_set("x")
    automated = {"automated": None}
    hub.change_set("x", {"spec": {"template": {"spec": {"syncPolicy": automated}}}})
    hub.add_spoke("a", "tier-a")
    await hub.clock.advance(5.0)


def ask(hub: SmallHub) -> None:
    """As `argocd app sync` does."""
    sync = {"revision": "HEAD"}
    operation = {"initiatedBy": {"username": "somebody"}, "retry": {}, "sync": sync}
    hub.store.patch(APPLICATION, "argocd", "a-x", {"operation": operation})


async def test_a_person_may_ask_for_an_operation() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        await manual(hub)
        assert look(hub.application("a-x")).phase is None
        ask(hub)
        await hub.clock.advance(20.0)
        done = look(hub.application("a-x"))
        assert (done.phase, done.sync, done.health, done.history) == (
            "Succeeded", "Synced", "Healthy", 1,
        )  # fmt: skip
        ask(hub)
        await hub.clock.advance(20.0)
        state = hub.application("a-x")["status"]["operationState"]
        assert look(hub.application("a-x")).history == 2
        assert state["syncResult"]["resources"][0]["message"].endswith("unchanged")


async def test_attempts_come_after_ten_twenty_forty_seconds_and_end_after_five() -> None:
    async with small_hub(x=fails_to_sync()) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(500.0)
        ends: list[float] = []
        for state in hub.states["a-x"]:
            at = state["status"].get("operationState", {}).get("finishedAt")
            if at is not None and (not ends or ends[-1] != instant(at)):
                ends.append(instant(at))
        gaps = [later - sooner for sooner, later in itertools.pairwise(ends)]
        assert [round(gap / 10) * 10 for gap in gaps] == [10, 20, 40, 80, 160]
        message = hub.application("a-x")["status"]["operationState"]["message"]
        assert message.endswith("(retried 5 times).")


async def test_a_window_that_closes_leaves_the_operation_running_with_a_message() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        await manual(hub)
        hub.shared.window_open = False
        ask(hub)
        await hub.clock.advance(100.0)
        state = hub.application("a-x")["status"]["operationState"]
        assert (state["phase"], state["message"]) == ("Running", BLOCKED)
        hub.shared.window_open = True
        await hub.clock.advance(60.0)
        assert look(hub.application("a-x")).phase == "Succeeded"


async def test_an_operation_that_is_taken_away_is_laid_down() -> None:
    async with small_hub(x=hangs_in_hook()) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(1.0)
        hub.store.patch(APPLICATION, "argocd", "a-x", {"operation": None})
        await hub.clock.advance(10.0)
        assert "syncResult" not in hub.application("a-x")["status"]["operationState"]


async def test_a_hook_that_never_ends_shows_in_what_is_listed() -> None:
    async with small_hub(x=hangs_in_hook()) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(20.0)
        status = hub.application("a-x")["status"]
        assert (
            status["operationState"]["message"] == "waiting for completion of hook batch/Job/hook"
        )
        assert status["resources"][-1]["hook"] is True


async def test_with_the_spoke_out_of_reach_an_operation_fails_and_is_tried_again() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        await manual(hub)
        hub.workloads.unreachable.add("a")
        ask(hub)
        await hub.clock.advance(10.0)
        failed = hub.application("a-x")["status"]["operationState"]
        assert failed["phase"] == "Failed"  # whoever asked wanted no retries
        assert "Failed to load live state" in failed["message"]
