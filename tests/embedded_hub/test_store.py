from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.embedded_hub.standing import START, application, secret
from watcher.embedded_hub.clock import HandClock
from watcher.embedded_hub.errors import (
    AlreadyExists,
    BadRequest,
    Conflict,
    Expired,
    Forbidden,
    Invalid,
    NotFound,
    forbidden,
)
from watcher.embedded_hub.objects import thawed
from watcher.embedded_hub.resources import (
    APPLICATION,
    APPLICATION_SET,
    CONFIG_MAP,
    LEASE,
    NAMESPACE,
    POD,
    SECRET,
)
from watcher.embedded_hub.store import Event, Store, Write


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START)


@pytest.fixture
def store(clock: HandClock) -> Store:
    return Store(clock)


# Creating


def test_a_new_object_gets_what_the_server_owns(store: Store) -> None:
    made = store.create(APPLICATION, application("a"), manager="argocd")
    metadata = made["metadata"]
    assert (made["apiVersion"], made["kind"]) == ("argoproj.io/v1alpha1", "Application")
    assert metadata["creationTimestamp"] == "2027-01-15T08:00:00Z"
    assert metadata["resourceVersion"] == str(store.revision)
    assert metadata["generation"] == 1
    assert [entry["manager"] for entry in metadata["managedFields"]] == ["argocd"]
    assert len(metadata["uid"]) == 36


def test_only_custom_resources_count_generations(store: Store) -> None:
    assert "generation" not in store.create(SECRET, secret("a"))["metadata"]
    lease = {"metadata": {"name": "l", "namespace": "argocd"}, "spec": {}}
    assert "generation" not in store.create(LEASE, lease)["metadata"]


def test_uids_and_generated_names_repeat_with_the_seed_and_nothing_else(clock: HandClock) -> None:
    def made(seed: int) -> tuple[str, str]:
        obj = {"metadata": {"generateName": "order-", "namespace": "argocd"}}
        metadata = Store(clock, seed=seed).create(CONFIG_MAP, obj)["metadata"]
        return metadata["uid"], metadata["name"]

    assert made(1) == made(1)
    assert made(1) != made(2)
    assert made(1)[1].startswith("order-")


def test_what_is_there_cannot_be_created_again(store: Store) -> None:
    store.create(SECRET, secret("a"))
    with pytest.raises(AlreadyExists, match='secrets "a" already exists'):
        store.create(SECRET, secret("a"))


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({}, Invalid),
        ({"name": "Upper"}, Invalid),
        ({"name": "a", "labels": {"a b": "c"}}, Invalid),
        ({"name": "a", "labels": {"a": 1}}, BadRequest),
        ({"name": "a", "resourceVersion": "1"}, BadRequest),
        ({"name": "a", "namespace": "nowhere"}, NotFound),
    ],
)
def test_what_may_not_be_created_is_refused(
    store: Store, metadata: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        store.create(SECRET, {"metadata": {"namespace": "argocd", **metadata}})
    assert store.list(SECRET) == []


def test_a_create_does_not_take_a_status_that_is_a_subresource(store: Store) -> None:
    born = {"metadata": {"name": "a", "namespace": "argocd"}, "spec": {}, "status": {"x": 1}}
    assert "status" not in store.create(APPLICATION_SET, born)
    assert store.create(POD, born)["status"] == {"phase": "Pending"}
    assert store.create(APPLICATION, born)["status"] == {"x": 1}


def test_the_writer_may_go_on_changing_what_it_handed_in(store: Store) -> None:
    mine = application("a", status={"health": {"status": "Healthy"}})
    store.create(APPLICATION, mine)
    mine["status"]["health"]["status"] = "Degraded"
    got = store.get(APPLICATION, "argocd", "a")
    assert got is not None
    assert got["status"]["health"]["status"] == "Healthy"
    with pytest.raises(TypeError):
        got["status"]["health"]["status"] = "Degraded"


# Revisions


def test_each_write_raises_the_one_revision_by_one(store: Store) -> None:
    first = store.revision
    made = store.create(SECRET, secret("a"))
    changed = store.patch(SECRET, "argocd", "a", {"metadata": {"labels": {"x": "y"}}})
    store.create(APPLICATION, application("b"))
    gone = store.delete(SECRET, "argocd", "a")
    revisions = [int(obj["metadata"]["resourceVersion"]) for obj in (made, changed, gone)]
    assert revisions == [first + 1, first + 2, first + 4]
    assert store.revision == first + 4


def test_a_write_that_changes_nothing_is_none(store: Store) -> None:
    made = store.create(SECRET, secret("a", {"x": "y"}), manager="one")
    told: list[Event] = []
    store.subscribe(told.append)
    assert store.patch(SECRET, "argocd", "a", {"metadata": {"labels": {"x": "y"}}}) is made
    assert store.patch(SECRET, "argocd", "a", {"metadata": {"annotations": {"q": None}}}) is made
    assert store.replace(SECRET, thawed(made), manager="two") is made
    assert told == []


# Preconditions


def test_a_stale_version_is_a_conflict_before_the_uid_is_looked_at(store: Store) -> None:
    store.create(SECRET, secret("a"))
    with pytest.raises(Conflict, match="the object has been modified"):
        store.patch(SECRET, "argocd", "a", {"metadata": {"resourceVersion": "1", "uid": "x"}})
    stale = secret("a", resourceVersion="1")
    with pytest.raises(Conflict):
        store.replace(SECRET, stale)


def test_a_wrong_uid_is_invalid_in_a_patch_and_a_conflict_in_a_put(store: Store) -> None:
    store.create(SECRET, secret("a"))
    with pytest.raises(Invalid, match=r"metadata\.uid: Invalid value"):
        store.patch(SECRET, "argocd", "a", {"metadata": {"uid": "other"}})
    with pytest.raises(Conflict, match="UID in precondition: other"):
        store.replace(SECRET, secret("a", uid="other"))
    with pytest.raises(Conflict, match=r"UID in object meta: $"):
        store.replace(SECRET, secret("gone", uid="other"))


def test_right_preconditions_let_a_write_through(store: Store) -> None:
    metadata = store.create(SECRET, secret("a"))["metadata"]
    seen = {key: metadata[key] for key in ("uid", "resourceVersion")}
    patched = store.patch(SECRET, "argocd", "a", {"metadata": {**seen, "labels": {"x": "y"}}})
    assert patched["metadata"]["labels"] == {"x": "y"}
    with pytest.raises(Conflict):
        store.delete(SECRET, "argocd", "a", preconditions=seen)
    now = patched["metadata"]["resourceVersion"]
    store.delete(SECRET, "argocd", "a", preconditions={**seen, "resourceVersion": now})


def test_what_is_not_there_is_never_created_by_a_write(store: Store) -> None:
    with pytest.raises(NotFound, match='secrets "a" not found'):
        store.patch(SECRET, "argocd", "a", {"metadata": {"labels": {"x": "y"}}})
    with pytest.raises(NotFound):
        store.replace(SECRET, secret("a"))
    with pytest.raises(NotFound):
        store.delete(SECRET, "argocd", "a")


def test_a_replace_drops_what_it_does_not_name_and_keeps_what_the_server_owns(
    store: Store,
) -> None:
    made = store.create(SECRET, secret("a", {"gate": "open"}, annotations={"q": "r"}))
    after = store.replace(SECRET, secret("a", {"ring": "fleet"}))
    assert after["metadata"]["labels"] == {"ring": "fleet"}
    assert "annotations" not in after["metadata"]
    for kept in ("uid", "creationTimestamp"):
        assert after["metadata"][kept] == made["metadata"][kept]


def test_a_patch_changes_neither_kind_nor_name_nor_what_the_server_owns(store: Store) -> None:
    made = store.create(APPLICATION, application("a"))
    merge = {
        "kind": "Other",
        "metadata": {"creationTimestamp": "x", "generation": 9, "managedFields": [], "uid": None},
    }
    assert store.patch(APPLICATION, "argocd", "a", merge) is made
    with pytest.raises(Invalid, match=r"metadata\.name"):
        store.patch(APPLICATION, "argocd", "a", {"metadata": {"name": "b"}})


# Generations and status


def generation(obj: dict[str, Any]) -> int:
    return int(obj["metadata"]["generation"])


def test_an_application_counts_spec_and_status_and_not_metadata(store: Store) -> None:
    store.create(APPLICATION, application("a"))
    labelled = store.patch(APPLICATION, "argocd", "a", {"metadata": {"labels": {"x": "y"}}})
    assert generation(labelled) == 1
    assert generation(store.patch(APPLICATION, "argocd", "a", {"status": {"x": 1}})) == 2
    assert generation(store.patch(APPLICATION, "argocd", "a", {"operation": {}})) == 3


def test_an_application_set_has_its_status_at_its_own_door(store: Store) -> None:
    made = store.create(
        APPLICATION_SET, {"metadata": {"name": "a", "namespace": "argocd"}, "spec": {}}
    )
    merge = {"status": {"x": 1}, "spec": {"q": 1}}
    by_main = store.patch(APPLICATION_SET, "argocd", "a", merge)
    assert ("status" in by_main, by_main["spec"], generation(by_main)) == (False, {"q": 1}, 2)
    merge = {"status": {"x": 2}, "spec": {"q": 2}}
    by_status = store.patch(APPLICATION_SET, "argocd", "a", merge, subresource="status")
    assert (by_status["status"], by_status["spec"]) == ({"x": 2}, {"q": 1})
    assert generation(by_status) == 2
    whole = {**thawed(by_status), "spec": {"q": 3}, "status": {"x": 4}}
    replaced = store.replace(APPLICATION_SET, whole, subresource="status")
    assert (replaced["status"], replaced["spec"]) == ({"x": 4}, {"q": 1})
    assert made["metadata"]["uid"] == replaced["metadata"]["uid"]


# Deleting


def test_without_finalizers_an_object_goes_at_once(store: Store) -> None:
    store.create(SECRET, secret("a"))
    store.delete(SECRET, "argocd", "a")
    assert store.get(SECRET, "argocd", "a") is None


def test_with_finalizers_it_waits_until_the_last_is_taken_away(
    store: Store, clock: HandClock
) -> None:
    told: list[Event] = []
    store.create(APPLICATION, application("a", metadata={"finalizers": ["one", "two"]}))
    store.subscribe(told.append)
    going = store.delete(APPLICATION, "argocd", "a")
    assert going["metadata"]["deletionTimestamp"] == "2027-01-15T08:00:00Z"
    assert generation(going) == 2
    assert store.delete(APPLICATION, "argocd", "a") is going
    store.patch(APPLICATION, "argocd", "a", {"metadata": {"finalizers": ["two"]}})
    assert store.get(APPLICATION, "argocd", "a") is not None
    store.patch(APPLICATION, "argocd", "a", {"metadata": {"finalizers": None}})
    assert store.get(APPLICATION, "argocd", "a") is None
    assert [event.type for event in told] == ["MODIFIED", "MODIFIED", "DELETED"]
    last = told[-1].object["metadata"]
    assert last["finalizers"] == ["two"], "the state before the end, as a real watch shows it"
    assert last["resourceVersion"] == str(told[-1].revision)


def test_who_is_going_takes_no_new_finalizer_and_cannot_be_kept(store: Store) -> None:
    store.create(APPLICATION, application("a", metadata={"finalizers": ["one"]}))
    store.delete(APPLICATION, "argocd", "a")
    with pytest.raises(Invalid, match="no new finalizers can be added"):
        store.patch(APPLICATION, "argocd", "a", {"metadata": {"finalizers": ["one", "new"]}})
    store.patch(APPLICATION, "argocd", "a", {"metadata": {"deletionTimestamp": None}})
    kept = store.get(APPLICATION, "argocd", "a")
    assert kept is not None
    assert "deletionTimestamp" in kept["metadata"]


# Telling


def test_everybody_is_told_each_event_in_order_also_when_a_callback_writes(store: Store) -> None:
    first: list[tuple[str, int]] = []
    second: list[tuple[str, int]] = []

    def writes(event: Event) -> None:
        first.append((event.type, event.revision))
        if event.type == "ADDED" and event.resource is SECRET:
            store.create(CONFIG_MAP, {"metadata": {"name": "made", "namespace": "argocd"}})

    store.subscribe(writes)
    unsubscribe = store.subscribe(lambda event: second.append((event.type, event.revision)))
    store.create(SECRET, secret("a"))
    assert first == second
    assert [revision for _, revision in second] == [store.revision - 1, store.revision]
    unsubscribe()
    store.delete(SECRET, "argocd", "a")
    assert len(second) == 2


def test_an_event_tells_what_was_before(store: Store) -> None:
    told: list[Event] = []
    store.subscribe(told.append)
    made = store.create(SECRET, secret("a"))
    changed = store.patch(SECRET, "argocd", "a", {"data": {"x": "eA=="}})
    store.delete(SECRET, "argocd", "a")
    assert [(event.type, event.before) for event in told] == [
        ("ADDED", None), ("MODIFIED", made), ("DELETED", changed),
    ]  # fmt: skip
    assert told[0].object is made
    assert told[1].object is changed


def test_what_a_callback_raises_reaches_the_writer_after_everybody_was_told(store: Store) -> None:
    told: list[Event] = []

    def judge(event: Event) -> None:
        raise AssertionError(f"no {event.type} here")

    store.subscribe(judge)
    store.subscribe(told.append)
    with pytest.raises(AssertionError, match="no ADDED here"):
        store.create(SECRET, secret("a"))
    assert store.get(SECRET, "argocd", "a") is not None
    assert len(told) == 1


# Admission


def test_a_rule_sees_the_write_and_may_refuse_it(store: Store) -> None:
    seen: list[Write] = []

    def guard(write: Write) -> None:
        seen.append(write)
        if write.verb == "DELETE":
            raise forbidden(write.resource, write.name, "not here")

    made = store.create(SECRET, secret("a"))
    store.admit.append(guard)
    patched = store.patch(
        SECRET, "argocd", "a", {"data": {"x": "eA=="}}, user="somebody", manager="m"
    )
    with pytest.raises(Forbidden, match='secrets "a" is forbidden: not here'):
        store.delete(SECRET, "argocd", "a", user="somebody else")
    assert store.get(SECRET, "argocd", "a") is patched
    update, delete = seen
    assert (update.verb, update.user, update.manager) == ("UPDATE", "somebody", "m")
    assert update.before is made
    assert update.after is not None
    assert update.after["data"]["x"] == "eA=="
    assert (delete.before, delete.after, delete.user) == (patched, None, "somebody else")


def test_a_rule_is_asked_after_the_object_was_found_valid(store: Store) -> None:
    store.admit.append(lambda write: pytest.fail(f"asked about {write.name}"))
    with pytest.raises(Invalid):
        store.create(SECRET, secret("Bad"))


# Lists and history


def test_lists_are_in_the_order_of_namespace_and_name(store: Store) -> None:
    store.create(NAMESPACE, {"metadata": {"name": "argocd-2"}})
    places = [("argocd-2", "a"), ("argocd", "b"), ("argocd", "a"), ("argocd", "a-b")]
    for namespace, name in places:
        store.create(APPLICATION, application(name, metadata={"namespace": namespace}))

    def listed(namespace: str | None = None) -> list[tuple[str, str]]:
        found = store.list(APPLICATION, namespace)
        return [(obj["metadata"]["namespace"], obj["metadata"]["name"]) for obj in found]

    assert listed("argocd") == [("argocd", "a"), ("argocd", "a-b"), ("argocd", "b")]
    assert listed() == [("argocd-2", "a"), *listed("argocd")], "as etcd orders its keys"


def test_a_list_can_be_had_as_it_was_until_it_is_compacted(store: Store) -> None:
    store.create(SECRET, secret("a"))
    store.create(SECRET, secret("b"))
    then, was = store.revision, store.list(SECRET)
    store.patch(SECRET, "argocd", "a", {"data": {"x": "eA=="}})
    store.delete(SECRET, "argocd", "b")
    store.create(SECRET, secret("c"))
    assert store.list_at(SECRET, then, "argocd") == was
    assert store.list_at(SECRET, store.revision) == store.list(SECRET)
    store.compact(then + 1)
    with pytest.raises(Expired):
        store.list_at(SECRET, then)
    assert [event.type for event in store.events_since(SECRET, then + 1)] == ["DELETED", "ADDED"]


writes = st.lists(
    st.tuples(st.sampled_from(["create", "patch", "delete", "release"]), st.sampled_from("abc")),
    max_size=20,
)


@given(writes, st.data())
def test_replaying_events_from_any_revision_gives_the_present(
    ops: list[tuple[str, str]], data: st.DataObject
) -> None:
    store = Store(HandClock(START))
    then = {store.revision: store.list(APPLICATION)}
    for number, (op, name) in enumerate(ops):
        _try(store, op, name, number)
        then[store.revision] = store.list(APPLICATION)
    since = data.draw(st.sampled_from(sorted(then)))
    assert store.list_at(APPLICATION, since) == then[since]
    replayed = {obj["metadata"]["name"]: obj for obj in then[since]}
    for event in store.events_since(APPLICATION, since):
        name = event.object["metadata"]["name"]
        assert replayed.get(name) == event.before
        replayed[name] = event.object
        if event.type == "DELETED":
            del replayed[name]
    assert [replayed[name] for name in sorted(replayed)] == store.list(APPLICATION)


def _try(store: Store, op: str, name: str, number: int) -> None:
    finalizers = ["f"] if number % 2 else []
    try:
        match op:
            case "create":
                store.create(APPLICATION, application(name, metadata={"finalizers": finalizers}))
            case "patch":
                store.patch(APPLICATION, "argocd", name, {"status": {"n": number % 3}})
            case "delete":
                store.delete(APPLICATION, "argocd", name)
            case _:
                store.patch(APPLICATION, "argocd", name, {"metadata": {"finalizers": None}})
    except (NotFound, AlreadyExists):
        pass
