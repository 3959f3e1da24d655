"""What did the people of this hub decide: which tiers there are, and how they are to be admitted?

Values only, and the one place of every default. Durations are seconds.

Facts:
- Argo CD's stamps have whole seconds, and an Application can show `finishedAt == reconciledAt`
  while its status is still the one before (controller/appcontroller.go): hence `LEAST_SOAK_S`.
- An ApplicationSet with a git generator reads Git again every 3 minutes, and 3 minutes after an
  error (applicationset/generators/interface.go): hence the default of `empty_after_s`.
- The API server bookmarks a quiet watch about once a minute (apiserver storage/cacher/cacher.go):
  hence the default of `stale_after_s`.

Elsewhere: how it is written in a file (table.py), and read from one (reader.py); what the words
tier, gate and settled mean for a spoke (decide/).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property

from msgspec import Struct
from msgspec.structs import force_setattr

from watcher.facts import Selector, matches
from watcher.policy.graph import Graph, graph

MIB = 1024 * 1024

LEAST_SOAK_S = 2.0
"""Under two seconds, a stamp in whole seconds cannot tell the status after from the one before."""

RESERVED = frozenset({"tier", "opened", "teardown", "spoke", "parked"})
"""No tier has these names: the keys under the prefix that mean something else."""


class Polarity(StrEnum):
    """What the label of a gate does."""

    ADMIT = "admit"
    """The label `open` is set to open the gate."""
    BLOCK = "block"
    """The label `closed` is removed to open the gate."""


class Accept(StrEnum):
    """What a tier takes as settled although it is not quite."""

    OUT_OF_SYNC = "OutOfSync"
    SUSPENDED = "Suspended"
    MANUAL_SYNC = "ManualSync"
    """Never synced, and without automated sync."""
    FAILED_OPERATION = "FailedOperation"
    """Synced and Healthy, compared after an operation that failed."""
    EMPTY = "Empty"
    """No Application where their number cannot be known, after `empty_after_s`."""


class Tier(Struct, frozen=True):
    """A named group of addons that is admitted together."""

    name: str
    depends_on: tuple[str, ...] = ()
    """Directly; a file that does not say means the tier before it, and the reader has said so."""
    optional: bool = False
    """Whether it passes where no ApplicationSet of the hub belongs to it."""
    soak_s: float = 10.0
    """How long it must stay converged; never under `LEAST_SOAK_S`."""
    deadline_s: float = 1800.0
    """How long after its opening a gate that never settled is stalled."""
    empty_after_s: float = 300.0
    """How long zero Applications must last: one whole reading of Git (3 minutes), and then some."""
    accept: frozenset[Accept] = frozenset()


class Gates(Struct, frozen=True):
    """How a gate is written on a spoke's Secret."""

    prefix: str = "gate-watcher.io"
    polarity: Polarity = Polarity.ADMIT

    def key(self, tier: str) -> str:
        """The label that is the gate of `tier`."""
        return f"{self.prefix}/{tier}"

    def tier(self, key: str) -> str | None:
        """The tier whose gate `key` is; None where it is not under the prefix, or is reserved."""
        prefix, _, name = key.partition("/")
        return name if name and prefix == self.prefix and name not in RESERVED else None

    @property
    def tier_key(self) -> str:
        """The label by which an Application names its tier itself."""
        return self.key("tier")

    @property
    def spoke_key(self) -> str:
        """The label by which an Application names its spoke itself."""
        return self.key("spoke")

    @property
    def opened_key(self) -> str:
        """The annotation that says when each gate opened."""
        return self.key("opened")

    @property
    def teardown_key(self) -> str:
        """The annotation by which a person orders gates closed."""
        return self.key("teardown")

    @property
    def parked_key(self) -> str:
        """The annotation that says that the watcher parked the spoke."""
        return self.key("parked")


class Budgets(Struct, frozen=True):
    """How much may be in progress at once."""

    spokes_in_progress: int | None = None
    """On each shard. None: as many as its memory has room for."""
    applications_in_progress: int | None = None
    """None: no limit."""
    interval_s: float = 0.0
    """The least time between two admissions."""


class Pacing(Struct, frozen=True):
    """How a shard is paced whose memory says nothing."""

    without_limit: int = 4
    """Spokes in progress on a shard without any memory limit."""


class Survive(StrEnum):
    """What a shard must be able to survive with what it has been given."""

    RESTART = "restart"
    """Being started again with everything that is open on it."""
    RUNNING = "running"
    """Only going on as it runs."""


class Recovery(StrEnum):
    """What is done about a shard that is killed for its memory again and again."""

    OFF = "off"
    PARK = "park"
    """Spokes of it are parked until it stays up, and come back one by one."""


class Prior(Struct, frozen=True):
    """What things cost in live heap before this hub has shown it."""

    idle_bytes: int = 8 * MIB
    """A controller without any cluster."""
    spoke_bytes: int = 12 * MIB
    """What a loaded cluster keeps for good."""
    load_bytes: int = 60 * MIB
    """What the load of a cluster takes while it lasts, beyond what it keeps."""
    later_bytes: int = 50 * MIB
    """What a later gate of one spoke takes until it has settled; several at once take less each."""
    resync_bytes: int = 2 * MIB
    """What the periodic resync takes for each loaded cluster."""
    restart_factor: float = 1.4
    """The peak of a restart, in what its clusters keep for good."""


class Memory(Struct, frozen=True):
    """How the controllers' memory is read, and how full a shard may be."""

    selector: str = "app.kubernetes.io/name=argocd-application-controller"
    """Of the controllers' Pods, as a Kubernetes label selector."""
    port: int = 8082
    path: str = "/metrics"
    scrape_every_s: float = 5.0
    stale_after_s: float = 30.0
    limit_bytes: int | None = None
    """In place of what the Pods say. None: what they say."""
    overhead_bytes: int = 50 * MIB
    """What counts against the limit beside the heap: stacks, the runtime's and the kernel's own."""
    high: float = 0.85
    """The share of its limit up to which a shard is filled."""
    low: float = 0.7
    """The share under which it must be for the cool-down before it is filled again."""
    cool_down_s: float = 120.0
    collecting: float = 0.4
    """The share of its CPU that a controller spends collecting past which it is full."""
    survive: Survive = Survive.RESTART
    prior: Prior = Prior()


class StartWhen(Struct, frozen=True):
    """What must be, in the nearest ring before it with gates of a tier, before a ring starts it."""

    settled: float = 1.0
    """The share of its spokes on which the tier must have settled, more than 0, at most 1."""
    bake_s: float = 0.0
    """How long that must have been so."""
    approval: bool = False
    """Whether a person must have approved it, too."""


class StopWhen(Struct, frozen=True):
    """What stops a tier of a ring: it opens no more gates there, and what is open goes on."""

    stalled: int | float = 3
    """So many stalled gates (int), or a share of the ring's spokes with a gate of the tier (float,
    less than 1), rounded down, but never less than one."""


class Ring(Struct, frozen=True):
    """A group of spokes that is admitted after the rings before it."""

    name: str
    selector: Selector | None = None
    """Over the labels of a spoke's Secret. None: it takes all that no ring before it takes."""
    tiers: frozenset[str] = frozenset()
    """The tiers that it orders; empty means all."""
    start: StartWhen = StartWhen()
    stop: StopWhen = StopWhen()

    def orders(self, tier: str) -> bool:
        """Whether the ring has a say in when `tier` starts there; stalled gates stop any tier."""
        return not self.tiers or tier in self.tiers

    def takes(self, labels: Mapping[str, str]) -> bool:
        """Whether a spoke with these labels belongs to it, where no ring before it takes it."""
        return self.selector is None or matches(self.selector, labels) is True


class WindowKind(StrEnum):
    """What a window does while it is open."""

    ALLOW = "allow"
    """Gates open in it, and, of the rings that it names, at no other time."""
    DENY = "deny"
    """No gate opens in it, whatever another window allows."""


class Window(Struct, frozen=True):
    """Times at which gates may open, or may not."""

    name: str
    kind: WindowKind
    schedule: str
    """When it begins: a cron expression of five fields, in `time_zone`."""
    duration_s: float
    """How long it is open from each beginning, in time that passes: no clock change matters."""
    time_zone: str = "UTC"
    """Of the IANA data base."""
    rings: frozenset[str] = frozenset()
    """Whom it concerns; empty means every ring."""

    def concerns(self, ring: str) -> bool:
        """Whether the window has a say in when gates open on the spokes of `ring`."""
        return not self.rings or ring in self.rings


DEFAULT_RING = Ring("default")
"""It takes the spokes that no ring of the policy takes."""


class Policy(Struct, frozen=True, dict=True):
    """Everything that people decided for one hub.

    `dict=True`: the graph is worked out once, when first asked for, and kept with the policy. It
    raises what `graph` raises where the tiers are not sound; those of `read_policy` are.
    """

    tiers: tuple[Tier, ...]
    gates: Gates = Gates()
    namespace: str = "argocd"
    """Where Argo CD runs, with its cluster Secrets."""
    application_namespaces: tuple[str, ...] = ()
    """Where Applications and ApplicationSets are; none given means `namespace`, and becomes it."""
    ignore_application_sets: frozenset[str] = frozenset()
    """Those whose selection need not be understood: NAME (in any namespace) or NAMESPACE/NAME."""
    budgets: Budgets = Budgets()
    pacing: Pacing = Pacing()
    memory: Memory = Memory()
    recovery: Recovery = Recovery.OFF
    stale_after_s: float = 90.0
    """How long nothing may be heard of a watched kind: one bookmark a minute, and half of one."""
    rings: tuple[Ring, ...] = ()
    """In the order in which they start. The last takes every spoke that no other takes: where none
    does, it is `DEFAULT_RING`."""
    windows: tuple[Window, ...] = ()

    def __post_init__(self) -> None:
        if not self.application_namespaces:
            force_setattr(self, "application_namespaces", (self.namespace,))
        if not self.rings or self.rings[-1].selector is not None:
            force_setattr(self, "rings", (*self.rings, DEFAULT_RING))

    @cached_property
    def graph(self) -> Graph:
        """The tiers by name, and what each depends on."""
        return graph({tier.name: tier.depends_on for tier in self.tiers})

    @cached_property
    def by_name(self) -> dict[str, Tier]:
        """The tiers by name."""
        return {tier.name: tier for tier in self.tiers}

    @cached_property
    def order(self) -> tuple[Tier, ...]:
        """The tiers, each after all that it depends on."""
        return tuple(self.by_name[name] for name in self.graph.order)

    def needs(self, tier: str) -> frozenset[str]:
        """The tiers that `tier` depends on, directly or through others."""
        return self.graph.needs[tier]

    def dependents(self, tier: str) -> frozenset[str]:
        """The tiers that depend on `tier`, directly or through others."""
        return self.graph.dependents[tier]

    def depth(self, tier: str) -> int:
        """The length of the longest chain of tiers below `tier`."""
        return self.graph.depths[tier]

    @cached_property
    def bakes(self) -> bool:
        """Whether any ring waits for what has settled to stay so."""
        return any(ring.start.bake_s for ring in self.rings)

    def ring(self, labels: Mapping[str, str]) -> Ring:
        """The ring of a spoke whose Secret has these labels: the first that takes it."""
        return next(ring for ring in self.rings if ring.takes(labels))

    def ignores(self, namespace: str, name: str) -> bool:
        """Whether an ApplicationSet is named among those that need not be understood."""
        return name in self.ignore_application_sets or (
            f"{namespace}/{name}" in self.ignore_application_sets
        )
