from __future__ import annotations

import pytest

from tests.builders import DAY, MINUTE, NOW, sources
from watcher.decide.freshness import DECISIVE, freshness
from watcher.decide.reasons import NotListed, Stale
from watcher.facts import Instant, Kind, Source

STALE_AFTER_S = 90.0
LONG_AGO = NOW - DAY


def test_what_was_heard_of_just_now_is_fresh_and_says_until_when() -> None:
    fresh = freshness(sources(NOW), stale_after_s=STALE_AFTER_S, believed_at=LONG_AGO, now=NOW)
    assert (fresh.unlisted, fresh.stale, fresh.as_of) == ((), (), NOW)
    assert fresh.wake_at == NOW + STALE_AFTER_S
    assert fresh.secrets_fresh


@pytest.mark.parametrize(("silent_s", "stale"), [(89.9, False), (90.0, True)])
def test_silence_makes_stale_to_the_moment(silent_s: float, *, stale: bool) -> None:
    fresh = freshness(
        sources(NOW - silent_s), stale_after_s=STALE_AFTER_S, believed_at=LONG_AGO, now=NOW
    )
    assert bool(fresh.stale) is stale


@pytest.mark.parametrize("kind", DECISIVE)
def test_each_kind_is_stale_by_itself_and_says_why(kind: Kind) -> None:
    heard = sources(NOW, stale=[kind], trouble="connection refused")
    fresh = freshness(heard, stale_after_s=STALE_AFTER_S, believed_at=LONG_AGO, now=NOW)
    assert fresh.stale == (Stale(kind, NOW - 10 * MINUTE, "connection refused"),)
    assert fresh.secrets_fresh is (kind is not Kind.SPOKES)


def test_what_is_known_is_judged_as_of_the_moment_at_which_the_hub_was_last_heard() -> None:
    heard = sources(NOW, stale=[Kind.APPLICATIONS])
    fresh = freshness(heard, stale_after_s=STALE_AFTER_S, believed_at=LONG_AGO, now=NOW)
    assert fresh.as_of == NOW - 10 * MINUTE


@pytest.mark.parametrize(
    ("believed_at", "as_of"),
    [
        (NOW - DAY, NOW - 10 * MINUTE),
        (NOW - 9 * MINUTE, NOW - 9 * MINUTE),
        (NOW + DAY, NOW),
    ],
    ids=["long ago", "after it was heard", "a clock that went back"],
)
def test_what_was_believed_before_is_not_taken_back(believed_at: Instant, as_of: Instant) -> None:
    heard = sources(NOW, stale=[Kind.APPLICATIONS])
    fresh = freshness(heard, stale_after_s=STALE_AFTER_S, believed_at=believed_at, now=NOW)
    assert fresh.as_of == as_of
    quiet = freshness(sources(NOW), stale_after_s=STALE_AFTER_S, believed_at=believed_at, now=NOW)
    assert quiet.as_of == NOW


@pytest.mark.parametrize(
    ("listed", "heard_at"), [(False, NOW), (True, None), (False, None)], ids=str
)
def test_what_was_never_listed_is_neither_stale_nor_empty(
    heard_at: Instant | None, *, listed: bool
) -> None:
    heard = {**sources(NOW), Kind.SPOKES: Source(Kind.SPOKES, listed, heard_at, trouble="403")}
    fresh = freshness(heard, stale_after_s=STALE_AFTER_S, believed_at=LONG_AGO, now=NOW)
    assert fresh.unlisted == (NotListed(Kind.SPOKES, "403"),)
    assert not fresh.secrets_fresh


def test_a_kind_that_nobody_speaks_of_was_never_listed() -> None:
    fresh = freshness({}, stale_after_s=STALE_AFTER_S, believed_at=LONG_AGO, now=NOW)
    assert [each.kind for each in fresh.unlisted] == list(DECISIVE)
    assert fresh.wake_at is None
