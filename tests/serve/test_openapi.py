from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import pytest

from tests.builders import spoke
from tests.serve.test_feed import House
from tests.serve.test_shown import HOLD, SHARD, begun, fleet, ordered, view
from watcher.facts import BadOrder
from watcher.serve import shapes
from watcher.serve.openapi import openapi

DOCUMENT: dict[str, Any] = json.loads(openapi())
GIVEN = view(begun("a"), shards=(SHARD,))


def schema_of(path: str, answer: str = "200") -> dict[str, Any]:
    content = DOCUMENT["paths"][path]["get"]["responses"][answer]["content"]
    return {**content["application/json"]["schema"], "components": DOCUMENT["components"]}


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/api/v1/fleet", fleet(GIVEN)),
        ("/api/v1/tiers", shapes.Tiers(GIVEN.tiers)),
        ("/api/v1/rings", GIVEN.rings),
        ("/api/v1/orders", ordered(HOLD, bad=[BadOrder("x", "it is no text")]).orders),
        ("/api/v1/shards", shapes.Shards(GIVEN.shards)),
        ("/api/v1/spokes", GIVEN.page(states=(), tiers=(), after="", limit=1)),
        ("/api/v1/spokes/{name}", GIVEN.spoke("a")),
    ],
)
def test_every_answer_is_as_it_is_described(path: str, answer: shapes.Shape) -> None:
    jsonschema.validate(json.loads(msgspec.json.encode(answer)), schema_of(path))


async def test_the_grid_and_its_frames_are_as_they_are_described() -> None:
    house = House(begun("a"), spoke("b"))
    grid = await house.grid()
    jsonschema.validate(grid, schema_of("/api/v1/grid"))
    house.decides(begun("b"))
    (frame,), _ = await house.after(grid["cursor"])
    stream = DOCUMENT["paths"]["/api/v1/stream"]["get"]["responses"]["200"]["content"]
    schema = {**stream["text/event-stream"]["schema"], "components": DOCUMENT["components"]}
    jsonschema.validate(frame, schema)


def test_a_refusal_is_as_it_is_described() -> None:
    refusal = msgspec.to_builtins(shapes.Status(404, "NotFound", "there is none"))
    jsonschema.validate(refusal, schema_of("/api/v1/fleet", "default"))


def test_what_is_something_else_does_not_fit() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"tiers": [{"name": "x"}]}, schema_of("/api/v1/tiers"))


def test_no_path_takes_two_parameters_of_one_name() -> None:
    for path in DOCUMENT["paths"].values():
        names = [each["name"] for each in path["get"]["parameters"]]
        assert sorted(set(names)) == sorted(names)


def test_every_schema_is_a_schema_and_every_reference_leads_somewhere() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    text = openapi().decode()
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= schemas.keys()


def test_there_is_nothing_to_write_to() -> None:
    assert all(list(methods) == ["get"] for methods in DOCUMENT["paths"].values())
