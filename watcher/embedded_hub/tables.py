"""Which columns does `kubectl get` show?

Facts (Argo CD 3.5, manifests/crds: additionalPrinterColumns, of which ApplicationSet and AppProject
have none; Kubernetes, pkg/printers/internalversion/printers.go; apimachinery duration.HumanDuration
for the age): the names, the order, and which of them only `-o wide` shows (a priority above 0).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from watcher.embedded_hub.objects import Object

_Cell: TypeAlias = Callable[[Object, float], Any]

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_YEAR = 365 * _DAY


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, and what an object shows in it at some time (epoch seconds)."""

    name: str
    cell: _Cell
    type: str = "string"
    priority: int = 0

    def definition(self) -> Object:
        """As a Table declares it."""
        format_ = "name" if self.name == "Name" else ""
        return {
            "name": self.name,
            "type": self.type,
            "format": format_,
            "description": "",
            "priority": self.priority,
        }


def columns(kind: str) -> tuple[Column, ...]:
    """The columns of `kind`, in order."""
    return _COLUMNS.get(kind, (_NAME, _AGE))


def cells(kind: str, obj: Object, now: float) -> list[Any]:
    """One row."""
    return [column.cell(obj, now) for column in columns(kind)]


def age(since: str | None, now: float) -> str:
    """How long ago `since` (RFC 3339) was, in the two largest units that matter."""
    if not since:
        return "<unknown>"
    seconds = int(now - datetime.fromisoformat(since).timestamp())
    if seconds < 0:
        return "0s" if seconds > -2 else "<invalid>"
    if seconds < 2 * _MINUTE:
        return f"{seconds}s"
    for below, unit, name, part, part_name in (
        (10 * _MINUTE, _MINUTE, "m", 1, "s"),
        (3 * _HOUR, _MINUTE, "m", 0, ""),
        (8 * _HOUR, _HOUR, "h", _MINUTE, "m"),
        (2 * _DAY, _HOUR, "h", 0, ""),
        (8 * _DAY, _DAY, "d", _HOUR, "h"),
        (2 * _YEAR, _DAY, "d", 0, ""),
        (8 * _YEAR, _YEAR, "y", _DAY, "d"),
    ):
        if seconds < below:
            rest = seconds % unit // part if part else 0
            return f"{seconds // unit}{name}" + (f"{rest}{part_name}" if rest else "")
    return f"{seconds // _YEAR}y"


def _at(*path: str) -> _Cell:
    def cell(obj: Object, _now: float) -> Any:
        value: Any = obj
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    return cell


def _size(*fields: str) -> _Cell:
    return lambda obj, _now: sum(len(obj.get(field) or ()) for field in fields)


def _age(*path: str) -> _Cell:
    moment = _at(*path)
    return lambda obj, now: age(moment(obj, now), now)


def _ready(obj: Object, _now: float) -> str:
    states = obj.get("status", {}).get("containerStatuses") or ()
    return f"{sum(bool(state.get('ready')) for state in states)}/{_containers(obj)}"


def _containers(obj: Object) -> int:
    return len(obj.get("spec", {}).get("containers") or ())


def _restarts(obj: Object, _now: float) -> int:
    states = obj.get("status", {}).get("containerStatuses") or ()
    return sum(int(state.get("restartCount", 0)) for state in states)


def _last_seen(obj: Object, now: float) -> str:
    stamp = obj.get("series", {}).get("lastObservedTime") or obj.get("deprecatedLastTimestamp")
    return age(stamp or obj.get("eventTime") or obj["metadata"]["creationTimestamp"], now)


def _subject(obj: Object, _now: float) -> str:
    subject = obj.get("regarding") or {}
    return f"{subject.get('kind', '').lower()}/{subject.get('name', '')}"


_NAME = Column("Name", _at("metadata", "name"))
_AGE = Column("Age", _age("metadata", "creationTimestamp"))
_COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "Application": (
        _NAME,
        Column("Sync Status", _at("status", "sync", "status")),
        Column("Health Status", _at("status", "health", "status")),
        Column("Revision", _at("status", "sync", "revision"), priority=10),
        Column("Project", _at("spec", "project"), priority=10),
    ),
    "Secret": (
        _NAME, Column("Type", _at("type")), Column("Data", _size("data"), "integer"), _AGE,
    ),
    "ConfigMap": (_NAME, Column("Data", _size("data", "binaryData"), "integer"), _AGE),
    "Namespace": (_NAME, Column("Status", _at("status", "phase")), _AGE),
    "Lease": (_NAME, Column("Holder", _at("spec", "holderIdentity")), _AGE),
    "Pod": (
        _NAME,
        Column("Ready", _ready),
        Column("Status", _at("status", "phase")),
        Column("Restarts", _restarts, "integer"),
        _AGE,
        Column("IP", _at("status", "podIP"), priority=1),
        Column("Node", _at("spec", "nodeName"), priority=1),
    ),
    "Event": (
        Column("Last Seen", _last_seen),
        Column("Type", _at("type")),
        Column("Reason", _at("reason")),
        Column("Object", _subject),
        Column("Message", _at("note")),
        Column("Name", _at("metadata", "name"), priority=1),
    ),
}  # fmt: skip
