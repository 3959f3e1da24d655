"""Both kinds of template; what the real ones do is recorded in tests/selection."""

from __future__ import annotations

from typing import Any

import pytest

from watcher.embedded_hub.templates import Strings, TemplateError, renderer

FLAT = {"name": "a", "metadata.labels.env": "prod", "values.version": "2"}
NESTED = {
    "name": "cluster-one",
    "metadata": {"labels": Strings({"env": "prod", "x/y": "z"})},
    "values": Strings({"version": "2"}),
    "clusters": [{"name": "a"}, {"name": "b"}],
    "size": 3,
    "on": True,
}


def go(text: str, *, strict: bool = True) -> str:
    options = ["missingkey=error"] if strict else []
    rendered: str = renderer(go=True, options=options)(text, NESTED)
    return rendered


def test_fasttemplate_knows_flat_names_and_leaves_others_as_they_stand() -> None:
    render = renderer(go=False)
    assert render("{{name}}-{{ metadata.labels.env }}-{{values.version}}", FLAT) == "a-prod-2"
    assert render("{{metadata.labels.none}}", FLAT) == "{{metadata.labels.none}}"


def test_every_string_is_rendered_keys_too() -> None:
    value: dict[str, Any] = {"{{name}}": ["{{values.version}}", 3, None, {"k": True}]}
    assert renderer(go=False)(value, FLAT) == {"a": ["2", 3, None, {"k": True}]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{.name}}-x", "cluster-one-x"),
        ("{{ .metadata.labels.env }}", "prod"),
        ('{{ index .metadata.labels "x/y" }}', "z"),
        ('{{ index .metadata.labels "none" }}', ""),
        ("{{ .name | trunc 7 }}", "cluster"),
        ("{{ len .clusters }}", "2"),
        ("{{ range .clusters }}{{ .name }}/{{ end }}", "a/b/"),
        ('{{ if eq .metadata.labels.env "prod" }}yes{{ else }}no{{ end }}', "yes"),
        ("{{ if not .on }}a{{ else if eq .size 3 }}b{{ else }}c{{ end }}", "b"),
        ("x {{- if .on }} y {{- end }} z", "x y z"),
        ('{{ get . "none" | default "usual" }}', "usual"),
        ('{{ default "usual" .name }}', "cluster-one"),
        ("{{ .clusters | toJson }}", '[{"name":"a"},{"name":"b"}]'),
        ('{{ .name | replace "-" "_" | trimPrefix "cluster" }}', "_one"),
        ('{{ index (index .clusters 1) "name" }}', "b"),
        ("{{ .on }} {{ .size }}", "true 3"),
        ("no action", "no action"),
    ],
)
def test_as_much_of_go_as_addons_are_written_in(text: str, said: str) -> None:
    assert go(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ .none }}", 'map has no entry for key "none"'),
        ("{{ .name.first }}", "can't evaluate field first in string"),
        ("{{ nosuch .name }}", 'function "nosuch" not defined'),
        ("{{ if .on }}", "unexpected EOF"),
        ("{{ end }}", "unexpected {{end}}"),
        ("{{ .name .size }}", "can't give argument to non-function .name"),
        ('{{ hasKey .metadata.labels "env" }}', "got map[string]string"),
        ("{{ trunc .name 3 }}", "error calling trunc"),
    ],
)
def test_what_go_would_refuse_is_refused_with_the_template(text: str, said: str) -> None:
    with pytest.raises(TemplateError) as raised:
        go(text)
    assert said in str(raised.value)
    assert str(raised.value).startswith(f"failed to execute go template {text}")


def test_without_the_option_a_missing_key_is_no_value() -> None:
    assert go("{{ .none }}", strict=False) == "<no value>"
    with pytest.raises(TemplateError, match="nil pointer"):
        go("{{ .none.more }}", strict=False)
