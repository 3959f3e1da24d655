"""Did the watcher do what it must never do?

Looks on while the hub runs, with the hub's own evaluator, and keeps what it finds in `violations`.
A test that uses the hub ends by asserting that there are none.

- **S4**: after each write of the watcher to a cluster Secret, the next pass of the ApplicationSet
  controller deletes nothing that the same pass would not have deleted without it; a gate that was
  named for teardown before the write counts as closed on both sides. Where several Secrets have one
  `data.name`, Argo CD draws anew at each pass which of them it takes: a write that makes another
  spoke's Application hang on that draw counts, whatever the hub draws.
- **S3**: no gate is opened for the first time, with Applications to create, while a pass would
  delete something without it and none is due: the write would set that off.
- **S1**: what the watcher sends has the one shape it may have: a merge patch of a cluster Secret,
  with uid and resourceVersion, that touches gate labels, the annotation of opening times and what
  parks; a gate closes only where it was named for teardown. Nothing is deleted, and nothing of Argo
  CD's is written, but that an Application is asked to be refreshed.
- **P**: a spoke is parked by the watcher's mark and `skip-reconcile` together, and unparked by
  taking the mark away; a `skip-reconcile` without the mark is a person's, and stays. The hub itself
  is never parked.

The watcher is known by its field manager, and by its account where it has one of its own. What it
sends of other kinds (Leases, Events, the reviews of its own rights) is not looked at.

Elsewhere: the rest of the properties, which the tests of the daemon hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from watcher.embedded_hub.application_sets import ApplicationSets
from watcher.embedded_hub.applications import REFRESH
from watcher.embedded_hub.chance import Chance, T
from watcher.embedded_hub.generators import GenerationError
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.ownership import (
    DELETING_POLICIES,
    OwnedApplications,
    doomed,
    effective_policy,
)
from watcher.embedded_hub.parts import part
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, SECRET, Resource
from watcher.embedded_hub.selection import Generated, Selection
from watcher.embedded_hub.spokes import (
    IN_CLUSTER_SERVER,
    SKIP_RECONCILE,
    Spoke,
    spoke_of,
    truthy,
)
from watcher.embedded_hub.store import Event, Store, Write
from watcher.embedded_hub.users import WATCHER as ACCOUNT

MANAGER = "gate-watcher"
"""The field manager that the watcher writes as."""

_MERGE_PATCH = "application/merge-patch+json"
_WRITES = ("create", "update", "patch", "delete", "deletecollection")
_LABELS_THAT_ARE_NO_GATES = ("tier", "opened", "teardown", "spoke", "parked")


@dataclass(frozen=True, slots=True)
class Violation:
    """What the watcher did, and which property it broke."""

    rule: str
    said: str
    revision: int = 0
    """Of the write; 0 for what was only asked."""


class Asked(Protocol):
    """A request, as the HTTP server records it."""

    @property
    def user(self) -> str:
        """Who asks."""

    @property
    def verb(self) -> str:
        """As RBAC names it."""

    @property
    def resource(self) -> Resource | None:
        """The kind that it concerns."""

    @property
    def name(self) -> str | None:
        """The object that it concerns."""

    @property
    def query(self) -> Mapping[str, str]:
        """Of the URL."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Those of interest."""

    @property
    def body(self) -> bytes:
        """As it came."""


class Judge:
    """Follows the store from the moment it is made."""

    def __init__(
        self,
        store: Store,
        controller: ApplicationSets,
        *,
        prefix: str = "gate-watcher.io/",
        manager: str = MANAGER,
    ) -> None:
        self.prefix = prefix
        self.manager = manager
        self.requests: Sequence[Asked] = ()
        """Every request so far; the hub that serves HTTP puts its record here."""
        self._store = store
        self._controller = controller
        self._selection = Selection()
        self._owned = OwnedApplications(store)
        self._found: list[Violation] = []
        self._asked: dict[tuple[str, str], tuple[Write, frozenset[str]]] = {}
        """With the ApplicationSets that a pass was due for before."""
        self._looked_at = 0
        store.admit.append(self._remember)
        store.subscribe(self._follow)

    @property
    def violations(self) -> list[Violation]:
        """All that was found so far, in order."""
        for request in self.requests[self._looked_at :]:
            self._found += [Violation("S1", said) for said in self._misshapen(request)]
        self._looked_at = len(self.requests)
        return list(self._found)

    # Writes

    def _remember(self, write: Write) -> None:
        """Who asks is known only before the write is done; it may yet be refused."""
        if write.resource is SECRET:
            self._asked[write.namespace, write.name] = write, self._controller.due

    def _follow(self, event: Event) -> None:
        if event.resource is not SECRET:
            return
        metadata = event.object["metadata"]
        asked = self._asked.pop((metadata["namespace"], metadata["name"]), None)
        if asked is None or asked[0].manager != self.manager or event.before is None:
            return
        said = [*self._touched(event.before, event.object)]
        said += self._closed(event.before, event.object)
        self._found += [Violation("S1", one, event.revision) for one in said]
        parked = self._misparked(event.before, event.object)
        self._found += [Violation("P", one, event.revision) for one in parked]
        pending = self._pending(event.before, event.object, asked[1])
        self._found += [Violation("S3", one, event.revision) for one in pending]
        deleted = self._deletions(event.before, event.object)
        self._found += [Violation("S4", one, event.revision) for one in deleted]

    def _touched(self, before: Object, after: Object) -> Iterator[str]:
        """What changed that the watcher has no business with."""
        name = after["metadata"]["name"]
        for member in ("data", "type", "immutable"):
            if before.get(member) != after.get(member):
                yield f"{name}: {member} changed"
        for member, allowed in (("labels", self._is_gate), ("annotations", self._is_record)):
            old, new = part(before, "metadata", member), part(after, "metadata", member)
            for key in sorted(old.keys() | new.keys()):
                if old.get(key) != new.get(key) and not allowed(key):
                    yield f"{name}: {member} {key} changed"

    def _closed(self, before: Object, after: Object) -> Iterator[str]:
        """Gates that closed without a person's teardown."""
        named = self._torn(before)
        for key in sorted(self._changed_gates(before, after)):
            if self._closes(key, before, after) and not _names(named, self._tier(key)):
                yield f"{after['metadata']['name']}: gate {self._tier(key)} closed, no teardown"

    def _misparked(self, before: Object, after: Object) -> Iterator[str]:
        """What was parked or unparked that is not the watcher's to."""
        name, mark = after["metadata"]["name"], f"{self.prefix}parked"
        was, is_ = part(before, "metadata", "annotations"), part(after, "metadata", "annotations")
        ignored = truthy(was.get(SKIP_RECONCILE)), truthy(is_.get(SKIP_RECONCILE))
        if ignored[0] is ignored[1] and was.get(mark) == is_.get(mark):
            return
        if mark in is_:
            if not ignored[1] or (mark not in was and ignored[0]):
                yield f"{name}: marked as parked, which it is not"
            elif spoke_of(after).server.rstrip("/") == IN_CLUSTER_SERVER:
                yield f"{name}: the hub itself parked"
        elif mark not in was:
            yield f"{name}: skip-reconcile changed without the mark"
        elif ignored[1]:
            yield f"{name}: the mark of parking taken away alone"

    def _deletions(self, before: Object, after: Object) -> list[str]:
        """The Applications that the next pass deletes because of the write."""
        baseline = spoke_of(self._with_teardowns(before, after))
        spoke = spoke_of(after)
        found: list[str] = []
        for application_set in self._store.list(APPLICATION_SET):
            if self._selection.reads_clusters(application_set):
                found += self._deletions_by(application_set, baseline, spoke)
        return found

    def _pending(self, before: Object, after: Object, due: frozenset[str]) -> list[str]:
        """What the write sets off: a pass would have deleted it before, and none was `due`.

        A gate that was open once, or that creates nothing, may open all the same.
        """
        first = [
            key
            for key in self._changed_gates(before, after)
            if not self._closes(key, before, after) and not self._was_open(before, self._tier(key))
        ]
        if not first:
            return []
        was, is_ = self._spokes_with(spoke_of(before)), self._spokes_with(spoke_of(after))
        sets = [
            one for one in self._store.list(APPLICATION_SET) if self._selection.reads_clusters(one)
        ]
        if not any(self._creates(one, was, is_) for one in sets):
            return []
        return [
            f"{name} was waiting to be deleted at the write to {after['metadata']['name']}"
            for one in sets
            if one["metadata"]["name"] not in due
            for name in self._doomed(one, was)
        ]

    def _was_open(self, secret: Object, tier: str) -> bool:
        written = part(secret, "metadata", "annotations").get(f"{self.prefix}opened") or "{}"
        return f'"{tier}"' in written

    def _creates(self, application_set: Object, was: Sequence[Spoke], is_: Sequence[Spoke]) -> bool:
        try:
            more = self._names(application_set, is_) - self._names(application_set, was)
        except GenerationError:
            return False
        return bool(more - self._owned.by(application_set["metadata"]["name"]).keys())

    def _deletions_by(self, application_set: Object, before: Spoke, after: Spoke) -> Iterator[str]:
        if self._only_adds(application_set, before, after):
            return
        name = application_set["metadata"]["name"]
        because = f"because of the write to {after.secret}"
        was, is_ = self._spokes_with(before), self._spokes_with(after)
        anyway = self._doomed(application_set, was)
        now = [one for one in self._doomed(application_set, is_) if one not in anyway]
        yield from (f"{name} deletes {one} {because}" for one in now)
        for one in self._pushed_out(application_set, was, is_, after.name):
            if one not in now:
                yield f"{name} may delete or move {one} {because}"

    def _spokes_with(self, spoke: Spoke) -> list[Spoke]:
        """All of them with `spoke` as the one of its uid, in the order that the controller has.

        The order matters: the draw among several of one name is by place.
        """
        others = [one for one in self._controller.world().spokes if one.uid != spoke.uid]
        return sorted([*others, spoke], key=lambda one: one.secret)

    def _pushed_out(
        self, application_set: Object, was: Sequence[Spoke], is_: Sequence[Spoke], name: str
    ) -> list[str]:
        """What was generated whichever spoke named `name` was drawn, and now hangs on the draw.

        Argo CD draws anew at each pass, so sooner or later it draws another than the hub does.
        """
        draws = sum(one.name == name for one in is_)
        policy = effective_policy(application_set, self._controller.policy)
        if draws < 2 or policy not in DELETING_POLICIES:
            return []
        try:
            lost = self._certain(application_set, was, draws)
            lost -= self._certain(application_set, is_, draws)
        except GenerationError:
            return []
        return sorted(one for one, _ in lost)

    def _certain(
        self, application_set: Object, spokes: Sequence[Spoke], draws: int
    ) -> set[tuple[str, str]]:
        """The names and destinations that are generated whatever is drawn."""
        return set.intersection(
            *(
                {
                    (one.name, json.dumps(part(one.body, "spec", "destination"), sort_keys=True))
                    for one in self._generated(application_set, spokes, chance=_Taking(at))
                }
                for at in range(draws)
            )
        )

    def _only_adds(self, application_set: Object, before: Spoke, after: Spoke) -> bool:
        """Whether, for this spoke alone, all is still generated that was; then no more is asked.

        True only where the other spokes have no part in it: no flat list, no name or server twice.
        """
        spokes = self._controller.world().spokes
        names, servers = {one.name for one in spokes}, {one.server for one in spokes}
        if not len(names) == len(servers) == len(spokes):
            return False
        if "flatList" in json.dumps(application_set["spec"].get("generators")):
            return False
        try:
            was, is_ = (self._names(application_set, [one]) for one in (before, after))
        except GenerationError:
            return False
        return was <= is_

    def _doomed(self, application_set: Object, spokes: Sequence[Spoke]) -> list[str]:
        """What a pass deletes; nothing where generating fails, for that ends it before."""
        try:
            names = self._names(application_set, spokes)
        except GenerationError:
            return []
        owned = self._owned.by(application_set["metadata"]["name"])
        policy = effective_policy(application_set, self._controller.policy)
        return doomed(owned, names, policy)

    def _names(self, application_set: Object, spokes: Sequence[Spoke]) -> set[str]:
        chance = self._controller.world().chance
        return {one.name for one in self._generated(application_set, spokes, chance=chance)}

    def _generated(
        self, application_set: Object, spokes: Sequence[Spoke], *, chance: Chance
    ) -> list[Generated]:
        world = replace(self._controller.world(), spokes=spokes, chance=chance)
        return self._selection.generated(application_set, world)

    # Requests

    def _misshapen(self, request: Asked) -> Iterator[str]:
        mine = request.query.get("fieldManager") == self.manager or request.user == ACCOUNT.name
        if not mine or request.verb not in _WRITES:
            return
        what = f"{request.verb} of {request.resource.plural if request.resource else 'nothing'}"
        if request.verb == "patch" and request.resource is APPLICATION and _asks_only(request.body):
            return
        if request.verb.startswith("delete") or request.resource in (APPLICATION, APPLICATION_SET):
            yield f"{what} {request.name}"
        elif request.resource is SECRET:
            yield from (f"{what} {request.name}: {said}" for said in self._not_a_patch(request))

    def _not_a_patch(self, request: Asked) -> Iterator[str]:
        content_type = request.headers.get("Content-Type", "").partition(";")[0]
        if request.verb != "patch" or content_type != _MERGE_PATCH:
            yield f"{content_type or 'no content type'} is no merge patch"
            return
        body = json.loads(request.body)
        metadata = body.get("metadata") or {}
        if strange := (body.keys() - {"metadata"}) | (metadata.keys() - _PARTS):
            yield f"it holds {', '.join(sorted(strange))}"
        if not (metadata.get("uid") and metadata.get("resourceVersion")):
            yield "it has no uid or no resourceVersion"
        for member, allowed in (("labels", self._is_gate), ("annotations", self._is_record)):
            for key in part(metadata, member):
                if not allowed(key):
                    yield f"it holds {member} {key}"

    # What labels say

    def _is_gate(self, key: str) -> bool:
        tier = key.removeprefix(self.prefix)
        return key.startswith(self.prefix) and tier not in _LABELS_THAT_ARE_NO_GATES

    def _is_record(self, key: str) -> bool:
        return key in (f"{self.prefix}opened", f"{self.prefix}parked", SKIP_RECONCILE)

    def _tier(self, key: str) -> str:
        return key.removeprefix(self.prefix)

    def _torn(self, secret: Object) -> frozenset[str]:
        annotations = part(secret, "metadata", "annotations")
        written = annotations.get(f"{self.prefix}teardown") or ""
        return frozenset(part.strip() for part in written.split(",") if part.strip())

    def _changed_gates(self, before: Object, after: Object) -> set[str]:
        old, new = _labels(before), _labels(after)
        changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        return set(filter(self._is_gate, changed))

    def _closes(self, key: str, before: Object, after: Object) -> bool:
        """Either polarity: `open` went, or `closed` came."""
        return _labels(before).get(key) == "open" or _labels(after).get(key) == "closed"

    def _with_teardowns(self, before: Object, after: Object) -> Object:
        """`before`, with those gates closed that `after` closes and a person wanted closed."""
        named = self._torn(before)
        torn = {
            key
            for key in self._changed_gates(before, after)
            if self._closes(key, before, after) and _names(named, self._tier(key))
        }
        if not torn:
            return before
        kept = {key: value for key, value in _labels(before).items() if key not in torn}
        closed = {key: value for key, value in _labels(after).items() if key in torn}
        metadata = before["metadata"]
        version = f"{metadata['resourceVersion']} with {', '.join(sorted(torn))} closed"
        labels = {"labels": {**kept, **closed}, "resourceVersion": version}
        return {**before, "metadata": {**metadata, **labels}}


class _Taking(Chance):
    """Draws that always fall on the same place, counted round."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self._at = at

    def pick(self, options: Sequence[T], *_: object) -> T:
        return options[self._at % len(options)]


_PARTS = {"uid", "resourceVersion", "labels", "annotations"}


def _asks_only(body: bytes) -> bool:
    """Whether a patch of an Application asks for a refresh, and does nothing else."""
    document = json.loads(body)
    metadata = document.get("metadata") or {}
    return (
        document.keys() == {"metadata"}
        and metadata.keys() == {"uid", "annotations"}
        and metadata["annotations"] == {REFRESH: "normal"}
    )


def _labels(secret: Object) -> Mapping[str, str]:
    labels: Mapping[str, str] = part(secret, "metadata", "labels")
    return labels


def _names(named: frozenset[str], tier: str) -> bool:
    return "*" in named or tier in named
