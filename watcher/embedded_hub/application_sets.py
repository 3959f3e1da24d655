"""What does Argo CD's ApplicationSet controller do, and when?

A model of its passes. It creates, updates and deletes Applications within milliseconds of any event
of any cluster Secret: whoever takes a gate's label away has ordered a deletion.

Facts (Argo CD, applicationset/controllers/applicationset_controller.go, clustereventhandler.go;
recorded in tests/captured/streams and tests/selection):
- Every event of a cluster Secret brings a pass over every ApplicationSet that has a clusters
  generator, whatever it selects: 15 to 30 ms later, and no two passes over one at a time.
- A pass generates, creates and updates, and then deletes what it owns and does not want. An error
  before that ends it, so then nothing is deleted.
- Labels, annotations and finalizers of an Application are those of the template at each update.
- `status.resources` tells of the time of the last pass; conditions keep their instant while they
  say the same; an error brings another pass after three minutes.
- An Application that is being deleted is left alone; when it is gone, the next pass makes it anew.

Not modelled: progressive syncs, ApplicationSets outside Argo CD's namespace, `--dry-run`.

Elsewhere: what is generated (selection.py), and what of it may not be (refusals.py); what happens
on the spoke (applications.py).
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from watcher.embedded_hub.agenda import Agenda
from watcher.embedded_hub.chance import Chance
from watcher.embedded_hub.errors import ApiError
from watcher.embedded_hub.generators import GenerationError, World
from watcher.embedded_hub.objects import FrozenDict, Object, frozen, same_parts, with_parts
from watcher.embedded_hub.ownership import (
    DELETING_POLICIES,
    UPDATING_POLICIES,
    OwnedApplications,
    doomed,
    effective_policy,
    owner_of,
)
from watcher.embedded_hub.parts import part
from watcher.embedded_hub.refusals import Refusals
from watcher.embedded_hub.repository import Files
from watcher.embedded_hub.resources import APPLICATION, APPLICATION_SET, SECRET
from watcher.embedded_hub.selection import RESOURCES_FINALIZER, Generated, Selection
from watcher.embedded_hub.set_status import Fault, set_resource, set_status
from watcher.embedded_hub.spokes import DestinationError, Spokes, is_spoke
from watcher.embedded_hub.stamps import stamp
from watcher.embedded_hub.statuses import fresh_status
from watcher.embedded_hub.store import Event, Store

REFRESH_SET = "argocd.argoproj.io/application-set-refresh"
USER = "system:serviceaccount:argocd:argocd-applicationset-controller"
_MANAGER = "argocd"

_PASS_BEGINS_S = (0.012, 0.030)
_STATUS_FOLLOWS_S = (0.004, 0.010)
_AFTER_AN_ERROR_S = 180.0
_GIT_S = 180.0

_KEPT_ANNOTATIONS = (
    "notified.notifications.argoproj.io", "argocd.argoproj.io/refresh",
    "argocd.argoproj.io/hydrate",
)  # fmt: skip
_NO_FILES: Files = FrozenDict()


class ApplicationSets:
    """The controller. It follows the store and writes to it; `paused` it does neither."""

    def __init__(
        self,
        store: Store,
        agenda: Agenda,
        chance: Chance,
        spokes: Spokes,
        *,
        files: Files = _NO_FILES,
        policy: str = "sync",
    ) -> None:
        self.files = files
        """What git generators find; replace it whole to push a commit."""
        self.policy = policy
        """The controller's own, where an ApplicationSet names none."""
        self.paused = False
        self._store = store
        self._agenda = agenda
        self._chance = chance
        self._spokes = spokes
        self._namespace = spokes.namespace
        self._selection = Selection()
        self._refusals = Refusals(store, spokes)
        self._owned = OwnedApplications(store)
        self._as_wanted: dict[str, Generated] = {}
        """By name, what an Application is known to be like; until somebody changes it."""
        self._told: dict[str, tuple[Object, Object]] = {}
        self._under_way: set[str] = set()
        self._again_at: dict[str, float] = {}
        self._passes = itertools.count()
        store.subscribe(self._follow)
        self.wake_all()

    def wake_all(self) -> None:
        """A pass over every ApplicationSet, as at a start of the controller."""
        for application_set in self._store.list(APPLICATION_SET, self._namespace):
            self._wake(application_set["metadata"]["name"])

    def pause(self) -> None:
        """The controller is down: what happens meanwhile brings no pass."""
        self.paused = True

    def resume(self) -> None:
        """End a pause: the controller starts, and looks at everything."""
        self.paused = False
        self.wake_all()

    def world(self) -> World:
        """What a pass would read now."""
        return World(self._spokes.all(), self.files, self._chance)

    @property
    def due(self) -> frozenset[str]:
        """The ApplicationSets whose next pass is on its way already."""
        return frozenset(self._under_way)

    def would_delete(self) -> list[str]:
        """The Applications that a pass over everything would delete now, if writing went well."""
        found: list[str] = []
        for application_set in self._store.list(APPLICATION_SET, self._namespace):
            try:
                generated = self._selection.generated(application_set, self.world())
            except GenerationError:
                continue
            owned = self._owned.by(application_set["metadata"]["name"])
            policy = effective_policy(application_set, self.policy)
            found += doomed(owned, {one.name for one in generated}, policy)
        return found

    # What brings a pass

    def _follow(self, event: Event) -> None:
        if event.object["metadata"].get("namespace") != self._namespace:
            return
        if event.resource is SECRET and is_spoke(event.object, self._namespace):
            for application_set in self._store.list(APPLICATION_SET, self._namespace):
                if self._selection.reads_clusters(application_set):
                    self._wake(application_set["metadata"]["name"])
        elif event.resource is APPLICATION_SET:
            self._follow_set(event)
        elif event.resource is APPLICATION and _concerns_owner(event):
            self._as_wanted.pop(event.object["metadata"]["name"], None)
            owner = owner_of(event.object)
            if owner:
                self._wake(owner)

    def _follow_set(self, event: Event) -> None:
        if event.type == "DELETED":
            self._selection.forget(event.object)
        elif event.before is None or _asks_for_pass(event.before, event.object):
            self._wake(event.object["metadata"]["name"])

    def _wake(self, name: str) -> None:
        if self.paused or name in self._under_way:
            return
        self._under_way.add(name)
        delay = self._chance.between(*_PASS_BEGINS_S, "pass", name, next(self._passes))
        self._agenda.after(delay, functools.partial(self._begin, name))

    def _begin(self, name: str) -> None:
        self._under_way.discard(name)
        application_set = self._store.get(APPLICATION_SET, self._namespace, name)
        if application_set is None or self.paused:
            return
        if "deletionTimestamp" in application_set["metadata"]:
            self._let_go(application_set)
        else:
            self._pass(application_set)

    # A pass

    def _pass(self, application_set: Object) -> None:
        name = application_set["metadata"]["name"]
        try:
            generated = self._selection.generated(application_set, self.world())
        except GenerationError as error:
            if error.reason:
                self._report(name, (error.reason, error.message), generated=False)
                self._again(name, _AFTER_AN_ERROR_S)
            return
        refused = self._refusals.of(name, generated)
        valid = [one for one in generated if one.name not in refused]
        policy = effective_policy(application_set, self.policy)
        fault = self._apply(valid, policy) or self._delete(application_set, generated, policy)
        if fault is None:
            self._acknowledge(application_set)
        if fault is None and refused:
            fault = "ApplicationValidationError", refused[min(refused)]
        self._report(name, fault, generated=True)
        if fault is not None:
            self._again(name, _AFTER_AN_ERROR_S)
        elif self._selection.reads_git(application_set):
            self._again(name, _GIT_S)

    def _apply(self, wanted: Iterable[Generated], policy: str) -> Fault | None:
        faults: list[str] = []
        for one in wanted:
            if self._as_wanted.get(one.name) is one:
                continue
            try:
                self._apply_one(one, policy)
                self._as_wanted[one.name] = one
            except ApiError as error:
                faults.append(error.message)
        return ("UpdateApplicationError", faults[0]) if faults else None

    def _apply_one(self, one: Generated, policy: str) -> None:
        there = self._store.get(APPLICATION, self._namespace, one.name)
        if there is None:
            body = with_parts(one.body, status=fresh_status())
            self._store.create(APPLICATION, body, manager=_MANAGER, user=USER)
            return
        if policy not in UPDATING_POLICIES:
            return
        owner = owner_of(there)
        wanted_owner = one.body["metadata"]["ownerReferences"][0]["name"]
        if owner not in (None, wanted_owner):
            raise ApiError(
                f"Object {self._namespace}/{one.name} is already owned by another ApplicationSet"
                f" controller {owner}"
            )
        updated = _updated(there, one.body)
        if not same_parts(there, updated):
            self._store.replace(APPLICATION, updated, manager=_MANAGER, user=USER)

    def _delete(
        self, application_set: Object, generated: list[Generated], policy: str
    ) -> Fault | None:
        owned = self._owned.by(application_set["metadata"]["name"])
        if policy not in DELETING_POLICIES:
            return None
        if not all(spoke.readable for spoke in self._spokes.all()):
            return (
                "DeleteApplicationError",
                "error listing clusters: error listing clusters: cluster cache contains unexpected"
                " type *v1.Secret instead of *Cluster, secret conversion failure",
            )
        for name in doomed(owned, {one.name for one in generated}, policy):
            try:
                self._delete_one(owned[name])
            except ApiError as error:
                return "DeleteApplicationError", error.message
        return None

    def _delete_one(self, application: Object) -> None:
        metadata = application["metadata"]
        try:
            self._spokes.resolved(part(application, "spec", "destination"))
        except DestinationError:
            kept = [one for one in metadata.get("finalizers", ()) if one != RESOURCES_FINALIZER]
            patch = {"metadata": {"finalizers": kept or None}}
            name = metadata["name"]
            self._store.patch(
                APPLICATION, self._namespace, name, patch, manager=_MANAGER, user=USER
            )
        self._store.delete(APPLICATION, self._namespace, metadata["name"], user=USER)

    def _acknowledge(self, application_set: Object) -> None:
        metadata = application_set["metadata"]
        if REFRESH_SET in part(metadata, "annotations"):
            patch = {"metadata": {"annotations": {REFRESH_SET: None}}}
            self._write(metadata["name"], patch, None)

    def _let_go(self, application_set: Object) -> None:
        """The set is being deleted: its finalizer goes, children first where they are to stay."""
        metadata = application_set["metadata"]
        if RESOURCES_FINALIZER not in metadata.get("finalizers", ()):
            return
        if effective_policy(application_set, self.policy) not in DELETING_POLICIES:
            for name in tuple(self._owned.by(metadata["name"])):
                patch = {"metadata": {"ownerReferences": None}}
                self._store.patch(APPLICATION, self._namespace, name, patch, manager=_MANAGER)
        kept = [one for one in metadata["finalizers"] if one != RESOURCES_FINALIZER]
        self._write(metadata["name"], {"metadata": {"finalizers": kept or None}}, None)

    def _again(self, name: str, seconds: float) -> None:
        at = self._again_at[name] = self._agenda.clock.now() + seconds

        def wake() -> None:
            if self._again_at.get(name) == at:  # no later pass has put it off
                self._wake(name)

        self._agenda.at(at, wake)

    # What a pass tells

    def _report(self, name: str, fault: Fault | None, *, generated: bool) -> None:
        there = self._store.get(APPLICATION_SET, self._namespace, name)
        if there is not None and "status" not in there:
            self._write(name, {"status": {"health": {}}}, "status")
        owned = sorted(self._owned.by(name).items())
        resources = [self._resource(*one) for one in owned] if generated else None
        delay = self._chance.between(*_STATUS_FOLLOWS_S, "status", name, next(self._passes))
        self._agenda.after(delay, lambda: self._write_status(name, fault, resources))

    def _resource(self, name: str, application: Object) -> Object:
        known = self._told.get(name)
        if known is None or known[0] is not application:
            known = self._told[name] = (application, frozen(set_resource(application)))
        return known[1]

    def _write_status(self, name: str, fault: Fault | None, resources: list[Object] | None) -> None:
        there = self._store.get(APPLICATION_SET, self._namespace, name)
        if there is not None:
            now = stamp(self._agenda.clock.now())
            status = set_status(part(there, "status"), fault, resources, now=now)
            self._write(name, {"status": status}, "status")

    def _write(self, name: str, patch: Mapping[str, Any], subresource: str | None) -> None:
        self._store.patch(
            APPLICATION_SET,
            self._namespace,
            name,
            patch,
            subresource=subresource,
            manager=_MANAGER,
            user=USER,
        )


def _asks_for_pass(before: Object, after: Object) -> bool:
    """Whether anything but the status changed; that the wish for a pass goes does not count."""
    if before["spec"] is not after["spec"]:
        return True
    old, new = before["metadata"], after["metadata"]
    was, is_ = part(old, "annotations"), part(new, "annotations")
    told = {key: value for key, value in was.items() if key != REFRESH_SET or key in is_}
    members = ("labels", "finalizers", "deletionTimestamp")
    return told != is_ or any(old.get(member) != new.get(member) for member in members)


def _concerns_owner(event: Event) -> bool:
    """Whether the owner looks: at an end, and at any change that it might have to undo."""
    if event.type == "DELETED":
        return True
    if event.before is None:
        return False
    old, new = event.before, event.object
    members = ("labels", "annotations", "finalizers", "ownerReferences")
    was, is_ = old["metadata"], new["metadata"]
    changed = any(was.get(member) != is_.get(member) for member in members)
    return changed or old.get("spec") is not new.get("spec")


def _updated(there: Object, wanted: Object) -> Object:
    """`there` as the template wants it."""
    metadata, told = there["metadata"], wanted["metadata"]
    kept = {
        key: value
        for key, value in part(metadata, "annotations").items()
        if key in _KEPT_ANNOTATIONS
    }
    annotations = {**kept, **part(told, "annotations")}
    members = {
        "labels": told.get("labels"),
        "annotations": annotations or None,
        "ownerReferences": told["ownerReferences"],
    }
    if "deletionTimestamp" not in metadata:  # no new finalizer may be added to one that is going
        members["finalizers"] = told.get("finalizers")
    return with_parts(there, metadata=with_parts(metadata, **members), spec=wanted["spec"])
