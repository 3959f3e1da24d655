"""What was there to be seen?

Everything that check looks at, as it was at one moment. What could not be read is an `Unread` in
its place: that a thing is not there, that this person may not look, and that nobody answered are
three different things.

Elsewhere: how it is looked at (hub/examining.py, daemon/examining.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from watcher.facts import Guards, Instant, Pod, Reading
from watcher.lint import Inventory
from watcher.policy import Policy


class Unseen(StrEnum):
    """Why something was not seen."""

    ABSENT = "absent"
    FORBIDDEN = "forbidden"
    FAILED = "failed"


class Unread(Struct, frozen=True):
    """What stands in place of something that could not be read."""

    why: Unseen
    sought: str
    """What was tried, as `list pods in argocd`."""
    said: str = ""
    """What was answered."""
    remedy: str = ""


class Found(Struct, frozen=True):
    """It is there; more of it is not asked."""


class Ready(Struct, frozen=True):
    """A watcher answers that it is ready."""

    unknown: tuple[str, ...] = ()
    """What it does not know all the same, in its words."""


class Rights(Struct, frozen=True):
    """What an account lacks of what the watcher needs."""

    asked_of: str
    """The user name of the account."""
    lacking: tuple[str, ...] = ()
    """Those that differ in the verb alone together: `list/watch pods in argocd`."""


class Held(Struct, frozen=True):
    """What the lease says."""

    holder: str
    """Empty where it was released."""
    acquired_at: Instant | None
    renewed_at: Instant | None
    duration_s: float


class Skew(Struct, frozen=True):
    """How far the clock of this machine is from the hub's."""

    hub_at: Instant
    """The hub's clock, whose answers tell whole seconds: the middle of that one."""
    ahead_s: float
    """How far this machine is ahead of it; negative where it is behind."""
    within_s: float
    """How exact that is."""


class Sight(Struct, frozen=True):
    """One look at a hub."""

    policy: Policy
    policy_from: str | Unread
    """The file, or the ConfigMap, that holds the policy; where none was read, why."""
    home: str
    """The namespace in which the watcher runs."""
    account: str
    """The watcher's user name, as the API server has it."""
    caller: str | Unread
    """Who looks."""
    kubernetes: str | Unread
    """As the API server tells its version: v1.36.1."""
    kinds: frozenset[str] | Unread
    """The plurals that are served of argoproj.io/v1alpha1."""
    service_account: Found | Unread
    rights: Rights | Unread
    controllers: tuple[Pod, ...] | Unread
    """The application controllers'."""
    set_controllers: tuple[Pod, ...] | Unread
    """The ApplicationSet controllers'."""
    readings: Mapping[str, Reading | str | Unread]
    """Of each controller that runs, by its Pod's `namespace/name`; a text says what is wrong with
    what answered."""
    guards: Guards
    spokes: Inventory | Unread
    """The cluster Secrets, and nothing else."""
    lease: Held | Unread
    skew: Skew | Unread
    ready: Ready | Unread
    """The watcher's own answer, through its Service."""
    reached: bool = False
    """Whether the controllers were asked from here, not through the API server."""
    before: bool = False
    """Whether the watcher is yet to be installed."""
