from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw, structs

from tests.captured.junk import junked, paths
from tests.captured.recorded import captured, last, objects, streams
from watcher.facts import (
    Application,
    ApplicationSet,
    Clusters,
    Condition,
    Expression,
    Foreign,
    Hydration,
    Matrix,
    Merge,
    Operation,
    Owner,
    Selector,
    Spoke,
    instant,
)
from watcher.hub.decode import Decoder
from watcher.hub.reported import ReportedMeta, ReportedSecretData, ReportedSpokeMeta
from watcher.policy import Gates

DECODER = Decoder(Gates())
OTHER_PREFIX = Decoder(Gates(prefix="gates.example.com"))

APPLICATION = last("one-spoke-four-tiers", "Application", "spoke-000-ingress-nginx")
SECRET = last("one-spoke-four-tiers", "Secret", "spoke-000")
SET = last("merge-and-matrix", "ApplicationSet", "addon-merged")


def at(text: str) -> float:
    found = instant(text)
    assert found is not None
    return found


def application(document: Any) -> Application:
    return DECODER.application(json.dumps(document).encode())


def application_set(document: Any) -> ApplicationSet:
    return DECODER.application_set(json.dumps(document).encode())


def spoke(document: Any) -> Spoke:
    return DECODER.spoke(json.dumps(document).encode())


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of `document` with `value` at `path`; members on the way are made."""
    copy: dict[str, Any] = json.loads(json.dumps(document))
    *above, name = path.split("|")
    part = copy
    for step in above:
        part = part.setdefault(step, {})
    part[name] = value
    return copy


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


# --- Applications ---------------------------------------------------------------------------------


def test_a_real_application_gives_its_facts() -> None:
    assert application(APPLICATION) == Application(
        namespace="argocd",
        name="spoke-000-ingress-nginx",
        uid=APPLICATION["metadata"]["uid"],
        resource_version="644",
        created_at=at("2026-11-24T10:16:54Z"),
        owner=Owner("addon-ingress-nginx", "a100a140-ab32-423b-b9a7-93e41d47e53e"),
        server="https://127.0.1.1:27443",
        automated=True,
        cascades=True,
        operation=Operation(
            phase="Succeeded",
            finished_at=at("2026-11-24T10:16:55Z"),
            message="successfully synced (all tasks run)",
        ),
        sync_status="Synced",
        health_status="Healthy",
        health_since=at("2026-11-24T10:17:01Z"),
        reconciled_at=at("2026-11-24T10:16:55Z"),
        spec_digest=application(APPLICATION).spec_digest,
        compared_digest=application(APPLICATION).spec_digest,
        deployed_at=at("2026-11-24T10:16:55Z"),
    )


def test_a_fresh_application_has_a_status_of_empty_strings() -> None:
    first = next(objects("one-spoke-four-tiers", "Application"))
    said = application(first)
    assert (said.sync_status, said.health_status) == ("", "")
    assert (said.reconciled_at, said.operation, said.health_since) == (None, None, None)
    assert said.compared_digest != said.spec_digest
    assert said.unreadable == ()


@pytest.mark.parametrize("name", streams())
def test_nothing_of_a_recorded_stream_is_unreadable(name: str) -> None:
    assert not [
        one for each in objects(name, "Application") for one in application(each).unreadable
    ]
    assert not [one for each in objects(name, "Secret") for one in spoke(each).unreadable]
    sets = objects(name, "ApplicationSet")
    assert not [one for each in sets for one in application_set(each).unreadable]


@pytest.mark.parametrize("name", streams())
def test_once_it_was_compared_a_recorded_application_was_compared_as_it_is(name: str) -> None:
    """No stream holds a change of what is compared, nor a hub that writes it in another way."""
    for each in objects(name, "Application"):
        said = application(each)
        assert (said.compared_digest == said.spec_digest) is (said.reconciled_at is not None)


def test_a_failed_attempt_that_waits_for_its_retry() -> None:
    said = application(last("odd-applications", "Application", "spoke-001-failing"))
    assert said.operation is not None
    assert said.operation.phase == "Running"
    assert said.operation.finished_at is not None
    assert said.operation.retries == 3
    assert said.operation_pending


def test_an_application_with_an_error_condition() -> None:
    said = application(last("odd-applications", "Application", "spoke-001-broken"))
    (condition,) = said.conditions
    assert condition.type == "ComparisonError"
    assert "no-such-path" in condition.message


def test_an_application_under_deletion() -> None:
    states = [application(o) for o in objects("gate-lost-and-reopened", "Application")]
    assert {each.name.removeprefix("spoke-000-") for each in states if each.deleting_since} == {
        "argo-rollouts",
        "ingress-nginx",
        "keda",
    }


@pytest.mark.parametrize("name", captured("application-"))
def test_each_captured_application_was_compared_as_it_is(name: str) -> None:
    said = application(captured("application-")[name])
    assert said.compared_digest == said.spec_digest
    assert (said.sync_status, said.health_status, said.unreadable) == ("Synced", "Healthy", ())


@pytest.mark.parametrize(
    ("member", "value", "owned"),
    [
        ("controller", True, True),
        ("controller", False, False),
        ("controller", None, False),
        ("kind", "Application", False),
        ("apiVersion", "argoproj.io/v1alpha2", True),
        ("apiVersion", "elsewhere.io/v1alpha1", False),
        ("name", "", False),
    ],
)
def test_only_a_controlling_application_set_of_argo_cd_owns(
    member: str, value: Any, owned: bool
) -> None:
    (reference,) = APPLICATION["metadata"]["ownerReferences"]
    references = [{**reference, member: value}]
    said = application(changed(APPLICATION, "metadata|ownerReferences", references))
    assert (said.owner is not None) is owned


def test_the_owner_is_found_among_others() -> None:
    (reference,) = APPLICATION["metadata"]["ownerReferences"]
    others = [{"kind": "ConfigMap", "name": "x", "apiVersion": "v1", "uid": "1"}, reference]
    said = application(changed(APPLICATION, "metadata|ownerReferences", others))
    assert said.owner == Owner(reference["name"], reference["uid"])


@pytest.mark.parametrize(
    ("policy", "automated"),
    [
        (None, False),
        ({}, False),
        ({"automated": None}, False),
        ({"automated": {}}, True),
        ({"automated": {"prune": True}}, True),
        ({"automated": {"enabled": True}}, True),
        ({"automated": {"enabled": False, "prune": True}}, False),
        ({"automated": {"enabled": None}}, True),
    ],
)
def test_automated_sync_is_there_unless_it_is_switched_off(policy: Any, automated: bool) -> None:
    assert application(changed(APPLICATION, "spec|syncPolicy", policy)).automated is automated


@pytest.mark.parametrize(
    ("text", "skipped"),
    [("true", True), ("1", True), ("T", True), ("True", True), ("yes", False), ("false", False)],
)
def test_skip_reconcile_is_what_go_takes_for_true(text: str, skipped: bool) -> None:
    notes = {"argocd.argoproj.io/skip-reconcile": text}
    assert (
        application(changed(APPLICATION, "metadata|annotations", notes)).skip_reconcile is skipped
    )
    assert spoke(changed(SECRET, "metadata|annotations", notes)).skip_reconcile is skipped


@pytest.mark.parametrize(
    ("finalizers", "cascades"),
    [
        (None, False),
        ([], False),
        (["resources-finalizer.argocd.argoproj.io"], True),
        (["a.example.com/b", "resources-finalizer.argocd.argoproj.io/background"], True),
        (["post-delete-finalizer.argocd.argoproj.io"], False),
    ],
)
def test_argo_cds_finalizer_makes_a_deletion_take_all_that_was_installed(
    finalizers: Any, cascades: bool
) -> None:
    assert application(changed(APPLICATION, "metadata|finalizers", finalizers)).cascades is cascades


def test_labels_of_the_prefix_name_tier_and_spoke() -> None:
    labels = {"gate-watcher.io/tier": "compute", "gates.example.com/spoke": "a", "tier": "x"}
    labelled = changed(APPLICATION, "metadata|labels", labels)
    said = application(labelled)
    assert (said.tier_label, said.spoke_label) == ("compute", None)
    said = OTHER_PREFIX.application(json.dumps(labelled).encode())
    assert (said.tier_label, said.spoke_label) == (None, "a")


@pytest.mark.parametrize(
    ("destination", "server", "cluster"),
    [
        ({"server": "https://a/", "namespace": "x"}, "https://a", ""),
        ({"server": "https://a//"}, "https://a", ""),
        ({"name": "a"}, "", "a"),
        ({"server": "https://a", "name": ""}, "https://a", ""),
        ({}, "", ""),
        (None, "", ""),
    ],
)
def test_the_destination_tells_the_spoke(destination: Any, server: str, cluster: str) -> None:
    said = application(changed(APPLICATION, "spec|destination", destination))
    assert (said.server, said.cluster) == (server, cluster)


def test_a_hydrator_that_has_not_begun_says_so() -> None:
    hydrator = {"drySource": {"repoURL": "r", "path": "p"}, "syncSource": {"targetBranch": "b"}}
    asked = changed(APPLICATION, "spec|sourceHydrator", hydrator)
    assert application(asked).hydration == Hydration("")
    running = {"currentOperation": {"phase": "Hydrating", "message": "m", "startedAt": "x"}}
    said = application(changed(asked, "status|sourceHydrator", running))
    assert said.hydration == Hydration("Hydrating", "m")


def test_without_a_hydrator_its_empty_status_says_nothing() -> None:
    assert APPLICATION["status"].get("sourceHydrator") in (None, {})
    said = application(changed(APPLICATION, "status|sourceHydrator", {"currentOperation": {}}))
    assert said.hydration is None


def test_the_latest_deployment_counts_in_whatever_order_they_stand() -> None:
    days = ["2026-03-02T09:00:00Z", "2026-03-04T09:00:00Z", "2026-03-03T09:00:00Z"]
    history = [{"deployedAt": day, "id": 1} for day in days]
    said = application(changed(APPLICATION, "status|history", history))
    assert said.deployed_at == at(days[1])


def test_what_few_words_say_is_kept_once_and_a_message_only_as_long_as_it_is_needed() -> None:
    one, other = application(APPLICATION), application(APPLICATION)
    assert one.operation is not None
    assert other.operation is not None
    assert one.operation.phase is other.operation.phase
    assert one.health_status is other.health_status
    assert one.server is other.server
    assert one.operation.message == other.operation.message
    assert one.operation.message is not other.operation.message


def test_the_keys_of_labels_are_kept_once_and_their_values_are_not() -> None:
    document = changed(SECRET, "metadata|labels", {"revision": "a-revision"})
    ((key, value),), ((same, another),) = (spoke(document).labels.items() for _ in "ab")
    assert key is same
    assert value == another
    assert value is not another


@pytest.mark.parametrize("absent", [None, "absent"])
def test_no_status_at_all_is_no_problem(absent: Any) -> None:
    bare = {key: value for key, value in APPLICATION.items() if key != "status"}
    said = application(bare if absent == "absent" else {**bare, "status": None})
    assert (said.sync_status, said.health_status, said.reconciled_at) == ("", "", None)
    assert said.unreadable == ()


# --- times ----------------------------------------------------------------------------------------

TIMES = {
    "metadata|creationTimestamp": "created_at",
    "metadata|deletionTimestamp": "deleting_since",
    "status|health|lastTransitionTime": "health_since",
    "status|reconciledAt": "reconciled_at",
}


@pytest.mark.parametrize("path", TIMES)
@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2099-01-01T00:00:00.5+05:30"]
)
def test_a_time_may_be_absurd_and_is_a_time(path: str, text: str) -> None:
    said = application(changed(APPLICATION, path, text))
    assert getattr(said, TIMES[path]) == at(text)
    assert said.unreadable == ()


@pytest.mark.parametrize("path", [*TIMES, "status|operationState|finishedAt"])
@pytest.mark.parametrize("text", ["yesterday", "10000-01-01T00:00:00Z", "0000-00-00T00:00:00Z"])
def test_a_time_that_cannot_be_read_is_not_taken_for_none(path: str, text: str) -> None:
    said = application(changed(APPLICATION, path, text))
    assert said.unreadable == (f"{path.replace('|', '.')} is no time",)


def test_a_deployment_at_no_time_is_named_once() -> None:
    history = [{"deployedAt": "x"}, {"deployedAt": "y"}, {"deployedAt": "2026-03-02T09:00:00Z"}]
    said = application(changed(APPLICATION, "status|history", history))
    assert said.deployed_at == at("2026-03-02T09:00:00Z")
    assert said.unreadable == ("status.history.deployedAt is no time",)


@pytest.mark.parametrize("path", TIMES)
@pytest.mark.parametrize("nothing", [None, ""])
def test_a_time_that_is_not_there_is_no_problem(path: str, nothing: Any) -> None:
    said = application(changed(APPLICATION, path, nothing))
    assert getattr(said, TIMES[path]) is None
    assert said.unreadable == ()


# --- ApplicationSets ------------------------------------------------------------------------------


def test_a_real_merge_gives_its_facts() -> None:
    said = application_set(SET)
    assert (said.key, said.uid) == ("argocd/addon-merged", SET["metadata"]["uid"])
    (merge,) = said.generators
    assert isinstance(merge, Merge)
    assert merge.keys == ("server",)
    base = merge.children[0]
    assert isinstance(base, Clusters)
    assert Expression("gate-watcher.io/late", "In", ("open",)) in base.selector.expressions
    assert (said.go_template, said.deletes, said.rolling) == (True, True, False)
    assert said.destination_varies
    assert said.reads_keys == frozenset()
    assert not said.reads_all_labels


def test_a_real_matrix_gives_its_facts() -> None:
    said = application_set(last("merge-and-matrix", "ApplicationSet", "addon-matrix"))
    (matrix,) = said.generators
    assert isinstance(matrix, Matrix)
    clusters, git = matrix.children
    assert isinstance(clusters, Clusters)
    assert git == Foreign("git")


def test_a_real_one_that_failed_to_generate() -> None:
    (document,) = captured("applicationset-generation").values()
    said = application_set(document)
    assert said.generators == (Clusters(Selector((Expression("ring", "In", ("fleet",)),))),)
    assert said.reads_keys == {"environment"}
    (error,) = (each for each in said.conditions if each.type == "ErrorOccurred")
    assert (error.status, error.reason) == ("True", "RenderTemplateParamsError")
    assert error.since == at("2026-11-24T11:28:17Z")


@pytest.mark.parametrize(
    ("policy", "deletes"),
    [
        (None, True),
        ({}, True),
        ({"preserveResourcesOnDeletion": True}, True),
        ({"applicationsSync": "sync"}, True),
        ({"applicationsSync": "create-delete"}, True),
        ({"applicationsSync": "create-update"}, False),
        ({"applicationsSync": "create-only"}, False),
    ],
)
def test_whether_it_deletes_is_its_policys(policy: Any, deletes: bool) -> None:
    assert application_set(changed(SET, "spec|syncPolicy", policy)).deletes is deletes


@pytest.mark.parametrize(
    ("preserves", "finalizers", "patch", "cascades"),
    [
        (None, None, None, True),
        (False, [], None, True),
        (True, [], None, False),
        (True, None, None, False),
        (None, ["example.com/mine"], None, False),
        (True, ["resources-finalizer.argocd.argoproj.io"], None, True),
        (True, ["a", "resources-finalizer.argocd.argoproj.io/background"], None, True),
        (True, [], "metadata: {finalizers: []}", True),
        (True, [], "metadata: {labels: {}}", False),
        (True, 7, None, True),
    ],
)
def test_whether_what_it_installed_goes_too_is_its_templates(
    preserves: Any, finalizers: Any, patch: str | None, cascades: bool
) -> None:
    policy = {"preserveResourcesOnDeletion": preserves}
    document = changed(SET, "spec|syncPolicy", policy)
    document = changed(document, "spec|template|metadata|finalizers", finalizers)
    assert application_set(changed(document, "spec|templatePatch", patch)).cascades is cascades


def test_a_generators_own_template_may_set_finalizers() -> None:
    document = changed(SET, "spec|syncPolicy", {"preserveResourcesOnDeletion": True})
    own = {"metadata": {"finalizers": ["resources-finalizer.argocd.argoproj.io"]}}
    document = changed(document, "spec|generators", [{"clusters": {"template": own}}])
    assert application_set(document).cascades


def test_what_rolling_sync_holds_is_known_by_name() -> None:
    rolling = changed(SET, "spec|strategy", {"type": "RollingSync", "rollingSync": {"steps": []}})
    steps = [
        {"application": "a", "status": "Waiting", "step": "1"},
        {"application": "b", "status": "Pending"},
        {"application": "c", "status": "Healthy"},
        {"application": "", "status": "Waiting"},
        {"application": "d"},
    ]
    said = application_set(changed(rolling, "status|applicationStatus", steps))
    assert said.rolling
    assert said.waiting_steps == {"a": "Waiting", "b": "Pending"}


@pytest.mark.parametrize(
    ("destination", "patch", "varies"),
    [
        ({"server": "{{.server}}"}, None, True),
        ({"name": "{{name}}", "namespace": "x"}, None, True),
        ({"server": "https://kubernetes.default.svc", "namespace": "{{name}}"}, None, False),
        ({"name": "in-cluster"}, None, False),
        ({"name": "in-cluster"}, "spec:\n  destination:\n    name: '{{.name}}'", True),
        ({"name": "in-cluster"}, "spec:\n  project: x", False),
        (None, None, True),
    ],
)
def test_whether_the_destination_tells_the_spoke(
    destination: Any, patch: str | None, varies: bool
) -> None:
    document = changed(SET, "spec|template|spec|destination", destination)
    said = application_set(changed(document, "spec|templatePatch", patch))
    assert said.destination_varies is varies


def test_a_generators_own_template_may_set_the_destination() -> None:
    document = changed(SET, "spec|template|spec|destination", {"name": "in-cluster"})
    own = {"spec": {"destination": {"server": "{{server}}"}}}
    document = changed(document, "spec|generators", [{"clusters": {"template": own}}])
    assert application_set(document).destination_varies


@pytest.mark.parametrize(
    "spec", [None, 7, [], {}, {"generators": None}, {"generators": 7}, {"generators": [7]}]
)
def test_one_whose_generators_cannot_be_read_selects_what_nobody_knows(spec: Any) -> None:
    said = application_set({**SET, "spec": spec})
    assert said.generators == (Foreign("unreadable"),)
    assert said.reads_all_labels
    assert said.unreadable
    assert said.key == "argocd/addon-merged"


@pytest.mark.parametrize("member", ["goTemplate", "templatePatch", "template", "strategy"])
def test_where_a_part_of_the_spec_cannot_be_read_any_label_may_matter(member: str) -> None:
    said = application_set(changed(SET, f"spec|{member}", [7]))
    assert said.reads_all_labels
    assert said.generators == (Foreign("unreadable"),)
    assert any(member in each for each in said.unreadable)


def test_where_the_status_cannot_be_read_the_spec_can() -> None:
    said = application_set(changed(SET, "status|conditions", [7]))
    assert said.unreadable == ("status.conditions cannot be read",)
    assert said.generators == application_set(SET).generators
    assert not said.reads_all_labels


# --- spokes ---------------------------------------------------------------------------------------


def test_a_real_secret_gives_its_facts_and_no_credentials() -> None:
    said = spoke(SECRET)
    labels = SECRET["metadata"]["labels"]
    assert said == Spoke(
        uid=SECRET["metadata"]["uid"],
        namespace="argocd",
        secret="spoke-000",
        resource_version=SECRET["metadata"]["resourceVersion"],
        created_at=at("2026-11-24T10:16:32Z"),
        labels=labels,
        name="spoke-000",
        server="https://127.0.1.1:27443",
        field_managers=("Python-urllib",),
    )


def test_no_shape_of_a_secret_has_a_place_for_credentials() -> None:
    """What has no name there is skipped by the decoder, and is no object for even a moment."""
    data = {field.encode_name for field in structs.fields(ReportedSecretData)}
    assert data == {"name", "server", "shard", "project"}
    annotations = {
        field.type
        for shape in (ReportedMeta, ReportedSpokeMeta)
        for field in structs.fields(shape)
        if field.encode_name == "annotations"
    }
    assert annotations == {Raw}


def test_annotations_are_read_under_the_prefix_and_no_others() -> None:
    notes = {
        "gate-watcher.io/opened": '{"compute": "2026-03-02T09:00:00Z"}',
        "gate-watcher.io/teardown": "*",
        "gate-watcher.io/parked": "2026-03-02T09:00:00Z",
        "gates.example.com/opened": "{}",
        "kubectl.kubernetes.io/last-applied-configuration": "secret",
    }
    annotated = changed(SECRET, "metadata|annotations", notes)
    said = spoke(annotated)
    assert said.opened == notes["gate-watcher.io/opened"]
    assert (said.teardown, said.parked) == ("*", notes["gate-watcher.io/parked"])
    said = OTHER_PREFIX.spoke(json.dumps(annotated).encode())
    assert (said.opened, said.teardown, said.parked) == ("{}", None, None)


def test_shard_and_project_are_read_where_they_are() -> None:
    data = {**SECRET["data"], "shard": encoded("3"), "project": encoded("team-a")}
    said = spoke({**SECRET, "data": data})
    assert (said.shard, said.project) == ("3", "team-a")
    assert spoke(SECRET).shard is None


@pytest.mark.parametrize("data", [None, {}, {"config": "x"}, {"name": "", "server": None}])
def test_a_secret_without_a_name_has_none(data: Any) -> None:
    said = spoke({**SECRET, "data": data})
    assert (said.name, said.server, said.unreadable) == ("", "", ())
    assert said.secret == "spoke-000"


@pytest.mark.parametrize("member", ["name", "server", "shard", "project"])
@pytest.mark.parametrize(
    "text",
    ["%%%", "a", "c3Bva2UtMDAw\n!", "//79", "w5", encoded("x") + "=="],
    ids=["no alphabet", "too short", "a stranger in it", "no UTF-8", "cut off", "too long"],
)
def test_what_is_no_base64_of_text_is_named_and_not_guessed(member: str, text: str) -> None:
    said = spoke({**SECRET, "data": {**SECRET["data"], member: text}})
    assert getattr(said, member) in ("", None)
    assert said.unreadable == (f"data.{member} is not base64 of UTF-8 text",)
    assert said.uid == SECRET["metadata"]["uid"]


def test_three_hundred_labels_are_three_hundred_labels() -> None:
    labels = {f"example.com/label-{number}": str(number) for number in range(300)}
    assert spoke(changed(SECRET, "metadata|labels", labels)).labels == labels


def test_an_annotation_that_is_no_json_is_kept_as_it_stands() -> None:
    notes = {"gate-watcher.io/opened": "{not json"}
    said = spoke(changed(SECRET, "metadata|annotations", notes))
    assert said.opened == "{not json"
    assert said.unreadable == ()


def test_an_annotation_of_ours_that_is_no_text_is_named() -> None:
    said = spoke(changed(SECRET, "metadata|annotations", {"gate-watcher.io/opened": 7}))
    assert said.opened is None
    assert said.unreadable == ("metadata.annotations.gate-watcher.io/opened cannot be read",)


def test_each_field_manager_is_named_once() -> None:
    managers = [{"manager": name} for name in ("a", "b", "a", "")] + [{}]
    assert spoke(changed(SECRET, "metadata|managedFields", managers)).field_managers == ("a", "b")


# --- anything at all ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "read"),
    [
        pytest.param(APPLICATION, DECODER.application, id="application"),
        pytest.param(
            last("odd-applications", "Application", "spoke-001-broken"),
            DECODER.application,
            id="broken application",
        ),
        *(
            pytest.param(document, DECODER.application, id=name)
            for name, document in captured("application-").items()
        ),
        pytest.param(SET, DECODER.application_set, id="application set"),
        pytest.param(SECRET, DECODER.spoke, id="secret"),
    ],
)
def test_no_junk_in_any_member_raises_or_costs_the_identity(
    document: dict[str, Any], read: Callable[[bytes], Application | ApplicationSet | Spoke]
) -> None:
    whole = read(json.dumps(document).encode())
    for path, _, body in junked(document):
        said = read(body)
        if path == ("metadata",):
            continue
        of_identity = path[1] if path[0] == "metadata" and len(path) == 2 else None
        for key, field in (
            ("namespace", "namespace"),
            ("name", "secret" if isinstance(said, Spoke) else "name"),
            ("uid", "uid"),
            ("resourceVersion", "resource_version"),
        ):
            if key != of_identity:
                assert getattr(said, field) == getattr(whole, field), (path, body)


FREE = ("spec_digest", "compared_digest", "unreadable")
"""Facts in which junk shows without being named: a digest is of whatever stands there."""


@pytest.mark.parametrize("junk", [b"7", b"1e400", b"[7]", b'"\xff\xfe"'])
def test_an_application_that_looks_otherwise_for_junk_in_it_says_so(junk: bytes) -> None:
    """Or the junk is a value like any other there: a number of retries."""
    whole = application(APPLICATION)
    for path, kind, body in junked(APPLICATION):
        if kind != junk or path[-1] == "retryCount":
            continue
        said = DECODER.application(body)
        differs = [
            field.name
            for field in structs.fields(Application)
            if field.name not in FREE and getattr(said, field.name) != getattr(whole, field.name)
        ]
        assert not differs or said.unreadable, (path, differs)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
ways: dict[str, tuple[Any, Callable[[Any], Application | ApplicationSet | Spoke]]] = {
    "application": (APPLICATION, application),
    "application set": (SET, application_set),
    "secret": (SECRET, spoke),
}


@given(st.data(), st.sampled_from(sorted(ways)))
def test_whatever_stands_in_several_members_nothing_raises(data: st.DataObject, way: str) -> None:
    document, read = ways[way]
    copy = json.loads(json.dumps(document))
    for path in data.draw(st.lists(st.sampled_from(list(paths(document))), max_size=4)):
        part = copy
        for step in path[:-1]:
            inside = isinstance(part, dict) and step in part
            part = part[step] if inside or (isinstance(part, list) and part) else None
        if isinstance(part, dict):
            part[path[-1]] = data.draw(anything)
    said = read(copy)
    assert isinstance(said.unreadable, tuple)


@given(st.dictionaries(st.sampled_from(["metadata", "spec", "status", "data"]), anything))
def test_whatever_an_object_is_nothing_raises(document: dict[str, Any]) -> None:
    for _, read in ways.values():
        read(document)


@pytest.mark.parametrize("way", ways)
@pytest.mark.parametrize("part", [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99])
def test_a_body_that_was_cut_off_raises_a_decode_error(way: str, part: float) -> None:
    document, _ = ways[way]
    body = json.dumps(document).encode()
    for read in (DECODER.application, DECODER.application_set, DECODER.spoke):
        with pytest.raises(msgspec.DecodeError):
            read(body[: int(len(body) * part)])


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"7", b"<html></html>", b"\xff\xfe{}"])
def test_what_is_no_object_raises_a_decode_error(body: bytes) -> None:
    for read in (DECODER.application, DECODER.application_set, DECODER.spoke):
        with pytest.raises(msgspec.DecodeError):
            read(body)


def test_conditions_are_kept_with_their_words() -> None:
    conditions = [
        {"type": "SyncError", "message": "m", "lastTransitionTime": "2026-03-02T09:00:00Z"},
        {"type": None},
        {},
    ]
    said = application(changed(APPLICATION, "status|conditions", conditions))
    assert said.conditions == (
        Condition("SyncError", "m"),
        Condition(""),
        Condition(""),
    )


@pytest.mark.parametrize(
    ("template", "label"),
    [
        ({"metadata": {"labels": {"gate-watcher.io/tier": "compute", "x": "y"}}}, "compute"),
        ({"metadata": {"labels": {"gate-watcher.io/tier": "{{.tier}}"}}}, "{{.tier}}"),
        ({"metadata": {"labels": {"x": "y"}}}, None),
        ({"metadata": {"name": "x"}}, None),
        ({}, None),
    ],
)
def test_the_tier_that_a_template_names(template: dict[str, Any], label: str | None) -> None:
    body = {"metadata": {"name": "x", "namespace": "argocd"}, "spec": {"template": template}}
    assert Decoder(Gates()).application_set(json.dumps(body).encode()).tier_label == label
