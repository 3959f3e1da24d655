"""The fleet of most stories."""

from __future__ import annotations

from base64 import b64decode

from tests.embedded_hub.small_hub import START
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.fleet import ADDONS, PACE, TIERS, fleet_secret, lay_sets
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.scenario import enable


def test_every_addon_has_a_pace_of_its_own_and_every_tier_addons() -> None:
    addons = [addon for tier in ADDONS.values() for addon in tier]
    assert len(PACE) == len(set(addons)) == 8
    assert [tier.name for tier in TIERS] == list(ADDONS)


def test_every_tenth_spoke_lacks_an_addon() -> None:
    lacking = [
        number
        for number in range(30)
        if fleet_secret(number)["metadata"]["labels"][enable("metrics-server")] == "false"
    ]
    assert lacking == [9, 19, 29]


def test_a_spoke_can_be_pinned_and_labelled() -> None:
    secret = fleet_secret(3, shard=2, labels={enable("keda"): "false", "x": "y"})
    assert b64decode(secret["data"]["shard"]) == b"2"
    assert secret["metadata"]["labels"]["x"] == "y"
    assert secret["metadata"]["labels"][enable("keda")] == "false"
    assert "shard" not in fleet_secret(3)["data"]


def test_there_is_an_application_set_for_each_addon() -> None:
    assert len(lay_sets(Model(HandClock(START)))) == 8
