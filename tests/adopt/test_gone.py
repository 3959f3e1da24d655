from __future__ import annotations

from tests.adopt.brown import MADE, Brown, runs, shape, spoke
from watcher.adopt import gone

HUB = (shape("c"), spoke("a"))


def test_what_is_there_no_more_or_goes_is_gone() -> None:
    before = Brown(*HUB, runs("one", "a"), runs("two", "a"), runs("three", "a")).inventory()
    going = runs("two", "a", metadata=f", deletionTimestamp: '{MADE}'")
    after = Brown(*HUB, going, runs("three", "a"), runs("four", "a")).inventory()
    assert gone(before, after) == ("argocd/one", "argocd/two")


def test_what_went_before_is_not_spoken_of_again() -> None:
    going = runs("two", "a", metadata=f", deletionTimestamp: '{MADE}'")
    assert gone(Brown(*HUB, going).inventory(), Brown(*HUB).inventory()) == ()
