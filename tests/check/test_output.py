from __future__ import annotations

import json

from tests.check.sights import ABSENT, POD, sight
from watcher.check import CHECKS, as_json, as_text, check


def test_people_see_a_line_for_each_and_a_sum() -> None:
    lines = as_text(check(sight(lease=ABSENT))).splitlines()
    assert len(lines) == len(CHECKS) + 1
    assert lines[0] == "ok     policy           policy.yaml, 1 tier"
    (fault,) = [line for line in lines if line.startswith("fault")]
    assert fault.startswith(
        "fault  lease            there is none: no watcher has begun here; look"
    )
    assert lines[-1] == "14 ok, 0 warnings, 1 fault"


def test_programs_see_the_same_in_the_same_order() -> None:
    checked = check(sight(lease=ABSENT))
    found = json.loads(as_json(checked))["findings"]
    assert [each["check"] for each in found] == [each.check for each in checked.findings]
    (fault,) = [each for each in found if each["level"] == "fault"]
    assert set(fault) == {"check", "level", "what", "remedy"}
    assert found[0]["remedy"] is None


def test_what_the_hub_says_neither_breaks_a_line_nor_reaches_the_terminal() -> None:
    nasty = {POD.key: "a\n\x1b[31m\u202e" + "x" * 5000}
    checked = check(sight(readings=nasty))
    text = as_text(checked)
    assert len(text.splitlines()) == len(CHECKS) + 1
    assert "\x1b" not in text + json.loads(as_json(checked))["findings"][5]["what"]
    assert "\u202e" not in text
    assert max(map(len, text.splitlines())) < 2100
