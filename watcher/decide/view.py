"""What does one spoke hold, tier by tier?

A spoke's Secret, the ApplicationSets of the hub and the Applications at the spoke's places, put
together once so that the rules can be asked about each gate.

Facts: an Application belongs to the tier that its label names, else to the one that the gates of
its ApplicationSet make here.

Elsewhere: what follows for each gate (judging.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from watcher.decide.addons import Addon, Selects, owner_key
from watcher.decide.gates import Opened, is_open, opened, torn_down
from watcher.decide.judgement import Inputs
from watcher.decide.memory import Seen
from watcher.decide.ordered import Ordered
from watcher.decide.parking import is_parked, parked_at
from watcher.decide.reach import unreachable
from watcher.decide.reasons import (
    DuplicateSpoke,
    Parked,
    Reason,
    SpokeDeleting,
    SpokeSkipped,
)
from watcher.decide.selected import Pair, Selected
from watcher.decide.teardown import torn_tiers
from watcher.facts import Application, Instant, Spoke
from watcher.policy import Policy, Ring


class View(Struct, frozen=True):
    """One spoke with everything that its gates are judged by."""

    inputs: Inputs
    name: str
    """As the spoke is shown."""
    now: Instant
    opened: Opened
    open_tiers: frozenset[str]
    named: frozenset[str]
    """What the teardown annotation names, as it stands there."""
    torn: frozenset[str]
    """The tiers of the policy that it names."""
    selected: Selected
    strangers: frozenset[str]
    """The gates that the policy does not name, by label, annotation or memory."""
    apps: Mapping[str, tuple[Application, ...]]
    """By tier."""
    everything: tuple[Application, ...]
    living: Mapping[str, int]
    """ApplicationSet to how many Applications it owns here that are not being deleted."""
    seen: Mapping[str, Seen]
    trouble: tuple[Reason, ...]
    """Why nothing may be opened on this spoke at all."""
    unreachable: str
    """Why Argo CD cannot reach the cluster; empty where nothing says so."""
    ring: Ring
    """The ring that the spoke belongs to."""

    @property
    def ordered(self) -> Ordered:
        """What people ordered here."""
        return self.inputs.ordered

    @property
    def spoke(self) -> Spoke:
        """The Secret."""
        return self.inputs.spoke

    @property
    def policy(self) -> Policy:
        """The policy."""
        return self.inputs.context.policy

    @property
    def written(self) -> frozenset[str]:
        """The gates of our last patch, as long as the hub has not shown it."""
        write = self.inputs.write
        return frozenset() if write is None else write.tiers

    def is_open(self, tier: str) -> bool:
        """Whether the gate of any tier, of the policy or not, is open here."""
        gates = self.policy.gates
        return is_open(self.spoke.labels.get(gates.key(tier)), gates)

    def opened_at(self, tier: str) -> Instant | None:
        """When the gate opened, where the annotation says so."""
        return self.opened.at.get(tier)

    def number_known(self, tier: str) -> bool:
        """Whether the number of Applications is known for every addon of the tier."""
        return all(isinstance(selects.now, int) for _, selects in self.mine(tier))

    def short(self, tier: str) -> bool:
        """Whether an Application that the tier must have is absent."""
        for addon, selects in self.mine(tier):
            least = selects.now if isinstance(selects.now, int) else 1
            if self.there(tier, addon, selects) < least:
                return True
        return False

    def there(self, tier: str, addon: Addon, selects: Selects) -> int:
        """How many Applications of the addon live here; of one of any tier, in this one."""
        if not selects.any_tier:
            return self.living.get(addon.key, 0)
        return sum(
            app.deleting_since is None and owner_key(app) == addon.key
            for app in self.apps.get(tier, ())
        )

    def mine(self, tier: str) -> tuple[Pair, ...]:
        """The addons whose Applications the tier waits for here."""
        return self.selected.mine.get(tier, ())

    def proven_at(self, tier: str) -> Instant | None:
        """When a gate that depends on this one last opened here: by then this one had settled.

        None where none of them is open.
        """
        later = self.policy.dependents(tier) & self.open_tiers
        times = [self.opened.at.get(name, self.seen[name].open_at) for name in later]
        return max(times, default=None)


def view(
    inputs: Inputs,
    *,
    name: str,
    duplicate: DuplicateSpoke | None,
    seen: Mapping[str, Seen],
    now: Instant,
) -> View:
    """The view of one spoke; `seen` as it was carried."""
    spoke, context = inputs.spoke, inputs.context
    gates, order = context.policy.gates, context.policy.order
    chosen = context.selected(spoke)
    everything = tuple([app for group in inputs.groups for app in group])
    named, times = torn_down(spoke), opened(spoke, now)
    return View(
        inputs=inputs,
        name=name,
        now=now,
        opened=times,
        open_tiers=frozenset(
            [tier.name for tier in order if is_open(spoke.labels.get(gates.key(tier.name)), gates)]
        ),
        named=named,
        torn=torn_tiers(named, context.policy) if named else frozenset(),
        selected=chosen,
        strangers=_strangers(spoke, times, seen, context.policy),
        apps=_by_tier(everything, chosen.by_key, context.policy),
        everything=everything,
        living=_living(everything),
        seen=seen,
        trouble=tuple(_trouble(spoke, duplicate)),
        unreachable=unreachable(everything, disconnected=inputs.disconnected),
        ring=context.policy.ring(spoke.labels),
    )


def _strangers(
    spoke: Spoke, times: Opened, seen: Mapping[str, Seen], policy: Policy
) -> frozenset[str]:
    gates, prefix, named = policy.gates, f"{policy.gates.prefix}/", policy.by_name
    labelled = [gates.tier(key) for key in spoke.labels if key.startswith(prefix)]
    return frozenset(
        tier for tier in (*labelled, *times.at, *seen) if tier is not None and tier not in named
    )


def _by_tier(
    apps: tuple[Application, ...], by_key: Mapping[str, Pair], policy: Policy
) -> dict[str, tuple[Application, ...]]:
    found: dict[str, tuple[Application, ...]] = {}
    for app in apps:
        tier = app.tier_label
        if tier is None:
            pair = by_key.get(owner_key(app) or "")
            tier = None if pair is None else pair[1].tier
        if tier is not None and tier in policy.by_name:
            found[tier] = (*found.get(tier, ()), app)
    return found


def _living(apps: tuple[Application, ...]) -> dict[str, int]:
    living: dict[str, int] = {}
    for app in apps:
        if app.deleting_since is None and (key := owner_key(app)) is not None:
            living[key] = living.get(key, 0) + 1
    return living


def _trouble(spoke: Spoke, duplicate: DuplicateSpoke | None) -> Iterator[Reason]:
    if duplicate is not None:
        yield duplicate
    if spoke.deleting_since is not None:
        yield SpokeDeleting(spoke.deleting_since)
    if spoke.skip_reconcile:
        yield Parked(parked_at(spoke)) if is_parked(spoke) else SpokeSkipped()
