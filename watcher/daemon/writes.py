"""Which of our own patches has the hub not shown yet, and which did it refuse?

A write is outstanding from just before it is sent until the store shows what became of it, and
nothing more is decided for its spoke meanwhile. How it ends:

- The answer names a resourceVersion: when the store has reached that.
- The answer was lost, or says that somebody else was faster: when the store shows any later version
  than the one that was decided on. Since a watch can miss an event, a consistent look may tell
  earlier: that the version is still the one decided on (nothing happened), or which one the store
  must reach.
- The Secret is gone, or another one has its name: when the store no longer has its UID.

Facts (Kubernetes, KEP-5504): resourceVersions of one kind compare as integers.

Elsewhere: sending (sending.py); what an outstanding write means for a gate (decide/).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from watcher.daemon.holdings import Shelf
from watcher.decide import PatchGates
from watcher.facts import Instant, Refusal, Spoke, Write
from watcher.hub.wire import number


class Outstanding(Struct, frozen=True):
    """A patch whose end the store has not shown."""

    patch: PatchGates
    sent_at: Instant
    awaits_answer: bool = True
    """Whether its answer can still come."""
    carried_out: bool | None = None
    """Whether it was; None while that is not known."""
    reached_by: str | None = None
    """The resourceVersion that the store must reach; None: any later than the decided one."""


class Writes:
    """Our outstanding writes and the hub's refusals, by the spoke's UID."""

    def __init__(
        self,
        *,
        held: Callable[[str], Spoke | None],
        touched: Callable[[str], None],
        carried_out: Callable[[PatchGates], None],
    ) -> None:
        """`held`: the spoke as the store shows it. `touched` is told each UID that changes here,
        `carried_out` each patch once that is certain.
        """
        self._held = held
        self._touched = touched
        self._carried_out = carried_out
        self._outstanding: dict[str, Outstanding] = {}
        self._writes: Shelf[str, Write] = Shelf()
        self._refusals: Shelf[str, Refusal] = Shelf()

    def hand_out(self) -> Mapping[str, Write]:
        """The outstanding writes."""
        return self._writes.hand_out()

    def refusals(self) -> Mapping[str, Refusal]:
        """What the hub refused last."""
        return self._refusals.hand_out()

    def outstanding(self, uid: str) -> Outstanding | None:
        """The write of this spoke that is outstanding."""
        return self._outstanding.get(uid)

    def sending(self, patch: PatchGates, at: Instant) -> None:
        """`patch` is about to be sent."""
        self._put(patch.spoke, Outstanding(patch, at))

    def answered(self, uid: str, resource_version: str) -> None:
        """It was carried out, and the Secret has this version now."""
        known = self._outstanding.get(uid)
        if known is None:
            return
        self._carried_out(known.patch)
        self._clear_refusal(uid)
        self._goes_on(known, carried_out=True, reached_by=resource_version)

    def unanswered(self, uid: str) -> Outstanding | None:
        """Whether it was carried out is for the hub to show."""
        known = self._outstanding.get(uid)
        return None if known is None else self._goes_on(known)

    def overtaken(self, uid: str) -> Outstanding | None:
        """It was not carried out: the Secret had changed, and the store is to show how."""
        known = self._outstanding.get(uid)
        return None if known is None else self._goes_on(known, carried_out=False)

    def looked(self, known: Outstanding, resource_version: str) -> None:
        """A consistent look, after there was no answer to `known`, found this version."""
        uid = known.patch.spoke
        if self._outstanding.get(uid) is not known:
            return
        if number(resource_version) <= number(known.patch.resource_version):
            self.forget(uid)
        else:
            self._goes_on(known, carried_out=known.carried_out, reached_by=resource_version)

    def refused(self, uid: str, refusal: Refusal) -> None:
        """It was not carried out, for a reason that a person must mend."""
        self.forget(uid)
        self._refusals.changing()[uid] = refusal
        self._touched(uid)

    def forget(self, uid: str) -> None:
        """It was not carried out, or the store has shown it."""
        if self._outstanding.pop(uid, None) is not None:
            self._writes.changing().pop(uid, None)
            self._touched(uid)

    def shown(self, uid: str) -> None:
        """The store shows another state of this spoke, or no longer has it."""
        spoke, known = self._held(uid), self._outstanding.get(uid)
        if spoke is None:
            self.forget(uid)
            self._clear_refusal(uid)
        elif known is not None and not known.awaits_answer and _shows(spoke, known):
            self.forget(uid)
            if known.carried_out is None and _as_patched(spoke, known.patch):
                self._carried_out(known.patch)

    def _goes_on(
        self, known: Outstanding, *, carried_out: bool | None = None, reached_by: str | None = None
    ) -> Outstanding:
        after = Outstanding(known.patch, known.sent_at, False, carried_out, reached_by)
        self._put(known.patch.spoke, after)
        self.shown(known.patch.spoke)
        return after

    def _put(self, uid: str, known: Outstanding) -> None:
        tiers = frozenset(known.patch.opens) | frozenset(known.patch.closes)
        self._outstanding[uid] = known
        self._writes.changing()[uid] = Write(tiers, known.sent_at, known.reached_by)
        self._touched(uid)

    def _clear_refusal(self, uid: str) -> None:
        if self._refusals.get(uid) is not None:
            del self._refusals.changing()[uid]
            self._touched(uid)


def _shows(spoke: Spoke, known: Outstanding) -> bool:
    version = number(spoke.resource_version)
    if known.reached_by is None:
        return version > number(known.patch.resource_version)
    return version >= number(known.reached_by)


def _as_patched(spoke: Spoke, patch: PatchGates) -> bool:
    return all(spoke.labels.get(key) == value for key, value in patch.labels.items())
