from __future__ import annotations

from collections.abc import Sequence

import pytest

from watcher.cli.no_such import no_such


@pytest.mark.parametrize(
    ("name", "there", "said"),
    [
        ("mehs", ("compute", "mesh"), "there is no tier 'mehs' (did you mean 'mesh'?)"),
        (
            "spoke-00",
            ("spoke-01", "spoke-02"),
            "there is no tier 'spoke-00' (did you mean 'spoke-02' or",
        ),
        ("x", ("compute", "mesh"), "there is no tier 'x'; there is compute, mesh"),
        ("x", (), "there is no tier 'x'; there is none"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(name: str, there: Sequence[str], said: str) -> None:
    assert no_such("tier", name, there).startswith(said)


def test_where_there_is_much_it_is_not_all_read_out() -> None:
    assert no_such("spoke", "x", [f"prod-{number}" for number in range(30)]) == (
        "there is no spoke 'x'"
    )


def test_a_name_that_is_too_long_to_be_one_is_compared_with_none() -> None:
    assert no_such("spoke", "a" * 300, ["a" * 299] * 30) == f"there is no spoke '{'a' * 300}'"
