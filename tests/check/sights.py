"""One look at a hub on which all is well, and what was different."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from tests.builders import NOW, controller, policy, reading
from tests.lint.written import inventory, secret
from watcher.check import (
    Checked,
    Found,
    Held,
    Level,
    Ready,
    Rights,
    Sight,
    Skew,
    Unread,
    Unseen,
    check,
)
from watcher.facts import Force, Guard, Standing

MIB = 1 << 20
ACCOUNT = "system:serviceaccount:argocd:gate-watcher"
ABSENT = Unread(Unseen.ABSENT, "read leases argocd/x", "404 NotFound: it is not there")
FORBIDDEN = Unread(Unseen.FORBIDDEN, "list pods in argocd", "403 Forbidden: you may not")
FAILED = Unread(Unseen.FAILED, "list pods in argocd", "500 InternalError", "try again")
POD = controller(limit_bytes=2048 * MIB, soft_limit_bytes=1782 * MIB)
SET_POD = replace(POD, name="argocd-applicationset-controller-x", uid="set")
GUARDED = {guard: Standing(Force.IN_FORCE) for guard in (Guard.A, Guard.B)}


def sight(**fields: Any) -> Sight:
    """All is well, but for these."""
    well: dict[str, Any] = {
        "policy": policy("crds"),
        "policy_from": "policy.yaml",
        "home": "argocd",
        "account": ACCOUNT,
        "caller": "jane",
        "kubernetes": "v1.36.1",
        "kinds": frozenset({"applications", "applicationsets", "appprojects"}),
        "service_account": Found(),
        "rights": Rights(ACCOUNT),
        "controllers": (POD,),
        "set_controllers": (SET_POD,),
        "readings": {POD.key: reading(soft_limit_bytes=1782.0 * MIB)},
        "guards": GUARDED,
        "spokes": inventory(secret("a"), policy("crds"), whole=True),
        "lease": Held("pod-1", NOW - 3600.0, NOW - 2.0, 15.0),
        "skew": Skew(NOW, 0.1, 0.5),
        "ready": Ready(),
    }
    return Sight(**{**well, **fields})


def of(name: str, checked: Checked) -> list[tuple[Level, str]]:
    """What one check said: how grave, and everything in one text."""
    return [
        (each.level, f"{each.what}; {each.remedy}".removesuffix("; "))
        for each in checked.findings
        if each.check == name
    ]


def said(name: str, **fields: Any) -> list[tuple[Level, str]]:
    """What one check says of a hub where all is well, but for these."""
    return of(name, check(sight(**fields)))


def levels(name: str, **fields: Any) -> list[Level]:
    """How grave that is."""
    return [level for level, _ in said(name, **fields)]
