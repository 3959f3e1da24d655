from __future__ import annotations

from watcher.facts import UNREAD, Force, Guard, Standing, in_force, standing_of


def test_only_what_is_known_to_be_in_force_is() -> None:
    guards = {
        Guard.A: Standing(Force.IN_FORCE),
        Guard.B: Standing(Force.NOT_IN_FORCE, "it is not on the hub"),
        Guard.E: Standing(Force.UNKNOWN, "it cannot be read"),
    }
    assert [each for each in Guard if in_force(guards, each)] == [Guard.A]


def test_what_was_not_read_is_unknown() -> None:
    assert standing_of({}, Guard.A) is UNREAD
    assert UNREAD.force is Force.UNKNOWN
    assert UNREAD.why
