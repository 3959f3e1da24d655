"""What is sent in this turn?

At most one patch for a Secret, with all that is to be written there.

Elsewhere: what a patch holds (patch.py); whose turn it is (admission.py); what is parked
(recovery.py).
"""

from __future__ import annotations

from watcher.decide.admission import Admission
from watcher.decide.freshness import Freshness
from watcher.decide.looking import Looked
from watcher.decide.parking import UNPARK
from watcher.decide.patch import Parking, PatchGates, patch_gates
from watcher.decide.reasons import GuardNotInForce, Reason
from watcher.decide.recovery import Recovery
from watcher.decide.snapshot import Snapshot
from watcher.facts import Guard, Instant, in_force, standing_of
from watcher.policy import Polarity, Policy


def against_writing(snapshot: Snapshot, policy: Policy) -> tuple[Reason, ...]:
    """Under `block` a label that comes back deletes: nothing is written without the guard."""
    if policy.gates.polarity is Polarity.ADMIT or in_force(snapshot.guards, Guard.A):
        return ()
    return (GuardNotInForce(standing_of(snapshot.guards, Guard.A).why),)


def patches(
    here: Looked,
    turn: Admission,
    rescue: Recovery,
    *,
    policy: Policy,
    fresh: Freshness,
    now: Instant,
) -> tuple[PatchGates, ...]:
    """Urgent ones first. Stale data opens nothing and closes nothing; a label that is lost may be
    set again, and a spoke parked, as long as the Secret itself was freshly read.
    """
    if not fresh.secrets_fresh:
        return ()
    found = []
    for uid in sorted(
        here.rollup.acting.keys() | turn.chosen.keys() | rescue.parks.keys() | rescue.unmarks
    ):
        each, tiers = here.judgements[uid], turn.chosen.get(uid, ())
        parking = _parking(uid, tiers, rescue)
        closes = () if fresh.stale or parking is Parking.PARKS else each.closes
        opens = {tier: now for tier in tiers if tier != UNPARK} | dict(each.urgent)
        if opens or closes or parking is not None:
            found.append(
                patch_gates(
                    each.inputs.spoke,
                    policy.gates,
                    opens=opens,
                    closes=closes,
                    urgent=bool(each.urgent),
                    parking=parking,
                    killed_at=rescue.parks.get(uid, now),
                    now=now,
                )
            )
    return tuple(sorted(found, key=lambda patch: not patch.urgent))


def _parking(uid: str, tiers: tuple[str, ...], rescue: Recovery) -> Parking | None:
    if UNPARK in tiers:
        return Parking.UNPARKS
    if uid in rescue.parks:
        return Parking.PARKS
    return Parking.UNMARKS if uid in rescue.unmarks else None
