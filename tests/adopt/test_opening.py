"""Which gates open, since when, and which do not."""

from __future__ import annotations

import msgspec
import pytest

from tests.adopt.brown import ENABLED, MADE, NOW, Brown, runs, shape, spoke
from tests.builders import BLOCK, policy
from watcher.adopt import Plan

TIER = {"addons-x": "compute"}
POLICY = policy("crds", "compute")
OLDER = "2026-03-01T08:00:00Z"


def planned(*texts: str) -> Plan:
    return Brown(shape("c"), *texts).plan(TIER)


def reasons(made: Plan) -> list[str]:
    return [doubt.why for each in made.unopened for doubt in each.doubts]


def test_the_patch_is_one_that_the_watcher_could_have_sent() -> None:
    (opening,) = planned(spoke("a") + runs("addon-a-x", "a")).openings
    patch = opening.patch
    assert (patch.spoke, patch.resource_version) == ("uid-cluster-a", "1")
    assert patch.labels == {"gate-watcher.io/compute": "open"}
    written = patch.annotations["gate-watcher.io/opened"]
    assert msgspec.json.decode(written or "") == {"compute": MADE}


def test_it_opened_when_the_oldest_application_was_made() -> None:
    first = runs("one", "a").replace(MADE, OLDER)
    hub = Brown(shape("c"), spoke("a") + first + runs("two", "a"))
    hub.open_gates(hub.plan(TIER))
    (held,) = hub.inventory().spokes
    assert msgspec.json.decode(held.spoke.opened or "") == {"compute": OLDER}


def test_one_that_a_person_opened_gets_its_time() -> None:
    by_hand = spoke("a", f"{ENABLED}, gate-watcher.io/compute: open")
    (opening,) = planned(by_hand + runs("addon-a-x", "a")).openings
    assert list(opening.opens) == ["compute"]


def test_one_that_is_open_and_has_its_time_is_done() -> None:
    done = spoke(
        "a",
        f"{ENABLED}, gate-watcher.io/compute: open",
        metadata=f', annotations: {{gate-watcher.io/opened: \'{{"compute": "{MADE}"}}\'}}',
    )
    assert planned(done + runs("addon-a-x", "a")).openings == ()


def test_an_application_that_goes_keeps_no_gate_open() -> None:
    going = runs("addon-a-x", "a", metadata=f", deletionTimestamp: '{MADE}'")
    made = planned(spoke("a", "") + going)
    assert (made.openings, made.waiting) == ((), ())


@pytest.mark.parametrize("named", ["compute", "'*'", "'crds, compute'"])
def test_a_teardown_goes_before(named: str) -> None:
    torn = spoke("a", metadata=f", annotations: {{gate-watcher.io/teardown: {named}}}")
    made = planned(torn + runs("addon-a-x", "a"))
    assert reasons(made) == ["a teardown names the gate of compute: take it back first"]


def test_two_secrets_of_one_server_are_left_alone() -> None:
    twins = [spoke(each, server="https://same.example.invalid") for each in "ab"]
    made = planned(*twins)
    assert reasons(made) == [
        "it cannot be told from cluster-b: give each a server of its own",
        "it cannot be told from cluster-a: give each a server of its own",
    ]


def test_a_secret_that_goes_is_left_alone() -> None:
    going = spoke("a", metadata=f", deletionTimestamp: '{MADE}'")
    assert reasons(planned(going + runs("addon-a-x", "a"))) == ["its Secret is being deleted"]


def test_gates_that_only_together_start_something_do_not_open_together() -> None:
    both = shape("c").replace("addons-x", "addons-y").replace("fleet_member: spoke", "y: 'true'")
    gated = (
        shape("c")
        .replace("addons-x", "other")
        .replace("fleet_member: spoke", "gate-watcher.io/compute: open, gate-watcher.io/crds: open")
    )
    on_both = spoke("a", f"{ENABLED}, y: 'true'") + runs("x", "a") + runs("y", "a", of="addons-y")
    made = Brown(shape("c"), both, gated, on_both).plan({**TIER, "addons-y": "crds"}, POLICY)
    assert [each.tier for each in made.unopened] == ["compute"]
    assert "would begin there" in reasons(made)[0]


def test_under_block_what_runs_is_open_and_gets_its_time() -> None:
    of = policy("compute", gates=BLOCK)
    hub = Brown(shape("c"), spoke("a") + runs("addon-a-x", "a"))
    made = hub.plan(TIER, of)
    (opening,) = made.openings
    assert opening.patch.labels == {"gate-watcher.io/compute": None}
    assert [each.on_hub for each in made.gatings] == [True]
    hub.open_gates(made)
    hub.change("addons-x", made.gatings[0].change.operations)
    assert hub.plan(TIER, of).is_done


def test_nothing_is_ever_opened_in_the_future() -> None:
    ahead = runs("addon-a-x", "a").replace(MADE, "2027-01-01T00:00:00Z")
    (opening,) = planned(spoke("a") + ahead).openings
    assert opening.opens == {"compute": NOW}
