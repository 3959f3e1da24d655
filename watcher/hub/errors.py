"""What can go wrong with the hub, and what is to be done about it?

- `HubError`: one subclass per step. Always worth another try later; counted, and logged by the
  daemon when it comes and when it goes. What failed is a `Cause`, since a request that never left,
  one that was refused and one whose answer was lost mean three different things.
- `ConnectionFault`: this process cannot begin to speak to a hub (exit code 2).

No text here holds a body, or anything that was decoded from one but a Status (wire.py).
"""
# ruff: noqa: N818  (named after what happened, as everywhere)

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from watcher.hub.wire import Status


class Cause(StrEnum):
    """How far a request came."""

    WITHHELD = "withheld"
    """It was not sent: the write permit had ended."""
    UNREACHABLE = "unreachable"
    """It was not sent: no connection, or no credentials."""
    REFUSED = "refused"
    """The hub answered with an error."""
    UNREADABLE = "unreadable"
    """What answered does not speak Kubernetes, or garbled."""
    LOST = "lost"
    """It was sent, and no whole answer came in time: it may have been carried out."""


class HubError(Exception):
    """A step failed: `what` is wrong, `where`, and the `remedy`."""

    step: ClassVar[str] = "ask"

    def __init__(
        self,
        cause: Cause,
        *,
        what: str,
        where: str,
        remedy: str = "",
        status: Status | None = None,
    ) -> None:
        super().__init__(cause, what, where, remedy)
        self.cause = cause
        self.what = what
        self.where = where
        self.remedy = remedy
        self.status = status

    def __str__(self) -> str:
        """One line."""
        return f"cannot {self.step} {self.where}: {self.what}" + (
            f"; {self.remedy}" if self.remedy else ""
        )

    @property
    def code(self) -> int:
        """The hub's status code; 0 where it did not answer with one."""
        return self.status.code if self.status else 0

    @property
    def retry_after_s(self) -> float:
        """How long the hub asked us to wait; 0 where it did not."""
        return (self.status.retry_after_s if self.status else None) or 0.0


class ListFailed(HubError):
    """A page of a list did not come."""

    step = "list"


class WatchFailed(HubError):
    """A watch could not be opened, or ended badly."""

    step = "watch"


class CompareFailed(HubError):
    """The list for the comparison with a store did not come."""

    step = "compare"


class PatchFailed(HubError):
    """A patch was not carried out, or its answer did not come."""

    step = "patch"


class ReadFailed(HubError):
    """One object could not be read."""

    step = "read"


class RenewFailed(HubError):
    """The lease could not be read or written."""

    step = "renew"


class ReviewFailed(HubError):
    """The hub did not say what this account may do."""

    step = "review"


class TellFailed(HubError):
    """An Event could not be written."""

    step = "tell"


class AskFailed(HubError):
    """A running watcher did not answer, or not with what was asked for."""

    step = "ask"


class ConnectionFault(Exception):
    """There is no hub to speak to, for a reason that a person must mend."""

    def __init__(self, *, what: str, where: str, remedy: str) -> None:
        super().__init__(what, where, remedy)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        """One line."""
        return f"{self.where}: {self.what}; {self.remedy}"
