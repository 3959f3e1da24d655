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
    "/spokes/{name}": ("One spoke, with all that its gates are made of.", shapes.Explained),
    "/tiers": ("The tiers, with how many gates have which state.", shapes.Tiers),
    "/rings": ("The rings, with how far each tier is in them.", shapes.Rings),
    "/orders": ("What people ordered, with what of it cannot be read.", shapes.Orders),
    "/shards": ("The application controllers and their memory.", shapes.Shards),
    "/changes": ("What has changed of late.", shapes.Changes),
    "/version": ("Which watcher answers, one that leads or one that follows.", shapes.Version),
    "/grid": ("The whole fleet at once, every gate of it in a letter.", shapes.Grid),
    "/stream": ("What makes of a grid the next one, as it happens.", shapes.Frame),
}
_EVENTS = frozenset({"/stream"})
"""Answered as Server-Sent Events, of which each holds such a value."""

_PARAMETERS: dict[str, tuple[str, dict[str, Any], str]] = {
    "name": ("path", {"type": "string"}, "As the spoke is shown, percent-encoded."),
    "state": ("query", {"type": "string"}, "Only those with a gate in this state; repeatable."),
    "tier": ("query", {"type": "string"}, "Only those of a gate of this tier; repeatable."),
    "ring": ("query", {"type": "string"}, "Only those of spokes of this ring; repeatable."),
    "selector": (
        "query",
        {"type": "string"},
        "Only those of spokes with these labels, as kubectl -l.",
    ),
    "limit": ("query", {"type": "integer", "minimum": 1}, "Spokes on a page."),
    "after": ("query", {"type": "string"}, "`next` of the page before."),
    "named": ("query", {"type": "string"}, "Only the spoke of this name; repeatable."),
    "spoke": ("query", {"type": "string"}, "Only those of this spoke; repeatable."),
    "most": ("query", {"type": "integer", "minimum": 1}, "Changes in the answer."),
    "number": ("query", {"type": "integer", "minimum": 0}, "Only those of a higher number."),
    "cursor": ("query", {"type": "string"}, "`cursor` of the grid, or of the last frame."),
}
_CALLED = {"named": "name", "most": "limit", "number": "after", "cursor": "after"}
"""Parameters that share a name with another path's."""
_TAKES = {
    "/spokes": ("named", "state", "tier", "ring", "selector", "limit", "after"),
    "/spokes/{name}": ("name",),
    "/changes": ("spoke", "state", "tier", "ring", "selector", "most", "number"),
    "/stream": ("cursor",),
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
                "200": {"description": summary, "content": _content(path, kind)},
                "default": refusal,
            },
        }
    }


def _parameter(name: str) -> dict[str, Any]:
    place, schema, says = _PARAMETERS[name]
    made = {"name": _CALLED.get(name, name), "in": place, "description": says, "schema": schema}
    return made | ({"required": True} if place == "path" else {})


def _content(path: str, kind: type[shapes.Shape]) -> dict[str, Any]:
    content = _json(kind)
    return {"text/event-stream": content["application/json"]} if path in _EVENTS else content


def _json(kind: type[shapes.Shape]) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{kind.__name__}"}
    return {"application/json": {"schema": schema}}
