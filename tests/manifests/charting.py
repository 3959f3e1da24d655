"""What is generated in the chart: the guards, the policy's part of the schema, the table of values.

The guards are made by the code that makes them everywhere else, for a hub whose prefix, namespaces
and account are words that stand for themselves; then each word is what Helm shall put there.

Facts: Helm's schemas are read by Go, whose regular expressions have no look-around. What such a
part of a pattern refuses is then refused by the watcher alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from tests.manifests.tools import MANIFESTS
from watcher.guards import Component, Document, Shape, objects, service_account, written
from watcher.guards.secrets import PARKS
from watcher.policy import Gates, Polarity, schema

CHART = MANIFESTS / "chart"
_PREFIX, _NAMESPACE, _PARKS = "prefix.placeholder", "namespace-placeholder", "parks-placeholder"
_APPLICATIONS, _HOME, _ACCOUNT = "applications-placeholder", "home-placeholder", "name-placeholder"
_ASKED_FOR = {
    Component.GUARDS_STRICT: ".Values.guards.strict",
    Component.RECOVERY: "$parks",
}
_BECOMES = {
    f"values:\n            - {_APPLICATIONS}\n": "values: {{ $applicationNamespaces | toJson }}\n",
    f"substring({len(_PREFIX) + 1})": "substring({{ add1 (len $prefix) }})",
    service_account(_HOME, _ACCOUNT): "{{ $account }}",
    _PREFIX: "{{ $prefix }}",
    _NAMESPACE: "{{ $namespace }}",
    _APPLICATIONS: "{{ $each }}",
    _HOME: "{{ $.Release.Namespace }}",
    _ACCOUNT: "{{ $name }}",
    _PARKS: "{{ $parks | toString | quote }}",
}
_HEAD = """\
{{- /* Written by `tests/run manifests --rewrite`; do not edit. */ -}}
{{- $gates := .Values.policy.gates | default dict }}
{{- $prefix := $gates.prefix | default "gate-watcher.io" }}
{{- $namespace := include "gate-watcher.namespace" . }}
{{- $applicationNamespaces := include "gate-watcher.applicationNamespaces" . | fromJsonArray }}
{{- $name := .Values.serviceAccount.name }}
{{- $account := printf "system:serviceaccount:%s:%s" .Release.Namespace $name }}
{{- $parks := eq (toString .Values.policy.recovery) "park" }}
{{- if .Values.guards.enabled }}
"""
_README = """\
# gate-watcher

Installs the [gate watcher](../../README.md) beside Argo CD, in its namespace. It installs what the
Kustomize folders do, and every object has the name that it has there; two releases in one namespace
would contend for one Lease.

```
helm install gate-watcher manifests/chart --namespace argocd --values values.yaml
```

Where `policy.namespace` is not the release's, the watcher runs apart from Argo CD: its Deployment,
its Service and its account are in the release's namespace; its rights, the orders, the Lease and a
copy of the policy in Argo CD's. The Role `gate-watcher-viewer` is in both; bind both. The commands
then want both namespaces: `gate-watcher status -n ARGO-CDS --service RELEASES/gate-watcher`.

This file is written by `tests/run manifests --rewrite`, from the comments in `values.yaml`.

| value | what it is | default |
|---|---|---|
"""


def guards_template() -> str:
    """templates/guards.yaml."""
    return _HEAD + "".join(_of_polarities(each) for each in Component) + "{{- end }}\n"


def values_schema(held: dict[str, Any]) -> str:
    """values.schema.json: as it is, with the policy as the code has it."""
    policy = _for_go(schema())
    for name in ("apiVersion", "kind"):
        policy["required"].remove(name)
    policy.pop("$schema")
    made = {**held, "properties": {**held["properties"], "policy": policy}}
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def readme() -> str:
    """README.md: each value with its default, from the comments in values.yaml."""
    rows = "".join(f"| `{key}` | {says} | {default} |\n" for key, says, default in documented())
    return _README + rows


def documented() -> Iterator[tuple[str, str, str]]:
    """Each key that has a comment `# -- …` above it: its path, the comment, its default."""
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    path: list[tuple[int, str]] = []
    says = ""
    for line in (CHART / "values.yaml").read_text().splitlines():
        if comment := re.match(r"\s*# -- (.*)", line):
            says = comment[1]
        elif key := re.match(r"(\s*)(\w+):", line):
            path = [each for each in path if each[0] < len(key[1])] + [(len(key[1]), key[2])]
            if says:
                names = [name for _, name in path]
                yield ".".join(names), says, _default(values, names)
            says = ""


def _default(values: Any, names: list[str]) -> str:
    for name in names:
        values = values[name]
    return f"`{json.dumps(values)}`"


def _of_polarities(component: Component) -> str:
    admit, block = (_template(component, each) for each in (Polarity.ADMIT, Polarity.BLOCK))
    if admit != block:
        chosen = '{{- if eq ($gates.polarity | default "admit") "admit" }}\n'
        admit = f"{chosen}{admit}{{{{- else }}}}\n{block}{{{{- end }}}}\n"
    if component not in _ASKED_FOR:
        return admit
    return f"{{{{- if {_ASKED_FOR[component]} }}}}\n{admit}{{{{- end }}}}\n"


def _template(component: Component, polarity: Polarity) -> str:
    hub = Shape(
        Gates(_PREFIX, polarity), _NAMESPACE, (_APPLICATIONS,), service_account(_HOME, _ACCOUNT)
    )
    files = objects(component, hub)
    return "".join(_document(each) for documents in files.values() for each in documents)


def _document(document: Document) -> str:
    if document["metadata"]["name"].startswith("watcher-writes-gates-only"):
        for variable in document["spec"].get("variables", [])[PARKS : PARKS + 1]:
            variable["expression"] = _PARKS
    text = "---\n" + written([document])
    assert "{{" not in text
    of_each = document["metadata"].get("namespace") == _APPLICATIONS
    for word, put in _BECOMES.items():
        text = text.replace(word, put)
    return (
        f"{{{{- range $each := $applicationNamespaces }}}}\n{text}{{{{- end }}}}\n"
        if of_each
        else text
    )


def _for_go(part: Any) -> Any:
    if isinstance(part, list):
        return [_for_go(each) for each in part]
    if not isinstance(part, dict):
        return part
    made = {key: _for_go(value) for key, value in part.items()}
    if isinstance(part.get("pattern"), str):
        made["pattern"] = re.sub(r"\(\?[=!](?:[^()]|\([^()]*\))*\)", "", part["pattern"])
    return made
