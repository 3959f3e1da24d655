"""Instants are cut to whole seconds."""

from __future__ import annotations

import pytest

from watcher.embedded_hub.stamps import instant, stamp


def test_a_stamp_is_cut_not_rounded() -> None:
    assert stamp(1_800_000_000.999) == "2027-01-15T08:00:00Z"


def test_a_stamp_is_read_back_as_its_second() -> None:
    assert instant(stamp(1_800_000_000.5)) == 1_800_000_000.0


def test_what_is_no_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        instant("yesterday")
