"""How does a person's order come into the ConfigMap, and no other out of it?

With the person's own credentials, so that Kubernetes' rights and its audit apply. Each write is a
merge patch that names only the keys which it puts or takes away, of the ConfigMap as it was read:
where somebody else was faster (409), it is read again and thought over again. What has expired goes
with whatever is written next.

Facts (Kubernetes): a merge patch takes a key away with null, and leaves those that it does not name
(RFC 7386). A ConfigMap holds 1 MiB. SelfSubjectReview is served as v1 from 1.28 on, and as v1beta1
in 1.27; everybody may create it (system:basic-user).

Elsewhere: what an order says (facts/orders.py); reading them again and again (following.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from msgspec import Struct

from watcher.facts import Command, Instant, Order, Orders, order_text, rfc3339
from watcher.hub import requests
from watcher.hub.connection import Connection, read_answer
from watcher.hub.errors import Cause, HubError, ReviewFailed
from watcher.hub.guarding import own_account
from watcher.hub.ordered import orders

_TRIES = 10
"""Others who write in the same moment are waited for so often."""

_SUFFIX = 5
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""As Kubernetes draws its own names: no word comes of them."""


class Edit(Struct, frozen=True):
    """What is to become of the ConfigMap."""

    put: tuple[Order, ...] = ()
    take: frozenset[str] = frozenset()
    """Keys that are there."""


class Written(Struct, frozen=True):
    """What became of it."""

    orders: Orders
    """As they stand now."""
    edit: Edit
    expired: frozenset[str]
    """The keys that went besides, since they were without effect."""


async def who(connection: Connection) -> str:
    """The user name under which the hub knows this person; empty where it does not say."""
    for version in ("v1", "v1beta1"):
        try:
            return await own_account(connection, version)
        except ReviewFailed as error:
            if error.code not in (403, 404):
                raise
    return ""


async def orders_now(connection: Connection, namespace: str) -> Orders:
    """What stands there; raises `ReadFailed`, which says how to make it where it is not there."""
    request = requests.read_config_map(namespace, requests.ORDERS)
    try:
        body = await connection.send(request, within_s=connection.timeouts.request_s)
    except HubError as error:
        raise _explained(error, namespace) from None
    return read_answer(request, body, orders)


async def write_orders(
    connection: Connection, namespace: str, edit: Callable[[Orders], Edit], *, now: Instant
) -> Written:
    """Make of what stands there what `edit` says; it is asked again where that has changed.

    Raises `ReadFailed` and `PatchFailed`; after the latter with `Cause.LOST` nobody knows whether
    it was written.
    """
    for _ in range(_TRIES):
        held = await orders_now(connection, namespace)
        wanted = edit(held)
        expired = _expired(held, now) - wanted.take
        if not (wanted.put or wanted.take):
            return Written(held, wanted, frozenset())
        data = {
            **dict.fromkeys(wanted.take | expired),
            **{each.key: order_text(each) for each in wanted.put},
        }
        request = requests.patch_orders(namespace, held.resource_version, data)
        try:
            body = await connection.send(request, within_s=connection.timeouts.request_s)
            return Written(read_answer(request, body, orders), wanted, expired)
        except HubError as error:
            refused = _explained(error, namespace)
        if refused.cause in (Cause.LOST, Cause.UNREADABLE):
            held = await orders_now(connection, namespace)
            if _is_as(held, wanted):
                return Written(held, wanted, expired)
        if refused.code != 409:
            break
    raise refused


def new_key(
    command: Command, at: Instant, taken: Collection[str], roll: Callable[[], float]
) -> str:
    """A key that is not `taken`; it tells people what it is. `roll` gives a random number in
    [0, 1).
    """
    stamp = "".join(each for each in rfc3339(at).lower() if each.isalnum())
    while True:
        drawn = "".join(_LETTERS[int(roll() * len(_LETTERS))] for _ in range(_SUFFIX))
        key = f"{command}-{stamp}-{drawn}"
        if key not in taken:
            return key


def _expired(held: Orders, now: Instant) -> frozenset[str]:
    return frozenset(
        each.key for each in held.orders if each.until is not None and each.until <= now
    )


def _is_as(held: Orders, wanted: Edit) -> bool:
    """Whether what stands there is what was wanted."""
    keys = {each.key for each in held.orders} | {each.key for each in held.bad}
    return all(each.key in keys for each in wanted.put) and not keys & wanted.take


def _explained(error: HubError, namespace: str) -> HubError:
    """The error, with what helps against it here."""
    match error.code:
        case 404:
            remedy = (
                "it comes with the manifests, empty; make it with "
                f"`kubectl -n {namespace} create configmap {requests.ORDERS}`, or name Argo CD's "
                "namespace with -n"
            )
        case 403:
            remedy = f"ask for the Role gate-watcher-operator in {namespace}"
        case 413 | 422:
            remedy = "it may be full: take orders away that are no longer needed"
        case _:
            return error
    return type(error)(
        error.cause, what=error.what, where=error.where, remedy=remedy, status=error.status
    )
