from __future__ import annotations

import pytest

from tests.cli.places import Place, invoked
from watcher.cli.choosing import Chosen
from watcher.serve import shapes


def test_what_is_chosen_is_asked_for_by_name() -> None:
    assert Chosen().everything
    assert Chosen().query == ()
    some = Chosen(("Lost", "Stalled"), ("mesh",), ("canary",), "env in (a, b)")
    assert not some.everything
    assert some.query == (
        ("state", "Lost"),
        ("state", "Stalled"),
        ("tier", "mesh"),
        ("ring", "canary"),
        ("selector", "env in (a, b)"),
    )


@pytest.mark.parametrize("verb", ["status", "events"])
def test_a_state_that_there_is_not_is_refused_before_anybody_is_asked(verb: str) -> None:
    done = invoked(verb, "--state", "Sttled")
    assert done.exit_code == 2
    assert "is not one of" in done.stderr


def test_several_states_may_stand_in_one_word(place: Place) -> None:
    place.answers["/api/v1/changes"] = (200, shapes.Changes((), None))
    done = invoked("events", "--state", "stalled,Lost", "--state", "held", "--server", place.url)
    assert done.exit_code == 0, done.stderr
    assert place.asked[0].startswith("/api/v1/changes?state=Stalled&state=Lost&state=Held&")


def test_who_waits_chooses_no_state() -> None:
    assert invoked("wait", "a", "--state", "Lost").exit_code == 2
