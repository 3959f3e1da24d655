"""Does a status describe the spec that the Application has now?

Two digests: of what Argo CD compares of the spec, and of what `status.sync.comparedTo` says that
it compared. Equal digests mean the same; the specs themselves are not kept.

Facts (Argo CD, controller/appcontroller.go, needRefreshAppStatus; pkg/apis/application/v1alpha1/
types.go): compared are `sources`, or else the one source, which under a hydrator is its sync
source (the dry source's repository, the sync source's path and target branch), `destination` and
`ignoreDifferences`. Empty members mean the same as absent ones.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Raw

from watcher.hub.reported import ReportedComparedTo, ReportedSpec, absent

_SIZE = 8
"""Bytes of a digest: it tells an Application's spec from the one before, not from all others."""


def digests(
    spec: ReportedSpec | None, compared: ReportedComparedTo | None
) -> tuple[bytes, bytes | None]:
    """Of the spec, and of what was compared; None where nothing was."""
    asked = spec if spec is not None else ReportedSpec()
    if compared is None:
        return _digest(_asked(asked)), None
    if _same_bytes(asked, compared):
        here = blake2b(asked.source, digest_size=_SIZE)
        here.update(asked.destination)
        return here.digest(), here.digest()
    return _digest(_asked(asked)), _digest(_compared(compared))


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
    dry, sync = hydrator.get("drySource") or {}, hydrator.get("syncSource") or {}
    return {
        "repoURL": sync.get("repoURL") or dry.get("repoURL"),
        "path": sync.get("path"),
        "targetRevision": sync.get("targetBranch"),
    }


def _trimmed(value: Any) -> Any:
    """Without empty members, at any depth; None where nothing is left."""
    if isinstance(value, dict):
        members = {key: kept for key, each in value.items() if (kept := _trimmed(each)) is not None}
        return members or None
    if isinstance(value, list):
        return [_trimmed(each) for each in value] or None
    return None if value in ("", False, 0) else value


def _value(raw: Raw) -> Any:
    return msgspec.json.decode(raw)


def _digest(what: list[Any]) -> bytes:
    return blake2b(msgspec.json.encode(what, order="deterministic"), digest_size=_SIZE).digest()
