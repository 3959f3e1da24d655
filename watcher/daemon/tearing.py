"""What does a person's teardown rest on, and how does it reach the hub?

The hub is looked at once, with that person's own credentials: the cluster Secrets without theirs,
the ApplicationSets, the Applications, with what the ApplicationSet controller was started with and
what guard C lets go. What is written is one annotation of one Secret, as it was looked at, and
names in one ConfigMap. The daemon does the rest.

Elsewhere: looking by all that a decision rests on (looking.py); what becomes of what is there
(decide/removal.py); who carries it out (decide/teardown.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from watcher.daemon.looking import CannotLook, rights_to_list, wanting
from watcher.decide import Decision, Snapshot, decide, grouped
from watcher.decide.removal import seen_by
from watcher.decide.teardown_order import annotated
from watcher.decide.view import View
from watcher.facts import Force, Guard, Instant, Kind, Source, standing_of
from watcher.guards import REMOVALS, SERVICE_ACCOUNT, service_account
from watcher.hub import (
    Connection,
    HubError,
    Outcome,
    Right,
    patch_by_hand,
    read_guards,
    resource,
)
from watcher.hub.examining import hub_time
from watcher.hub.listing import config_map, everything
from watcher.hub.removals import Removals, removals_now, write_removals
from watcher.hub.written import CONTROLLER_PARAMETERS, Writings
from watcher.lint import Inventory
from watcher.lint.losing import NOTHING, cost
from watcher.policy import Policy


class Ground(Struct, frozen=True):
    """What was seen of the hub."""

    policy: Policy
    decision: Decision
    at: Instant
    keeps: Mapping[str, str]
    """The ApplicationSets that may not delete, by namespace/name, and why in words."""
    removals: Removals | None
    """What guard C lets go; None where nothing needs to be named."""
    unnamable: str = ""
    """Why nothing can be named for guard C though it may want it; empty where that is not so."""
    living: frozenset[str] = frozenset()
    """The UIDs of all Applications."""

    @property
    def names(self) -> Mapping[str, str]:
        """The spokes as they are shown, to their UIDs; each by its Secret, too."""
        judgements = self.decision.carried.judgements.items()
        by_secret = {f"secret/{each.verdicts.secret}": uid for uid, each in judgements}
        return by_secret | {each.verdicts.name: uid for uid, each in judgements}

    def spoke(self, uid: str) -> View:
        """One spoke with everything on it; raises KeyError where there is none such."""
        return seen_by(self.decision, uid, self.at)


async def look(connection: Connection, policy: Policy, own: Callable[[], Instant]) -> Ground:
    """What a teardown rests on, at the hub's time as far as it tells, else at our `own`.

    Raises `CannotLook` for want of rights, and names all that are wanting; `HubError` where
    something of it cannot be had otherwise.
    """
    try:
        inventory = await _listed(connection, policy)
    except HubError as error:
        if error.code != 403:
            raise
        said = await wanting(connection, rights(policy)) or [str(error)]
        raise CannotLook(said) from None
    removals, unnamable = await _removals(connection, policy)
    now = (await hub_time(connection, own))()
    return Ground(
        policy=policy,
        decision=decide(_snapshot(inventory, now), policy, now),
        at=now,
        keeps=_keeps(inventory),
        removals=removals,
        unnamable=unnamable,
        living=frozenset(each.uid for each in inventory.applications),
    )


async def annotate(connection: Connection, here: View, annotation: str | None) -> Outcome:
    """Gives the Secret this teardown annotation, or takes it away, if it is as it was looked at."""
    return await patch_by_hand(connection, annotated(here.spoke, here.policy.gates, annotation))


async def name(
    connection: Connection, ground: Ground, removals: Removals, names: Mapping[str, str | None]
) -> Outcome:
    """Names Applications for guard C, or no longer."""
    return await write_removals(connection, ground.policy.namespace, removals, names)


def rights(policy: Policy) -> tuple[Right, ...]:
    """What ordering a teardown takes, and taking it back."""
    return (*rights_to_list(policy), Right("patch", "", "secrets", policy.namespace))


async def _listed(connection: Connection, policy: Policy) -> Inventory:
    writings = Writings(policy, namespace=policy.namespace)
    await everything(connection, resource(Kind.SPOKES), policy.namespace, writings.spoke)
    for each in policy.application_namespaces:
        sets, apps = resource(Kind.APPLICATION_SETS), resource(Kind.APPLICATIONS)
        await everything(connection, sets, each, writings.application_set)
        await everything(connection, apps, each, writings.application)
    parameters = await config_map(connection, policy.namespace, CONTROLLER_PARAMETERS)
    if parameters is not None:
        writings.controller(parameters)
    return writings.inventory(whole=True)


def _snapshot(inventory: Inventory, now: Instant) -> Snapshot:
    return Snapshot(
        spokes={each.uid: each.spoke for each in inventory.spokes},
        application_sets={each.key: each.set for each in inventory.sets},
        applications=grouped(each.app for each in inventory.applications),
        sources={kind: Source(kind, listed=True, heard_at=now) for kind in Kind},
    )


def _keeps(inventory: Inventory) -> dict[str, str]:
    said = {each.key: cost(each, inventory.controller) for each in inventory.sets}
    return {key: why for key, (code, why) in said.items() if code is NOTHING}


async def _removals(connection: Connection, policy: Policy) -> tuple[Removals | None, str]:
    """The ConfigMap of guard C, and why it cannot be used where the guard may want it.

    Where it is, Applications are named in it, whether the guard is in force or put aside for a
    while. Where it is not, or may not be read, the guard itself is asked about.
    """
    where, readable = f"configmap {policy.namespace}/{REMOVALS}", True
    try:
        found = await removals_now(connection, policy.namespace)
    except HubError as error:
        if error.code != 403:
            raise
        found, readable = None, False
    if found is not None:
        return found, ""
    account = service_account(policy.namespace, SERVICE_ACCOUNT)
    force = standing_of(await read_guards(connection, policy, account=account), Guard.C).force
    if not readable and force is not Force.NOT_IN_FORCE:
        return None, f"you may not read {where}, by which guard C goes"
    if force is Force.IN_FORCE:
        return None, f"{where} is not there, and without it guard C refuses every deletion"
    return None, ""
