from __future__ import annotations

from watcher.check import Unseen


def test_not_there_not_allowed_and_not_answered_are_three_things() -> None:
    assert {each.value for each in Unseen} == {"absent", "forbidden", "failed"}
