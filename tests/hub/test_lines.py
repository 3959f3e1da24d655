"""Are lines whole, however they came?"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.hub.lines import LineBuffer, LineTooLong


def all_lines(buffer: LineBuffer) -> list[bytes]:
    return list(iter(buffer.take, None))


@given(st.binary(max_size=60), st.lists(st.integers(0, 60)))
def test_lines_are_the_same_wherever_the_pieces_were_cut(data: bytes, cuts: list[int]) -> None:
    whole = LineBuffer(1000)
    whole.feed(data)
    pieces = LineBuffer(1000)
    places = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    for start, end in pairwise(places):
        pieces.feed(data[start:end])
    assert all_lines(pieces) == all_lines(whole)
    assert pieces.cut == whole.cut


def test_what_is_not_ended_is_no_line() -> None:
    buffer = LineBuffer(100)
    buffer.feed(b'{"a":1}\n{"b":2}')
    assert all_lines(buffer) == [b'{"a":1}']
    assert buffer.cut


def test_blank_lines_are_none() -> None:
    buffer = LineBuffer(100)
    buffer.feed(b"\n \r\n\nx\r\n\r\n ")
    assert all_lines(buffer) == [b"x\r"]
    assert not buffer.cut


def test_a_line_without_end_is_not_gathered_for_ever() -> None:
    buffer = LineBuffer(100)
    for _ in range(10):
        buffer.feed(b"x" * 10)
    with pytest.raises(LineTooLong, match="more than 100 bytes"):
        buffer.feed(b"x")


def test_many_lines_in_one_piece_are_not_one_long_line() -> None:
    buffer = LineBuffer(100)
    buffer.feed(b"x\n" * 1000)
    assert len(all_lines(buffer)) == 1000
