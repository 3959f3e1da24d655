from __future__ import annotations

import pytest

from tests.builders import (
    BLOCK,
    DAY,
    HOUR,
    NOW,
    annotation,
    application,
    application_set,
    opens,
    policy,
    settled_since,
    snapshot,
    sources,
    spoke,
)
from watcher.decide import decide
from watcher.decide.writing import against_writing
from watcher.facts import Kind

X, Y = application_set("x", "crds"), application_set("y", "compute")
TWO = policy("crds", "compute")


def test_what_is_lost_is_written_before_anything_else() -> None:
    lost = spoke("z", opened=annotation({"crds": NOW - HOUR}))
    torn = spoke("a", opened={"crds": NOW - DAY}, teardown="*")
    hub = snapshot([torn, lost], [X], [settled_since(NOW - HOUR, on="z")])
    patches = decide(hub, policy("crds"), NOW).patches
    assert [(patch.spoke, patch.urgent) for patch in patches] == [("uid-z", True), ("uid-a", False)]


def test_all_that_opens_on_a_spoke_is_one_patch() -> None:
    both = spoke("a", opened=annotation({"crds": NOW - HOUR, "compute": NOW - HOUR}))
    apps = [settled_since(NOW - HOUR), settled_since(NOW - HOUR, "y")]
    (patch,) = decide(snapshot([both], [X, Y], apps), TWO, NOW).patches
    assert set(patch.opens) == {"crds", "compute"}


@pytest.mark.parametrize("kind", [Kind.APPLICATIONS, Kind.APPLICATION_SETS])
def test_stale_data_opens_and_closes_nothing_but_what_is_lost(kind: Kind) -> None:
    lost = spoke("l", opened=annotation({"crds": NOW - HOUR}))
    torn = spoke("t", opened={"crds": NOW - DAY}, teardown="*")
    apps = [application(on="l"), application(on="t")]
    hub = snapshot([lost, torn, spoke("a")], [X], apps, heard=sources(stale=[kind]))
    assert opens(decide(hub, policy("crds"), NOW)) == {"l": ("crds",)}


def test_with_old_secrets_nothing_at_all_is_written() -> None:
    lost = spoke("l", opened=annotation({"crds": NOW - HOUR}))
    hub = snapshot([lost], [X], [application(on="l")], heard=sources(stale=[Kind.SPOKES]))
    assert decide(hub, policy("crds"), NOW).patches == ()


@pytest.mark.parametrize(("guarded", "stopped"), [(True, False), (False, True), (None, True)])
def test_under_block_nothing_is_written_without_the_guard(
    guarded: bool | None, *, stopped: bool
) -> None:
    block = policy("crds", gates=BLOCK)
    assert bool(against_writing(snapshot(guarded=guarded), block)) is stopped
    assert against_writing(snapshot(guarded=guarded), policy("crds")) == ()
