from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.policy.faults import Fault, bare, near, quoted


def test_a_fault_is_one_line() -> None:
    fault = Fault("p.yaml", 7, "tiers[2].soak", "90 has no unit", "write 90s")
    assert str(fault) == "p.yaml:7: tiers[2].soak: 90 has no unit; write 90s"


def test_a_fault_of_the_whole_file_names_no_key() -> None:
    assert str(Fault("p.yaml", 1, "", "the file is empty", "x")) == "p.yaml:1: the file is empty; x"


@pytest.mark.parametrize(
    ("word", "meant"),
    [("soaks", "soak"), ("SOAK", "soak"), ("depends_on", "dependsOn"), ("zzz", None), ("", None)],
)
def test_a_word_is_near_to_what_it_was_meant_to_be(word: str, meant: str | None) -> None:
    assert near(word, ["soak", "dependsOn", "accept"]) == meant


def test_a_word_is_near_to_nothing_where_nothing_is_known() -> None:
    assert near("soak", []) is None


@pytest.mark.parametrize(
    ("text", "shown", "plain"),
    [
        ("compute", '"compute"', "compute"),
        ("größer", '"größer"', "größer"),
        ("", '""', '""'),
        ("a\nb", '"a\\nb"', '"a\\nb"'),
        ("\ud800", '"\\ud800"', '"\\ud800"'),
        ("x" * 81, f'"{"x" * 80}…"', f'"{"x" * 80}…"'),
    ],
)
def test_what_stood_in_the_file_is_shown_on_one_line(text: str, shown: str, plain: str) -> None:
    assert quoted(text) == shown
    assert bare(text) == plain


@given(st.text())
def test_whatever_stood_there_can_be_printed(text: str) -> None:
    for shown in (quoted(text), bare(text)):
        assert shown.isprintable()
        assert shown.encode()
