from __future__ import annotations

from base64 import b64encode

import pytest

from watcher.guards.cel import (
    asked,
    has_open_gates,
    is_gate,
    is_torn,
    recorded,
    same_but,
    text,
    texts,
    with_slash,
)
from watcher.policy import RESERVED, Gates, Polarity

ADMIT = Gates("gates.example.com")
BLOCK = Gates("gates.example.com", Polarity.BLOCK)


def test_a_text_cannot_end_its_quotes() -> None:
    assert text("a") == "'a'"
    assert text("it's") == r"'it\'s'"
    assert text("a\\") == r"'a\\'"
    assert texts(["a", "b"]) == "['a', 'b']"


def test_a_gate_is_every_key_under_the_prefix_but_the_reserved() -> None:
    said = is_gate(ADMIT)
    assert said.startswith("k.startsWith('gates.example.com/')")
    assert all(f"'gates.example.com/{name}'" in said for name in RESERVED)


def test_a_teardown_is_read_from_before_the_write() -> None:
    assert asked(ADMIT).startswith(
        "oldObject.?metadata.?annotations[?'gates.example.com/teardown']"
    )
    assert recorded(ADMIT).startswith("oldObject.?")


def test_the_tier_is_what_follows_the_prefix() -> None:
    key = "gates.example.com/compute"
    number = int(is_torn(ADMIT).split("substring(")[1].split(")")[0])
    assert key[number:] == "compute"


def test_under_block_the_record_says_what_is_open() -> None:
    assert "== 'open'" in has_open_gates(ADMIT)
    assert has_open_gates(BLOCK) == f"!({recorded(BLOCK)} in ['', '{{}}'])"


@pytest.mark.parametrize("path", ["", ".metadata"])
def test_what_is_the_same_is_so_both_ways(path: str) -> None:
    """A member that goes is a change as much as one that comes."""
    said = same_but(path, ("labels",))
    assert f"dyn(object{path}).all(k, k in ['labels']" in said
    assert f"dyn(oldObject{path}).all(k, k in ['labels'] || k in dyn(object{path}))" in said


def test_a_slash_behind_is_written_as_base64_has_it() -> None:
    """The three cases of the expression, worked out as CEL does."""
    said = with_slash("x")
    at_the_end = {"A": "C", "Q": "S", "g": "i", "w": "y"}
    assert str(at_the_end) in said
    for server in ("https://a.example.co", "https://a.example.com", "https://a.example.com:1"):
        plain, slashed = (b64encode(each.encode()).decode() for each in (server, f"{server}/"))
        if plain.endswith("=="):
            assert slashed == f"{plain[:-3]}{at_the_end[plain[-3]]}8="
        else:
            assert slashed == (f"{plain[:-1]}v" if plain.endswith("=") else f"{plain}Lw==")
