from __future__ import annotations

from msgspec.structs import replace

from tests.builders import NOW, spoke
from watcher.daemon.writes import Writes
from watcher.decide import PatchGates
from watcher.facts import Refusal, Spoke, Write

PATCH = PatchGates("uid-a", "argocd", "cluster-a", "7", {}, {}, opens=("compute",))
REFUSAL = Refusal(403, "no", NOW, NOW + 60.0)


class Desk:
    """Writes, and the one spoke that the store shows."""

    def __init__(self) -> None:
        self.shown: Spoke | None = replace(spoke("a"), resource_version="7")
        self.touched: list[str] = []
        self.writes = Writes(held=lambda _: self.shown, touched=self.touched.append)
        self.writes.sending(PATCH, NOW)

    def show(self, resource_version: str | None) -> None:
        """The store shows the spoke at this version, or no longer."""
        at = resource_version or ""
        self.shown = replace(spoke("a"), resource_version=at) if resource_version else None
        self.writes.shown("uid-a")

    @property
    def write(self) -> Write | None:
        return self.writes.hand_out().get("uid-a")


def test_a_patch_is_outstanding_from_before_it_is_sent() -> None:
    desk = Desk()
    assert desk.write == Write(frozenset({"compute"}), NOW, None)
    assert desk.touched == ["uid-a"]


def test_it_ends_when_the_store_has_reached_its_version() -> None:
    desk = Desk()
    desk.writes.answered("uid-a", "9")
    assert desk.write == Write(frozenset({"compute"}), NOW, "9")
    desk.show("8")
    assert desk.write is not None
    desk.show("10")
    assert desk.write is None


def test_it_ends_at_once_when_the_store_was_faster_than_the_answer() -> None:
    desk = Desk()
    desk.show("9")
    assert desk.write is not None, "another's write may have come first"
    desk.writes.answered("uid-a", "9")
    assert desk.write is None


def test_versions_are_compared_as_integers() -> None:
    desk = Desk()
    desk.writes.answered("uid-a", "10")
    desk.show("9")
    assert desk.write is not None


def test_a_lost_answer_keeps_it_until_the_store_shows_a_later_version() -> None:
    desk = Desk()
    desk.writes.unanswered("uid-a")
    desk.show("7")
    assert desk.write is not None
    desk.show("8")
    assert desk.write is None


def test_after_a_lost_answer_a_read_may_tell_that_nothing_happened() -> None:
    desk = Desk()
    desk.writes.unanswered("uid-a")
    desk.writes.read("uid-a", "7")
    assert desk.write is None


def test_after_a_lost_answer_a_read_may_tell_what_the_store_must_reach() -> None:
    desk = Desk()
    desk.writes.unanswered("uid-a")
    desk.writes.read("uid-a", "9")
    desk.show("8")
    assert desk.write is not None
    desk.show("9")
    assert desk.write is None


def test_a_read_tells_nothing_while_the_answer_can_still_come() -> None:
    desk = Desk()
    desk.writes.read("uid-a", "7")
    assert desk.write is not None


def test_a_refusal_ends_it_and_is_kept_until_a_patch_goes_through() -> None:
    desk = Desk()
    desk.writes.refused("uid-a", REFUSAL)
    assert desk.write is None
    assert desk.writes.refusals() == {"uid-a": REFUSAL}
    desk.writes.sending(PATCH, NOW + 60.0)
    assert desk.writes.refusals() == {"uid-a": REFUSAL}
    desk.writes.answered("uid-a", "9")
    assert desk.writes.refusals() == {}


def test_what_is_gone_from_the_hub_is_gone_from_here() -> None:
    desk = Desk()
    desk.writes.unanswered("uid-a")
    desk.show(None)
    assert desk.write is None
    refused = Desk()
    refused.writes.refused("uid-a", REFUSAL)
    refused.show(None)
    assert refused.writes.refusals() == {}


def test_what_was_handed_out_never_changes() -> None:
    desk = Desk()
    before = desk.writes.hand_out()
    desk.writes.forget("uid-a")
    assert list(before) == ["uid-a"]
    assert desk.write is None
