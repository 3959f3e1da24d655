"""What templates read of a spoke."""

from __future__ import annotations

import re

from msgspec.structs import replace

from tests.lint.written import application_set, clusters, codes, judged, policy, said, secret
from watcher.lint import Severity

TEMPLATES = {"GW050", "GW051", "GW052", "GW053"}


def reading(text: str, *, fails: bool = True, fast: bool = False) -> str:
    options = ", goTemplateOptions: [missingkey=error]" if fails else ""
    template = f"metadata: {{name: '{{{{.name}}}}', annotations: {{x: '{text}'}}}}"
    made = application_set(clusters("a: b"), spec=options, template=template)
    return made.replace("goTemplate: true", "goTemplate: false") if fast else made


def test_only_the_spokes_that_it_selects_must_have_the_label() -> None:
    wanted = reading("{{ .metadata.labels.region }}")
    other = secret("b")
    assert "GW050" not in codes(judged(wanted, secret("a", "a: b, region: r"), other))
    assert said(judged(wanted, secret("a", "a: b"), other), "GW050") == [
        "Secret cluster-a, the only one that it selects, or may, with every gate open, lacks what "
        "it reads: metadata.labels.region"
    ]


def test_what_the_same_spokes_lack_is_said_once() -> None:
    wanted = reading("{{ .metadata.labels.x }}{{ .metadata.labels.y }}{{ .metadata.labels.z }}")
    found = said(judged(wanted, *(secret(name, "a: b, z: z") for name in "ab")), "GW050")
    assert found == [
        "Secret cluster-a and 1 more, 2 of the 2 that it selects, or may, with every gate open, "
        "lack what it reads: metadata.labels.x, metadata.labels.y"
    ]
    found = said(judged(wanted, secret("a", "a: b, z: z"), secret("b", "a: b, y: y")), "GW050")
    assert len(found) == 3, "each lacks another"


def test_without_missingkey_error_it_is_a_hole_in_a_text() -> None:
    for made in (
        reading("{{ .metadata.labels.region }}", fails=False),
        reading("{{metadata.labels.region}}", fails=False, fast=True),
    ):
        found = [
            each for each in judged(made, secret("a", "a: b")).findings if each.code == "GW050"
        ]
        assert [each.severity for each in found] == [Severity.WARNING]


def test_a_read_with_a_default_may_find_nothing() -> None:
    for text in (
        '{{ index .metadata.labels "region" }}',
        '{{ dig "region" "none" .metadata.labels }}',
        '{{ if index .metadata.labels "region" }}{{ .metadata.labels.region }}{{ end }}',
        '{{ if hasKey .metadata.labels "region" }}{{ .metadata.labels.region }}{{ end }}',
        '{{ with index .metadata.labels "region" }}{{ . }}{{ end }}',
        "{{/* .metadata.labels.region, once */}}",
    ):
        assert not codes(judged(reading(text), secret("a", "a: b"))) & {"GW050", "GW052"}


def test_the_remedy_that_is_named_is_one() -> None:
    without = judged(reading("{{ .metadata.labels.KEY }}"), secret("a", "a: b"))
    (how,) = {each.how for each in without.findings if each.code == "GW050"}
    (remedy,) = re.findall(r"`(\{\{.*\}\})`", how)
    assert not codes(judged(reading(remedy), secret("a", "a: b"))) & TEMPLATES


def test_a_function_that_fails_on_labels_is_an_error_and_its_remedy_is_none() -> None:
    for text, function in (
        ('{{ get .metadata.labels "region" }}', "get"),
        ('{{ dig "region" "none" .metadata.labels }}', "dig"),
        ('{{ if hasKey .metadata.annotations "region" }}x{{ end }}', "hasKey"),
    ):
        found = judged(reading(text), secret("a", "a: b"))
        assert said(found, "GW053") == [
            f"a template of it gives labels or annotations to {function}"
        ]
        (how,) = {each.how for each in found.findings if each.code == "GW053"}
        for remedy in re.findall(r"`(\{\{.*?\}\})`", how):
            ended = remedy + ("{{ end }}" if "if" in remedy else "")
            assert not codes(judged(reading(ended), secret("a", "a: b"))) & TEMPLATES


def test_what_is_no_label_may_be_ranged_over() -> None:
    text = "{{ range .path.segments }}{{ . }}{{ end }}"
    assert not codes(judged(reading(text), secret("a", "a: b"))) & TEMPLATES


def test_where_it_is_unsure_whether_it_selects_it_is_a_warning() -> None:
    two = f"{{matrix: {{generators: [{clusters('a: b')}, {clusters('c: d')}]}}}}"
    template = "metadata: {name: '{{.name}}-{{.metadata.labels.region}}'}"
    options = ", goTemplateOptions: [missingkey=error]"
    made = application_set(two, spec=options, template=template)
    found = [each for each in judged(made, secret("a", "a: b")).findings if each.code == "GW050"]
    assert [each.severity for each in found] == [Severity.WARNING]


def test_annotations_are_read_by_name_and_never_shown() -> None:
    noted = ", annotations: {region: SECRET-VALUE}"
    wanted = reading("{{ .metadata.annotations.region }}")
    linted = judged(wanted, secret("a", "a: b", metadata=noted), secret("b", "a: b"))
    (what,) = said(linted, "GW050")
    assert what.startswith("Secret cluster-b, 1 of the 2 that it selects")
    assert "SECRET-VALUE" not in what


def test_the_hub_itself_has_no_labels_without_a_secret() -> None:
    everywhere = "{clusters: {}}"
    options = ", goTemplateOptions: [missingkey=error]"
    template = "metadata: {name: '{{.name}}-{{ .metadata.labels.env }}'}"
    made = application_set(everywhere, spec=options, template=template)
    (what,) = said(judged(made, secret("a", "env: e")), "GW050")
    assert "selects the hub itself" in what
    hub = secret("hub", "env: e", server="https://kubernetes.default.svc")
    assert "GW050" not in codes(judged(made, hub))


def test_what_the_policy_names_may_take_all_labels() -> None:
    whole = reading("{{ toJson .metadata.labels }}")
    named = replace(policy(), ignore_application_sets=frozenset({"x"}))
    assert "GW052" in codes(judged(whole))
    assert "GW052" not in codes(judged(whole, of=named))


def test_reading_the_opening_times_is_an_error() -> None:
    opened = reading('{{ index .metadata.annotations "gate-watcher.io/opened" }}')
    assert said(judged(opened), "GW051") == ["it reads gate-watcher.io/opened"]
