"""Which Applications does an ApplicationSet generate, and what do they say?

The judge's own answer, rendered whole, names and destinations included: it shares nothing with what
the daemon works out, so that it can say where the daemon is wrong.

Facts (Argo CD, applicationset/controllers/template/template.go, applicationset/utils/utils.go;
each recorded in tests/selection): generators are concatenated; a generator's own template wins
member by member; one template that fails ends the generation for all; the finalizer that deletes
an Application's resources is added where the template names none and
`preserveResourcesOnDeletion` is not set; `templatePatch` is merged in last.

Elsewhere: what is created, updated and deleted for it (application_sets.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from watcher.embedded_hub.generators import GenerationError, Generators, ParameterSet, World
from watcher.embedded_hub.go_json import written
from watcher.embedded_hub.objects import FrozenDict, Object, frozen, merged
from watcher.embedded_hub.templates import TemplateError

RESOURCES_FINALIZER = "resources-finalizer.argocd.argoproj.io"


@dataclass(frozen=True, slots=True)
class Generated:
    """One Application as an ApplicationSet wants it; frozen, and the same object while it is."""

    name: str
    body: Object


class Selection:
    """Evaluates ApplicationSets, and renders only what has changed since it did so last."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def generated(self, application_set: Object, world: World) -> list[Generated]:
        """What it generates, in order, names twice where they are. Raises GenerationError."""
        return self._of(application_set).generated(world)

    def reads_clusters(self, application_set: Object) -> bool:
        """Whether an event of a cluster Secret makes Argo CD look at it again."""
        return self._of(application_set).generators.reads_clusters

    def reads_git(self, application_set: Object) -> bool:
        """Whether Argo CD looks at it again by itself, every three minutes."""
        return self._of(application_set).generators.reads_git

    def forget(self, application_set: Object) -> None:
        """It is gone."""
        self._known.pop(application_set["metadata"]["uid"], None)

    def _of(self, application_set: Object) -> _Known:
        uid = application_set["metadata"]["uid"]
        known = self._known.get(uid)
        if known is None or known.spec is not application_set["spec"]:
            known = self._known[uid] = _Known(application_set)
        return known


class _Known:
    """One ApplicationSet at one spec."""

    def __init__(self, application_set: Object) -> None:
        metadata, self.spec = application_set["metadata"], application_set["spec"]
        self.generators = Generators(metadata["name"], self.spec)
        self._namespace = metadata["namespace"]
        self._owner = FrozenDict(
            apiVersion="argoproj.io/v1alpha1",
            kind="ApplicationSet",
            name=metadata["name"],
            uid=metadata["uid"],
            controller=True,
            blockOwnerDeletion=True,
        )
        self._rendered: dict[tuple[object, ...], Generated] = {}

    def generated(self, world: World) -> list[Generated]:
        rendered: dict[tuple[object, ...], Generated] = {}
        found: list[Generated] = []
        for at, (template, sets) in enumerate(self.generators.sets(world)):
            for one in sets:
                key = (at, *one.origin)
                if key not in rendered:
                    rendered[key] = self._rendered.get(key) or self._render(template, one)
                found.append(rendered[key])
        self._rendered = rendered
        return found

    def _render(self, own: Mapping[str, Any], one: ParameterSet) -> Generated:
        template = _filled(own, self.spec.get("template") or {})
        try:
            body = self._application(self.generators.render(template, one.parameters))
            patch = self.spec.get("templatePatch")
            if patch:
                rendered = self.generators.render(patch, one.parameters)
                body = merged(body, yaml.safe_load(rendered) or {})
        except TemplateError as error:
            raise GenerationError("RenderTemplateParamsError", str(error)) from None
        return Generated(body["metadata"].get("name", ""), body)

    def _application(self, rendered: Mapping[str, Any]) -> Object:
        told = rendered.get("metadata") or {}
        kept = {key: told[key] for key in ("labels", "annotations") if told.get(key)}
        finalizers = list(told.get("finalizers") or self._own_finalizers())
        body: Object = frozen(
            {
                "metadata": {
                    "name": told.get("name", ""),
                    "namespace": self._namespace,
                    **kept,
                    **({"finalizers": finalizers} if finalizers else {}),
                    "ownerReferences": [self._owner],
                },
                "spec": written(rendered.get("spec") or {}),
            }
        )
        return body

    def _own_finalizers(self) -> Sequence[str]:
        policy = self.spec.get("syncPolicy") or {}
        return () if policy.get("preserveResourcesOnDeletion") else (RESOURCES_FINALIZER,)


def _filled(own: Any, base: Any) -> Any:
    """`own` with what it leaves empty taken from `base`, member by member."""
    if not isinstance(own, Mapping) or not isinstance(base, Mapping):
        return own or base
    keys = dict.fromkeys([*base, *own])
    return {key: _filled(own.get(key), base.get(key)) for key in keys}
