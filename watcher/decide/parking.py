"""Is a spoke parked, by whom, and what is written to park it or to unpark it?

Parked is a spoke that the watcher itself told Argo CD to ignore: `skip-reconcile` on its Secret,
and the watcher's own mark beside it. The mark holds the moment of the kill that it answers, so that
a kill is answered once, whoever leads by then. `skip-reconcile` without the mark is a person's, and
is left alone. A mark without it says that a person took the spoke back: it means nothing more, and
is taken away.

Facts (Argo CD 3.4 and later, controller/cache/cache.go, controller/sharding/cache.go): with
`argocd.argoproj.io/skip-reconcile: "true"` on a cluster Secret its Applications are ignored, their
deletion too, and its live cache is dropped; nothing is deleted. ApplicationSets do not notice.

Elsewhere: which spokes are parked, and when they come back (recovery.py).
"""

from __future__ import annotations

from msgspec import Struct

from watcher.facts import Application, Instant, Spoke, instant, rfc3339
from watcher.policy import Gates

SKIP_RECONCILE = "argocd.argoproj.io/skip-reconcile"

UNPARK = ""
"""In place of a tier, where what may be admitted is a parked spoke's return."""


class Refresh(Struct, frozen=True):
    """An Application that Argo CD is asked to look at: it has not since its spoke was unparked."""

    namespace: str
    name: str
    uid: str
    unparked_at: Instant


def is_parked(spoke: Spoke) -> bool:
    """Whether the watcher parked the spoke, and nobody took it back."""
    return spoke.skip_reconcile and spoke.parked is not None


def was_taken_back(spoke: Spoke) -> bool:
    """Whether the watcher parked it, and a person told Argo CD to go on."""
    return spoke.parked is not None and not spoke.skip_reconcile


def parked_at(spoke: Spoke) -> Instant | None:
    """The moment in the mark; None where there is none, or it cannot be read."""
    return instant(spoke.parked)


def parks(gates: Gates, killed_at: Instant) -> dict[str, str | None]:
    """The annotations that park a spoke, in answer to the kill at `killed_at`."""
    return {SKIP_RECONCILE: "true", gates.parked_key: rfc3339(killed_at)}


def unparks(spoke: Spoke, gates: Gates) -> dict[str, str | None]:
    """The annotations whose removal unparks a spoke, as far as they are there."""
    mark: dict[str, str | None] = {} if spoke.parked is None else {gates.parked_key: None}
    return mark | {SKIP_RECONCILE: None} if is_parked(spoke) else mark


def compared_since(app: Application, unparked_at: Instant) -> bool:
    """Whether Argo CD has looked at it since its spoke was unparked; stamps have whole seconds."""
    if app.reconciled_at is None:
        return app.created_at is not None and app.created_at >= unparked_at
    return app.reconciled_at > unparked_at - 1.0
