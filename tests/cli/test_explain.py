from __future__ import annotations

import json
from urllib.parse import unquote

import pytest

from tests.cli.explained import ROLLOUT, explained, gate
from tests.cli.places import Place, invoked, refusal
from tests.cli.test_fleet_screen import printed
from watcher.cli.explain_screen import explain_screen

HERE = "/api/v1/spokes"
NONE = refusal(404, "NoSuchSpoke", "there is no spoke 'x' (did you mean 'y'?)")


def test_a_spoke_is_shown_down_to_its_applications(place: Place) -> None:
    place.answers[f"{HERE}/prod-eu-1"] = (200, ROLLOUT)
    done = invoked("explain", "prod-eu-1", "--server", place.url, width=160)
    assert done.exit_code == 0, done.output
    shown = [line.rstrip() for line in done.stdout.splitlines()]
    assert shown == printed(explain_screen(ROLLOUT, ""), 160).splitlines()


def test_one_tier_can_be_named(place: Place) -> None:
    place.answers[f"{HERE}/prod-eu-1"] = (200, ROLLOUT)
    place.answers[f"{HERE}/prod-eu-1/apps"] = NONE
    done = invoked("explain", "prod-eu-1/apps", "--server", place.url, "-o", "json")
    assert [each["tier"] for each in json.loads(done.stdout)["gates"]] == ["apps"]


def test_a_name_may_have_slashes_of_its_own(place: Place) -> None:
    place.answers[f"{HERE}/secret/a"] = (200, explained(gate("a", "Settled"), name="secret/a"))
    done = invoked("explain", "secret/a", "--server", place.url)
    assert done.exit_code == 0
    assert done.stdout.startswith("secret/a\n")
    assert place.asked == [f"{HERE}/secret/a"]


@pytest.mark.parametrize("name", ["a?state=Lost#c%2Fd", "ä b", "x" * 2000])
def test_whatever_the_name_is_it_is_asked_for_as_it_is(place: Place, name: str) -> None:
    invoked("explain", name, "--server", place.url)
    assert unquote(place.asked[0]) == f"{HERE}/{name}"
    assert "?" not in place.asked[0]


@pytest.mark.parametrize("named", ["x", "x/compute"])
def test_a_spoke_that_is_not_there_is_said_with_what_is_near(place: Place, named: str) -> None:
    place.answers[f"{HERE}/x"] = place.answers[f"{HERE}/x/compute"] = NONE
    done = invoked("explain", named, "--server", place.url)
    assert done.exit_code == 2
    assert done.stderr == "gate-watcher: there is no spoke 'x' (did you mean 'y'?)\n"


def test_so_is_a_tier(place: Place) -> None:
    place.answers[f"{HERE}/prod-eu-1"] = (200, ROLLOUT)
    place.answers[f"{HERE}/prod-eu-1/ap"] = NONE
    done = invoked("explain", "prod-eu-1/ap", "--server", place.url)
    assert done.exit_code == 2
    assert done.stderr == "gate-watcher: there is no tier 'ap' (did you mean 'apps'?)\n"
