"""How does a hub stand, looked at once and without a watcher?

For a person's command, with that person's own credentials. Every kind is listed once, the
controllers are asked for their memory through the API server, and one decision is made of it: that
of a watcher which has just started and has nothing to write with. Only questions are sent.

    policy, came_from = await policy_for(connection, file=None, namespace=None)
    look = await look_once(connection, policy, now=clock.now)
    fleet = View(look.decided).fleet(leader="", troubles=look.troubles, guards=look.guards)

Who looks again gives the look before, so that what was seen once is kept; each look lists
everything anew, some 10 KiB for every Application: not oftener than every ten seconds or so.

What one look cannot know, as it has no before:
- Of memory it has learned nothing: as after a start, each shard admits one cluster load first.
- What a running watcher has outstanding, or was refused, is the watcher's own.
- A lost gate is known by its annotation alone.
What an Application's own stamps tell, as how long a gate soaks, is known as ever.

Elsewhere: keeping all of it as the hub is (streams.py); what is wrong with a hub (examining.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Raw, Struct
from msgspec.structs import replace

from watcher.check import Unread, Unseen
from watcher.daemon.examining import POLICY
from watcher.daemon.policy_file import PolicyFile, moved
from watcher.daemon.readings import readings_through
from watcher.decide import Carried, Snapshot, decide, grouped
from watcher.facts import (
    Force,
    Guard,
    Guards,
    Instant,
    Kind,
    Orders,
    Pod,
    Reading,
    Readings,
    Source,
    Standing,
    standing_of,
)
from watcher.guards import SERVICE_ACCOUNT, service_account
from watcher.hub import (
    Connection,
    Decoder,
    HubError,
    Resource,
    Right,
    examining,
    missing_rights,
    orders,
    pod,
    read_guards,
    resource,
)
from watcher.hub.listing import everything
from watcher.hub.requests import ORDERS
from watcher.hub.wire import Held
from watcher.policy import Polarity, Policy, read_policy
from watcher.serve import Decided

T = TypeVar("T", bound=Held)

_NAMESPACE = "argocd"


class CannotLook(Exception):  # noqa: N818  (named after what happened)
    """Something without which there is nothing to see: each problem a line, with what to do."""

    def __init__(self, problems: Iterable[str]) -> None:
        super().__init__(*problems)
        self.problems: tuple[str, ...] = self.args


class Look(Struct, frozen=True):
    """What was seen, and what follows from it."""

    decided: Decided
    snapshot: Snapshot
    unasked: Mapping[str, Unread] = {}
    """The controllers that could not be asked for their memory from here, by Pod's
    `namespace/name`, and why."""

    @property
    def guards(self) -> Guards:
        """How each guard stands, as far as this person may read it."""
        return self.snapshot.guards

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is not known, in words: what stands in `troubles` of a fleet."""
        return tuple(dict.fromkeys(_unasked(key, why) for key, why in self.unasked.items()))

    @property
    def without_memory(self) -> bool:
        """Whether no controller that runs could be asked for its memory."""
        return bool(self.unasked) and not self.snapshot.readings.keys() - self.unasked.keys()

    @property
    def without_guard(self) -> bool:
        """Whether nothing would be written for want of a guard that this person may not read."""
        blocks = self.decided.policy.gates.polarity is Polarity.BLOCK
        return blocks and standing_of(self.guards, Guard.A).force is Force.UNKNOWN


def rights_to_list(policy: Policy) -> tuple[Right, ...]:
    """What it takes to see Argo CD's own objects, wherever this policy has them."""
    return (
        *(
            Right("list", "argoproj.io", plural, each)
            for each in policy.application_namespaces
            for plural in ("applications", "applicationsets")
        ),
        Right("list", "", "secrets", policy.namespace),
    )


def rights_to_look(policy: Policy) -> tuple[Right, ...]:
    """What looking takes."""
    home = policy.namespace
    return (
        *rights_to_list(policy),
        Right("list", "", "pods", home),
        Right("list", "", "configmaps", home, ORDERS),
    )


async def policy_for(
    connection: Connection,
    *,
    file: Path | None,
    namespace: str | None,
    rights: Callable[[Policy], Iterable[Right]] = rights_to_look,
) -> tuple[Policy, str]:
    """The policy to look by, and where it is from: the file, else the ConfigMap that the manifests
    mount. `namespace`: where Argo CD runs, whatever the policy says. Raises `CannotLook`; where
    that is for want of a right, it names those of `rights` that are wanting, too.
    """
    if file is not None:
        read = PolicyFile(file, namespace=namespace).read()
        if not isinstance(read, Policy):
            raise CannotLook(map(str, read))
        return read, str(file)
    found = await policy_there(connection, namespace=namespace, rights=rights)
    if found is None:
        remedy = "name the policy file with --config, or Argo CD's namespace with -n"
        raise CannotLook([f"there is no configmap {namespace or _NAMESPACE}/{POLICY}; {remedy}"])
    return found


async def policy_there(
    connection: Connection,
    *,
    namespace: str | None,
    rights: Callable[[Policy], Iterable[Right]] = rights_to_look,
) -> tuple[Policy, str] | None:
    """The policy on the hub, and where it is; None where there is none. Raises as `policy_for`."""
    where = namespace or _NAMESPACE
    place = f"configmap {where}/{POLICY}"
    text = await examining.policy_text(connection, where, POLICY)
    if isinstance(text, Unread):
        if text.why is Unseen.ABSENT:
            return None
        raise CannotLook(await _without_policy(connection, text, where, rights))
    read = read_policy(text, file=place)
    if not isinstance(read, Policy):
        raise CannotLook(map(str, read))
    return (read if namespace is None else moved(read, namespace)), place


async def look_once(
    connection: Connection,
    policy: Policy,
    *,
    now: Callable[[], Instant],
    before: Look | None = None,
) -> Look:
    """One look at the hub; `before`: the look before, where there was one.

    Raises `CannotLook` where a list does not come; where that is for want of rights, it names all
    that are wanting.
    """
    failed: list[HubError] = []
    home, apart = policy.namespace, policy.application_namespaces
    decoder = Decoder(policy.gates)

    def listed(
        kind: Kind, namespaces: Iterable[str], read: Callable[[Raw], T], selector: str = ""
    ) -> Coroutine[Any, Any, tuple[T, ...]]:
        return _listed(connection, resource(kind, selector=selector), namespaces, read, failed)

    spokes, sets, apps, pods, ordered = await asyncio.gather(
        listed(Kind.SPOKES, (home,), decoder.spoke),
        listed(Kind.APPLICATION_SETS, apart, decoder.application_set),
        listed(Kind.APPLICATIONS, apart, decoder.application),
        listed(Kind.PODS, (home,), pod, policy.memory.selector),
        listed(Kind.ORDERS, (home,), orders),
    )
    if failed:
        raise CannotLook(await _why(connection, policy, failed))
    hub_now = await examining.hub_time(connection, now)
    said, guards = await asyncio.gather(
        readings_through(connection, pods, policy.memory, hub_now),
        read_guards(connection, policy, account=service_account(home, SERVICE_ACCOUNT)),
    )
    at = hub_now()
    snapshot = Snapshot(
        spokes={each.uid: each for each in spokes},
        application_sets={each.key: each for each in sets},
        applications=grouped(apps),
        sources={kind: Source(kind, listed=True, heard_at=at) for kind in Kind},
        guards=guards,
        orders=ordered[0] if ordered else Orders(),
        pods={each.key: each for each in pods},
        readings={key: _readings(each) for key, each in said.items()},
        carried=Carried() if before is None else before.decided.decision.carried,
    )
    return Look(
        Decided(decide(snapshot, policy, at), policy, at),
        snapshot,
        {key: each for key, each in said.items() if isinstance(each, Unread)},
    )


def supposed(look: Look) -> Decided:
    """What would be decided if all were well with what could not be looked at from here: there is a
    decision of who comes next all the same.

    Where no controller could be asked, that none has a limit: so many spokes are in progress on
    each shard at once as the policy has it for those. That guards are in force which may not be
    read, for polarity block writes nothing without.
    """
    policy, snapshot = look.decided.policy, look.snapshot
    guards = {
        guard: Standing(Force.IN_FORCE) if standing.force is Force.UNKNOWN else standing
        for guard, standing in snapshot.guards.items()
    }
    snapshot = replace(snapshot, guards=guards)
    if look.without_memory:
        pods = {key: _without_limit(each) for key, each in snapshot.pods.items()}
        snapshot, policy = replace(snapshot, pods=pods, readings={}), _paced(policy)
    return Decided(decide(snapshot, policy, look.decided.at), policy, look.decided.at)


def _paced(policy: Policy) -> Policy:
    """With the budget of shards without a limit on every shard."""
    budget, window = policy.budgets.spokes_in_progress, policy.pacing.without_limit
    most = window if budget is None else min(budget, window)
    return replace(
        policy,
        memory=replace(policy.memory, limit_bytes=None),
        budgets=replace(policy.budgets, spokes_in_progress=most),
    )


def _without_limit(pod: Pod) -> Pod:
    return replace(pod, limit_bytes=None, soft_limit_bytes=None, unreadable=())


async def _listed(
    connection: Connection,
    what: Resource,
    namespaces: Iterable[str],
    read: Callable[[Raw], T],
    failed: list[HubError],
) -> tuple[T, ...]:
    """Every object there; why not goes to `failed`, so that all that fails is told together."""
    found: list[T] = []
    for namespace in namespaces:
        try:
            found += await everything(connection, what, namespace, read)
        except HubError as error:
            failed.append(error)
    return tuple(found)


def _readings(said: Reading | str | Unread) -> Readings:
    match said:
        case Reading():
            return Readings((said,))
        case str():
            return Readings(trouble=said)
        case _:
            return Readings(trouble="it could not be asked from here")


async def _why(connection: Connection, policy: Policy, failed: Iterable[HubError]) -> list[str]:
    """Each way in which it failed, once; for want of rights, every right that is wanting."""
    failed = {error.what: error for error in failed}.values()
    others = [str(error) for error in failed if error.code != 403]
    refused = [str(error) for error in failed if error.code == 403]
    if not refused:
        return others
    return [*(await wanting(connection, rights_to_look(policy)) or refused), *others]


async def _without_policy(
    connection: Connection,
    text: Unread,
    namespace: str,
    rights: Callable[[Policy], Iterable[Right]],
) -> list[str]:
    """Why there is no policy; where it may not be read, whatever else may not be, too."""
    what = f"configmap {namespace}/{POLICY}"
    match text.why:
        case Unseen.FORBIDDEN:
            own = Right("get", "", "configmaps", namespace, POLICY)
            needed = (own, *rights(Policy((), namespace=namespace)))
            said = await wanting(connection, needed) or [f"you may not read {what}: {text.said}"]
            return [*said, "the policy is had from a file, too, with --config"]
        case _:
            return [f"cannot {text.sought}: {text.said}; {text.remedy}"]


async def wanting(connection: Connection, rights: Iterable[Right]) -> list[str]:
    """Those that this person lacks, in words; empty where the hub does not say."""
    try:
        missing = await missing_rights(connection, rights)
    except HubError:
        return []
    return [f"you may not {each}; ask for it until `{_can_i(each)}` says yes" for each in missing]


def _can_i(right: Right) -> str:
    kind = f"{right.plural}.{right.group}" if right.group else right.plural
    what = f"{kind}/{right.name}" if right.name else kind
    return f"kubectl auth can-i {right.verb} {what} -n {right.namespace}"


def _unasked(key: str, why: Unread) -> str:
    """A controller's memory that is not known, and what to do."""
    namespace, _, name = key.partition("/")
    if why.why is Unseen.FORBIDDEN:
        can_i = f"kubectl auth can-i get pods --subresource=proxy -n {namespace}"
        return (
            f"the controllers' memory was not looked at: you may not get pods/proxy in "
            f"{namespace}; ask for it until `{can_i}` says yes"
        )
    return f"the memory of {name} was not looked at: cannot {why.sought}: {why.said}"
