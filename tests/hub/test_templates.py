"""What the templates of an ApplicationSet read of a spoke."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.captured.recorded import captured
from watcher.hub.templates import template_reads

GATE = "gate-watcher.io/compute"


def read_by(spec: Any, *, go_template: bool) -> tuple[set[str], bool]:
    """The labels that a spec reads, and whether it takes all."""
    found = template_reads(json.dumps(spec), go_template=go_template)
    return set(found.keys), found.takes_all


def go(template: str) -> tuple[set[str], bool]:
    return read_by({"template": template}, go_template=True)


def fast(template: str) -> tuple[set[str], bool]:
    return read_by({"template": template}, go_template=False)


def needed(template: str) -> set[str]:
    """The keys that a spoke must have."""
    found = template_reads(json.dumps({"template": template}), go_template=True)
    return {key for _, key in found.needs}


@pytest.mark.parametrize(
    ("template", "named"),
    [
        ("addon-{{name}}", set()),
        ("{{metadata.labels.env}}", {"env"}),
        ("{{ metadata.labels.env }}", {"env"}),
        ("a{{metadata.labels.a}}-{{metadata.labels.b}}", {"a", "b"}),
        (f"{{{{metadata.labels.{GATE}}}}}", {GATE}),
        ("{{metadata.annotations.path}}/{{values.x}}/{{nameNormalized}}", {"path"}),
        ("metadata.labels.env", set()),
        ("{{values.metadata.labels.env}}", set()),
    ],
)
def test_a_plain_template_names_each_key_it_reads(template: str, named: set[str]) -> None:
    assert fast(template) == (named, False)


@pytest.mark.parametrize(
    ("template", "named"),
    [
        ("addon-{{.name}}", set()),
        ("{{.metadata.labels.env}}", {"env"}),
        ("{{- .metadata.labels.env | default `x` -}}", {"env"}),
        ("{{ $.metadata.labels.env }}", {"env"}),
        ('{{ index .metadata.labels "a/b" }}', {"a/b"}),
        ('{{ index $.metadata.labels "a/b" | quote }}', {"a/b"}),
        ("{{ index .metadata.labels `a/b` }}", {"a/b"}),
        ('{{ get .metadata.labels "a/b" }}', {"a/b"}),
        ('{{ if hasKey .metadata.labels "a/b" }}{{ .metadata.labels.c }}{{ end }}', {"a/b", "c"}),
        ('{{ (index .metadata.labels "a") | upper }}', {"a"}),
        ('{{ printf "%s-%s" .metadata.labels.a .metadata.labels.b }}', {"a", "b"}),
        ("{{ range .clusters }}{{ .metadata.labels.a }}{{ end }}", {"a"}),
        ("{{ range $c := .clusters }}{{ $c.metadata.labels.a }}{{ end }}", {"a"}),
        ('{{\n  index\n\t.metadata.labels\n  "a" }}', {"a"}),
        ('{{ "}}" }}{{ .metadata.labels.a }}', {"a"}),
        ('{{ printf "}}" .metadata.labels.a }}', {"a"}),
        ("{{/* Of the team. */}}", set()),
        ('{{ "all of .metadata . and $ " }}', set()),
        ("{{.metadata.annotations.path}}", {"path"}),
        ('{{ index .metadata.annotations "a/b" }}', {"a/b"}),
        ("{{ .values.x }} and .metadata.labels.a or . or $", set()),
        ("{{ .path.basename }}-{{ index .path.segments 1 }}-{{ 0.5 }}", set()),
        ('{{ dig "a/b" "" .metadata.labels }}', {"a/b"}),
        ('{{ dig "a" .name .metadata.labels }}', {"a"}),
        ('{{ .metadata.labels | dig "a" "none" | quote }}', {"a"}),
        ('{{ dig "metadata" "labels" "a" "none" . }}', {"a"}),
        ('{{ dig "metadata" "annotations" "a/b" "none" $ }}', {"a/b"}),
        ('{{ dig "nameSuffix" "" . }}', set()),
        ('{{ index .metadata "labels" "a" }}', {"a"}),
        ('{{ index . "metadata" "labels" "a" }}', {"a"}),
        ('{{ "a" | index .metadata.labels }}', {"a"}),
        ("{{ (.metadata).labels.a }}", {"a"}),
        ('{{ index .metadata.labels "a" | default (index .metadata.labels "b") }}', {"a", "b"}),
        ("{{/* .metadata.labels.a */}}", set()),
        ("{{/* toJson .metadata.labels }} and . */}}{{ .metadata.labels.a }}", {"a"}),
        ("{{- /* it's \" . */ -}}{{ .metadata.labels.a }}", {"a"}),
        ('{{ if index .metadata.labels "a" }}{{ .metadata.labels.b }}{{ end }}', {"a", "b"}),
        ("{{ range .path.segments }}{{ . }}{{ end }}", set()),
        ("{{ range $i, $each := .path.segments }}{{ $i }}{{ $each }}{{ . }}{{ end }}", set()),
        ('{{ range splitList "," .metadata.labels.a }}{{ . }}{{ end }}', {"a"}),
        ('{{ with index .metadata.labels "a" }}{{ . }}{{ end }}', {"a"}),
        ('{{ with $x := index .metadata.labels "a" }}{{ $x }}{{ . }}{{ end }}', {"a"}),
        ('{{ with index .metadata.labels "a" }}{{ . }}{{ else }}{{ .name }}{{ end }}', {"a"}),
        ("{{ with .values.x }}{{ . }}{{ else with .values.y }}{{ . }}{{ end }}", set()),
        ("{{ with .path }}{{ toJson . }}{{ $.metadata.labels.a }}{{ end }}", {"a"}),
        ("{{ len .clusters }}{{ if .clusters }}{{ end }}", set()),
        ("{{ (index .clusters 0).metadata.labels.a }}", {"a"}),
        ("{{ range $i, $c := .clusters }}{{ $i }}{{ $c.name }}{{ .server }}{{ end }}", set()),
        ('{{ "\\u007b" }}{{ .metadata.labels.a }}', {"a"}),
    ],
)
def test_a_go_template_names_each_key_it_reads(template: str, named: set[str]) -> None:
    assert go(template) == (named, False)


@pytest.mark.parametrize(
    "template",
    [
        "{{ range $k, $v := .metadata.labels }}{{ $k }}{{ end }}",
        "{{ toYaml .metadata.labels }}",
        "{{ .metadata.labels | toJson }}",
        "{{ .metadata | toJson }}",
        "{{ with .metadata.labels }}{{ .env }}{{ end }}",
        "{{ $m := .metadata }}{{ $m.labels.env }}",
        "{{ index .metadata.labels .name }}",
        "{{ get .metadata.labels (printf `%s` .name) }}",
        '{{ dig .name "" .metadata.labels }}',
        '{{ dig "metadata" .name "a" "" . }}',
        '{{ dig "metadata" "labels" "" . }}',
        '{{ dig "a" .metadata.labels .values }}',
        '{{ dig "a" .metadata.labels }}',
        '{{ dig "clusters" "" . }}',
        '{{ hasKey .metadata "annotations" }}',
        "{{ hasKey .metadata.labels .name }}",
        '{{ index .metadata "labels" }}',
        '{{ index .metadata.labels "\\x61" }}',
        "{{ if .metadata.annotations }}{{ end }}",
        "{{ with .metadata }}{{ .labels.a }}{{ end }}",
        "{{ len .metadata.labels }}",
        "{{ keys .metadata.labels | sortAlpha }}",
        "{{ and .name .metadata.labels }}",
        '{{ dict "a" .metadata.labels }}',
        "{{ toJson .clusters }}",
        "{{ range .clusters }}{{ toJson . }}{{ end }}",
        "{{ range $c := .clusters }}{{ toJson $c }}{{ end }}",
        "{{ range .clusters }}{{ with .name }}{{ . }}{{ else }}{{ . }}{{ end }}{{ end }}",
        "{{ $x := 1 }}{{ range .a }}{{ toJson $x }}{{ range $x = $.clusters }}{{ end }}{{ end }}",
        "{{ with .path }}{{ . }}{{ else }}{{ . }}{{ end }}",
        "{{ with .path }}{{ . }}{{ end }}{{ . }}",
        "{{ with .path }}{{ toJson $ }}{{ end }}",
        "{{ if .path }}{{ . }}{{ end }}",
        "{{ else }}{{ . }}",
        '{{ define "x" }}{{ . }}{{ end }}',
        '{{ with .path }}{{ block "x" . }}{{ . }}{{ end }}{{ end }}',
        "{{/* a */ . }}",
        "{{ /* .name */ }}",
        "{{ .name .name }}",
        "{{ .metadata.labels.a/b }}",
        "{{ (.name }}",
        "{{ .name ) .metadata }}",
        "{{ , }}",
        "{{ " + "(" * 60 + ".metadata.labels" + ")" * 60 + " }}",
        "{{ toYaml .metadata.annotations }}",
        "{{ . }}",
        "{{ toJson . }}",
        "{{ . | toJson }}",
        "{{- toJson $ -}}",
        "{{ range $k, $v := . }}{{ end }}",
        '{{ template "x" . }}',
        '{{ include "x" $ | indent 2 }}',
        "{{ (toJson .) }}",
    ],
)
def test_a_go_template_that_takes_all_labels_is_known_by_it(template: str) -> None:
    _, takes_all = go(template)
    assert takes_all


def test_a_template_may_stand_anywhere_in_the_spec() -> None:
    spec = {
        "generators": [{"clusters": {"values": {"env": "{{.metadata.labels.a}}"}}}],
        "template": {"spec": {"source": {"path": "{{.metadata.labels.b}}"}}},
        "templatePatch": 'spec:\n  x: {{ index .metadata.labels "c" }}\n',
    }
    assert read_by(spec, go_template=True) == ({"a", "b", "c"}, False)


def test_what_a_selector_asks_for_is_no_template() -> None:
    filters = {"matchLabels": {f"metadata.labels.{GATE}": "open"}}
    spec = {"generators": [{"clusters": {}, "selector": filters}]}
    assert read_by(spec, go_template=False) == (set(), False)
    assert read_by(spec, go_template=True) == (set(), False)


def test_a_real_one_that_reads_a_label() -> None:
    (spec,) = (each["spec"] for each in captured("applicationset-generation").values())
    assert read_by(spec, go_template=True) == ({"environment"}, False)


@given(st.text(alphabet='{}.$"`\\/* metadatlbs', max_size=300))
def test_no_text_takes_long_or_raises(text: str) -> None:
    template_reads(text, go_template=True)
    read_by({"template": text}, go_template=True)
    read_by({"template": text}, go_template=False)


@pytest.mark.parametrize(
    "part",
    [
        "{{",
        '{{"',
        "{{`",
        "{{}",
        '{{"}}',
        "{{ . ",
        "{{ index ",
        "{{/*}}",
        "{{/* */ ",
        "(",
        "{{ (",
        "{{ '",
    ],
)
@pytest.mark.parametrize("go_template", [True, False])
def test_a_long_text_of_open_braces_takes_no_longer_than_any_other(
    part: str, go_template: bool
) -> None:
    """It would take hours, were any place in it looked at again from each place before."""
    read_by({"template": part * (200_000 // len(part))}, go_template=go_template)


@pytest.mark.parametrize("template", ["{{ .metadata.labels.a", '{{ " }}{{ .metadata.labels.a }}'])
def test_what_nothing_ends_is_read_to_the_end(template: str) -> None:
    named, _ = go(template)
    assert named == {"a"}


# --- what a spoke must have -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "template",
    [
        "{{ .metadata.labels.a }}",
        "{{ $.metadata.labels.a | default `x` }}",
        "{{ with .metadata.labels.a }}{{ . }}{{ end }}",
        "{{ or .metadata.labels.a `x` }}",
        "{{ (.metadata).labels.a }}",
        '{{ if index .metadata.labels "b" }}{{ .metadata.labels.a }}{{ end }}',
        '{{ if index .metadata.annotations "a" }}{{ .metadata.labels.a }}{{ end }}',
        '{{ if index .metadata.labels "a" }}{{ else }}{{ .metadata.labels.a }}{{ end }}',
        '{{ if index .metadata.labels "a" }}{{ end }}{{ .metadata.labels.a }}',
        '{{ if not (index .metadata.labels "a") }}{{ .metadata.labels.a }}{{ end }}',
        '{{ if or (index .metadata.labels "a") .name }}{{ .metadata.labels.a }}{{ end }}',
        '{{ if eq (index .metadata.labels "a") "" }}{{ .metadata.labels.a }}{{ end }}',
        '{{ if ne (index .metadata.labels "a") "x" }}{{ .metadata.labels.a }}{{ end }}',
        '{{ if default "x" (index .metadata.labels "a") }}{{ .metadata.labels.a }}{{ end }}',
        '{{ if dig "a" "x" .metadata.labels }}{{ .metadata.labels.a }}{{ end }}',
        '{{ range index .metadata.labels "a" }}{{ $.metadata.labels.a }}{{ end }}',
    ],
)
def test_a_label_that_is_read_straight_must_be_there(template: str) -> None:
    assert needed(template) == {"a"}


@pytest.mark.parametrize(
    "template",
    [
        '{{ index .metadata.labels "a" }}',
        '{{ dig "a" "none" .metadata.labels }}',
        '{{ if index .metadata.labels "a" }}{{ .metadata.labels.a }}{{ end }}',
        '{{ if (index .metadata.labels "a") }}{{ if .x }}{{ .metadata.labels.a }}{{ end }}',
        '{{ if hasKey .metadata.labels "a" }}{{ .metadata.labels.a }}{{ else }}x{{ end }}',
        '{{ if dig "a" "" .metadata.labels }}{{ .metadata.labels.a }}{{ end }}',
        '{{ with index .metadata.labels "a" }}{{ $.metadata.labels.a }}{{ end }}',
        '{{ if not (index .metadata.labels "a") }}x{{ else }}{{ .metadata.labels.a }}{{ end }}',
        '{{ if empty (index .metadata.labels "a") }}x{{ else }}{{ .metadata.labels.a }}{{ end }}',
        '{{ if and (index .metadata.labels "a") (eq .metadata.labels.a "x") }}y{{ end }}',
        '{{ if and .name (index .metadata.labels "a") }}{{ .metadata.labels.a }}{{ end }}',
        '{{ if or (not (index .metadata.labels "a")) (eq .metadata.labels.a "x") }}y{{ end }}',
        '{{ if eq (index .metadata.labels "a") "x" }}{{ .metadata.labels.a }}{{ end }}',
        '{{ if ne (index .metadata.labels "a") "" }}{{ .metadata.labels.a }}{{ end }}',
        '{{ if .x }}{{ else if index .metadata.labels "a" }}{{ .metadata.labels.a }}{{ end }}',
        "{{/* .metadata.labels.a */}}",
        '{{ ".metadata.labels.a" }}',
    ],
)
def test_one_that_was_asked_for_first_or_has_a_default_may_be_absent(template: str) -> None:
    assert needed(template) == set()


def test_each_text_is_a_template_of_its_own() -> None:
    spec = {"a": '{{ if index .metadata.labels "a" }}', "b": "{{ .metadata.labels.a }}"}
    assert template_reads(json.dumps(spec), go_template=True).needs == {("labels", "a")}


@pytest.mark.parametrize(
    ("template", "refused"),
    [
        ('{{ get .metadata.labels "a" }}', {"get"}),
        ('{{ if hasKey .metadata.annotations "a" }}{{ end }}', {"hasKey"}),
        ('{{ dig "a" "" .metadata.labels }}', {"dig"}),
        ('{{ dig "metadata" "labels" "a" "" . }}', {"dig"}),
        ('{{ dig "nameSuffix" "" . }}{{ get .values "a" }}', set()),
        ('{{ index .metadata.labels "a" }}{{ hasKey . "path" }}', set()),
    ],
)
def test_functions_that_fail_on_labels_are_named(template: str, refused: set[str]) -> None:
    found = template_reads(json.dumps({"template": template}), go_template=True)
    assert found.refused == refused
