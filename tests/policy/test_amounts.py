from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.policy.amounts import AMOUNT, amount, say_amount

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("900Mi", 900 * MIB),
        ("4Gi", 4096 * MIB),
        ("1.5Gi", 1536 * MIB),
        ("0.1Ki", 102),
        ("150M", 150_000_000),
        ("2k", 2000),
        ("1e9", 1_000_000_000),
        ("1E+3", 1000),
        ("104857600", 100 * MIB),
        ("0", 0),
    ],
)
def test_an_amount_is_read_in_whole_bytes(text: str, size: int) -> None:
    assert amount(text) == size


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "Mi",
            "4GB",
            "4GiB",
            "4 Gi",
            "4gi",
            "-4Gi",
            "+4Gi",
            "04Gi",
            "010",
            ".5Gi",
            "1.Gi",
            "1e-3",
        ),
        *("0x10", "1_000", "1:30", "500m", "1e999", "4Gi\n", "nan", "9" * 30, "\u0664Gi"),
    ],
)
def test_what_is_no_amount_is_none(text: str) -> None:
    assert amount(text) is None
    assert not re.fullmatch(AMOUNT, text)


@pytest.mark.parametrize(
    ("size_bytes", "said"),
    [
        (90 * MIB, "90Mi"),
        (4096 * MIB, "4Gi"),
        (1536 * MIB, "1536Mi"),
        (64 * 1024**4, "64Ti"),
        (512 * 1024, "512Ki"),
        (1025, "1025"),
        (0, "0"),
    ],
)
def test_an_amount_is_said_in_the_largest_unit_that_is_exact(size_bytes: int, said: str) -> None:
    assert say_amount(size_bytes) == said


@given(st.integers(0, 2**50) | st.integers(0, 2**20).map(lambda mib: mib * MIB))
def test_what_is_said_is_read_as_the_same(size_bytes: int) -> None:
    assert amount(say_amount(size_bytes)) == size_bytes


@given(st.text(max_size=30) | st.from_regex(AMOUNT))
def test_no_text_raises(text: str) -> None:
    size = amount(text)
    assert size is None or size >= 0
