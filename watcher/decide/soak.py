"""Since when has an Application been as it is, and for how long must it stay so?

Facts (Argo CD, controller/health.go): Healthy for a moment right after a sync is common, before
operators react to what was applied; `health.lastTransitionTime` moves only when health changes.

Counted from times that the objects themselves carry, so that it survives a restart of the watcher
and starts again on change. Its end is a timer, not the next event.
"""

from __future__ import annotations

from collections.abc import Iterable

from watcher.decide.reasons import Soaks
from watcher.facts import Application, Instant

_NEVER: Instant = float("-inf")


def steady_since(app: Application, opened_at: Instant | None) -> Instant:
    """The latest of health transition, operation finish, creation and opening."""
    finished_at = app.operation.finished_at if app.operation is not None else None
    return max(
        _NEVER if app.health_since is None else app.health_since,
        _NEVER if finished_at is None else finished_at,
        _NEVER if app.created_at is None else app.created_at,
        _NEVER if opened_at is None else opened_at,
    )


def soaking(
    apps: Iterable[Application], *, soak_s: float, opened_at: Instant | None, now: Instant
) -> Soaks | None:
    """What has to stay so longest; None when all have stayed so for `soak_s`."""
    last: Soaks | None = None
    for app in apps:
        until = steady_since(app, opened_at) + soak_s
        if until > now and (last is None or until > last.until):
            last = Soaks(app.key, until)
    return last
