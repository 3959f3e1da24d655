from __future__ import annotations

import pytest

from watcher.cli.unwritten import unwritten
from watcher.hub import (
    Conflict,
    Gone,
    Outcome,
    Patched,
    Refused,
    Replaced,
    Throttled,
    Unknown,
    Unsent,
)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Patched("7"), ""),
        (Conflict(), "the Secret is written all the time; try again"),
        (Gone(), "the spoke's Secret is gone; look again"),
        (Replaced(), "the spoke's Secret is gone; look again"),
        (Throttled(1.0), "the hub is busy; try again"),
        (Refused(403, "403 Forbidden: no"), "403 Forbidden: no"),
        (Unsent("it cannot be reached"), "it cannot be reached"),
        (Unknown("the answer was lost"), "the answer was lost"),
    ],
    ids=str,
)
def test_each_outcome_is_said_with_what_to_do(outcome: Outcome, said: str) -> None:
    assert unwritten(outcome) == said
