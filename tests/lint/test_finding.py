"""What a code makes of an object."""

from __future__ import annotations

from watcher.lint.finding import Code, Everything, Place, Severity

CODE = Code("GW999", "A title", Severity.WARNING, "why", "how")


def test_a_finding_has_all_that_its_code_says() -> None:
    found = CODE.on(Everything("tier x", Place("a.yaml", 3)), "what")
    assert (found.code, found.severity, found.object) == ("GW999", Severity.WARNING, "tier x")
    assert (found.what, found.why, found.how) == ("what", "why", "how")
    assert str(found.place) == "a.yaml:3"


def test_a_finding_can_be_less_serious_than_its_code() -> None:
    assert CODE.on(Everything(), "what", severity=Severity.NOTE).severity is Severity.NOTE


def test_a_place_says_only_what_is_known() -> None:
    assert [str(Place()), str(Place("a.yaml"))] == ["", "a.yaml"]
