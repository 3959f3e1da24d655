"""What does a Pod that the hub sent say of an application controller?

Raw bytes in, one `Pod` out, as in decode.py; nothing here depends on how gates are written. Of a
container's environment one variable is read, and the values of all others stay bytes.

Facts:
- The container is argocd-application-controller in Argo CD's manifests, application-controller in
  its Helm chart (argo-helm, charts/argo-cd, controller.name); a mesh may put others beside it.
- A container that was killed shows that as its state until it is started again, and as its last
  state from then on, with the same time (Kubernetes, pkg/kubelet/kubelet_pods.go).
- A limit of 0 is none; fractions of a byte are rounded up (Kubernetes,
  pkg/kubelet/cm/helpers_linux.go, apimachinery/pkg/api/resource/quantity.go).
- A variable may be given twice: the last one counts (pkg/kubelet/container/helpers.go).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from sys import intern

import msgspec
from msgspec import Raw

from watcher.facts import Ended, Pod, go_bytes, quantity
from watcher.hub.reported import (
    ReportedContainer,
    ReportedContainerState,
    ReportedContainerStatus,
    ReportedEnv,
    ReportedMeta,
    ReportedOwner,
    ReportedPod,
    ReportedPodSpec,
    ReportedPodStatus,
    ReportedRunning,
    ReportedWaiting,
)
from watcher.hub.salvage import UNREADABLE, moment, read

_CONTROLLERS = ("argocd-application-controller", "application-controller")
_SOFT_LIMIT = "GOMEMLIMIT"
_NUMBERED = re.compile(r".+-(0|[1-9][0-9]{0,8})", re.ASCII)


def pod(body: bytes | Raw) -> Pod:
    """The Pod in `body`; raises msgspec.DecodeError where it is no JSON object."""
    problems: list[str] = []
    said = read(body, ReportedPod, problems)
    meta, status = said.metadata or ReportedMeta(), said.status or ReportedPodStatus()
    container = _controller(said.spec or ReportedPodSpec(), problems)
    about = _about(container, status)
    state = about.state or ReportedContainerState()
    running, waiting = state.running or ReportedRunning(), state.waiting or ReportedWaiting()
    return Pod(
        uid=meta.uid or "",
        namespace=intern(meta.namespace or ""),
        name=meta.name or "",
        resource_version=meta.resource_version or "",
        ip=status.pod_ip or "",
        number=_number(meta.name or "", meta.owner_references),
        deleting_since=moment(meta.deletion_timestamp, "metadata.deletionTimestamp", problems),
        phase=intern(status.phase or ""),
        ready=any(
            each.type == "Ready" and each.status == "True" for each in status.conditions or ()
        ),
        started_at=moment(running.started_at, "state.running.startedAt", problems),
        waiting=waiting.reason or "",
        restarts=about.restart_count or 0,
        ended=_ended(state, about.last_state, problems),
        limit_bytes=_limit(container, problems),
        soft_limit_bytes=_soft_limit(container, problems),
        image=container.image or "",
        unreadable=tuple(dict.fromkeys(problems)),
    )


def _controller(spec: ReportedPodSpec, problems: list[str]) -> ReportedContainer:
    """The container that is the controller: by its name, or since there is no other."""
    containers = spec.containers or []
    for name in _CONTROLLERS:
        for each in containers:
            if each.name == name:
                return each
    if len(containers) == 1:
        return containers[0]
    problems.append(f"spec.containers has none that is named {' or '.join(_CONTROLLERS)}")
    return ReportedContainer()


def _about(container: ReportedContainer, status: ReportedPodStatus) -> ReportedContainerStatus:
    for each in status.container_statuses or ():
        if container.name and each.name == container.name:
            return each
    return ReportedContainerStatus()


def _number(name: str, references: Sequence[ReportedOwner] | None) -> int | None:
    owned = any(each.kind == "StatefulSet" and each.controller for each in references or ())
    found = _NUMBERED.fullmatch(name) if owned else None
    return int(found[1]) if found else None


def _ended(
    state: ReportedContainerState, last: ReportedContainerState | None, problems: list[str]
) -> Ended | None:
    said = state.terminated or (last.terminated if last else None)
    if said is None:
        return None
    at = moment(said.finished_at, "state.terminated.finishedAt", problems)
    return Ended(reason=said.reason or "", exit_code=said.exit_code, at=at)


def _limit(container: ReportedContainer, problems: list[str]) -> int | None:
    limits = container.resources.limits if container.resources else None
    text = limits.memory if limits else None
    if not text:
        return None
    limit = quantity(text)
    if limit is None:
        problems.append("resources.limits.memory is no amount of memory")
        return None
    return math.ceil(limit) or None


def _soft_limit(container: ReportedContainer, problems: list[str]) -> int | None:
    given = [each for each in container.env or () if each.name == _SOFT_LIMIT]
    text = _value(given[-1]) if given else ""
    if text in ("", "off") or "$(" in text:
        return None
    limit = go_bytes(text)
    if limit is None:
        problems.append(f"env {_SOFT_LIMIT} is no amount of memory as Go writes it")
        return None
    return int(limit)


def _value(variable: ReportedEnv) -> str:
    """Empty where it is not given as it is, but by where it comes from."""
    try:
        return msgspec.json.decode(variable.value, type=str | None) or ""
    except UNREADABLE:
        return "?"
