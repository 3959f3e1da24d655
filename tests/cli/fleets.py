"""Fleets as `/api/v1/fleet` answers them, each to show one thing on a screen."""

from __future__ import annotations

from typing import Any

from watcher.serve import shapes

MIB = 2**20


def fleet(**fields: Any) -> shapes.Fleet:
    """Twelve spokes in mid-rollout on one shard with both limits."""
    whole: dict[str, Any] = {
        "decided_at": "2026-11-24T12:08:18Z",
        "leader": "gate-watcher-5d8f9_1f2e3d4c",
        "spokes": 12,
        "gates": {"Waiting": 12, "Queued": 4, "Progressing": 3, "Soaking": 1, "Settled": 16},
        "tiers": (
            shapes.Tier("compute", (), {"Queued": 4, "Progressing": 3, "Soaking": 1, "Settled": 4}),
            shapes.Tier("metrics", ("compute",), {"Waiting": 6, "Settled": 6}),
            shapes.Tier("security", ("compute",), {"Waiting": 6, "Settled": 6}),
        ),
        "stops": (),
        "troubles": (),
        "waiting": (
            waiting("compute", "Progressing", 3, "argocd/a-karpenter is Progressing", alike=False),
            waiting("compute", "Soaking", 1, "argocd/d-karpenter must stay as it is"),
            waiting("compute", "Queued", 4, "4 spokes in progress, of 4 at once"),
            waiting("metrics", "Waiting", 6, "tier compute is Progressing"),
        ),
        "shards": (shard(),),
    }
    return shapes.Fleet(**{**whole, **fields})


def waiting(tier: str, state: str, gates: int, says: str, *, alike: bool = True) -> shapes.Waiting:
    """So many gates that wait for one reason."""
    spokes = tuple(f"spoke-{number:03d}" for number in range(min(gates, 5)))
    return shapes.Waiting(tier, state, shapes.Reason("Some", says), alike, gates, spokes)


def shard(**fields: Any) -> shapes.Shard:
    """One with room."""
    whole: dict[str, Any] = {
        "name": "0",
        "pod": "argocd/argocd-application-controller-0",
        "spokes": 8,
        "loading": 3,
        "later": 1,
        "parked": 0,
        "waiting": 4,
        "stops": (),
        "findings": (),
        "helps": (),
        "errors": {},
        "kills": 0,
        "fits": 9,
        "binds": "restart",
        "survives_restart": True,
        "used_bytes": 310 * MIB,
        "reserved_bytes": 150 * MIB,
        "filled_to_bytes": 765 * MIB,
        "limit_bytes": 900 * MIB,
        "restart_bytes": 420 * MIB,
        "pod_limit_bytes": 1024 * MIB,
        "soft_limit_bytes": 900 * MIB,
    }
    return shapes.Shard(**{**whole, **fields})


FULL = shard(
    waiting=20,
    loading=0,
    later=0,
    spokes=26,
    fits=0,
    used_bytes=640 * MIB,
    reserved_bytes=0,
    restart_bytes=830 * MIB,
    soft_limit_bytes=None,
    pod_limit_bytes=900 * MIB,
    helps=(
        shapes.Help("GOMEMLIMIT", 783 * MIB, 22),
        shapes.Help("limit", 1600 * MIB, 20),
        shapes.Help("shard", 900 * MIB, 26),
    ),
    findings=(
        shapes.Reason(
            "NoSoftLimit",
            "shard 0 has a limit of 900 MiB and no GOMEMLIMIT; set GOMEMLIMIT=783MiB on the "
            "controller: more spokes fit, and it slows down where it would be killed",
        ),
    ),
)
"""Nothing more fits, and it has no GOMEMLIMIT."""

KILLED = shard(
    name="1",
    stops=(shapes.Reason("ShardDown", "shard 1 does not run: CrashLoopBackOff"),),
    used_bytes=900 * MIB,
    reserved_bytes=150 * MIB,
    restart_bytes=1300 * MIB,
    survives_restart=False,
    kills=3,
    killed_at="2026-11-24T12:07:00Z",
    parked=6,
    fits=0,
    waiting=0,
    findings=(shapes.Reason("NotRestartable", "shard 1 would not survive a restart"),),
)
"""In the kill loop."""

UNLIMITED = shard(
    name="controller-7d4b9c6f5-x2x4z",
    resident_bytes=538 * MIB,
    live_bytes=116 * MIB,
    used_bytes=None,
    reserved_bytes=None,
    limit_bytes=None,
    filled_to_bytes=None,
    pod_limit_bytes=None,
    soft_limit_bytes=None,
    fits=None,
    binds=None,
    restart_bytes=None,
    survives_restart=None,
    loading=0,
    later=0,
    waiting=1,
    findings=(
        shapes.Reason(
            "NoLimit",
            "shard controller-7d4b9c6f5-x2x4z has no memory limit that is known, so a fixed window "
            "of 4 spokes is in progress on it",
        ),
    ),
)

UNREAD = shard(
    name="2",
    used_bytes=None,
    reserved_bytes=None,
    restart_bytes=None,
    fits=None,
    binds=None,
    loading=0,
    later=0,
    waiting=0,
    stops=(shapes.Reason("ShardUnknown", "what shard 2 takes is not known: no reading yet"),),
)


def ring(**fields: Any) -> shapes.RingTier:
    """A ring that has not begun with its tier."""
    whole: dict[str, Any] = {
        "ring": "fleet",
        "tier": "compute",
        "started": False,
        "before": "canary",
        "needed": 4,
        "gates": 8,
        "settled": 0,
        "apart": {},
        "waiting": 8,
        "stalled": (),
        "forgiven": 0,
        "approved": None,
        "reasons": (),
    }
    return shapes.RingTier(**{**whole, **fields})


def order(says: str, **fields: Any) -> shapes.Order:
    """A hold that is in force."""
    return shapes.Order("hold-1", order="hold", in_force=True, spokes=3, says=says, **fields)


ORDERED = fleet(
    rings=(
        ring(ring="canary", started=True, before=None, gates=4, settled=3, apart={"parked": 1}),
        ring(
            ring="canary",
            tier="metrics",
            started=True,
            before=None,
            gates=4,
            settled=2,
            apart={"held": 1},
        ),
        ring(
            reasons=(
                shapes.Reason("RingWaits", "ring fleet waits for canary: 3 of 4 have settled"),
                shapes.Reason("ApprovalMissing", "nobody has approved compute in ring fleet"),
            )
        ),
        ring(
            tier="metrics",
            started=True,
            settled=1,
            stalled=("spoke-007", "spoke-009", "spoke-010"),
            reasons=(shapes.Reason("RingStopped", "3 gates of metrics are stalled in ring fleet"),),
        ),
    ),
    orders=(
        order("hold tier metrics by alice until 2026-11-25T08:00:00Z: metrics server leaks"),
        shapes.Order("z", order="skip", in_force=False, says="skip spoke a, tier compute by bob"),
        shapes.Order("v", order="hold", in_force=True, spokes=0, says="hold spoke b by hand"),
        shapes.Order(
            "w",
            order="hold",
            in_force=True,
            spokes=3,
            overruled=True,
            says="hold everything by bob",
        ),
        shapes.Order("x", problem="it is no JSON", says="x is no order: it is no JSON"),
    ),
    guards=(
        shapes.Guard("A", "in force", ""),
        shapes.Guard("B", "in force", ""),
        shapes.Guard("C", "not in force", "it is not on the hub"),
    ),
)
"""Two rings in mid-rollout, one stopped, and people's orders."""
