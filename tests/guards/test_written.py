from __future__ import annotations

import yaml

from tests.guards.hubs import hub
from watcher.facts import Guard
from watcher.guards import shipped, written


def test_what_is_written_reads_back_as_it_was() -> None:
    one = shipped(hub())[Guard.B]
    assert list(yaml.safe_load_all(written([one.policy, one.binding]))) == [
        one.policy,
        one.binding,
    ]


def test_an_expression_of_several_lines_is_a_block() -> None:
    assert written([{"a": "x\ny", "b": "z"}]) == "a: |-\n  x\n  y\nb: z\n"


def test_the_head_is_a_comment() -> None:
    assert written([{"a": 1}, {"b": [2]}], "one\ntwo") == ("# one\n# two\na: 1\n---\nb:\n  - 2\n")
