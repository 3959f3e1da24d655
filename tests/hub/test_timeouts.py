"""Do the limits stand in the order on which other promises rest?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from watcher.hub.comparing import SURELY_CAME_S
from watcher.hub.lease import LeaseTimes
from watcher.hub.timeouts import Timeouts

LIMITS = Timeouts()
LEASE = LeaseTimes()
BOOKMARK_S = 60.0


@given(st.floats(0, 1, exclude_max=True))
def test_a_watch_is_asked_to_end_after_four_to_eight_minutes(roll: float) -> None:
    assert 240.0 <= LIMITS.watch_server_s(roll) <= 480.0


def test_a_patch_ends_before_its_lease_can_be_taken() -> None:
    assert LEASE.renew_deadline_s + LIMITS.patch_s <= LEASE.duration_s


def test_a_renewal_that_hangs_leaves_time_for_another() -> None:
    assert LEASE.retry_s + LIMITS.renew_s < LEASE.renew_deadline_s


def test_silence_means_three_bookmarks_missed() -> None:
    assert LIMITS.silence_s == 3 * BOOKMARK_S
    assert SURELY_CAME_S > BOOKMARK_S
