"""A hub in YAML whose addons run already: planned, changed as planned, and read again."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw

from tests.lint.written import EXAMPLES, app, secret
from watcher.adopt import Operation, Plan, plan
from watcher.embedded_hub.json_patch import as_merge_patch
from watcher.facts import Generator, Instant, instant
from watcher.hub.documents import documents
from watcher.hub.generators import generators
from watcher.hub.written import Writings
from watcher.lint import Inventory, Place
from watcher.policy import Policy

NOW: Instant = instant("2026-03-02T09:00:00Z") or 0.0
MADE = "2026-03-02T08:00:00Z"
MADE_AT: Instant = instant(MADE) or 0.0
SHAPES = "abcdefghi"
ENABLED = "enable_x: 'true', fleet_member: spoke"


def shape(name: str) -> str:
    """One of the manual's shapes as it was before anybody thought of gates; it is called
    `addons-x`, and wants spokes that are `ENABLED`.
    """
    text = (EXAMPLES / f"shape-{name}.yaml").read_text()
    text = re.sub(r"\n *- \{key: '?gate-watcher\.io/[^\n]*", "", text)
    return re.sub(r", gate-watcher\.io/(?:compute: open|tier: (?:'[^']*'|[^,}]*))", "", text)


def runs(name: str, on: str, *, of: str = "addons-x", metadata: str = "") -> str:
    """An Application that was made an hour ago."""
    made = f", creationTimestamp: '{MADE}', uid: uid-{name}"
    return app(name, on, of=of, metadata=made + metadata)


def spoke(name: str, labels: str = ENABLED, **members: str) -> str:
    """A cluster Secret."""
    return secret(name, labels, **members)


class Brown:
    """The objects of a hub."""

    def __init__(self, *texts: str) -> None:
        found, faults = documents("\n---\n".join(texts).encode(), file="x")
        assert faults == []
        self.objects: list[dict[str, Any]] = [msgspec.json.decode(each.body) for each in found]
        for each in self.objects:  # as the API server has them
            each["metadata"] = {"namespace": "argocd", **each["metadata"]}
            plain = each.pop("stringData", None)
            if plain is not None:
                each["data"] = {k: b64encode(v.encode()).decode() for k, v in plain.items()}
                name = each["metadata"]["name"]
                each["metadata"] = {"uid": f"uid-{name}", "resourceVersion": "1"} | each["metadata"]

    def inventory(self, of: Policy | None = None) -> Inventory:
        """What is read of it."""
        writings = Writings(of, namespace="argocd")
        for each in self.objects:
            writings.take(msgspec.json.encode(each), Place())
        return writings.inventory(whole=True)

    def plan(self, tiers: Mapping[str, str | None] | None = None, of: Policy | None = None) -> Plan:
        """What is left to be done."""
        return plan(self.inventory(of), tiers or {}, read=read, now=NOW)

    def open_gates(self, made: Plan) -> None:
        """Do the openings."""
        for each in made.openings:
            metadata = self._find("Secret", each.spoke.secret)["metadata"]
            _merge(metadata, {"labels": each.patch.labels, "annotations": each.patch.annotations})

    def change(self, name: str, operations: tuple[Operation, ...]) -> None:
        """Patch an ApplicationSet."""
        wanted = self._find("ApplicationSet", name)
        patch = as_merge_patch(wanted, [msgspec.to_builtins(each) for each in operations])
        _merge(wanted, patch)

    def _find(self, kind: str, name: str) -> dict[str, Any]:
        (found,) = (
            each
            for each in self.objects
            if each["kind"] == kind and each["metadata"]["name"] == name
        )
        return found


def read(text: bytes) -> tuple[Generator, ...]:
    """Generators, as the watcher reads them."""
    return generators(Raw(text))


def _merge(target: dict[str, Any], patch: Mapping[str, Any]) -> None:
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, Mapping):
            _merge(target.setdefault(key, {}), value)
        else:
            target[key] = value
