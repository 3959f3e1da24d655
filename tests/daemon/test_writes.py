from __future__ import annotations

from msgspec.structs import replace

from tests.builders import NOW, spoke
from watcher.daemon.writes import Outstanding, Writes
from watcher.decide import PatchGates
from watcher.facts import Refusal, Spoke, Write

PATCH = PatchGates("uid-a", "argocd", "cluster-a", "7", {"compute": "open"}, {}, opens=("compute",))
REFUSAL = Refusal(403, "no", NOW, NOW + 60.0)


class Desk:
    """Writes, and the one spoke that the store shows."""

    def __init__(self) -> None:
        self.shown: Spoke | None = replace(spoke("a"), resource_version="7")
        self.touched: list[str] = []
        self.carried_out: list[PatchGates] = []
        self.writes = Writes(
            held=lambda _: self.shown,
            touched=self.touched.append,
            carried_out=self.carried_out.append,
        )
        self.writes.sending(PATCH, NOW)

    def show(self, resource_version: str | None, **labels: str) -> None:
        """The store shows the spoke at this version, or no longer."""
        self.shown = None
        if resource_version is not None:
            self.shown = replace(spoke("a"), resource_version=resource_version, labels=labels)
        self.writes.shown("uid-a")

    def unanswered(self) -> Outstanding:
        known = self.writes.unanswered("uid-a")
        assert known is not None
        return known

    def write(self) -> Write | None:
        return self.writes.hand_out().get("uid-a")


def test_a_patch_is_outstanding_from_before_it_is_sent() -> None:
    desk = Desk()
    assert desk.write() == Write(frozenset({"compute"}), NOW, None)
    assert desk.touched == ["uid-a"]


def test_it_ends_when_the_store_has_reached_its_version() -> None:
    desk = Desk()
    desk.writes.answered("uid-a", "9")
    assert desk.write() == Write(frozenset({"compute"}), NOW, "9")
    desk.show("8")
    assert desk.write() is not None
    desk.show("10")
    assert desk.write() is None


def test_it_ends_at_once_when_the_store_was_faster_than_the_answer() -> None:
    desk = Desk()
    desk.show("9")
    assert desk.write() is not None, "another's write may have come first"
    desk.writes.answered("uid-a", "9")
    assert desk.write() is None


def test_versions_are_compared_as_integers() -> None:
    desk = Desk()
    desk.writes.answered("uid-a", "10")
    desk.show("9")
    assert desk.write() is not None


def test_an_answer_says_for_certain_that_it_was_carried_out() -> None:
    desk = Desk()
    desk.writes.answered("uid-a", "9")
    desk.show("9", compute="open")
    assert desk.carried_out == [PATCH]


def test_a_lost_answer_keeps_it_until_the_store_shows_a_later_version() -> None:
    desk = Desk()
    desk.unanswered()
    desk.show("7")
    assert desk.write() is not None
    desk.show("8")
    assert desk.write() is None
    assert desk.carried_out == []


def test_after_a_lost_answer_the_store_may_show_that_it_was_carried_out() -> None:
    desk = Desk()
    desk.unanswered()
    desk.show("8", compute="open")
    assert desk.carried_out == [PATCH]


def test_what_was_overtaken_was_not_carried_out_even_if_it_looks_so() -> None:
    desk = Desk()
    desk.writes.overtaken("uid-a")
    assert desk.write() is not None
    desk.show("8", compute="open")
    assert desk.write() is None
    assert desk.carried_out == []


def test_after_a_lost_answer_a_look_may_tell_that_nothing_happened() -> None:
    desk = Desk()
    desk.writes.looked(desk.unanswered(), "7")
    assert desk.write() is None


def test_after_a_lost_answer_a_look_may_tell_what_the_store_must_reach() -> None:
    desk = Desk()
    desk.writes.looked(desk.unanswered(), "9")
    desk.show("8")
    assert desk.write() is not None
    desk.show("9", compute="open")
    assert desk.write() is None
    assert desk.carried_out == [PATCH]


def test_a_look_that_comes_late_tells_nothing_of_the_next_patch() -> None:
    desk = Desk()
    before = desk.unanswered()
    desk.show("8")
    desk.writes.sending(PATCH, NOW + 1.0)
    desk.writes.looked(before, "7")
    assert desk.write() is not None


def test_a_refusal_ends_it_and_is_kept_until_a_patch_goes_through() -> None:
    desk = Desk()
    desk.writes.refused("uid-a", REFUSAL)
    assert desk.write() is None
    assert desk.writes.refusals() == {"uid-a": REFUSAL}
    desk.writes.sending(PATCH, NOW + 60.0)
    assert desk.writes.refusals() == {"uid-a": REFUSAL}
    desk.writes.answered("uid-a", "9")
    assert desk.writes.refusals() == {}


def test_what_is_gone_from_the_hub_is_gone_from_here() -> None:
    desk = Desk()
    desk.unanswered()
    desk.show(None)
    assert desk.write() is None
    refused = Desk()
    refused.writes.refused("uid-a", REFUSAL)
    refused.show(None)
    assert refused.writes.refusals() == {}


def test_what_was_handed_out_never_changes() -> None:
    desk = Desk()
    before = desk.writes.hand_out()
    desk.writes.forget("uid-a")
    assert list(before) == ["uid-a"]
    assert desk.write() is None
