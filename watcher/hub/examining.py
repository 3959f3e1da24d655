"""What is there to be seen on this hub, by whoever asks?

Looked at once, with the caller's own credentials. What cannot be read is an `Unread` that says why,
and the rest is looked at all the same; only where the hub cannot be asked at all is that raised.

Facts (Kubernetes): `/version` tells who serves it; each HTTP answer has a Date in whole seconds
(RFC 9110); the proxy to Pods asks for `get` on `pods/proxy`.

Elsewhere: putting it together (daemon/examining.py); what is wrong with it (check/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import msgspec
from msgspec import Struct, structs

from watcher.check import Found, Held, Ready, Rights, Skew, Unread, Unseen
from watcher.facts import Instant, Kind, Pod
from watcher.hub import requests
from watcher.hub.asking import Service, ask, held
from watcher.hub.checking import Right, missing_rights
from watcher.hub.connection import Connection, read_answer
from watcher.hub.errors import HubError
from watcher.hub.guarding import own_account
from watcher.hub.listing import everything
from watcher.hub.pods import pod
from watcher.hub.requests import Request, resource
from watcher.hub.written import Writings
from watcher.lint import Inventory
from watcher.policy import Policy

T = TypeVar("T")

_SET_CONTROLLERS = "app.kubernetes.io/name=argocd-applicationset-controller"
"""Argo CD's manifests and its Helm chart give those Pods this label."""

_POLICY_KEY = "policy.yaml"

_UNKNOWN = "! not known: "
"""So begins a line of `/readyz` that tells what is not known and fails nothing."""


def unread(error: HubError) -> Unread:
    """What stands in place of what failed so."""
    sought = f"{error.step} {error.where}"
    match error.code:
        case 403:
            return Unread(Unseen.FORBIDDEN, sought, error.what)
        case 404:
            return Unread(Unseen.ABSENT, sought, error.what)
        case _:
            remedy = error.remedy or "try again, or look at the API server"
            return Unread(Unseen.FAILED, sought, error.what, remedy)


async def kubernetes_version(connection: Connection) -> str | Unread:
    """As the API server has it. Raises as `caller` does."""
    request = requests.version()
    try:
        body = await connection.send(request, within_s=connection.timeouts.request_s)
        return read_answer(request, body, _version).git_version
    except HubError as error:
        return _but_for_those_that_answer(error)


async def kinds(connection: Connection) -> frozenset[str] | Unread:
    """The plurals that are served of Argo CD's group, in the version in use."""
    return await _looked(
        connection,
        requests.argo_cd_kinds(),
        lambda body: frozenset(each.name for each in _resources(body).resources),
    )


async def caller(connection: Connection) -> str | Unread:
    """The user name under which the hub knows whoever looks.

    Raises `HubError` where the hub cannot be asked at all: it does not answer, or does not know us.
    """
    try:
        return await own_account(connection)
    except HubError as error:
        return _but_for_those_that_answer(error)


async def service_account(connection: Connection, namespace: str, name: str) -> Found | Unread:
    """Whether it is there."""
    request = requests.read_in_namespace("/api/v1", "serviceaccounts", namespace, name)
    return await _looked(connection, request, lambda _: Found())


async def rights(
    connection: Connection, needed: Iterable[Right], *, account: str, asks: str
) -> Rights | Unread:
    """What `account` lacks of `needed`; what `asks` lacks, who asks, where no others may be asked
    for.
    """
    needed = tuple(needed)
    try:
        if asks != account:
            missing = await missing_rights(connection, needed, account=account)
            return Rights(account, tuple(_said(missing)))
    except HubError as error:
        if error.code != 403:
            return unread(error)
    try:
        missing = await missing_rights(connection, needed)
    except HubError as error:
        return unread(error)
    return Rights(asks, tuple(_said(missing)))


async def controllers(connection: Connection, policy: Policy) -> tuple[Pod, ...] | Unread:
    """The application controllers' Pods."""
    return await _pods(connection, policy.namespace, policy.memory.selector)


async def set_controllers(connection: Connection, policy: Policy) -> tuple[Pod, ...] | Unread:
    """The ApplicationSet controllers' Pods."""
    return await _pods(connection, policy.namespace, _SET_CONTROLLERS)


async def metrics(connection: Connection, of: Pod, *, port: int, path: str) -> bytes | Unread:
    """A Pod's page of metrics, through the API server."""
    request = requests.pod_page(of.namespace, of.name, port=port, path=path)
    return await _looked(connection, request, lambda body: body)


async def spokes(connection: Connection, policy: Policy) -> Inventory | Unread:
    """The cluster Secrets as lint sees them."""
    writings = Writings(policy, namespace=policy.namespace)
    try:
        await everything(connection, resource(Kind.SPOKES), policy.namespace, writings.spoke)
    except HubError as error:
        return unread(error)
    return writings.inventory(whole=True)


async def lease(connection: Connection, namespace: str, name: str) -> Held | Unread:
    """Who leads, and when that was last said."""
    try:
        return await held(connection, namespace, name)
    except HubError as error:
        return unread(error)


async def skew(connection: Connection, now: Callable[[], Instant]) -> Skew | Unread:
    """How far `now` is from the hub's own time."""
    request = requests.version()
    before = now()
    try:
        date = await connection.dated(request, within_s=connection.timeouts.request_s)
    except HubError as error:
        return unread(error)
    after = now()
    told = _moment(date)
    if told is None:
        remedy = "look at what stands between here and the API server"
        return Unread(Unseen.FAILED, "read the hub's clock", "its answers have no Date", remedy)
    hub_at = told + 0.5  # somewhere within that second
    return Skew(hub_at, (before + after) / 2 - hub_at, 0.5 + (after - before) / 2)


async def hub_time(connection: Connection, own: Callable[[], Instant]) -> Callable[[], Instant]:
    """The hub's clock, as far as it tells, else our `own`: a person's machine may have another
    time, and what is compared with the hub's stamps goes by the hub's.
    """
    seen = await skew(connection, own)
    if isinstance(seen, Unread) or abs(seen.ahead_s) <= seen.within_s:
        return own
    return lambda: own() - seen.ahead_s


async def ready(connection: Connection, service: Service) -> Ready | Unread:
    """Whether a watcher answers through its Service that it is ready, and what it says it does not
    know all the same (serve/site.py).
    """
    try:
        said = await ask(connection, "/readyz", service=service, answer_type="text/plain")
    except HubError as error:
        return unread(error)
    lines = said.decode("utf-8", "replace").splitlines()
    return Ready(tuple(each.removeprefix(_UNKNOWN) for each in lines if each.startswith(_UNKNOWN)))


async def policy_text(connection: Connection, namespace: str, name: str) -> str | Unread:
    """The policy file in the ConfigMap that the manifests mount."""
    request = requests.read_config_map(namespace, name)
    found = await _looked(connection, request, lambda body: _config_map(body).data)
    if isinstance(found, Unread):
        return found
    if found is None or _POLICY_KEY not in found:
        remedy = f"put the policy file into it as {_POLICY_KEY}, or give it with --config"
        said = f"configmap {namespace}/{name} has no {_POLICY_KEY}"
        return Unread(Unseen.FAILED, f"read {_POLICY_KEY} of it", said, remedy)
    return found[_POLICY_KEY]


def _but_for_those_that_answer(error: HubError) -> Unread:
    if error.code in (403, 404):
        return unread(error)
    raise error


def _said(rights: Iterable[Right]) -> Iterator[str]:
    """As they are written, those that differ in the verb alone together."""
    verbs: dict[Right, list[str]] = {}
    for each in rights:
        verbs.setdefault(structs.replace(each, verb=""), []).append(each.verb)
    return (str(structs.replace(each, verb="/".join(found))) for each, found in verbs.items())


async def _looked(
    connection: Connection, request: Request, read: Callable[[bytes], T]
) -> T | Unread:
    try:
        body = await connection.send(request, within_s=connection.timeouts.request_s)
        return read_answer(request, body, read)
    except HubError as error:
        return unread(error)


async def _pods(connection: Connection, namespace: str, selector: str) -> tuple[Pod, ...] | Unread:
    try:
        return await everything(connection, resource(Kind.PODS, selector=selector), namespace, pod)
    except HubError as error:
        return unread(error)


def _moment(date: str) -> Instant | None:
    try:
        told: datetime = parsedate_to_datetime(date)
        return told.timestamp()
    except (ValueError, OverflowError):
        return None


class _Version(Struct, frozen=True, rename="camel"):
    git_version: str


class _Named(Struct, frozen=True):
    name: str


class _Resources(Struct, frozen=True):
    resources: tuple[_Named, ...] = ()


class _ConfigMap(Struct, frozen=True):
    data: dict[str, str] | None = None


_version = msgspec.json.Decoder(_Version).decode
_resources = msgspec.json.Decoder(_Resources).decode
_config_map = msgspec.json.Decoder(_ConfigMap).decode
