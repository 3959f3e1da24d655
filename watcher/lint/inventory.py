"""What is looked at?

The objects as people wrote them, or as the hub has them: what the watcher reads of each (facts),
and what only lint reads beside it. The daemon keeps none of the latter.

Of a cluster Secret there is no field for credentials here either, and of a template's sources none
for the repository, whose URL may hold a password.

Facts (Argo CD, pkg/apis/application/v1alpha1/applicationset_types.go, types.go).

Elsewhere: how it is read from text or from the hub (hub/written.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from watcher.decide.addons import Addon, addon
from watcher.decide.gates import open_value
from watcher.decide.roster import Roster, roster
from watcher.decide.selection import Number, Subject, count
from watcher.facts import Application, ApplicationSet, Generator, Spoke
from watcher.lint.finding import Place
from watcher.policy import Gates, Policy


class Read(Struct, frozen=True):
    """One label or annotation of a spoke that a template reads straight, without having asked for
    it before: where the spoke lacks it, there is nothing to put in its place.
    """

    of: str
    """`labels` or `annotations`."""
    key: str


class Template(Struct, frozen=True):
    """The template of an ApplicationSet, unrendered."""

    name: str = ""
    labels: Mapping[str, str] = {}
    finalizers: tuple[str, ...] = ()
    destination_namespace: str = ""
    sources: tuple[str, ...] = ()
    """The path or the chart of each."""
    automated: bool = False
    disabled: bool = False
    """Whether `automated` is written there, and `enabled: false` in it."""
    patch: str = ""
    """`templatePatch`, which goes over all of this."""


class Origin(Struct, frozen=True):
    """What the metadata of an ApplicationSet tells of who made it, and keeps it as it is."""

    labels: Mapping[str, str] = {}
    tracked_by: str = ""
    """The Application that Argo CD's tracking annotation names."""
    release: str = ""
    """Helm's release."""
    owners: tuple[str, ...] = ()
    """Its owner references, each as KIND NAME."""
    writers: tuple[str, ...] = ()
    """The field managers that have a part of its spec."""
    applied: bool = False
    """Whether `kubectl apply` wrote it from a file."""


class WrittenSet(Struct, frozen=True):
    """An ApplicationSet."""

    set: ApplicationSet
    place: Place
    template: Template
    applications_sync: str = ""
    """`syncPolicy.applicationsSync`; empty where it says nothing."""
    preserve: bool = False
    """`syncPolicy.preserveResourcesOnDeletion`."""
    missing_key_fails: bool = False
    """Whether `goTemplateOptions` has `missingkey=error`."""
    reads: frozenset[Read] = frozenset()
    refused: frozenset[str] = frozenset()
    """The functions of its templates that are given labels or annotations, and fail on them."""
    names_secret_type: bool = False
    """Whether a selector asks for the label that every cluster Secret has: it narrows nothing, yet
    the selector is none that is empty."""
    repeated: tuple[str, ...] = ()
    """Keys that are given twice in the text, each with its line."""
    generators: bytes = b""
    """`spec.generators` as JSON; never shown whole, since a URL there may hold a password."""
    wave: int | None = None
    """`argocd.argoproj.io/sync-wave`, its own or its template's."""
    origin: Origin = Origin()

    @property
    def shown(self) -> str:
        """Kind and name."""
        return f"ApplicationSet {self.set.key}"

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return self.set.key

    @property
    def uid(self) -> str:
        """`metadata.uid`."""
        return self.set.uid

    @property
    def namespace(self) -> str:
        """`metadata.namespace`."""
        return self.set.namespace

    @property
    def resource_version(self) -> str:
        """`metadata.resourceVersion`."""
        return self.set.resource_version


class WrittenSpoke(Struct, frozen=True):
    """A cluster Secret, without its credentials."""

    spoke: Spoke
    place: Place
    annotations: frozenset[str] = frozenset()
    """The names of its annotations; never what they hold."""
    manifest: bool = False
    """Whether it was written by people: a copy from the hub has a resourceVersion."""

    @property
    def shown(self) -> str:
        """Kind and name."""
        return f"Secret {self.spoke.key}"

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return self.spoke.key

    @property
    def uid(self) -> str:
        """`metadata.uid`."""
        return self.spoke.uid

    @property
    def namespace(self) -> str:
        """`metadata.namespace`."""
        return self.spoke.namespace

    @property
    def resource_version(self) -> str:
        """`metadata.resourceVersion`."""
        return self.spoke.resource_version


class WrittenApplication(Struct, frozen=True):
    """An Application."""

    app: Application
    place: Place
    sets: frozenset[str] = frozenset()
    """The ApplicationSets among what `status.resources` says that it made, each as
    `namespace/name`."""

    @property
    def creates_sets(self) -> bool:
        """Whether an ApplicationSet is among what it made."""
        return bool(self.sets)

    @property
    def shown(self) -> str:
        """Kind and name."""
        return f"Application {self.app.namespace}/{self.app.name}"

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.app.namespace}/{self.app.name}"

    @property
    def uid(self) -> str:
        """`metadata.uid`."""
        return self.app.uid

    @property
    def namespace(self) -> str:
        """`metadata.namespace`."""
        return self.app.namespace

    @property
    def resource_version(self) -> str:
        """`metadata.resourceVersion`."""
        return self.app.resource_version


class Controller(Struct, frozen=True):
    """What the ApplicationSet controller was started with, as far as Argo CD's ConfigMap says."""

    policy: str = ""
    """Empty: none was given, which means sync."""
    overridable: bool = True
    """Whether an ApplicationSet's own `applicationsSync` counts."""
    namespaces: tuple[str, ...] = ()
    """Where it looks for ApplicationSets beside Argo CD's own namespace: names, or patterns."""


class Inventory(Struct, frozen=True, dict=True):
    """Everything that was read.

    `dict=True`: what is worked out of it is kept with it.
    """

    sets: tuple[WrittenSet, ...] = ()
    spokes: tuple[WrittenSpoke, ...] = ()
    applications: tuple[WrittenApplication, ...] = ()
    strays: tuple[WrittenSpoke, ...] = ()
    """Cluster Secrets outside of the namespace in which the policy says that Argo CD runs."""
    policy: Policy | None = None
    controller: Controller | None = None
    """None: nothing is known of it."""
    whole: bool = False
    """Whether that is all there is: read from a hub, not from files."""

    @cached_property
    def gates(self) -> Gates:
        """How gates are written."""
        return self.policy.gates if self.policy else Gates()

    @cached_property
    def addons(self) -> dict[str, Addon]:
        """Each ApplicationSet by its key, prepared for being asked about spokes."""
        policy = self.policy or Policy((), self.gates)
        return {each.key: addon(each.set, policy) for each in self.sets}

    @cached_property
    def by_key(self) -> dict[str, WrittenSet]:
        """The ApplicationSets by their keys."""
        return {each.key: each for each in self.sets}

    @cached_property
    def by_uid(self) -> dict[str, WrittenSpoke]:
        """The spokes by the UIDs of their Secrets."""
        return {each.uid: each for each in self.spokes}

    @cached_property
    def roster(self) -> Roster:
        """Which Secret is which spoke."""
        return roster(each.spoke for each in self.spokes)

    def selects(self, each: WrittenSet, spoke: WrittenSpoke) -> bool:
        """Whether it selects the spoke, or may, with every gate open."""
        return self.addons[each.key].on(spoke.spoke).opened != 0

    def certain(self, each: WrittenSet, spoke: WrittenSpoke) -> bool:
        """Whether that can be told for sure."""
        return self.addons[each.key].on(spoke.spoke).opened is not Number.UNKNOWN

    def gives(self, each: WrittenSet, generator: Generator, spoke: WrittenSpoke) -> bool:
        """Whether one of its generators surely selects the spoke with every gate open."""
        addon, held = self.addons[each.key], spoke.spoke
        labels = {key: text for key, text in held.labels.items() if key not in addon.gate_keys}
        if (value := open_value(self.gates)) is not None:
            labels |= dict.fromkeys(addon.gate_keys, value)
        subject = Subject(labels, held.name, held.server, held.project)
        given = count(generator, subject, go_template=addon.go_template)
        return isinstance(given, int) and given > 0

    def selected(self, each: WrittenSet) -> list[WrittenSpoke]:
        """The spokes that it selects, or may, with every gate open."""
        return [spoke for spoke in self.spokes if self.selects(each, spoke)]
