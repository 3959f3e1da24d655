"""What lint reads of an object beside what the watcher reads."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

from watcher.hub.written import Writings
from watcher.lint import Controller, Inventory, Origin, Place, Read, Template, WrittenSet

PLACE = Place("x.yaml", 3)
ARGO = "argoproj.io/v1alpha1"


def taken(*objects: Any) -> Inventory:
    writings = Writings(None, namespace="argocd")
    for each in objects:
        writings.take(json.dumps(each).encode(), PLACE)
    return writings.inventory(whole=False)


def a_set(spec: Any) -> WrittenSet:
    (made,) = taken(
        {"apiVersion": ARGO, "kind": "ApplicationSet", "metadata": {"name": "x"}, "spec": spec}
    ).sets
    return made


def a_secret(**members: Any) -> dict[str, Any]:
    labels = {"argocd.argoproj.io/secret-type": "cluster"}
    metadata = {"name": "cluster-a", "labels": labels, **members.pop("metadata", {})}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, **members}


def test_a_template_is_read_unrendered() -> None:
    made = a_set(
        {
            "template": {
                "metadata": {"name": "{{.name}}", "labels": {"a": "b"}, "finalizers": ["f"]},
                "spec": {
                    "destination": {"namespace": "n"},
                    "sources": [{"path": "p", "repoURL": "https://u:pw@h"}, {"chart": "c"}],
                    "syncPolicy": {"automated": {}},
                },
            },
            "templatePatch": "patch",
        }
    )
    assert made.template == Template(
        name="{{.name}}",
        labels={"a": "b"},
        finalizers=("f",),
        destination_namespace="n",
        sources=("p", "c"),
        automated=True,
        patch="patch",
    )


def test_automated_that_is_switched_off_is_not_automated() -> None:
    policy = {"automated": {"enabled": False}}
    assert not a_set({"template": {"spec": {"syncPolicy": policy}}}).template.automated


def test_the_policies_of_a_set_are_read() -> None:
    policy = {"applicationsSync": "create-only", "preserveResourcesOnDeletion": True}
    made = a_set({"syncPolicy": policy})
    assert (made.applications_sync, made.preserve) == ("create-only", True)


def test_missingkey_counts_only_under_go_templates() -> None:
    options = ["missingkey=error"]
    assert a_set({"goTemplate": True, "goTemplateOptions": options}).missing_key_fails
    assert not a_set({"goTemplateOptions": options}).missing_key_fails


def test_what_templates_read_straight_is_told_from_what_has_a_default() -> None:
    name = '{{ .metadata.labels.a }}{{ index .metadata.labels "b" }}{{ $.metadata.annotations.c }}'
    made = a_set({"goTemplate": True, "template": {"metadata": {"name": name}}})
    assert made.reads == {Read("labels", "a"), Read("annotations", "c")}
    fast = a_set({"template": {"metadata": {"name": "{{metadata.labels.a/b}}"}}})
    assert fast.reads == {Read("labels", "a/b")}


def test_string_data_goes_over_data() -> None:
    data = {"name": b64encode(b"old").decode(), "server": b64encode(b"https://a").decode()}
    (made,) = taken(a_secret(data=data, stringData={"name": "new"})).spokes
    assert (made.spoke.name, made.spoke.server) == ("new", "https://a")


def test_of_annotations_only_the_names_are_kept() -> None:
    notes = {"a": "value", "kubectl.kubernetes.io/last-applied-configuration": "value"}
    (made,) = taken(a_secret(metadata={"annotations": notes})).spokes
    assert made.annotations == set(notes)
    assert "value" not in repr(made)


def test_two_secrets_in_files_are_two_spokes_although_neither_has_a_uid() -> None:
    first, second = taken(a_secret(), a_secret(metadata={"name": "cluster-b"})).spokes
    assert first.uid != second.uid
    assert first.manifest


def test_what_has_no_namespace_is_where_argo_cd_is() -> None:
    assert a_set({}).key == "argocd/x"


def test_what_lint_does_not_read_is_left_alone() -> None:
    other = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}
    plain = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}
    foreign = {"apiVersion": "example.com/v1", "kind": "ApplicationSet", "metadata": {}}
    assert taken(other, plain, foreign, {"kind": 7}, [], "text") == Inventory()


def test_the_controllers_policy_is_read_from_argo_cds_config_map() -> None:
    def told(**data: Any) -> Controller | None:
        named = {f"applicationsetcontroller.{key}": text for key, text in data.items()}
        metadata = {"name": "argocd-cmd-params-cm"}
        return taken({"kind": "ConfigMap", "metadata": metadata, "data": named}).controller

    assert told() == Controller("", overridable=True)
    assert told(policy="sync") == Controller("sync", overridable=False)
    override = {"enable.policy.override": "true"}
    assert told(policy="sync", **override) == Controller("sync", overridable=True)
    assert told(policy=7) == Controller("", overridable=True)


def test_an_application_tells_whether_it_made_application_sets() -> None:
    def made(kind: str) -> bool:
        status = {"resources": [{"kind": kind}, 7]}
        metadata = {"name": "x"}
        body = {"apiVersion": ARGO, "kind": "Application", "metadata": metadata, "status": status}
        return taken(body).applications[0].creates_sets

    assert made("ApplicationSet")
    assert not made("Deployment")


def test_who_made_an_application_set_is_read_of_its_metadata() -> None:
    metadata = {
        "name": "x",
        "labels": {"helm.sh/chart": "application-sets-0.2.0"},
        "annotations": {
            "argocd.argoproj.io/tracking-id": "addons:argoproj.io/ApplicationSet:argocd/x",
            "meta.helm.sh/release-name": "r",
            "kubectl.kubernetes.io/last-applied-configuration": "{}",
            "argocd.argoproj.io/sync-wave": "-3",
        },
        "ownerReferences": [{"kind": "Platform", "name": "p"}],
        "managedFields": [
            {"manager": "argocd-controller", "fieldsV1": {"f:spec": {}}},
            {"manager": "status", "subresource": "status", "fieldsV1": {"f:spec": {}}},
            {"manager": "labels", "fieldsV1": {"f:metadata": {}}},
        ],
    }
    generators: list[dict[str, Any]] = [{"list": {"elements": []}}]
    (made,) = taken(
        {
            "apiVersion": ARGO,
            "kind": "ApplicationSet",
            "metadata": metadata,
            "spec": {"generators": generators},
        }
    ).sets
    assert made.origin == Origin(
        labels={"helm.sh/chart": "application-sets-0.2.0"},
        tracked_by="addons",
        release="r",
        owners=("Platform p",),
        writers=("argocd-controller",),
        applied=True,
    )
    assert made.wave == -3
    assert json.loads(made.generators) == generators


def test_a_wave_that_is_no_number_is_none() -> None:
    note = {"argocd.argoproj.io/sync-wave": "first"}
    (made,) = taken(
        {
            "apiVersion": ARGO,
            "kind": "ApplicationSet",
            "metadata": {"name": "x", "annotations": note},
            "spec": {"template": {"metadata": {"annotations": {}}}},
        }
    ).sets
    assert made.wave is None
