from __future__ import annotations

import pytest
import yaml
from msgspec import Struct

from watcher.policy.document import document
from watcher.policy.reading import Reading, value
from watcher.policy.shapes import Count, Key, ListOf, Section, Text


class Pot(Struct, frozen=True):
    name: str
    litres: int = 1
    lids: tuple[str, ...] = ()


POT = Section(
    (
        Key("name", "name", Text(), "", required=True, example="big"),
        Key("litres", "litres", Count(), ""),
        Key("lids", "lids", ListOf(Text(), least=1, most=2, why="a pot has one or two"), ""),
    ),
    Pot,
)


def read(text: str) -> tuple[object, list[str]]:
    """What was read of `text` as a pot, and the faults without their file."""
    root = document(text, file="p")
    assert isinstance(root, yaml.Node)
    reading = Reading("p")
    got = value(reading, POT, root, "")
    return got, [str(fault).removeprefix("p:") for fault in reading.faults]


def test_a_mapping_is_read_by_the_struct_s_fields() -> None:
    assert read("name: big\nlitres: 3\nlids: [a, b]") == (
        {"name": "big", "litres": 3, "lids": ["a", "b"]},
        [],
    )


def test_what_is_wrong_with_a_scalar_leaves_its_text() -> None:
    got, faults = read("name: 10\nlitres: many")
    assert got == {"name": "10", "litres": "many"}
    assert [fault[:8] for fault in faults] == ["1: name:", "2: litre"]


def test_what_is_wrong_in_a_list_keeps_its_place() -> None:
    got, faults = read("name: a\nlids:\n- ~\n- b")
    assert got == {"name": "a", "lids": [None, "b"]}
    assert faults == ["3: lids[0]: has no value; give it one, or leave it out for the default"]


def test_a_key_that_nearly_is_one_is_read_as_that_one() -> None:
    assert read("nme: a") == ({"name": "a"}, ["1: nme: is not a key; did you mean name?"])


def test_two_keys_that_nearly_are_one_are_read_once() -> None:
    got, faults = read("nam: a\nnme: b")
    assert got == {"name": "a"}
    assert faults == [
        "1: nam: is not a key; did you mean name?",
        "2: nme: is not a key; did you mean name?",
    ]


@pytest.mark.parametrize("text", ["name: a\nnam: b", "nam: b\nname: a"])
def test_a_key_that_nearly_is_one_does_not_replace_it(text: str) -> None:
    got, faults = read(text)
    assert got == {"name": "a"}
    assert len(faults) == 1


def test_of_a_key_that_is_there_twice_the_first_counts() -> None:
    got, faults = read("name: a\nlitres: 2\nname: ~")
    assert got == {"name": "a", "litres": 2}
    assert faults == ["3: name: is given twice, first on line 1; keep one of them"]


def test_what_is_missing_is_said_where_the_mapping_begins() -> None:
    assert read("# a pot\nlitres: 2")[1] == ["2: name: is missing; add name: big"]


def test_a_list_keeps_its_bounds() -> None:
    assert read("name: a\nlids: []")[1] == [
        "2: lids: is empty: a pot has one or two; give at least 1"
    ]
    got, faults = read("name: a\nlids: [a, b, c, ~]")
    assert got == {"name": "a", "lids": ["a", "b"]}
    assert faults == ["2: lids: has 4 entries: a pot has one or two; keep at most 2"]


def test_what_is_in_a_list_twice_is_said_once() -> None:
    assert read("name: a\nlids:\n- x\n- x")[1] == [
        '4: lids[1]: "x" is there already, as lids[0]; remove one of them'
    ]


def test_a_key_without_a_word_is_said() -> None:
    got, faults = read("name: a\n? {b: c}\n: d\n? [e]\n: f")
    assert got == {"name": "a"}
    assert faults == [
        "2: a mapping: is no word; write one of the keys",
        "4: a list: is no word; write one of the keys",
    ]


def test_a_collection_where_a_scalar_belongs_is_told_what_to_be() -> None:
    assert read("name: [a]\nlitres: {b: 1}")[1] == [
        "1: name: is a list; write a text",
        "2: litres: is a mapping; write a whole number, as 4",
    ]


def test_a_value_below_its_key_has_the_line_of_the_key() -> None:
    assert read("name:\n\n  {a: b}")[1] == ["1: name: is a mapping; write a text"]


def test_what_is_wrong_in_a_list_twice_is_not_said_to_be_there_twice_too() -> None:
    assert len(read("name: a\nlids: [on, on]")[1]) == 2
