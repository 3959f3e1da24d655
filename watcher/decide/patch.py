"""Which patch of a spoke's Secret opens or closes gates there?

One merge patch carries all gates that change on one Secret together, since every write to any
cluster Secret makes Argo CD reconcile every ApplicationSet with a clusters generator (Argo CD,
applicationset/controllers/clustereventhandler.go). It holds gate labels, the annotation of opening
times, what parks or unparks the spoke (parking.py), and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec
from msgspec import Struct, structs

from watcher.decide.gates import closed_value, is_open, open_value, opened, times_after
from watcher.decide.parking import is_parked, parks, unparks
from watcher.facts import Instant, Spoke
from watcher.policy import Gates


class Parking(StrEnum):
    """What a patch does about parking."""

    PARKS = "parks"
    UNPARKS = "unparks"
    UNMARKS = "unmarks"
    """A person took the spoke back: only the watcher's mark goes."""


class PatchGates(Struct, frozen=True):
    """One merge patch of one Secret: all gates that open or close there together."""

    spoke: str
    """The UID, a precondition."""
    namespace: str
    secret: str
    resource_version: str
    """The version that was decided on, a precondition."""
    labels: Mapping[str, str | None]
    """Label key to its value; None removes it."""
    annotations: Mapping[str, str | None]
    opens: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()
    urgent: bool = False
    """Whether it only prevents deletions (lost, unadopted), or the next kill of a controller: it
    goes ahead of every queue."""
    parking: Parking | None = None


def patch_gates(
    spoke: Spoke,
    gates: Gates,
    *,
    opens: Mapping[str, Instant],
    closes: Iterable[str] = (),
    urgent: bool = False,
    parking: Parking | None = None,
    killed_at: Instant = 0.0,
    now: Instant,
) -> PatchGates:
    """The patch that opens `opens` (tier to the time to record) and closes `closes`; `killed_at`:
    the kill that parking the spoke answers.
    """
    closing = frozenset(closes)
    labels = {gates.key(tier): open_value(gates) for tier in sorted(opens)}
    labels |= {
        gates.key(tier): closed_value(gates)
        for tier in sorted(closing)
        if is_open(spoke.labels.get(gates.key(tier)), gates)
    }
    before = opened(spoke, now)
    times = times_after(before, opens=opens, closes=closing)
    text = msgspec.json.encode(times, order="deterministic").decode() if times else None
    return PatchGates(
        spoke=spoke.uid,
        namespace=spoke.namespace,
        secret=spoke.secret,
        resource_version=spoke.resource_version,
        labels=labels,
        annotations=({} if times == before.raw else {gates.opened_key: text})
        | _parking(spoke, gates, parking, killed_at),
        opens=tuple(sorted(opens)),
        closes=tuple(sorted(closing)),
        urgent=urgent or parking is Parking.PARKS,
        parking=parking,
    )


def unpark(spoke: Spoke, gates: Gates) -> PatchGates | None:
    """The patch that unparks a spoke by hand; None where there is no mark of the watcher's."""
    if spoke.parked is None:
        return None
    parking = Parking.UNPARKS if is_parked(spoke) else Parking.UNMARKS
    return structs.replace(annotating(spoke, unparks(spoke, gates)), parking=parking)


def annotating(spoke: Spoke, annotations: Mapping[str, str | None]) -> PatchGates:
    """The patch that writes annotations by hand, and no gate; None removes one."""
    return PatchGates(
        spoke=spoke.uid,
        namespace=spoke.namespace,
        secret=spoke.secret,
        resource_version=spoke.resource_version,
        labels={},
        annotations=annotations,
    )


def _parking(
    spoke: Spoke, gates: Gates, parking: Parking | None, killed_at: Instant
) -> dict[str, str | None]:
    match parking:
        case None:
            return {}
        case Parking.PARKS:
            return parks(gates, killed_at)
        case _:
            return unparks(spoke, gates)
