"""Which of the Applications that an ApplicationSet generates may not be, and why?

Facts (Argo CD, applicationset/controllers/applicationset_controller.go,
validateGeneratedApplications; recorded in tests/selection): a name that comes twice is refused each
time; so is an Application whose project does not exist, or whose destination means no spoke. What
is refused is neither created nor updated, and is not deleted either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from watcher.embedded_hub.parts import part
from watcher.embedded_hub.resources import APP_PROJECT
from watcher.embedded_hub.selection import Generated
from watcher.embedded_hub.spokes import DestinationError, Spokes
from watcher.embedded_hub.store import Store


class Refusals:
    """Says it, and remembers what was well as long as spokes and projects stay where they are."""

    def __init__(self, store: Store, spokes: Spokes) -> None:
        self._store = store
        self._spokes = spokes
        self._rests_on = (0, 0)
        self._well: dict[int, Generated] = {}

    def of(self, set_name: str, generated: Sequence[Generated]) -> dict[str, str]:
        """By name, why an Application may not be."""
        rests_on = (self._spokes.moves, self._store.last_revision(APP_PROJECT))
        if rests_on != self._rests_on:
            self._rests_on = rests_on
            self._well.clear()
        refused: dict[str, str] = {}
        for one in generated:
            if self._well.get(id(one)) is one:
                continue
            if why := self._invalid(one.body["spec"]):
                refused[one.name] = why
            else:
                self._well[id(one)] = one
        often = Counter(one.name for one in generated)
        if len(often) < len(generated):
            said = f"ApplicationSet {set_name} contains applications with duplicate name"
            refused |= {name: f"{said}: {name}" for name, count in often.items() if count > 1}
        return refused

    def _invalid(self, spec: Mapping[str, Any]) -> str | None:
        project = spec.get("project") or ""
        if self._store.get(APP_PROJECT, self._spokes.namespace, project) is None:
            return f"application references project {project} which does not exist"
        try:
            self._spokes.resolved(part(spec, "destination"))
        except DestinationError as error:
            return f"application destination spec is invalid: {error}"
        return None
