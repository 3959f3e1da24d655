"""How Applications go, and what keeps them."""

from __future__ import annotations

from tests.embedded_hub.small_hub import look, small_hub
from watcher.embedded_hub.resources import APPLICATION
from watcher.embedded_hub.spokes import SKIP_RECONCILE
from watcher.embedded_hub.workloads import Behaviour, takes

HELD_S = 2.0


async def test_resources_are_waited_for_and_then_it_is_gone() -> None:
    async with small_hub(x=Behaviour(phases=takes(5.0).phases, removal_s=30.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        hub.label("a", tier_a=None)
        await hub.clock.advance(20.0)
        assert look(hub.application("a-x")).health == "Progressing"
        await hub.clock.advance(15.0)
        assert hub.names() == []


async def test_without_the_finalizer_it_is_gone_at_once() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x", syncPolicy={"preserveResourcesOnDeletion": True})
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        assert "finalizers" not in hub.application("a-x")["metadata"]
        hub.label("a", tier_a=None)
        await hub.clock.advance(0.05)
        assert hub.names() == []


async def test_a_parked_spoke_holds_what_is_being_deleted_until_a_resync_after_it() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        hub.annotate_spoke("a", SKIP_RECONCILE, "true")
        hub.label("a", tier_a=None)
        await hub.clock.advance(600.0)
        assert look(hub.application("a-x")).deleting
        hub.annotate_spoke("a", SKIP_RECONCILE, None)
        await hub.clock.advance(200.0)
        assert hub.names() == []


async def test_a_spoke_out_of_reach_holds_it_with_an_error() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        hub.workloads.unreachable.add("a")
        hub.label("a", tier_a=None)
        await hub.clock.advance(5.0)
        assert look(hub.application("a-x")).conditions == ("DeletionError",)
        hub.workloads.unreachable.clear()
        await hub.clock.advance(60.0)
        assert hub.names() == []


async def test_with_its_spoke_gone_it_goes_too_and_leaves_the_resources() -> None:
    async with small_hub(x=takes(5.0)) as hub:
        spec = {"project": "default", "source": {"repoURL": "r", "path": "x"},
                "destination": {"name": "nobody"}}  # fmt: skip
        finalizers = ["resources-finalizer.argocd.argoproj.io/background"]
        metadata = {"name": "stray", "namespace": "argocd", "finalizers": finalizers}
        hub.store.create(APPLICATION, {"metadata": metadata, "spec": spec})
        await hub.clock.advance(5.0)
        hub.store.delete(APPLICATION, "argocd", "stray")
        await hub.clock.advance(1.0)
        assert hub.names() == []


async def test_a_gate_that_opens_again_does_not_call_a_deletion_off() -> None:
    """The old one goes, and only then is there a new one, which begins from nothing."""
    async with small_hub(x=Behaviour(phases=takes(5.0).phases, removal_s=10.0)) as hub:
        hub.add_set("x")
        hub.add_spoke("a", "tier-a")
        await hub.clock.advance(60.0)
        old = hub.application("a-x")["metadata"]["uid"]
        hub.label("a", tier_a=None)
        await hub.clock.advance(HELD_S)
        hub.label("a", tier_a="open")
        await hub.clock.advance(HELD_S)
        assert hub.application("a-x")["metadata"]["uid"] == old
        await hub.clock.advance(10.0)
        assert hub.application("a-x")["metadata"]["uid"] != old
        await hub.clock.advance(30.0)
        assert look(hub.application("a-x")).health == "Healthy"
