"""What does `/api/v1` promise?

The description of it, made from the shapes themselves (shapes.py), so that it cannot say anything
else. OpenAPI 3.1, whose schemas are JSON Schema 2020-12.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from watcher.serve import shapes

PLACE = "/api/v1"

_ANSWERS: dict[str, tuple[str, type[shapes.Shape]]] = {
    "/fleet": ("Everything at a glance.", shapes.Fleet),
    "/spokes": ("Spokes with their gates, a page at a time.", shapes.Spokes),
    "/spokes/{name}": ("One spoke with its gates.", shapes.Spoke),
    "/tiers": ("The tiers, with how many gates have which state.", shapes.Tiers),
    "/shards": ("The application controllers and their memory.", shapes.Shards),
}

_PARAMETERS: dict[str, tuple[str, dict[str, Any], str]] = {
    "name": ("path", {"type": "string"}, "As the spoke is shown, percent-encoded."),
    "state": ("query", {"type": "string"}, "Only spokes with a gate in this state; repeatable."),
    "tier": ("query", {"type": "string"}, "Only spokes with such a gate in it; repeatable."),
    "limit": ("query", {"type": "integer", "minimum": 1}, "Spokes on a page."),
    "after": ("query", {"type": "string"}, "`next` of the page before."),
}
_TAKES = {
    "/spokes": ("state", "tier", "limit", "after"),
    "/spokes/{name}": ("name",),
}


@cache
def openapi() -> bytes:
    """The description, as JSON."""
    kinds = [kind for _, kind in _ANSWERS.values()]
    _, schemas = msgspec.json.schema_components(
        [*kinds, shapes.Status], ref_template="#/components/schemas/{name}"
    )
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "gate watcher", "version": "v1"},
            "paths": {f"{PLACE}{path}": _path(path) for path in _ANSWERS},
            "components": {"schemas": schemas},
        }
    )


def _path(path: str) -> dict[str, Any]:
    summary, kind = _ANSWERS[path]
    refusal = {"description": "A refusal, in words.", "content": _json(shapes.Status)}
    return {
        "get": {
            "summary": summary,
            "parameters": [_parameter(each) for each in _TAKES.get(path, ())],
            "responses": {
                "200": {"description": summary, "content": _json(kind)},
                "default": refusal,
            },
        }
    }


def _parameter(name: str) -> dict[str, Any]:
    place, schema, says = _PARAMETERS[name]
    made = {"name": name, "in": place, "description": says, "schema": schema}
    return made | ({"required": True} if place == "path" else {})


def _json(kind: type[shapes.Shape]) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{kind.__name__}"}
    return {"application/json": {"schema": schema}}
