"""Can this hub be used at all, and by us?

Asked once at the start, so that what a person must mend is said before anything waits for it. Only
questions: nothing is tried that would change the hub.

Facts (Kubernetes): the API server serves a group's kinds only where their CRDs are installed;
SelfSubjectAccessReview may be created by everybody who is known, LocalSubjectAccessReview by whom a
Role grants it: the shipped ClusterRole `admin` does.

Elsewhere: what is done when the hub goes away later (following.py).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from watcher.hub import requests
from watcher.hub.connection import Connection, read_answer
from watcher.hub.errors import Cause, ConnectionFault, ReadFailed


class Right(Struct, frozen=True):
    """What an account may do in one namespace."""

    verb: str
    group: str
    """Empty for the core group."""
    plural: str
    namespace: str
    name: str = ""
    """The only object that is meant; empty for all."""

    def __str__(self) -> str:
        """As kubectl writes it."""
        kind = f"{self.plural}.{self.group}" if self.group else self.plural
        what = f"{kind}/{self.name}" if self.name else kind
        return f"{self.verb} {what} in {self.namespace}"


def needed_rights(
    namespace: str, application_namespaces: Iterable[str], *, lease: str | None
) -> tuple[Right, ...]:
    """What the watcher does; `lease`: the one that it writes under, None for a dry run.

    The lease and the orders are asked for by name, since that is all that the shipped Role grants;
    but for the lease's creation, which no Role can bind to a name.
    """
    watched = [
        Right(verb, "argoproj.io", plural, each)
        for each in application_namespaces
        for plural in ("applications", "applicationsets")
        for verb in ("list", "watch")
    ]
    spokes = [Right(verb, "", "secrets", namespace) for verb in ("get", "list", "watch")]
    pods = [Right(verb, "", "pods", namespace) for verb in ("list", "watch")]
    orders = [
        Right(verb, "", "configmaps", namespace, requests.ORDERS) for verb in ("list", "watch")
    ]
    reads = (*watched, *spokes, *pods, *orders)
    if lease is None:
        return reads
    leases = [
        Right(verb, "coordination.k8s.io", "leases", namespace, "" if verb == "create" else lease)
        for verb in ("get", "create", "update")
    ]
    events = [Right(verb, "events.k8s.io", "events", namespace) for verb in ("create", "patch")]
    patches = Right("patch", "", "secrets", namespace)
    return (*reads, patches, *leases, *events)


async def check_hub(connection: Connection) -> None:
    """Raises `ConnectionFault` where the hub does not answer, or has no Argo CD."""
    request = requests.argo_cd_kinds()
    try:
        await connection.send(request, within_s=connection.timeouts.request_s)
    except ReadFailed as error:
        if error.code == 404:
            raise ConnectionFault(
                what="it has no Applications (argoproj.io/v1alpha1)",
                where=connection.host,
                remedy="install Argo CD there, or name another context with --context",
            ) from None
        if error.code in (403, 429) or error.cause is Cause.WITHHELD:
            return  # it answers, and knows us
        raise ConnectionFault(
            what=error.what,
            where=connection.host,
            remedy=error.remedy or "try again later, or name another context with --context",
        ) from None


async def missing_rights(
    connection: Connection, rights: Iterable[Right], *, account: str = ""
) -> tuple[Right, ...]:
    """Those of `rights` that the hub says we lack, or the service account of this user name does;
    raises `ReviewFailed`, where its rights may not be asked for, too.
    """
    return tuple([each for each in rights if not await _allowed(connection, each, account)])


class _Verdict(Struct, frozen=True):
    allowed: bool = False


class _Review(Struct, frozen=True):
    status: _Verdict


async def _allowed(connection: Connection, right: Right, account: str) -> bool:
    request = requests.review_access(
        right.verb,
        group=right.group,
        plural=right.plural,
        namespace=right.namespace,
        name=right.name,
        account=account,
    )
    body = await connection.send(request, within_s=connection.timeouts.request_s)
    return read_answer(request, body, msgspec.json.Decoder(_Review).decode).status.allowed
