"""What is seen at one look at a hub, from here and by this person?

Puts together what the hub says and what the controllers say. Of the controllers' metrics a laptop
cannot ask the Pods themselves, so they are had through the API server, unless it is said that the
Pods can be reached.

Elsewhere: each question (hub/examining.py); what is wrong with the answers (check/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from watcher.check import Sight, Unread, Unseen
from watcher.daemon.readings import readings_through, runs
from watcher.daemon.watcher import LEASE
from watcher.facts import Instant, Pod, Reading
from watcher.guards import service_account
from watcher.hub import Connection, Right, examining, needed_rights, read_guards
from watcher.hub.asking import Service
from watcher.policy import Policy, Recovery, read_policy
from watcher.scrape import Scraper

POLICY = "gate-watcher-policy"
"""The ConfigMap that the manifests mount the policy from."""


class Question(Struct, frozen=True):
    """What is looked at, and how."""

    policy: Policy | None
    """None: the one on the hub, else the defaults."""
    policy_from: str
    """The file that it is from."""
    namespace: str
    """Where Argo CD runs, for where no policy says so; else where the policy is mounted from, which
    is where the watcher runs."""
    service_account: str
    """The watcher's, by its name."""
    reach: bool
    """Whether the controllers' Pods are asked from here."""
    before: bool
    """Whether the watcher is yet to be installed."""
    service: str = "gate-watcher"
    """The watcher's, by its name."""
    home: str | None = None
    """Where the watcher runs, where that was named: its Pods, its Service and its account cannot
    be in different namespaces."""


async def examine(connection: Connection, asked: Question, now: Callable[[], Instant]) -> Sight:
    """All that there is to be seen. Raises `HubError` where the hub cannot be asked at all."""
    kubernetes = await examining.kubernetes_version(connection)
    caller = await examining.caller(connection)
    policy, policy_from = await _policy(connection, asked)
    where = policy.namespace
    home = asked.home or (where if asked.policy is not None else asked.namespace)
    account = service_account(home, asked.service_account)
    pods = await examining.controllers(connection, policy)
    running = [] if isinstance(pods, Unread) else [each for each in pods if runs(each)]
    return Sight(
        policy=policy,
        policy_from=policy_from,
        home=home,
        account=account,
        caller=caller,
        kubernetes=kubernetes,
        kinds=await examining.kinds(connection),
        service_account=await examining.service_account(connection, home, asked.service_account),
        rights=await examining.rights(
            connection,
            _needed(policy),
            account=account,
            asks="whoever you are" if isinstance(caller, Unread) else caller,
        ),
        controllers=pods,
        set_controllers=await examining.set_controllers(connection, policy),
        readings=await _readings(connection, policy, running, asked.reach, now),
        guards=await read_guards(connection, policy, account=account),
        spokes=await examining.spokes(connection, policy),
        lease=await examining.lease(connection, where, LEASE),
        skew=await examining.skew(connection, now),
        ready=await examining.ready(connection, Service(home, asked.service)),
        reached=asked.reach,
        before=asked.before,
    )


async def _policy(connection: Connection, asked: Question) -> tuple[Policy, str | Unread]:
    if asked.policy is not None:
        return asked.policy, asked.policy_from
    place = f"configmap {asked.namespace}/{POLICY}"
    default = Policy((), namespace=asked.namespace)
    text = await examining.policy_text(connection, asked.namespace, POLICY)
    if isinstance(text, Unread):
        return default, text
    read = read_policy(text, file=place)
    if isinstance(read, Policy):
        return read, place
    said = f"the policy on the hub cannot be used, so the defaults: {'; '.join(map(str, read))}"
    return default, Unread(Unseen.FAILED, f"read {place}", said, "mend it and apply it again")


def _needed(policy: Policy) -> Iterable[Right]:
    needed = needed_rights(policy.namespace, policy.application_namespaces, lease=LEASE)
    if policy.recovery is not Recovery.PARK:
        return needed
    patches = [
        Right("patch", "argoproj.io", "applications", each)
        for each in policy.application_namespaces
    ]
    return (*needed, *patches)


async def _readings(
    connection: Connection,
    policy: Policy,
    pods: Iterable[Pod],
    reach: bool,
    now: Callable[[], Instant],
) -> dict[str, Reading | str | Unread]:
    if not reach:
        return await readings_through(connection, pods, policy.memory, now)
    port, path = policy.memory.port, policy.memory.path
    scraper = Scraper(now)
    try:
        return {each.key: await scraper.scrape(each.ip, port=port, path=path) for each in pods}
    finally:
        await scraper.close()
