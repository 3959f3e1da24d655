"""What does a hub hold at the start, and what happens to it?

A scenario is a name, the tiers it is about, how workloads behave, and a function that lays it out
and puts down on the agenda what happens later. The builders here make the objects that scenarios
and tests need: cluster Secrets, ApplicationSets with a gate, Applications that rest.

Facts (tests/captured/streams; the GitOps Bridge's repositories): how such objects look.

Elsewhere: the scenarios themselves (scenarios.py).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from watcher.embedded_hub.controllers import Setup
from watcher.embedded_hub.live import Live
from watcher.embedded_hub.model import Model
from watcher.embedded_hub.objects import FrozenDict, Object, with_parts
from watcher.embedded_hub.repository import Files
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, SECRET
from watcher.embedded_hub.selection import Selection
from watcher.embedded_hub.spokes import CLUSTER_LABEL
from watcher.embedded_hub.statuses import settled_status, sources
from watcher.embedded_hub.workloads import Rule

PREFIX = "gate-watcher.io/"
CANARY = "CANARY-credential-must-never-appear"
"""What every cluster Secret has for a credential: it must never be seen outside the Secret."""
REPOSITORY = "https://git.example.invalid/addons.git"

_ASKED_EVERY_S = 5.3  # not in step with anybody who looks every second or five


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier of a scenario's policy."""

    name: str
    depends_on: tuple[str, ...] | None = None
    """None: on the one before it."""


@dataclass(slots=True)
class Story:
    """How far a scenario has got with what it does to the hub."""

    over: bool = True
    """Whether nothing more will be done to it."""


Lay: TypeAlias = Callable[[Model, int], Story]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A hub and its story."""

    name: str
    says: str
    """What there is to see, in a line."""
    tiers: tuple[Tier, ...]
    lay: Lay
    """Lays it out for so many spokes, and puts down what happens later."""
    rules: tuple[Rule, ...] = ()
    files: Files = field(default_factory=dict)
    """What git generators find."""
    controllers: Setup = field(default_factory=Setup)
    """The application controllers, and what memory each may take."""
    policy: Mapping[str, Any] = field(default_factory=dict)
    """What the watcher's policy must hold for it beside the tiers, as the policy file has it."""


def spoke_name(number: int) -> str:
    """The name of one of a fleet's spokes."""
    return f"spoke-{number:03d}"


def spoke_secret(
    name: str,
    labels: Mapping[str, str],
    *,
    annotations: Mapping[str, str] = FrozenDict(),  # it is frozen
    server: str = "",
    shard: int | None = None,
) -> Object:
    """The cluster Secret of a spoke."""
    data = {
        "name": name,
        "server": server or f"https://{name}.example.invalid",
        "config": f'{{"bearerToken": "{CANARY}", "tlsClientConfig": {{"insecure": true}}}}',
        **({} if shard is None else {"shard": str(shard)}),
    }
    return {
        "metadata": {
            "name": name,
            "namespace": "argocd",
            "labels": {CLUSTER_LABEL: "cluster", **labels},
            "annotations": {"managed-by": "argocd.argoproj.io", **annotations},
        },
        "type": "Opaque",
        "data": {key: b64encode(value.encode()).decode() for key, value in data.items()},
    }


def application_set(
    addon: str, generator: Mapping[str, Any], *, template: Mapping[str, Any], **spec: Any
) -> Object:
    """The ApplicationSet `addon-NAME`."""
    return {
        "metadata": {"name": f"addon-{addon}", "namespace": "argocd"},
        "spec": {"generators": [generator], "template": template, **spec},
    }


def plain_set(addon: str, selector: Mapping[str, str], **spec: Any) -> Object:
    """One clusters generator with matchLabels, and an Application `SPOKE-ADDON` for each match."""
    generator = {"clusters": {"selector": {"matchLabels": dict(selector)}}}
    template = {
        "metadata": {"name": f"{{{{.name}}}}-{addon}"},
        "spec": application_spec(addon, {"server": "{{.server}}", "namespace": addon}),
    }
    go = {"goTemplate": True, "goTemplateOptions": ["missingkey=error"]}
    return application_set(addon, generator, template=template, **go, **spec)


def application_spec(path: str, destination: Mapping[str, str]) -> Object:
    """The spec of an automated Application."""
    return {
        "project": "default",
        "source": {"repoURL": REPOSITORY, "path": path, "targetRevision": "HEAD"},
        "destination": dict(destination),
        "syncPolicy": {
            "automated": {"prune": True, "selfHeal": True},
            "syncOptions": ["CreateNamespace=true"],
        },
    }


def enable(addon: str) -> str:
    """The label that says whether a spoke wants an addon."""
    return f"enable_{addon.replace('-', '_')}"


def gate(tier: str) -> str:
    """The label of a tier's gate."""
    return f"{PREFIX}{tier}"


def open_gates(model: Model, tier: str | None = None) -> int:
    """How many spokes have that gate open, or any."""
    labels = [one.labels for one in model.spokes.all()]
    if tier is not None:
        return sum(gate(tier) in one for one in labels)
    return sum(any(key.startswith(PREFIX) for key in one) for one in labels)


def create_set(model: Model, wanted: Object) -> Object:
    """Put an ApplicationSet on the hub, as a person does."""
    return model.store.create(APPLICATION_SET, wanted, manager="kubectl-create")


def create_spoke(model: Model, secret: Object) -> None:
    """Register a spoke, as a person does."""
    model.store.create(SECRET, secret, manager="argocd-server")


def settle(model: Model, owner: Object, *, hours_ago: float) -> None:
    """Create what `owner` generates now, as it stands when it was synced hours ago and rests."""
    synced_at = model.clock.now() - hours_ago * 3600
    for one in Selection().generated(owner, model.application_sets.world()):
        spec = one.body["spec"]
        spoke = model.spokes.resolved(spec["destination"])
        behaviour = model.workloads.behaviour(
            addon=owner["metadata"]["name"], spoke=spoke.name, application=one.name
        )
        content = model.commits.content(sources(spec))
        live = Live(spec["source"]["path"], behaviour)
        live.apply(content, first_at=synced_at, last_at=synced_at)
        status = settled_status(
            spec,
            live.seen(synced_at, content),
            model.commits.head(),
            synced_at=synced_at,
            healthy_at=synced_at + (behaviour.next_phase_s(0.0) or 0.0),
        )
        model.store.create(APPLICATION, with_parts(one.body, status=status), manager="argocd")


def when(model: Model, ready: Callable[[], bool], act: Callable[[], None]) -> None:
    """Do `act` once `ready` says so, which is asked every few seconds of the hub's time."""

    def ask() -> None:
        if ready():
            act()
        else:
            model.agenda.after(_ASKED_EVERY_S, ask)

    model.agenda.after(_ASKED_EVERY_S, ask)
