"""What the workers share: whose turn it is, and what they may touch."""

from __future__ import annotations

from tests.embedded_hub.small_hub import SmallHub, small_hub
from watcher.embedded_hub.controller import MANAGER, Tracked
from watcher.embedded_hub.live import Live
from watcher.embedded_hub.spokes import SKIP_RECONCILE
from watcher.embedded_hub.workloads import takes


async def made(hub: SmallHub) -> Tracked:
    hub.applications.pause()
    hub.add_set("x")
    hub.add_spoke("a", "tier-a")
    await hub.clock.advance(1.0)
    hub.shared.paused = False
    metadata = hub.application("a-x")["metadata"]
    return Tracked(metadata["uid"], "argocd", "a-x", Live("x", takes(1.0)))


async def test_another_application_of_that_name_is_not_this_one() -> None:
    async with small_hub() as hub:
        tracked = await made(hub)
        assert hub.shared.application(tracked) is not None
        tracked.uid = "somebody else"
        assert hub.shared.application(tracked) is None


async def test_what_is_parked_or_skipped_or_unattended_is_not_at_hand() -> None:
    async with small_hub() as hub:
        tracked = await made(hub)
        assert hub.shared.at_hand(tracked) is not None
        hub.annotate_spoke("a", SKIP_RECONCILE, "true")
        assert hub.shared.at_hand(tracked) is None
        hub.annotate_spoke("a", SKIP_RECONCILE, "false")
        hub.annotate("a-x", SKIP_RECONCILE, "true")
        assert hub.shared.at_hand(tracked) is None
        hub.annotate("a-x", SKIP_RECONCILE, None)
        hub.shared.paused = True
        assert hub.shared.at_hand(tracked) is None


async def test_a_spoke_out_of_reach_is_told_by_its_name() -> None:
    async with small_hub() as hub:
        tracked = await made(hub)
        application = hub.shared.application(tracked)
        assert application is not None
        assert hub.shared.reachable(application)
        hub.workloads.unreachable.add("a")
        assert not hub.shared.reachable(application)


async def test_a_write_sets_members_of_the_status_and_takes_parts_away() -> None:
    async with small_hub() as hub:
        tracked = await made(hub)
        hub.shared.paused = True
        before = hub.application("a-x")
        hub.shared.write(before, {"reconciledAt": "now"}, operation={"sync": {}})
        after = hub.application("a-x")
        assert after["status"]["reconciledAt"] == "now"
        assert after["status"]["health"] == before["status"]["health"]
        assert MANAGER in [one["manager"] for one in after["metadata"]["managedFields"]]
        hub.shared.write(after, {"reconciledAt": None}, operation=None)
        assert "operation" not in hub.application("a-x")
        assert hub.shared.draw_s((1.0, 2.0), tracked, "x") != hub.shared.draw_s(
            (1.0, 2.0), tracked, "x"
        )
