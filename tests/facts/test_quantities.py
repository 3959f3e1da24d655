from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.facts.quantities import go_bytes, go_text, quantity, spoken

MIB = 2**20
MOST = float(2**63 - 1)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("1", 1),
        ("900Mi", 900 * MIB),
        ("1.5Gi", 1536 * MIB),
        (".5Gi", 512 * MIB),
        ("1.Gi", 1024 * MIB),
        ("+1Ki", 1024),
        ("2Ti", 2**41),
        ("1Pi", 2**50),
        ("1Ei", 2**60),
        ("900M", 900e6),
        ("1.5G", 1.5e9),
        ("3k", 3000),
        ("1T", 1e12),
        ("1P", 1e15),
        ("1E", 1e18),
        ("1E3", 1000),
        ("1e3", 1000),
        ("12e+2", 1200),
        ("1500e-1", 150),
        ("128974848000m", 128974848),
        ("5u", 5e-6),
        ("5n", 5e-9),
    ],
)
def test_a_quantity_is_read_as_kubernetes_reads_it(text: str, amount: float) -> None:
    assert quantity(text) == pytest.approx(amount, rel=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "x", "Mi", ".", "e3", "1 Mi", " 1Mi", "1Mi ", "1Mi\n", "1MiB", "1mi", "1KI"),
        *("1K", "1ki", "1g", "1.2.3", "1,5Gi", "0x10", "1_000", "-1", "-1Gi", "--1", "nan", "inf"),
        *("1e", "1e3Mi", "1Mi3", "١", "1" * 65),
    ],
)
def test_what_is_no_quantity_is_none(text: str) -> None:
    assert quantity(text) is None


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("817889280", 817889280),
        ("512B", 512),
        ("512KiB", 512 * 1024),
        ("780MiB", 780 * MIB),
        ("2GiB", 2048 * MIB),
        ("1TiB", 2**40),
    ],
)
def test_a_soft_limit_is_read_as_go_reads_it(text: str, amount: float) -> None:
    assert go_bytes(text) == amount


@pytest.mark.parametrize(
    "text",
    ["", "off", "780Mi", "780M", "1.5GiB", "-1", "1 GiB", "1gib", "1PiB", "MiB", "1e9", "9" * 65],
)
def test_what_is_no_soft_limit_is_none(text: str) -> None:
    assert go_bytes(text) is None


@pytest.mark.parametrize("text", ["9999999999Ei", "1e999999999", "1E99", "9" * 60])
def test_what_is_absurdly_much_is_the_most_there_is(text: str) -> None:
    assert quantity(text) == MOST


def test_a_soft_limit_that_is_absurdly_much_is_the_most_there_is() -> None:
    assert go_bytes("9" * 60 + "TiB") == MOST


@given(st.text(max_size=70) | st.from_regex(r"[0-9.]{1,9}[a-zA-Z]{0,2}[0-9+-]{0,12}"))
def test_no_text_raises_or_makes_a_number_that_is_none(text: str) -> None:
    for amount in (quantity(text), go_bytes(text)):
        assert amount is None or (math.isfinite(amount) and amount >= 0)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0 MiB"),
        (780 * MIB, "780 MiB"),
        (1023.4 * MIB, "1023 MiB"),
        (1023.6 * MIB, "1.0 GiB"),
        (1536 * MIB, "1.5 GiB"),
    ],
)
def test_an_amount_is_said_in_the_unit_that_people_use(amount: float, text: str) -> None:
    assert spoken(amount) == text


def test_a_soft_limit_is_written_so_that_go_reads_it() -> None:
    assert go_text(782.6 * MIB) == "783MiB"
    assert go_bytes(go_text(783 * MIB)) == 783 * MIB
