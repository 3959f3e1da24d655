from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from watcher.policy.shapes import ListOf, Section, Shape
from watcher.policy.table import POLICY


def shapes(shape: Shape) -> Iterator[Shape]:
    yield shape
    match shape:
        case ListOf(item):
            yield from shapes(item)
        case Section(keys):
            for key in keys:
                yield from shapes(key.shape)
        case _:
            return


def test_every_shape_is_that_of_some_key() -> None:
    assert {type(shape) for shape in shapes(POLICY)} == set(get_args(Shape))


def test_no_two_keys_of_a_section_have_one_name_or_one_field() -> None:
    for shape in shapes(POLICY):
        if isinstance(shape, Section):
            names = [key.name for key in shape.keys]
            kept = [key.field for key in shape.keys if key.field]
            assert len(set(names)) == len(names)
            assert len(set(kept)) == len(kept)
