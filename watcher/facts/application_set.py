"""What did the hub report of an ApplicationSet?

The generators as a tree of frozen structs, as far as they can be evaluated without rendering a
template; what else the spec reads of a spoke's labels; what the controller says of its last pass.

Facts (Argo CD, applicationset/generators; pkg/apis/application/v1alpha1/applicationset_types.go):
- Each generator is one of clusters, matrix, merge, list, git, … with a sibling `selector` that
  filters what it gave. Terminal, matrix in matrix, no deeper.
- Selectors of a clusters generator that stands second in a matrix may be templates.

Elsewhere: which spokes it selects (decide/selection.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

from watcher.facts.instants import Instant
from watcher.facts.selectors import Selector


class Clusters(Struct, frozen=True, tag=True):
    """A clusters generator."""

    selector: Selector = Selector()
    flat_list: bool = False
    values: Mapping[str, str] = {}
    filter: Selector | None = None


class Elements(Struct, frozen=True, tag=True):
    """A list generator with literal elements (flattened: the key of nested members is dotted)."""

    elements: tuple[Mapping[str, str], ...]
    filter: Selector | None = None


class Matrix(Struct, frozen=True, tag=True):
    """The product of its children; the second is rendered with what the first gave."""

    children: tuple[Generator, ...]
    filter: Selector | None = None


class Merge(Struct, frozen=True, tag=True):
    """The first child defines the set, the others only override values."""

    children: tuple[Generator, ...]
    keys: tuple[str, ...] = ()
    filter: Selector | None = None


class Foreign(Struct, frozen=True, tag=True):
    """A generator that does not read clusters (git, plugin, …), or none that we know."""

    kind: str
    filter: Selector | None = None


Generator: TypeAlias = Clusters | Elements | Matrix | Merge | Foreign


class SetCondition(Struct, frozen=True):
    """A condition of an ApplicationSet."""

    type: str
    status: str
    reason: str = ""
    message: str = ""
    since: Instant | None = None


class ApplicationSet(Struct, frozen=True):
    """An ApplicationSet as the watcher needs it."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    created_at: Instant | None
    generators: tuple[Generator, ...] = ()
    go_template: bool = False
    deletes: bool = True
    """Whether it may delete Applications: `syncPolicy.applicationsSync` is not create-only or
    create-update."""
    cascades: bool = True
    """Whether its Applications take what they installed with them when they are deleted: its
    template has Argo CD's resources finalizer, or Argo CD adds it."""
    rolling: bool = False
    """Whether it has a RollingSync strategy."""
    waiting_steps: Mapping[str, str] = {}
    """Application name to its RollingSync status (Waiting, Pending, …), from
    `status.applicationStatus`."""
    tier_label: str | None = None
    """The label `<prefix>tier` of its template, which decides where it is set; may be a template
    itself."""
    reads_keys: frozenset[str] = frozenset()
    """Keys of labels and annotations that its templates name (`metadata.labels.KEY`)."""
    reads_all_labels: bool = False
    """Whether a template takes the labels as a whole (`range .metadata.labels`), so that any
    label may change what it renders."""
    destination_varies: bool = True
    """Whether `template.spec.destination` is templated; where it is constant, the destination
    of an Application does not tell its spoke."""
    conditions: tuple[SetCondition, ...] = ()
    unreadable: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """`namespace/name`, as people type it."""
        return f"{self.namespace}/{self.name}"
