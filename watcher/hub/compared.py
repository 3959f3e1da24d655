"""Does a status describe the spec that the Application has now?

Two digests: of what Argo CD compares of the spec, and of what `status.sync.comparedTo` says that
it compared. Equal digests mean the same; the specs themselves are not kept.

Facts (Argo CD, controller/appcontroller.go, needRefreshAppStatus; pkg/apis/application/v1alpha1/
types.go):
- Compared are `sources`, or else the one source, which under a hydrator is its sync source (the dry
  source's repository, the sync source's path and target branch), `destination` and
  `ignoreDifferences`.
- A spec may have members that are empty; what the controller writes of it has none of them. In
  `helm.valuesObject` alone, which is the chart's, an empty value is a value.
- The status is written as a merge patch, which cannot hold null: a null in `valuesObject` never
  gets into `comparedTo`.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Raw

from watcher.hub.reported import ReportedComparedTo, ReportedSpec, absent

_SIZE = 8
"""Bytes of a digest: it tells an Application's spec from the one before, not from all others."""
_VALUES = "valuesObject"


def digests(spec: ReportedSpec, compared: ReportedComparedTo | None) -> tuple[bytes, bytes | None]:
    """Of the spec, and of what was compared; None where nothing was.

    Raises what decoding raises (salvage.UNREADABLE).
    """
    if compared is None:
        return _digest(_asked(spec)), None
    if _same_bytes(spec, compared):
        here = blake2b(spec.source, digest_size=_SIZE)
        here.update(spec.destination)
        return here.digest(), here.digest()
    return _digest(_asked(spec)), _digest(_compared(compared))


def _same_bytes(spec: ReportedSpec, compared: ReportedComparedTo) -> bool:
    """The common case, without decoding: one source, written the same way in both places."""
    return (
        memoryview(spec.source) == memoryview(compared.source)
        and memoryview(spec.destination) == memoryview(compared.destination)
        and absent(spec.source_hydrator)
        and absent(spec.sources)
        and absent(compared.sources)
        and absent(spec.ignore_differences)
        and absent(compared.ignore_differences)
    )


def _asked(spec: ReportedSpec) -> list[Any]:
    """What Argo CD would compare now."""
    source, sources = _value(spec.source), _value(spec.sources)
    if isinstance(hydrator := _value(spec.source_hydrator), dict):
        source, sources = _sync_source(hydrator), None
    return _comparable(source, sources, spec.destination, spec.ignore_differences)


def _compared(compared: ReportedComparedTo) -> list[Any]:
    source, sources = _value(compared.source), _value(compared.sources)
    return _comparable(source, sources, compared.destination, compared.ignore_differences)


def _comparable(source: Any, sources: Any, destination: Raw, ignored: Raw) -> list[Any]:
    first = [_trimmed(sources)] if sources else ["", _trimmed(source)]
    return [first, _trimmed(_value(destination)), _trimmed(_value(ignored))]


def _sync_source(hydrator: dict[str, Any]) -> dict[str, Any]:
    dry, sync = _object(hydrator.get("drySource")), _object(hydrator.get("syncSource"))
    return {
        "repoURL": sync.get("repoURL") or dry.get("repoURL"),
        "path": sync.get("path"),
        "targetRevision": sync.get("targetBranch"),
    }


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _trimmed(value: Any) -> Any:
    """Without empty members, at any depth; None where nothing is left."""
    if isinstance(value, dict):
        members = {
            key: kept
            for key, each in value.items()
            if (kept := _without_nulls(each) if key == _VALUES else _trimmed(each)) is not None
        }
        return members or None
    if isinstance(value, list):
        return [_trimmed(each) for each in value] or None
    return None if value in ("", False, 0) else value


def _without_nulls(value: Any) -> Any:
    """As a merge patch leaves it: lists are taken whole."""
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return value


def _value(raw: Raw) -> Any:
    return msgspec.json.decode(raw)


def _digest(what: list[Any]) -> bytes:
    return blake2b(msgspec.json.encode(what, order="deterministic"), digest_size=_SIZE).digest()
