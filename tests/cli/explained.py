"""Spokes as `/api/v1/spokes/NAME` answers them, each to show one thing in a tree."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from watcher.serve import shapes

OPENED, SINCE = "2026-11-24T11:00:00Z", "2026-11-24T11:42:07Z"


def reason(says: str) -> shapes.Reason:
    """Some reason."""
    return shapes.Reason("Some", says)


def app(name: str, *reasons: str, **fields: Any) -> shapes.Application:
    """One that has settled, where there are no reasons against it."""
    whole: dict[str, Any] = {
        "sync": "Synced",
        "health": "Degraded" if reasons else "Healthy",
        "operation": "Succeeded",
        "settled": not reasons,
        "since": SINCE,
    }
    made = tuple(map(reason, reasons))
    return shapes.Application("argocd", name, **{**whole, **fields}, reasons=made)


def addon(
    name: str | None, *apps: shapes.Application, expected: int | None = 1, reasons: Any = ()
) -> shapes.Addon:
    """One ApplicationSet's Applications."""
    return shapes.Addon(name and f"argocd/{name}", expected, apps, tuple(map(reason, reasons)))


def gate(
    tier: str, state: str, *addons: shapes.Addon, own: tuple[str, ...] = (), **fields: Any
) -> shapes.ExplainedGate:
    """One gate."""
    made = tuple(map(reason, own))
    whole: dict[str, Any] = {"reasons": made, "own": made, "since": None, "depends_on": ()}
    return shapes.ExplainedGate(tier=tier, state=state, addons=addons, **{**whole, **fields})


def explained(*gates: shapes.ExplainedGate, **fields: Any) -> shapes.Explained:
    """One spoke."""
    whole: dict[str, Any] = {
        "decided_at": "2026-11-24T12:08:18Z",
        "name": "prod-eu-1",
        "namespace": "argocd",
        "secret": "cluster-prod-eu-1",
        "uid": "uid-1",
        "ring": "fleet",
        "shard": "0",
        "orders": (),
    }
    return shapes.Explained(**{**whole, **fields}, gates=gates)


ROLLOUT = explained(
    gate(
        "compute",
        "Settled",
        addon("karpenter", app("prod-eu-1-karpenter")),
        addon("vpc-cni", app("prod-eu-1-vpc-cni")),
        since=SINCE,
        opened_at=OPENED,
    ),
    gate(
        "metrics",
        "Degraded",
        addon("keda", app("prod-eu-1-keda", "argocd/prod-eu-1-keda is Degraded since 12:00")),
        addon(
            "metrics-server",
            app(
                "prod-eu-1-metrics-server",
                "argocd/prod-eu-1-metrics-server: its operation is Running",
                health="Missing",
                sync="OutOfSync",
                operation="Running",
            ),
        ),
        addon("goldilocks", expected=2, reasons=("it generates 2 here, and there are 0",)),
        addon("dashboards", app("prod-eu-1-dashboards"), expected=None),
        addon(None, app("by-hand"), expected=0),
        since=SINCE,
        opened_at=OPENED,
    ),
    gate(
        "apps",
        "Waiting",
        addon("argo-rollouts"),
        addon("flagger", expected=None),
        own=("tier metrics is Degraded",),
    ),
    orders=(
        shapes.Order("hold-1", says="hold ring fleet by alice until 2026-11-25T08:00:00Z: a look"),
    ),
)

_WHOLE = shapes.Reason("TornDown", "torn down: the annotation names compute,metrics,apps")


def torn(tier: str, *addons: shapes.Addon, **fields: Any) -> shapes.ExplainedGate:
    """A gate that a teardown names."""
    return replace(gate(tier, "Held", *addons, **fields), reasons=(_WHOLE,), own=(_WHOLE,))


TEARDOWN = explained(
    torn(
        "compute",
        addon("karpenter", app("prod-eu-1-karpenter", settled=False)),
        open=True,
        opened_at=OPENED,
    ),
    torn(
        "metrics",
        addon("keda", app("prod-eu-1-keda", deleting_since=SINCE, settled=False)),
        addon("metrics-server", app("prod-eu-1-metrics-server", settled=False)),
        open=False,
    ),
    torn("apps", addon("argo-rollouts"), open=False),
)

EVIL = "[bold]\x1b[2J\u202e\r\n[/]"
HOSTILE = explained(
    gate(EVIL, EVIL, addon(EVIL, app(EVIL, EVIL, sync=EVIL, health=EVIL)), own=(EVIL,)),
    name=EVIL + "x" * 2000,
    ring=EVIL,
    shard=None,
    orders=(shapes.Order("x", says=EVIL),),
)
